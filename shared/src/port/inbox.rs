//! Lists for people: conversations and their messages, page by page.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::book::StoreError;
use crate::domain::{
    conversation::Conversation,
    id::{ConversationId, TenantId},
    message::{Message, MessageAddress},
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

/// Reads for people. The list of conversations may lag behind the writes by a moment.
#[async_trait]
pub trait Inbox: Send + Sync {
    /// Conversations, the latest message first.
    async fn conversations(
        &self,
        tenant: &TenantId,
        after: Option<ConversationMark>,
        limit: u16,
    ) -> Result<Page<Conversation, ConversationMark>, StoreError>;

    /// Messages of a conversation, newest first.
    async fn messages(
        &self,
        tenant: &TenantId,
        conversation: ConversationId,
        before: Option<MessageAddress>,
        limit: u16,
    ) -> Result<Page<Message, MessageAddress>, StoreError>;
}
