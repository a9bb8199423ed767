//! Reads of the event log.

use async_trait::async_trait;

use super::{conversations::ConversationRow, inbox::EventReads, store::StoreError};
use crate::domain::{
    event::Event,
    id::TenantId,
    log::{Cursor, LogHead, Numbered},
    message::Message,
};

/// What is stored before events get their numbers.
#[derive(Debug, Default)]
pub struct Known {
    /// The head of the log; `None` while it is empty.
    pub head: Option<LogHead>,
    /// Those of the events that have a number.
    pub numbered: Vec<Numbered>,
    /// The conversations of the events that bring a message.
    pub conversations: Vec<ConversationRow>,
    /// Their messages. Rows that cannot be read are left out, here and in `conversations`.
    pub messages: Vec<Message>,
}

/// Reads of the heads of logs.
#[async_trait]
pub trait LogHeadReads: Send + Sync {
    /// The head of a tenant's log.
    async fn head(&self, tenant: &TenantId) -> Result<Option<LogHead>, StoreError>;
}

/// Reads of log entries.
#[async_trait]
pub trait LogEntryReads: Send + Sync {
    /// The entries after one position up to another, in their order, at most `limit`. Expired entries may be
    /// missing.
    async fn entries(
        &self,
        tenant: &TenantId,
        after: Cursor,
        end: Cursor,
        limit: usize,
    ) -> Result<Vec<Numbered>, StoreError>;
}

/// Reads of the log. It is written through the store.
#[async_trait]
pub trait LogRecords: LogHeadReads + LogEntryReads + EventReads {
    /// What is stored before these events of a tenant get their numbers: one call for every 100 rows.
    async fn known(&self, tenant: &TenantId, events: &[Event]) -> Result<Known, StoreError>;
}
