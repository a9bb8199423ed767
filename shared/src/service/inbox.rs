//! Reading: conversations, messages, and what became of one message.

use super::Core;
use crate::{
    domain::{
        attempt::Attempt,
        id::{MessageId, TenantId},
        message::Message,
    },
    port::book::StoreError,
};

/// One message and the attempt that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageDetail {
    /// The attempt; none for messages that did not come from us.
    pub attempt: Attempt,
    /// The message, once there is one to show.
    pub message: Option<Message>,
}

impl Core {
    /// What became of a message that we sent or tried to send.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn message_detail(
        &self,
        tenant: &TenantId,
        id: MessageId,
    ) -> Result<Option<MessageDetail>, StoreError> {
        let Some(attempt) = self.attempts.attempt(tenant, id).await? else { return Ok(None) };
        let message = self.book.message(tenant, attempt.address).await?;
        Ok(Some(MessageDetail { attempt, message }))
    }
}
