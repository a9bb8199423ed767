//! Who calls, and what they may do.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    conversation::ClosingPolicy,
    id::{ChannelId, TenantId},
    sent_by::{SenderKind, SentBy},
    time::Timestamp,
};

/// A right that an API key carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Send messages, and change whatever else can be changed through the API.
    Send,
    /// Read conversations and messages.
    Read,
    /// Reserved for administration; no route asks for it yet.
    Admin,
}

impl Scope {
    /// The name of the scope in keys and contracts: `send`, `read` or `admin`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Read => "read",
            Self::Admin => "admin",
        }
    }
}

/// An authenticated caller. The tenant of a request comes from here and from nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The company that the key belongs to.
    pub tenant: TenantId,
    /// The name of its API key, for logs.
    pub key: String,
    /// What the key may do.
    pub scopes: Vec<Scope>,
    /// Who uses the key.
    pub kind: KeyKind,
}

/// Who uses an API key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// People, through whatever system: what it sends counts as a person's.
    #[default]
    Person,
    /// A program that answers by itself.
    Bot,
}

impl KeyKind {
    /// Whether it is the kind of a key that names none.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Caller {
    /// The sender of a message of this caller: the one the caller gives, else the one the API key implies.
    #[must_use]
    pub fn sender(&self, given: Option<SentBy>) -> Option<SentBy> {
        given.or_else(|| (self.kind == KeyKind::Bot).then(|| SentBy::of_kind(SenderKind::Bot)))
    }

    /// Whether the caller has `scope`.
    #[must_use]
    pub fn has_scope(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}

/// An API key as it is stored: the tenant it speaks for, never the key itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// A short name for lists and logs.
    pub name: String,
    /// The company that the key belongs to.
    pub tenant: TenantId,
    /// What the key may do.
    pub scopes: Vec<Scope>,
    /// Whether people or a bot use it.
    #[serde(default, skip_serializing_if = "KeyKind::is_default")]
    pub kind: KeyKind,
    /// When it was created; `None` for keys from before this was stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When it was revoked; from then on it counts as unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

/// Longest name of an API key, in characters.
pub const KEY_NAME: usize = 64;

/// Whether an API key may have this name: 1 to 64 characters, none of them a control character.
#[must_use]
pub fn is_key_name(text: &str) -> bool {
    (1..=KEY_NAME).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// SHA-256 of an API key: all that the table holds of it.
///
/// Keys are `vk_` and 32 random bytes, so a fast hash is enough; looking a key up by its hash compares
/// nothing secret byte by byte.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyHash(String);

impl KeyHash {
    /// The hash of a key; `None` where it cannot be one of ours (`vk_` and 43 base64url characters).
    #[must_use]
    pub fn of(key: &str) -> Option<Self> {
        let secret = key.strip_prefix("vk_")?;
        let shaped =
            secret.len() == 43 && secret.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        shaped.then(|| Self(hex(&Sha256::digest(key.as_bytes()))))
    }

    /// A hash from its stored form; `None` for any other text.
    #[must_use]
    pub fn from_hex(digits: &str) -> Option<Self> {
        let whole = digits.len() == 64 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        whole.then(|| Self(digits.to_owned()))
    }

    /// 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Lower-case hexadecimal digits of `bytes`.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The settings of one tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// The id of the tenant.
    pub id: TenantId,
    /// The channel for sends that name only a phone number.
    pub default_channel: ChannelId,
    /// Phrases with which a customer asks for a person: a message that contains one hands the conversation
    /// off.
    #[serde(default)]
    pub handoff_phrases: Vec<String>,
    /// Who answers and who is assigned after a conversation was closed.
    #[serde(default, skip_serializing_if = "ClosingPolicy::is_default")]
    pub closing: ClosingPolicy,
    /// Whether a bot answers for the company.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bot: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hash_of_a_well_formed_key_exists() {
        let key = format!("vk_{}", "a".repeat(43));
        let hash = KeyHash::of(&key).map(|hash| hash.as_str().to_owned());
        assert_eq!(hash.as_deref().map(str::len), Some(64));
        assert!(hash.is_some_and(|hash| !hash.contains("aaaa")));
        for bad in
            ["", "vk_", "vk_short", &format!("vk_{}", "#".repeat(43)), &format!("xx_{}", "a".repeat(43))]
        {
            assert_eq!(KeyHash::of(bad), None, "{bad}");
        }
    }
}
