//! What the OpenAPI document has of this contract.

use super::{
    errors::{FlatError, MetaError},
    routes::ROUTES,
    send_from_pool_number::PoolNumberSend,
    types::{PassedOnBody, SentBody},
};
use crate::api::{
    common::meta_message,
    document::{Room, Schemas},
};

pub(in crate::api) const ROOM: Room =
    Room { name: "pipes", routes: ROUTES, words: include_str!("openapi.yaml"), schemas };

fn schemas(all: &mut Schemas) {
    meta_message::schemas(all);
    all.request::<PoolNumberSend>();
    all.answer::<SentBody>();
    all.answer::<PassedOnBody>();
    all.answer::<FlatError>();
    all.answer::<MetaError>();
}
