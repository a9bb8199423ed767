//! What the OpenAPI document has of the routes that providers call.

use super::routes::{BODIES, ROUTES};
use crate::document::{Room, Schemas};

pub(crate) const ROOM: Room = Room {
    name: "webhooks",
    routes: ROUTES,
    words: include_str!("openapi.yaml"),
    bodies: BODIES,
    others: schemas,
};

/// None: no type has what a provider sends, of which nothing is refused.
fn schemas(_: &mut Schemas) {}
