//! Reads of messages.

use async_trait::async_trait;

use super::{
    inbox::{Order, Page},
    store::StoreError,
};
use crate::domain::{
    id::{ConversationId, InboundAddress, MessageId, TenantId, Wamid},
    message::{Message, MessageAddress},
    message_lookup::MessageLookup,
    source::Source,
};

/// Reads of messages.
#[async_trait]
pub trait MessageReads: Send + Sync {
    /// A message of the tenant.
    async fn message(&self, tenant: &TenantId, at: MessageAddress) -> Result<Option<Message>, StoreError>;

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
}

/// Reads of what lies apart from a message's row.
#[async_trait]
pub trait SourceReads: Send + Sync {
    /// What a message was made of, and its content where that is too large for its row.
    async fn sources(&self, tenant: &TenantId, message: MessageId) -> Result<Vec<Source>, StoreError>;
}

/// Reads of providers' message ids.
#[async_trait]
pub trait MessageLookupReads: Send + Sync {
    /// What a provider's message id leads to.
    async fn message_lookup(
        &self,
        line: &InboundAddress,
        wamid: &Wamid,
    ) -> Result<Option<MessageLookup>, StoreError>;
}
