//! Reads of messages and of what belongs to them.

use async_trait::async_trait;

use super::{
    inbox::{Page, SortOrder},
    store::StoreError,
};
use crate::domain::{
    id::{ConversationId, InboundAddress, MessageId, TenantId, Wamid},
    message::{Message, MessageAddress},
    message_lookup::MessageLookup,
    source::MessageSource,
};

/// Reads of messages by key, and of pages of a conversation.
#[async_trait]
pub trait MessageReads: Send + Sync {
    /// A message of the tenant.
    async fn message(&self, tenant: &TenantId, at: MessageAddress) -> Result<Option<Message>, StoreError>;

    /// Messages of a conversation after `from` in this order; from the beginning where it is `None`. Rows
    /// that cannot be read are left out, so a page may be short or empty though there are more.
    async fn messages(
        &self,
        tenant: &TenantId,
        conversation: ConversationId,
        from: Option<MessageAddress>,
        order: SortOrder,
        limit: u16,
    ) -> Result<Page<Message, MessageAddress>, StoreError>;

    /// Messages of a conversation, newest first: `limit` after the newest `offset`. The cost grows with
    /// both.
    async fn newest_messages(
        &self,
        tenant: &TenantId,
        conversation: ConversationId,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError>;

    /// Several messages as they are now, in no order; unknown ones are left out.
    async fn several_messages(
        &self,
        tenant: &TenantId,
        at: &[MessageAddress],
    ) -> Result<Vec<Message>, StoreError>;
}

/// Reads of the rows that belong to a message's row.
#[async_trait]
pub trait SourceReads: Send + Sync {
    /// The items as received that made a message, and its content where that is too large for its row.
    async fn sources(&self, tenant: &TenantId, message: MessageId) -> Result<Vec<MessageSource>, StoreError>;
}

/// Reads of messages by the provider's id.
#[async_trait]
pub trait MessageLookupReads: Send + Sync {
    /// The lookup entry of a provider's message id.
    async fn message_lookup(
        &self,
        inbound_address: &InboundAddress,
        wamid: &Wamid,
    ) -> Result<Option<MessageLookup>, StoreError>;
}
