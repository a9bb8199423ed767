//! Lists for people: conversations, their messages and contacts, page by page, and what happened of late.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::store::StoreError;
use crate::domain::{
    contact::Contact,
    conversation::Conversation,
    event::Event,
    id::{ContactId, ConversationId, MessageId, TenantId},
    listing::{Filter, NameSearch},
    message::{Message, MessageAddress},
    source::Source,
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

/// Reads for people. The list of conversations may lag behind the writes by a moment.
#[async_trait]
pub trait Inbox: Send + Sync {
    /// Conversations that fit, by their latest message. What a page costs is bounded: where few of those that are
    /// looked through fit, it may be short or empty though there are more.
    async fn conversations(
        &self,
        tenant: &TenantId,
        filter: &Filter,
        after: Option<ConversationMark>,
        order: Order,
        limit: u16,
    ) -> Result<Page<Conversation, ConversationMark>, StoreError>;

    /// Several conversations as they are now, in no order; one that is not there is left out.
    async fn several(
        &self,
        tenant: &TenantId,
        ids: &[ConversationId],
    ) -> Result<Vec<Conversation>, StoreError>;

    /// Messages of a conversation beyond `from`; from the beginning in that order where there is none. Those that
    /// cannot be read are left out, so a page may be short or empty though there are more.
    async fn messages(
        &self,
        tenant: &TenantId,
        conversation: ConversationId,
        from: Option<MessageAddress>,
        order: Order,
        limit: u16,
    ) -> Result<Page<Message, MessageAddress>, StoreError>;

    /// Messages of a conversation, newest first: `limit` after the newest `offset`. What it costs grows with both.
    async fn newest_messages(
        &self,
        tenant: &TenantId,
        conversation: ConversationId,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError>;

    /// Several messages as they are now, in no order; one that is not there is left out.
    async fn several_messages(
        &self,
        tenant: &TenantId,
        at: &[MessageAddress],
    ) -> Result<Vec<Message>, StoreError>;

    /// What lies apart from a message's row: what it was made of, and its content where that is too large.
    async fn sources(&self, tenant: &TenantId, message: MessageId) -> Result<Vec<Source>, StoreError>;

    /// Contacts, by when they were first known; with a search, those whose names fit. Those that went into another are not
    /// shown; for those that cannot be read, what was said of messages holds. What a page costs is bounded, as with
    /// conversations.
    async fn contacts(
        &self,
        tenant: &TenantId,
        named: Option<&NameSearch>,
        after: Option<ContactId>,
        order: Order,
        limit: u16,
    ) -> Result<Page<Contact, ContactId>, StoreError>;

    /// The events whose names are from then or later, at most `most` of them.
    async fn happened_since(
        &self,
        tenant: &TenantId,
        since: Timestamp,
        most: u16,
    ) -> Result<Happenings, StoreError>;
}
