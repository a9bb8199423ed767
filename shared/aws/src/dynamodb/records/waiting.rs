//! A message in the offline queue, beside the queue's state.

use async_trait::async_trait;

use super::{log_entry, waiting_room};
use crate::dynamodb::{
    Table,
    keys::Key,
    record::{Condition, Operation, Record, readable},
};
use ventanilla_core::{
    domain::{
        id::{ContactId, TenantId},
        time::Timestamp,
        waiting::{LONGEST, Waiting},
    },
    ports::{sockets::WaitingReads, store::StoreError},
};

/// The prefix of the sort keys of queued messages.
const WAITING: &str = "W#";

/// The prefix of the sort keys of one sender's messages.
fn of_sender(sender: ContactId) -> String {
    format!("{WAITING}{:016}#", sender.get())
}

impl Record for Waiting {
    const KIND: &'static str = "waiting";

    fn key(&self) -> Key {
        let sk = format!("{}{}", of_sender(self.sender), log_entry::place(self.told.cursor));
        Key { sk, ..waiting_room::key(&self.told.event.tenant) }
    }

    fn condition(&self) -> Condition {
        Condition::Absent
    }

    /// Beside other writes, a missing row conflicts: another socket took it.
    fn delete_condition(&self) -> Condition {
        Condition::Present
    }

    fn ttl(&self) -> Option<Timestamp> {
        Some(self.told.event.at.plus(LONGEST))
    }
}

/// Deletes a message that was delivered, whether it was queued or not.
pub(crate) fn delivered(it: &Waiting) -> Operation {
    Operation { condition: Condition::Any, ..it.delete() }
}

#[async_trait]
impl WaitingReads for Table {
    async fn waiting_of(&self, tenant: &TenantId, sender: ContactId) -> Result<Vec<Waiting>, StoreError> {
        let question = self.partition(waiting_room::key(tenant).pk, &of_sender(sender));
        Ok(readable(Some(self.all_pages(question).await?)))
    }

    async fn waiting(&self, tenant: &TenantId) -> Result<Vec<Waiting>, StoreError> {
        let question = self.partition(waiting_room::key(tenant).pk, WAITING);
        Ok(readable(Some(self.all_pages(question).await?)))
    }
}
