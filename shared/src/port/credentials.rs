//! Secrets of channels and apps.

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};

use crate::domain::id::{AppId, ChannelId};

/// How fresh credentials must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// At most five minutes old.
    Cached,
    /// Read now, because the ones at hand were refused.
    Refreshed,
}

/// What a channel needs to call its provider.
#[derive(Debug, Clone)]
pub struct ChannelSecret {
    /// The bearer token.
    pub access_token: SecretString,
}

impl PartialEq for ChannelSecret {
    fn eq(&self, other: &Self) -> bool {
        self.access_token.expose_secret() == other.access_token.expose_secret()
    }
}

/// What an app needs to check its callbacks.
#[derive(Debug, Clone)]
pub struct AppSecret {
    /// The signing secrets that are valid now: the current one, and the previous one while rotating.
    pub signing: Vec<SecretString>,
    /// The token of the subscription handshake.
    pub verify_token: SecretString,
}

/// Why credentials cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// No source has them.
    #[error("no source has credentials for it")]
    Missing,
    /// The source cannot be reached, and nothing is at hand from before.
    #[error("the source of credentials cannot be reached")]
    Unavailable,
}

/// The credentials of channels and apps.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// A channel's credentials.
    async fn channel(&self, id: ChannelId, how: Freshness) -> Result<ChannelSecret, CredentialError>;

    /// An app's credentials. An implementation may refuse to refresh more than once in 30 seconds,
    /// so that bad signatures cannot be turned into a flood of calls.
    async fn app(&self, id: &AppId, how: Freshness) -> Result<AppSecret, CredentialError>;
}
