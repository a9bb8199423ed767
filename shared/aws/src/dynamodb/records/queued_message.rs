//! A message in the offline queue, beside the queue's state.

use async_trait::async_trait;

use super::{log_entry, offline_queue_head};
use crate::dynamodb::{
    Table,
    keys::Key,
    record::{Condition, Operation, StoredRecord, readable},
};
use ventanilla_core::{
    domain::{
        id::{ContactId, TenantId},
        offline_queue::{LONGEST, QueuedMessage},
        time::Timestamp,
    },
    ports::{sockets::QueuedMessageReads, store::StoreError},
};

/// The prefix of the sort keys of queued messages.
const WAITING: &str = "W#";

/// The prefix of the sort keys of one sender's messages.
fn of_sender(sender: ContactId) -> String {
    format!("{WAITING}{:016}#", sender.get())
}

impl StoredRecord for QueuedMessage {
    const KIND: &'static str = "waiting";

    fn key(&self) -> Key {
        let sk = format!("{}{}", of_sender(self.sender), log_entry::place(self.entry.cursor));
        Key { sk, ..offline_queue_head::key(&self.entry.event.tenant) }
    }

    fn condition(&self) -> Condition {
        Condition::Absent
    }

    /// Beside other writes, a missing row conflicts: another socket took it.
    fn delete_condition(&self) -> Condition {
        Condition::Present
    }

    fn ttl(&self) -> Option<Timestamp> {
        Some(self.entry.event.at.plus(LONGEST))
    }
}

/// Deletes a message that was delivered, whether it was queued or not.
pub(crate) fn delivered(it: &QueuedMessage) -> Operation {
    Operation { condition: Condition::Any, ..it.delete() }
}

#[async_trait]
impl QueuedMessageReads for Table {
    async fn queued_messages_of(
        &self,
        tenant: &TenantId,
        sender: ContactId,
    ) -> Result<Vec<QueuedMessage>, StoreError> {
        let question = self.partition(offline_queue_head::key(tenant).pk, &of_sender(sender));
        Ok(readable(Some(self.all_pages(question).await?)))
    }

    async fn queued_messages(&self, tenant: &TenantId) -> Result<Vec<QueuedMessage>, StoreError> {
        let question = self.partition(offline_queue_head::key(tenant).pk, WAITING);
        Ok(readable(Some(self.all_pages(question).await?)))
    }
}
