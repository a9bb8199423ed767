//! A ticket that opens a socket.

use async_trait::async_trait;

use super::KEY_MARGIN;
use crate::dynamodb::{
    Table,
    keys::Key,
    record::{Condition, StoredRecord},
};
use ventanilla_core::{
    domain::{
        socket::{Ticket, TicketHash},
        time::Timestamp,
    },
    ports::{sockets::TicketReads, store::StoreError},
};

pub(crate) fn key(hash: &TicketHash) -> Key {
    Key::only(format!("R#T#{}", hash.as_str()))
}

impl StoredRecord for Ticket {
    const KIND: &'static str = "ticket";

    fn key(&self) -> Key {
        key(&self.hash)
    }

    fn condition(&self) -> Condition {
        Condition::unchanged(self.rev)
    }

    fn ttl(&self) -> Option<Timestamp> {
        Some(self.expires_at.plus(KEY_MARGIN))
    }
}

#[async_trait]
impl TicketReads for Table {
    async fn ticket(&self, hash: &TicketHash) -> Result<Option<Ticket>, StoreError> {
        self.get_as(key(hash)).await
    }
}
