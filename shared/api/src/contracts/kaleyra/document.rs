//! What the OpenAPI document has of this contract.

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

/// Those that no row of the table names.
fn schemas(all: &mut Schemas) {
    all.request::<RequestBody>();
    all.answer::<Accepted>();
    all.answer::<ErrorBody>();
}
