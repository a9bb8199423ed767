//! The credentials of a number at Kaleyra, for calls and for its webhooks.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use ventanilla_core::ports::credentials::{ChannelSecret, ProviderSecret};

/// The credentials of a number at Kaleyra (facts: kaleyra.md 2.1 and 4.6).
#[derive(Debug, Clone)]
pub struct KaleyraSecret {
    /// The id of the account (SID).
    pub sid: String,
    /// The API key of the account.
    pub api_key: SecretString,
    /// The secrets in webhook URLs that are valid now: the current one, and the previous one while rotating.
    /// Webhooks are not signed, so these authenticate them.
    pub callback: Vec<SecretString>,
    /// A header that webhooks must also have, where the operator asks Kaleyra for one.
    pub callback_header: Option<CallbackHeader>,
}

/// A header that authenticates a webhook.
#[derive(Debug, Clone)]
pub struct CallbackHeader {
    /// The header's name, in lower case.
    pub name: String,
    /// The header's expected value.
    pub value: SecretString,
}

/// Whether a text can be the secret in a webhook URL: 16 to 128 characters of a-z, A-Z, 0-9, - and _. That
/// is too long to guess, and is encoded the same in every URL.
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
    /// Parses a header as it is written, like `authorization: Basic dXNlcjpwYXNz`.
    ///
    /// # Errors
    /// When the name or the value is missing; neither is repeated.
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

impl ProviderSecret for KaleyraSecret {
    fn calls_alike(&self, other: &ChannelSecret) -> bool {
        let key = self.api_key.expose_secret();
        other.of::<Self>().is_some_and(|other| self.sid == other.sid && other.api_key.expose_secret() == key)
    }

    fn account(&self) -> Option<&str> {
        Some(&self.sid)
    }
}

/// The JSON of a channel's secret.
#[derive(Deserialize)]
struct SecretJson {
    sid: String,
    api_key: String,
    callback_secret: String,
    #[serde(default)]
    previous_callback_secret: String,
    #[serde(default)]
    callback_header: String,
}

/// A guessable webhook secret, or an invalid header, would leave webhooks unauthenticated: such JSON counts
/// as none.
pub(super) fn read(json: &Value) -> Option<ChannelSecret> {
    let read = SecretJson::deserialize(json).ok()?;
    let callback_header = match read.callback_header.as_str() {
        "" => None,
        given => Some(CallbackHeader::parse(given).ok()?),
    };
    let callback: Vec<String> = [read.callback_secret, read.previous_callback_secret]
        .into_iter()
        .filter(|secret| !secret.is_empty())
        .collect();
    let whole = !read.sid.is_empty() && !read.api_key.is_empty() && !callback.is_empty();
    (whole && callback.iter().all(|secret| is_callback_secret(secret))).then(|| {
        ChannelSecret::new(KaleyraSecret {
            sid: read.sid,
            api_key: read.api_key.into(),
            callback: callback.into_iter().map(SecretString::from).collect(),
            callback_header,
        })
    })
}
