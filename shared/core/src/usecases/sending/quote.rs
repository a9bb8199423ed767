//! The message that another one is about: that it quotes, or reacts to.

use crate::{
    domain::{
        id::{ConversationId, MessageId, TenantId, Wamid},
        message::MessageAddress,
    },
    ports::store::StoreError,
    usecases::{
        Recipients,
        sending::{Aim, Recipient, SendError},
    },
};

/// A message as a caller names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageRef {
    /// By our id.
    Ours(MessageId),
    /// By the provider's.
    Provider(Wamid),
}

impl Recipients {
    /// What the provider calls a message of the conversation with a recipient. None when it is of another conversation,
    /// when nothing is known of it, or when the provider has no id for it: it was refused, or is in doubt.
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

    /// All that messages with a recipient came in at; nothing while there is no conversation.
    async fn threads_with(
        &self,
        tenant: &TenantId,
        recipient: &Recipient,
    ) -> Result<Vec<ConversationId>, SendError> {
        let id = match self.aim_at(tenant, recipient).await? {
            Aim::Conversation(id) => id,
            Aim::Address { channel, to } => {
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
