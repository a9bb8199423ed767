//! Reading: conversations, messages, and what became of one message.

use crate::{
    domain::{
        attempt::{Attempt, State},
        conversation::Conversation,
        delivery::Handover,
        id::{MessageId, TenantId, Wamid},
        message::{Extent, Message},
        source::Source,
    },
    ports::{inbox::Inbox, store::StoreError},
    usecases::Conversations,
};

/// One message and the attempt that made it.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageDetail {
    /// The attempt; none for messages that did not come from us.
    pub attempt: Option<Attempt>,
    /// The message; while there is no row of one, what its attempt says of it.
    pub message: Message,
    /// Its conversation; none for a message that was refused before there was one.
    pub conversation: Option<Conversation>,
    /// What lies apart from the message's row, where it was asked for or is needed.
    pub sources: Vec<Source>,
}

impl Conversations {
    /// A message of the tenant, and what became of it if it is ours; with what it was made of, if that is asked for.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn message_detail(
        &self,
        inbox: &dyn Inbox,
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

    /// Our id of the message that the provider has this id for, on any of the tenant's channels.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn message_by_provider_id(
        &self,
        tenant: &TenantId,
        id: &Wamid,
    ) -> Result<Option<MessageId>, StoreError> {
        for channel in self.directory.channels_of(tenant).await? {
            let pointer = self.ctx.store.message_lookup(&channel.line(), id).await?;
            let pointer = pointer.filter(|pointer| pointer.tenant == *tenant);
            if let Some(address) = pointer.and_then(|pointer| pointer.message) {
                return Ok(Some(address.id));
            }
        }
        Ok(None)
    }
}

impl Conversations {
    /// What the provider calls a message of the tenant. None when there is no such message, or it has no id
    /// there: it was refused, or is in doubt.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn provider_id(&self, tenant: &TenantId, id: MessageId) -> Result<Option<Wamid>, StoreError> {
        let Some(address) = self.attempts.address(tenant, id).await? else { return Ok(None) };
        let message = self.ctx.store.message(tenant, address).await?;
        Ok(message.and_then(|message| message.wamid))
    }
}

/// The message of an attempt that has no row of its own: it is under way, or was refused.
fn as_attempted(attempt: &Attempt, conversation: Option<&Conversation>) -> Option<Message> {
    let channel = attempt.channel.or_else(|| conversation.map(|place| place.channel))?;
    let handover = match attempt.state {
        State::Rejected { .. } => Handover::Rejected,
        _ => Handover::Unknown,
    };
    Some(attempt.message(channel, handover, None))
}
