//! This contract's part of the OpenAPI document.

use super::{
    reply::LeadReply,
    routes::{BODIES, ROUTES},
    types::{ChannelConnections, LeadConversations, LeadError, LeadKept, LeadReplied, OwnCompany},
    upsert_lead::LeadBody,
};
use crate::document::{Room, Schemas};

pub(crate) const ROOM: Room = Room {
    name: "abc_sales",
    routes: ROUTES,
    words: include_str!("openapi.yaml"),
    bodies: BODIES,
    others: schemas,
};

/// The schemas that no row of the table names.
fn schemas(all: &mut Schemas) {
    all.request::<LeadBody>();
    all.request::<LeadReply>();
    all.answer::<ChannelConnections>();
    all.answer::<LeadConversations>();
    all.answer::<LeadError>();
    all.answer::<LeadKept>();
    all.answer::<LeadReplied>();
    all.answer::<OwnCompany>();
}
