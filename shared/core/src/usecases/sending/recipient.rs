//! Resolves the recipient of a request, as the caller names them.

use std::sync::Arc;

use crate::{
    domain::{
        channel::Channel,
        contact::Address,
        id::{ChannelId, ContactId, ConversationId, TenantId},
        rejection::Reason,
    },
    ports::{attempts::AttemptRecords, directory::Directory},
    usecases::{
        Channels, Context, Conversations, Leads, Ports, Templates,
        leads::Reach,
        sending::{Recipient, SendCommand, SendError},
    },
};

/// A recipient that was resolved to a conversation or an address.
pub(crate) enum ResolvedRecipient {
    /// Whoever this conversation is with.
    Conversation(ConversationId),
    /// This customer on this channel; their conversation is created if there is none.
    Address { channel: Box<Channel>, to: Address },
}

/// Resolves recipients, and how they are reached.
#[derive(Clone)]
pub struct Recipients {
    pub(crate) ctx: Arc<Context>,
    pub(crate) attempts: Arc<dyn AttemptRecords>,
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) channels: Channels,
    pub(crate) conversations: Conversations,
    pub(crate) leads: Leads,
    pub(crate) templates: Templates,
}

impl Recipients {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            attempts: Arc::clone(&ports.attempts),
            directory: Arc::clone(&ports.directory),
            channels: Channels::new(ports),
            conversations: Conversations::new(ports),
            leads: Leads::new(ports),
            templates: Templates::new(ports),
        }
    }
}

impl Recipients {
    pub(crate) async fn resolve_recipient(
        &self,
        command: &SendCommand,
    ) -> Result<ResolvedRecipient, SendError> {
        self.resolve(&command.tenant, &command.recipient).await
    }

    pub(crate) async fn resolve(
        &self,
        tenant: &TenantId,
        recipient: &Recipient,
    ) -> Result<ResolvedRecipient, SendError> {
        let (channel, to) = match recipient {
            Recipient::Conversation(id) => return Ok(ResolvedRecipient::Conversation(*id)),
            Recipient::Lead { lead, channel } => return self.resolve_lead(tenant, *lead, *channel).await,
            Recipient::Number(number) => {
                (Some(self.channels.default_channel(tenant).await?), Address::Number(number.clone()))
            }
            Recipient::UserId(id) => {
                (Some(self.channels.default_channel(tenant).await?), Address::of_user_id(id.clone()))
            }
            Recipient::Through { sender, to } => {
                (self.directory.channel_with_number(tenant, sender).await?, to.clone())
            }
            Recipient::OnChannel { channel, to } => {
                (self.directory.channel(tenant, *channel).await?, to.clone())
            }
        };
        Ok(ResolvedRecipient::Address { channel: channel.ok_or(SendError::NoChannel)?.into(), to })
    }

    /// The channel that a message to this recipient is sent through.
    ///
    /// # Errors
    /// When there is no such recipient or channel, or the store fails.
    pub async fn channel_to(&self, tenant: &TenantId, recipient: &Recipient) -> Result<Channel, SendError> {
        match self.resolve(tenant, recipient).await? {
            ResolvedRecipient::Address { channel, .. } => Ok(*channel),
            ResolvedRecipient::Conversation(id) => {
                let found =
                    self.ctx.conversation(tenant, id).await?.ok_or(SendError::ConversationNotFound)?;
                self.directory.channel(tenant, found.channel).await?.ok_or(SendError::NoChannel)
            }
        }
    }

    async fn resolve_lead(
        &self,
        tenant: &TenantId,
        lead: ContactId,
        channel: ChannelId,
    ) -> Result<ResolvedRecipient, SendError> {
        let found = self.leads.lead(tenant, lead).await?.ok_or(SendError::LeadNotFound)?;
        match self.leads.resolve_reach(tenant, &found, channel).await? {
            Reach::Conversation(id) => Ok(ResolvedRecipient::Conversation(id)),
            Reach::Address(to) => {
                let channel = self.directory.channel(tenant, channel).await?;
                Ok(ResolvedRecipient::Address { channel: channel.ok_or(SendError::NoChannel)?.into(), to })
            }
            Reach::Nowhere => {
                let why = "the lead has no phone number that can be read, and never wrote";
                Err(SendError::Rejected(Reason::RecipientUnreachable.because(why)))
            }
        }
    }
}
