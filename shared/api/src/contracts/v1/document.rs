//! This contract's part of the OpenAPI document.

use super::{
    broadcasts,
    routes::{BODIES, ROUTES},
    send_message, suppressions,
};
use crate::{
    common::problem::Problem,
    document::{Room, Schemas},
};

pub(crate) const ROOM: Room =
    Room { name: "v1", routes: ROUTES, words: include_str!("openapi.yaml"), bodies: BODIES, others: schemas };

/// The schemas that no row of the table names.
fn schemas(all: &mut Schemas) {
    all.answer::<Problem>();
    send_message::describe(all);
    broadcasts::describe(all);
    suppressions::describe(all);
}
