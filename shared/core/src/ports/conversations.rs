//! Reads of conversations and of window reminders.

use async_trait::async_trait;

use super::{
    inbox::{ConversationMark, Order, Page},
    store::StoreError,
};
use crate::domain::{
    conversation::Conversation,
    id::{ConversationId, TenantId},
    listing::Filter,
    window::WindowWatch,
};

/// Reads of conversations. Their list may lag behind the writes by a moment.
#[async_trait]
pub trait ConversationReads: Send + Sync {
    /// A conversation of the tenant.
    async fn conversation(
        &self,
        tenant: &TenantId,
        id: ConversationId,
    ) -> Result<Option<Conversation>, StoreError>;

    /// Conversations that match the filter, by their latest message. The cost of a page is bounded: where
    /// few rows match, a page may be short or empty though there are more.
    async fn conversations(
        &self,
        tenant: &TenantId,
        filter: &Filter,
        after: Option<ConversationMark>,
        order: Order,
        limit: u16,
    ) -> Result<Page<Conversation, ConversationMark>, StoreError>;

    /// Several conversations as they are now, in no order; unknown ones are left out.
    async fn several(
        &self,
        tenant: &TenantId,
        ids: &[ConversationId],
    ) -> Result<Vec<Conversation>, StoreError>;
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
