//! What the OpenAPI document has of this contract.

use super::routes::ROUTES;
use crate::api::{
    common::meta_message,
    document::{Room, Schemas},
};

pub(in crate::api) const ROOM: Room =
    Room { name: "pipes", routes: ROUTES, words: include_str!("openapi.yaml"), schemas };

fn schemas(all: &mut Schemas) {
    meta_message::schemas(all);
}
