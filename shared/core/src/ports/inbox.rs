//! Pages of conversations, messages and contacts, and reads of recent events.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{
    contacts::{ContactList, ContactReads},
    conversations::{ConversationList, ConversationReads},
    messages::{MessageReads, SourceReads},
    store::StoreError,
};
use crate::domain::{
    event::{Event, EventId},
    id::{ConversationId, TenantId},
    log::Numbered,
    time::Timestamp,
};

/// The position in a list of conversations: after this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationMark {
    /// The time of its latest message.
    pub last_message_at: Timestamp,
    /// The conversation after which the list continues.
    pub id: ConversationId,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T, M> {
    /// The entries of this page.
    pub items: Vec<T>,
    /// The position of the next page; `None` on the last.
    pub next: Option<M>,
}

/// The time order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortOrder {
    /// From the newest entry back in time.
    NewestFirst,
    /// From the oldest entry forward in time.
    OldestFirst,
}

/// Recent events of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happenings {
    /// The first events since then, newest first.
    pub events: Vec<Event>,
    /// Whether there were more than requested.
    pub extent: Completeness,
}

/// Whether a read was complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// Every matching entry was read.
    Whole,
    /// There is more; only events before this time were read.
    Until(Timestamp),
}

/// Reads of events and of their log entries.
#[async_trait]
pub trait EventReads: Send + Sync {
    /// The events with ids from `since` on, at most `most` of them.
    async fn happened_since(
        &self,
        tenant: &TenantId,
        since: Timestamp,
        most: u16,
    ) -> Result<Happenings, StoreError>;

    /// The log entry of an event; `None` before it has a number.
    async fn entry(&self, tenant: &TenantId, id: &EventId) -> Result<Option<Numbered>, StoreError>;
}

/// All reads that lists for people need.
pub trait InboxRecords:
    ConversationReads + ConversationList + MessageReads + SourceReads + ContactReads + ContactList + EventReads
{
}

impl<T> InboxRecords for T where
    T: ConversationReads
        + ConversationList
        + MessageReads
        + SourceReads
        + ContactReads
        + ContactList
        + EventReads
{
}
