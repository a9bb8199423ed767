//! Credentials of channels and apps.

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

/// The credentials of a channel: to call its provider, and to authenticate the provider's webhooks.
#[derive(Debug, Clone)]
pub enum ChannelSecret {
    /// Of a number at Meta; its webhooks are signed with the app's secret.
    Meta {
        /// The bearer token for the Graph API.
        access_token: SecretString,
    },
    /// Of a number at Kaleyra.
    Kaleyra(KaleyraSecret),
}

/// The credentials of a number at Kaleyra (facts: kaleyra.md 2.1 and 4.6).
#[derive(Debug, Clone)]
pub struct KaleyraSecret {
    /// The account's id at Kaleyra.
    pub sid: String,
    /// The API key of the account.
    pub api_key: SecretString,
    /// The secrets in webhook URLs that are valid now: the current one, and the previous one while rotating.
    /// Kaleyra signs nothing, so these authenticate its webhooks.
    pub callback: Vec<SecretString>,
    /// A header that webhooks must also have, where the operator configured one at Kaleyra.
    pub callback_header: Option<CallbackHeader>,
}

/// A header that authenticates a webhook.
#[derive(Debug, Clone)]
pub struct CallbackHeader {
    /// Its name, in lower case.
    pub name: String,
    /// The value that the header must have.
    pub value: SecretString,
}

/// Whether a text can be the secret in a webhook URL: 16 to 128 characters of a-z, A-Z, 0-9, - and _. That
/// is long enough not to be guessed, and spelled the same in every URL.
#[must_use]
pub fn is_callback_secret(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (16..=128).contains(&text.len()) && text.bytes().all(plain)
}

/// A text is not a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a header like `authorization: Basic …`")]
pub struct HeaderError;

impl CallbackHeader {
    /// Reads a header as it is written, like `authorization: Basic dXNlcjpwYXNz`.
    ///
    /// # Errors
    /// When there is no name or no value; neither is repeated.
    pub fn parse(text: &str) -> Result<Self, HeaderError> {
        let (name, value) = text.split_once(':').ok_or(HeaderError)?;
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        let token = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if name.is_empty() || value.is_empty() || !name.bytes().all(token) {
            return Err(HeaderError);
        }
        Ok(Self { name, value: SecretString::from(value) })
    }
}

/// Whether two secrets are the same for calling the provider.
impl PartialEq for ChannelSecret {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Meta { access_token: one }, Self::Meta { access_token: two }) => {
                one.expose_secret() == two.expose_secret()
            }
            (Self::Kaleyra(one), Self::Kaleyra(two)) => {
                one.sid == two.sid && one.api_key.expose_secret() == two.api_key.expose_secret()
            }
            (Self::Meta { .. }, Self::Kaleyra(_)) | (Self::Kaleyra(_), Self::Meta { .. }) => false,
        }
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
