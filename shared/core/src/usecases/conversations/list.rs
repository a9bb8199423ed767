//! Reads of a message with its attempt, and of the ids of messages.

use crate::{
    domain::{
        attempt::{Attempt, State},
        conversation::Conversation,
        delivery::AttemptOutcome,
        id::{MessageId, TenantId, Wamid},
        message::{Extent, Message},
        source::MessageSource,
    },
    ports::{inbox::InboxRecords, store::StoreError},
    usecases::Conversations,
};

/// A message with the attempt that sent it.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageDetail {
    /// The attempt; `None` for messages that we did not send.
    pub attempt: Option<Attempt>,
    /// The message; before it has a row, as its attempt describes it.
    pub message: Message,
    /// Its conversation; `None` for a message that was rejected before there was one.
    pub conversation: Option<Conversation>,
    /// The rows beside the message's row, where requested or needed.
    pub sources: Vec<MessageSource>,
}

impl Conversations {
    /// A message of the tenant with its attempt; with its sources, if that is requested. `None` where there
    /// is no such message.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn message_detail(
        &self,
        inbox: &dyn InboxRecords,
        tenant: &TenantId,
        id: MessageId,
        with_sources: bool,
    ) -> Result<Option<MessageDetail>, StoreError> {
        let Some(address) = self.attempts.address(tenant, id).await? else { return Ok(None) };
        let attempt = self.attempts.attempt(tenant, id).await?;
        let conversation = self.ctx.conversation(tenant, address.conversation).await?;
        let message = self.ctx.store.message(tenant, address).await?;
        let Some(message) = message.or_else(|| as_attempted(attempt.as_ref()?, conversation.as_ref())) else {
            return Ok(None);
        };
        let apart = with_sources || message.extent == Extent::Cut;
        let sources = if apart { inbox.sources(tenant, id).await? } else { Vec::new() };
        Ok(Some(MessageDetail { attempt, message, conversation, sources }))
    }

    /// Our id of the message with this provider id, on any of the tenant's channels.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn message_by_provider_id(
        &self,
        tenant: &TenantId,
        id: &Wamid,
    ) -> Result<Option<MessageId>, StoreError> {
        for channel in self.directory.channels_of(tenant).await? {
            let lookup = self.ctx.store.message_lookup(&channel.inbound_address(), id).await?;
            let lookup = lookup.filter(|lookup| lookup.tenant == *tenant);
            if let Some(address) = lookup.and_then(|lookup| lookup.message) {
                return Ok(Some(address.id));
            }
        }
        Ok(None)
    }
}

impl Conversations {
    /// The provider's id of a message of the tenant. `None` when there is no such message, or the provider
    /// gave it no id: it was rejected, or its outcome is unknown.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn provider_id(&self, tenant: &TenantId, id: MessageId) -> Result<Option<Wamid>, StoreError> {
        let Some(address) = self.attempts.address(tenant, id).await? else { return Ok(None) };
        let message = self.ctx.store.message(tenant, address).await?;
        Ok(message.and_then(|message| message.wamid))
    }
}

/// The message of an attempt without a message row: it is under way, or was rejected.
fn as_attempted(attempt: &Attempt, conversation: Option<&Conversation>) -> Option<Message> {
    let channel = attempt.channel.or_else(|| conversation.map(|place| place.channel))?;
    let handover = match attempt.state {
        State::Rejected { .. } => AttemptOutcome::Rejected,
        _ => AttemptOutcome::Unknown,
    };
    Some(attempt.message(channel, handover, None))
}
