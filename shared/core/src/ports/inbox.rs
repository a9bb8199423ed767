//! Lists for people: conversations, their messages and contacts, page by page, and what happened of late.

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

/// Where a list of conversations goes on: after this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationMark {
    /// Its latest message.
    pub last_message_at: Timestamp,
    /// The conversation.
    pub id: ConversationId,
}

/// One page and where the next begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T, M> {
    /// The entries.
    pub items: Vec<T>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<M>,
}

/// In which direction of time a list goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Back in time.
    NewestFirst,
    /// Forth.
    OldestFirst,
}

/// What happened of late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happenings {
    /// The first events since then, the latest first.
    pub events: Vec<Event>,
    /// Whether there are more than were asked for.
    pub extent: Extent,
}

/// Whether something was told in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// It was.
    Whole,
    /// There is more; what happened before this time was looked through.
    Until(Timestamp),
}

/// Reads of events.
#[async_trait]
pub trait EventReads: Send + Sync {
    /// The events whose names are from then or later, at most `most` of them.
    async fn happened_since(
        &self,
        tenant: &TenantId,
        since: Timestamp,
        most: u16,
    ) -> Result<Happenings, StoreError>;

    /// The entry of an event in the log, once it has a number.
    async fn entry(&self, tenant: &TenantId, id: &EventId) -> Result<Option<Numbered>, StoreError>;
}

/// Reads for people.
pub trait Inbox:
    ConversationReads + ConversationList + MessageReads + SourceReads + ContactReads + ContactList + EventReads
{
}

impl<T> Inbox for T where
    T: ConversationReads
        + ConversationList
        + MessageReads
        + SourceReads
        + ContactReads
        + ContactList
        + EventReads
{
}
