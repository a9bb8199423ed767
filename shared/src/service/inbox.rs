//! Reading: conversations, messages, and what became of one message.

use super::Core;
use crate::{
    domain::{
        attempt::Attempt,
        contact::Contact,
        id::{ContactId, MessageId, TenantId, Wamid},
        message::Message,
    },
    port::book::StoreError,
};

/// One message and the attempt that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageDetail {
    /// Its id.
    pub id: MessageId,
    /// The attempt; none for messages that did not come from us.
    pub attempt: Option<Attempt>,
    /// The message, once there is one to show.
    pub message: Option<Message>,
}

impl Core {
    /// A message of the tenant, and what became of it if it is ours.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn message_detail(
        &self,
        tenant: &TenantId,
        id: MessageId,
    ) -> Result<Option<MessageDetail>, StoreError> {
        let Some(address) = self.attempts.address(tenant, id).await? else { return Ok(None) };
        let attempt = self.attempts.attempt(tenant, id).await?;
        let message = self.book.message(tenant, address).await?;
        Ok(Some(MessageDetail { id, attempt, message }))
    }

    /// A contact by its id, or the one that it went into.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn contact(&self, tenant: &TenantId, id: ContactId) -> Result<Option<Contact>, StoreError> {
        let Some(mut contact) = self.book.contact(tenant, id).await? else { return Ok(None) };
        // Each went into one that is older, so this ends.
        while let Some(next) = contact.merged_into {
            match self.book.contact(tenant, next).await? {
                Some(found) => contact = found,
                None => break,
            }
        }
        Ok(Some(contact))
    }

    /// What the provider calls a message of the tenant. None when there is no such message, or it has no id
    /// there: it was refused, or is in doubt.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn provider_id(&self, tenant: &TenantId, id: MessageId) -> Result<Option<Wamid>, StoreError> {
        let Some(address) = self.attempts.address(tenant, id).await? else { return Ok(None) };
        let message = self.book.message(tenant, address).await?;
        Ok(message.and_then(|message| message.wamid))
    }
}
