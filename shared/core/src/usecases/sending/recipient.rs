//! Resolves the recipient of a request, as the caller names them.

use std::sync::Arc;

use crate::{
    domain::{
        channel::Channel,
        contact::Address,
        id::{ChannelId, ContactId, ConversationId, TenantId},
        rejection::Reason,
    },
    ports::{attempts::Attempts, directory::Directory},
    usecases::{
        Channels, Context, Conversations, Leads, Ports, Templates,
        leads::Reach,
        sending::{Recipient, SendCommand, SendError},
    },
};

/// A recipient that was resolved to a conversation or an address.
pub(crate) enum Aim {
    /// Whoever this conversation is with.
    Conversation(ConversationId),
    /// This customer on this channel; their conversation is created if there is none.
    Address { channel: Box<Channel>, to: Address },
}

/// Resolves recipients, and how they are reached.
#[derive(Clone)]
pub struct Recipients {
    pub(crate) ctx: Arc<Context>,
    pub(crate) attempts: Arc<dyn Attempts>,
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
    pub(crate) async fn aim(&self, command: &SendCommand) -> Result<Aim, SendError> {
        self.aim_at(&command.tenant, &command.recipient).await
    }

    pub(crate) async fn aim_at(&self, tenant: &TenantId, recipient: &Recipient) -> Result<Aim, SendError> {
        let (channel, to) = match recipient {
            Recipient::Conversation(id) => return Ok(Aim::Conversation(*id)),
            Recipient::Lead { lead, channel } => return self.aim_at_lead(tenant, *lead, *channel).await,
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
        Ok(Aim::Address { channel: channel.ok_or(SendError::NoChannel)?.into(), to })
    }

    /// The channel that a message to this recipient is sent through.
    ///
    /// # Errors
    /// When there is no such recipient or channel, or the store fails.
    pub async fn channel_to(&self, tenant: &TenantId, recipient: &Recipient) -> Result<Channel, SendError> {
        match self.aim_at(tenant, recipient).await? {
            Aim::Address { channel, .. } => Ok(*channel),
            Aim::Conversation(id) => {
                let found =
                    self.ctx.conversation(tenant, id).await?.ok_or(SendError::ConversationNotFound)?;
                self.directory.channel(tenant, found.channel).await?.ok_or(SendError::NoChannel)
            }
        }
    }

    async fn aim_at_lead(
        &self,
        tenant: &TenantId,
        lead: ContactId,
        channel: ChannelId,
    ) -> Result<Aim, SendError> {
        let found = self.leads.lead(tenant, lead).await?.ok_or(SendError::ConversationNotFound)?;
        match self.leads.reach(tenant, &found, channel).await? {
            Reach::Conversation(id) => Ok(Aim::Conversation(id)),
            Reach::Address(to) => {
                let channel = self.directory.channel(tenant, channel).await?;
                Ok(Aim::Address { channel: channel.ok_or(SendError::NoChannel)?.into(), to })
            }
            Reach::Nowhere => {
                let why = "the lead has no phone number that can be read, and never wrote";
                Err(SendError::Rejected(Reason::RecipientUnreachable.because(why)))
            }
        }
    }
}
