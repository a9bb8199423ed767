//! Credentials of channels, for calls to a provider.

use std::sync::Arc;

use crate::{
    domain::{
        channel::Channel,
        rejection::{Reason, Rejection},
    },
    ports::{
        credentials::{ChannelSecret, CredentialError, Credentials, Freshness},
        provider::SendFailure,
    },
    usecases::Ports,
};

/// Reads the credentials of channels, for calls to a provider.
#[derive(Clone)]
pub struct ChannelSecrets {
    pub(crate) credentials: Arc<dyn Credentials>,
}

impl ChannelSecrets {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports) -> Self {
        Self { credentials: Arc::clone(&ports.credentials) }
    }

    /// The credentials of a channel.
    ///
    /// # Errors
    /// When there are none, or their source does not answer: in the words of a provider that refused.
    pub async fn secret(&self, channel: &Channel, how: Freshness) -> Result<ChannelSecret, SendFailure> {
        self.credentials.channel(channel.id, how).await.map_err(|error| {
            tracing::error!(tenant = %channel.tenant, channel = %channel.id, %error, "no credentials");
            SendFailure::Refused(Rejection::of(match error {
                CredentialError::Missing => Reason::ProviderAuth,
                CredentialError::Unavailable => Reason::ProviderDown,
            }))
        })
    }
}
