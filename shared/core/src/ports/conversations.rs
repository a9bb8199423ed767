//! Reads of conversations.

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
}

/// Reads of watches for the ends of windows.
#[async_trait]
pub trait WindowWatchReads: Send + Sync {
    /// The watch for the end of a conversation's window.
    async fn window_watch(
        &self,
        tenant: &TenantId,
        id: ConversationId,
    ) -> Result<Option<WindowWatch>, StoreError>;
}
