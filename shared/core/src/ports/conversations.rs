//! Reads of conversations and of window reminders.
//!
//! Two conversations can turn out to be with the same customer. Then one is merged into the other, and its row stays.
//! An adapter reads rows as they are ([`ConversationRows`]); what follows merges ([`ConversationReads`]) is written
//! once, over those reads. So a use case never has a merged conversation in hand, and never writes one by mistake.

mod merges;

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::{
    inbox::{ConversationMark, Page, SortOrder},
    store::StoreError,
};
use crate::domain::{
    conversation::{Conversation, MergedConversation, WholeConversation},
    id::{ConversationId, TenantId},
    listing::Filter,
    window::WindowWatch,
};

/// What the row of a conversation holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConversationRow {
    /// A conversation that goes on.
    Current(Conversation),
    /// One that was merged into another.
    Merged(MergedConversation),
}

impl ConversationRow {
    /// The conversation, as it is or as it ended.
    #[must_use]
    pub fn as_written(&self) -> &Conversation {
        match self {
            Self::Current(it) => it,
            Self::Merged(it) => &it.conversation,
        }
    }

    /// The conversation, if it goes on.
    #[must_use]
    pub fn current(self) -> Option<Conversation> {
        match self {
            Self::Current(it) => Some(it),
            Self::Merged(_) => None,
        }
    }
}

/// Reads of the rows of conversations as they were written. Only what deals with merges itself needs them.
#[async_trait]
pub trait ConversationRows: Send + Sync {
    /// The row of this id.
    async fn conversation_row(
        &self,
        tenant: &TenantId,
        id: ConversationId,
    ) -> Result<Option<ConversationRow>, StoreError>;

    /// The rows of several ids, in no order, in one call for every 100; one that is not there or cannot be read is
    /// left out.
    async fn conversation_rows(
        &self,
        tenant: &TenantId,
        ids: &[ConversationId],
    ) -> Result<Vec<ConversationRow>, StoreError>;
}

/// The list of conversations. It may lag behind the writes by a moment.
#[async_trait]
pub trait ConversationList: Send + Sync {
    /// Conversations that fit, by their latest message; never a merged one. What a page costs is bounded: where few of
    /// those that are looked through fit, it may be short or empty though there are more.
    async fn conversations(
        &self,
        tenant: &TenantId,
        filter: &Filter,
        after: Option<ConversationMark>,
        order: SortOrder,
        limit: u16,
    ) -> Result<Page<Conversation, ConversationMark>, StoreError>;
}

/// Reads of conversations. What they give always goes on: a merged one is followed to the one that does.
#[async_trait]
pub trait ConversationReads: ConversationRows {
    /// The conversation of this id, or the one that goes on in its place.
    ///
    /// # Errors
    /// When the store fails, or a merge leads nowhere.
    async fn conversation(
        &self,
        tenant: &TenantId,
        id: ConversationId,
    ) -> Result<Option<Conversation>, StoreError>;

    /// The same, with those that were merged into it.
    ///
    /// # Errors
    /// As [`Self::conversation`].
    async fn whole_conversation(
        &self,
        tenant: &TenantId,
        id: ConversationId,
    ) -> Result<Option<WholeConversation>, StoreError>;

    /// The conversation that a row leads to which was read before.
    ///
    /// # Errors
    /// As [`Self::conversation`].
    async fn current(&self, row: ConversationRow) -> Result<Conversation, StoreError>;

    /// The conversations of several ids, each under the id that was asked for. One that is not there, cannot be read,
    /// or was merged into such a one is left out.
    ///
    /// # Errors
    /// When the store fails.
    async fn several(
        &self,
        tenant: &TenantId,
        ids: &[ConversationId],
    ) -> Result<BTreeMap<ConversationId, Conversation>, StoreError>;
}

/// Reads of the reminders for the ends of windows.
#[async_trait]
pub trait WindowWatchReads: Send + Sync {
    /// The reminder for the end of a conversation's window; `None` where none is set.
    async fn window_watch(
        &self,
        tenant: &TenantId,
        id: ConversationId,
    ) -> Result<Option<WindowWatch>, StoreError>;
}
