//! The reads before events get their numbers: rows of four kinds in one call.

use async_trait::async_trait;

use super::{
    Table,
    record::{StoredRecord, read, readable, readable_as, stamp},
    records::{conversation, event, log_head, message},
};
use ventanilla_core::{
    domain::{conversation::Conversation, event::Event, id::TenantId, log::LogHead, message::Message},
    ports::{
        log::{Known, LogRecords},
        store::StoreError,
    },
};

#[async_trait]
impl LogRecords for Table {
    async fn known(&self, tenant: &TenantId, events: &[Event]) -> Result<Known, StoreError> {
        let mut wanted = vec![log_head::key(tenant)];
        for event in events {
            wanted.push(event::key(tenant, &event.id));
            if event.kind.brings_message() {
                let (conversation, message) = event.kind.subject();
                wanted.extend(conversation.map(|id| conversation::key(tenant, id)));
                wanted.extend(message.map(|at| message::key(tenant, at)));
            }
        }
        let (mut known, mut conversations, mut messages) = (Known::default(), Vec::new(), Vec::new());
        for row in self.get_several(wanted, &[]).await? {
            match stamp(&row).map(|stamp| stamp.row).as_deref() {
                Some(LogHead::KIND) => known.head = Some(read(row)?),
                Some(Event::KIND) if row.contains_key("seq") => known.numbered.push(read(row)?),
                Some(Conversation::KIND) => conversations.push(row),
                Some(Message::KIND) => messages.push(row),
                _ => {}
            }
        }
        known.conversations = readable_as(Some(conversations), conversation::row);
        known.messages = readable(Some(messages));
        Ok(known)
    }
}
