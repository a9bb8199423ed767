//! Credentials of channels and apps.

use std::{any::Any, fmt, sync::Arc};

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};

use crate::domain::id::{AppId, ChannelId};

/// How fresh credentials must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// At most five minutes old.
    Cached,
    /// Read from the source now, because the cached ones were rejected.
    Refreshed,
}

/// The credentials of a channel, in its provider's own type.
pub trait ProviderSecret: Any + fmt::Debug + Send + Sync {
    /// Whether another calls the provider with the same.
    fn calls_alike(&self, other: &ChannelSecret) -> bool;

    /// The provider's id of the account that the credentials belong to, where they name one.
    fn account(&self) -> Option<&str> {
        None
    }
}

/// What a channel needs to call its provider, and to know the provider's calls. Only the provider's folder knows what is
/// in it; its `Debug` shows no credential.
#[derive(Debug, Clone)]
pub struct ChannelSecret(Arc<dyn ProviderSecret>);

impl ChannelSecret {
    /// The credentials of a channel at the provider that has this type.
    #[must_use]
    pub fn new(secret: impl ProviderSecret) -> Self {
        Self(Arc::new(secret))
    }

    /// The provider's id of the account, where the credentials name one, like Kaleyra's SID.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.0.account()
    }

    /// The credentials as a provider knows them; none where they are another provider's.
    #[must_use]
    pub fn of<T: ProviderSecret>(&self) -> Option<&T> {
        let secret: &dyn Any = self.0.as_ref();
        secret.downcast_ref()
    }
}

/// Whether two secrets are the same for calling the provider.
impl PartialEq for ChannelSecret {
    fn eq(&self, other: &Self) -> bool {
        self.0.calls_alike(other)
    }
}

/// The credentials with which an app's webhooks are authenticated.
#[derive(Debug, Clone)]
pub struct AppSecret {
    /// The signing secrets that are valid now: the current one, and the previous one while rotating.
    pub signing: Vec<SecretString>,
    /// The verify token of the subscription handshake.
    pub verify_token: SecretString,
}

impl AppSecret {
    /// Whether the verify token is missing.
    #[must_use]
    pub fn has_no_verify_token(&self) -> bool {
        self.verify_token.expose_secret().is_empty()
    }
}

/// Why credentials are not available.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// No source contains them.
    #[error("no source has credentials for it")]
    Missing,
    /// The source cannot be reached, and nothing is cached.
    #[error("the source of credentials cannot be reached")]
    Unavailable,
}

/// The credentials of channels and apps.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// The credentials of a channel.
    ///
    /// # Errors
    /// [`CredentialError`], when they are not available.
    async fn channel(&self, id: ChannelId, how: Freshness) -> Result<ChannelSecret, CredentialError>;

    /// The credentials of an app. An implementation may refuse to refresh more than once in 30 seconds, so
    /// that bad signatures cannot cause a flood of calls.
    async fn app(&self, id: &AppId, how: Freshness) -> Result<AppSecret, CredentialError>;
}
