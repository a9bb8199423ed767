//! What the OpenAPI document has of this contract.

use super::routes::{BODIES, ROUTES};
use crate::api::document::{Room, Schemas};

pub(in crate::api) const ROOM: Room = Room {
    name: "abc_sales",
    routes: ROUTES,
    words: include_str!("openapi.yaml"),
    bodies: BODIES,
    others: schemas,
};

/// Those that no row of the table names.
fn schemas(_all: &mut Schemas) {}
