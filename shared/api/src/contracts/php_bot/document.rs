//! This contract's part of the OpenAPI document.

use super::{
    errors::{ReadError, ReplyError},
    routes::{BODIES, ROUTES},
    types::{
        ConversationUpdates, Conversations, MessagePage, Replied, ReplyBody, ToggleAiBody, Toggled,
        UpdateCheck,
    },
};
use crate::document::{Room, Schemas};

pub(crate) const ROOM: Room = Room {
    name: "php_bot",
    routes: ROUTES,
    words: include_str!("openapi.yaml"),
    bodies: BODIES,
    others: schemas,
};

/// The schemas that no row of the table names.
fn schemas(all: &mut Schemas) {
    all.request::<ReplyBody>();
    all.request::<ToggleAiBody>();
    all.answer::<Conversations>();
    all.answer::<ConversationUpdates>();
    all.answer::<MessagePage>();
    all.answer::<ReadError>();
    all.answer::<Replied>();
    all.answer::<ReplyError>();
    all.answer::<Toggled>();
    all.answer::<UpdateCheck>();
}
