//! This contract's part of the OpenAPI document.

use super::{
    routes::{BODIES, ROUTES},
    types::{Accepted, ErrorBody, RequestBody},
};
use crate::document::{Room, Schemas};

pub(crate) const ROOM: Room = Room {
    name: "kaleyra",
    routes: ROUTES,
    words: include_str!("openapi.yaml"),
    bodies: BODIES,
    others: schemas,
};

/// The schemas that no row of the table names.
fn schemas(all: &mut Schemas) {
    all.request::<RequestBody>();
    all.answer::<Accepted>();
    all.answer::<ErrorBody>();
}
