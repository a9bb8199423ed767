//! The message that another one quotes or reacts to.

use crate::{
    domain::{
        id::{ConversationId, MessageId, TenantId, Wamid},
        message::MessageAddress,
    },
    ports::store::StoreError,
    usecases::{
        Recipients,
        sending::{Recipient, ResolvedRecipient, SendError},
    },
};

/// A message as a caller names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageRef {
    /// By our id of the message.
    Ours(MessageId),
    /// By the provider's id of the message.
    Provider(Wamid),
}

impl Recipients {
    /// The provider's id of a message in the conversation with a recipient. `None` when it is in another
    /// conversation, when it is unknown, or when the provider gave it no id: it was rejected, or its outcome
    /// is unknown.
    ///
    /// # Errors
    /// When there is no such recipient or channel, or the store fails.
    pub async fn message_to(
        &self,
        tenant: &TenantId,
        recipient: &Recipient,
        named: &MessageRef,
    ) -> Result<Option<Wamid>, SendError> {
        let (threads, place) =
            tokio::join!(self.threads_with(tenant, recipient), self.place_of_named(tenant, named));
        let threads = threads?;
        let Some(place) = place?.filter(|place| threads.contains(&place.conversation)) else {
            return Ok(None);
        };
        match named {
            MessageRef::Provider(id) => Ok(Some(id.clone())),
            MessageRef::Ours(_) => Ok(self.ctx.store.message(tenant, place).await?.and_then(|it| it.wamid)),
        }
    }

    /// The conversations under which messages with a recipient are stored; empty while there is none.
    async fn threads_with(
        &self,
        tenant: &TenantId,
        recipient: &Recipient,
    ) -> Result<Vec<ConversationId>, SendError> {
        let id = match self.resolve(tenant, recipient).await? {
            ResolvedRecipient::Conversation(id) => id,
            ResolvedRecipient::Address { channel, to } => {
                match self.conversations.conversation_with(&channel, &to).await? {
                    Some(found) => found.id,
                    None => return Ok(Vec::new()),
                }
            }
        };
        let whole =
            self.ctx.store.whole_conversation(tenant, id).await?.ok_or(SendError::ConversationNotFound)?;
        Ok(whole.ids().to_vec())
    }

    async fn place_of_named(
        &self,
        tenant: &TenantId,
        named: &MessageRef,
    ) -> Result<Option<MessageAddress>, StoreError> {
        let id = match named {
            MessageRef::Ours(id) => *id,
            MessageRef::Provider(id) => match self.conversations.message_by_provider_id(tenant, id).await? {
                Some(id) => id,
                None => return Ok(None),
            },
        };
        self.attempts.address(tenant, id).await
    }
}
