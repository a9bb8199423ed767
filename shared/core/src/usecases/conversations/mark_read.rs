//! Read receipts for customers' messages.

use crate::{
    domain::{
        channel::Channel,
        id::{TenantId, Wamid},
        message::Direction,
        phone::Phone,
        rejection::{Reason, Rejection},
    },
    ports::{
        clock::Deadline,
        credentials::{ChannelSecret, Freshness},
        provider::{ReadReceipt, SendFailure, Typing},
        store::StoreError,
    },
    usecases::{ConversationActions, sending::PROVIDER_PATIENCE},
};

/// Why a read receipt was not sent, or why that is unknown.
#[derive(Debug, thiserror::Error)]
pub enum MarkReadError {
    /// The tenant has no channel with this number.
    #[error("the tenant has no such number")]
    NoSuchNumber,
    /// No customer's message to this number has this id.
    #[error("no customer sent a message with this id")]
    NoSuchMessage,
    /// The provider rejected the read receipt.
    #[error("refused: {}", .0.reason.code())]
    Refused(Rejection),
    /// The provider did not respond, or its response was invalid: what was seen instead. A retry is harmless.
    #[error("the provider did not answer: {0}")]
    NoAnswer(&'static str),
    /// The store failed; a retry is harmless.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ConversationActions {
    /// Sends a read receipt for a customer's message, and all before it. Doing it again is harmless.
    ///
    /// # Errors
    /// When the tenant has no such number, when no message with that id arrived on it, when the provider
    /// rejects the receipt or does not respond, or when the store fails.
    pub async fn mark_read(
        &self,
        tenant: &TenantId,
        number: &Phone,
        wamid: &Wamid,
        deadline: Deadline,
    ) -> Result<(), MarkReadError> {
        let channel = self.directory.channel_with_number(tenant, number).await?;
        let channel = channel.ok_or(MarkReadError::NoSuchNumber)?;
        self.check_heard(&channel, wamid).await?;
        let receipt = self.tell_read(&channel, wamid, Typing::Off, deadline).await;
        receipt.map(drop).map_err(|failure| match failure {
            SendFailure::Refused(rejection) => MarkReadError::Refused(rejection),
            SendFailure::Ambiguous(seen) => MarkReadError::NoAnswer(seen),
        })
    }

    /// Sends the receipt; returns whether a typing indicator is shown.
    pub(crate) async fn tell_read(
        &self,
        channel: &Channel,
        wamid: &Wamid,
        typing: Typing,
        deadline: Deadline,
    ) -> Result<Typing, SendFailure> {
        let secret = self.secrets.secret(channel, Freshness::Cached).await;
        match self.receipt(channel, wamid, typing, deadline, &secret).await {
            // The token may have been rotated.
            Err(SendFailure::Refused(rejection)) if rejection.reason == Reason::ProviderAuth => {
                match self.secrets.secret(channel, Freshness::Refreshed).await {
                    fresh @ Ok(_) if fresh != secret => {
                        self.receipt(channel, wamid, typing, deadline, &fresh).await
                    }
                    _ => Err(SendFailure::Refused(rejection)),
                }
            }
            other => other,
        }
    }

    async fn receipt(
        &self,
        channel: &Channel,
        wamid: &Wamid,
        typing: Typing,
        deadline: Deadline,
        secret: &Result<ChannelSecret, SendFailure>,
    ) -> Result<Typing, SendFailure> {
        let secret = secret.as_ref().map_err(Clone::clone)?;
        let timeout = self.ctx.ids.now().until(deadline.0).min(PROVIDER_PATIENCE);
        self.provider.mark_read(ReadReceipt { channel, secret, wamid, typing, timeout }).await
    }

    /// Only a customer's message can be marked as read.
    async fn check_heard(&self, channel: &Channel, wamid: &Wamid) -> Result<(), MarkReadError> {
        let lookup = self.ctx.store.message_lookup(&channel.inbound_address(), wamid).await?;
        let message = match lookup.and_then(|lookup| lookup.message) {
            Some(address) => self.ctx.store.message(&channel.tenant, address).await?,
            None => None,
        };
        match message {
            Some(message) if message.direction == Direction::Inbound => Ok(()),
            _ => Err(MarkReadError::NoSuchMessage),
        }
    }
}
