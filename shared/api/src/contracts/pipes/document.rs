//! This contract's parts of the OpenAPI and AsyncAPI documents.

use super::{
    errors::{FlatError, MetaError},
    frames,
    routes::{BODIES, ROUTES},
    send_from_pool_number::PoolNumberSend,
    types::{PassedOnBody, SentBody},
};
use crate::{
    common::meta_message,
    document::{Room, Schemas, SocketDocument},
};

pub(crate) const ROOM: Room = Room {
    name: "pipes",
    routes: ROUTES,
    words: include_str!("openapi.yaml"),
    bodies: BODIES,
    others: schemas,
};

pub(crate) const SOCKET: SocketDocument =
    SocketDocument { name: "pipes", words: include_str!("asyncapi.yaml"), schemas: frames::schemas };

/// The schemas that no row of the table names.
fn schemas(all: &mut Schemas) {
    meta_message::schemas(all);
    all.request::<PoolNumberSend>();
    all.answer::<SentBody>();
    all.answer::<PassedOnBody>();
    all.answer::<FlatError>();
    all.answer::<MetaError>();
}
