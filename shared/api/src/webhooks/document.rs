//! The webhooks' part of the OpenAPI document.

use super::routes::{BODIES, ROUTES};
use crate::document::{Room, Schemas};

pub(crate) const ROOM: Room = Room {
    name: "webhooks",
    routes: ROUTES,
    words: include_str!("openapi.yaml"),
    bodies: BODIES,
    others: schemas,
};

/// There are none: no type describes what a provider sends, and nothing of it is rejected.
fn schemas(_: &mut Schemas) {}
