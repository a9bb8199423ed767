//! Identifiers: numbers below 2^53 for what clients see, short words for tenants and apps.

use std::{fmt, num::NonZeroU64, str::FromStr};

use serde::{Deserialize, Serialize};

/// The first number that a JSON client in JavaScript can no longer hold exactly.
pub const ID_LIMIT: u64 = 1 << 53;

/// Why a text or number is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not a decimal number, zero, or 2^53 and above.
    #[error("must be a positive integer below 9007199254740992")]
    NotANumber,
    /// Not 1 to 48 characters of `a-z`, `0-9`, `-`.
    #[error("must be 1 to 48 characters of a-z, 0-9 and -")]
    NotAWord,
    /// Empty, over-long, or holding a control character.
    #[error("must be 1 to 512 printable characters")]
    NotAnOpaqueId,
}

macro_rules! numeric_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "u64", into = "u64")]
        pub struct $name(NonZeroU64);

        impl $name {
            /// The id as a number.
            #[must_use]
            pub fn get(self) -> u64 {
                self.0.get()
            }
        }

        impl TryFrom<u64> for $name {
            type Error = IdError;

            fn try_from(value: u64) -> Result<Self, IdError> {
                match NonZeroU64::new(value) {
                    Some(number) if value < ID_LIMIT => Ok(Self(number)),
                    _ => Err(IdError::NotANumber),
                }
            }
        }

        impl From<$name> for u64 {
            fn from(id: $name) -> u64 {
                id.get()
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(IdError::NotANumber);
                }
                text.parse::<u64>().map_err(|_| IdError::NotANumber)?.try_into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

numeric_id! {
    /// A conversation: one contact on one channel, for ever.
    ConversationId
}
numeric_id! {
    /// A message, inbound or outbound, unique within its tenant.
    MessageId
}
numeric_id! {
    /// A contact: a customer, whatever addresses they have.
    ContactId
}
numeric_id! {
    /// A channel: one business number at one provider.
    ChannelId
}
numeric_id! {
    /// A broadcast: one message to many recipients, processed in the background.
    BroadcastId
}
numeric_id! {
    /// A file that a customer sent, or that is to be sent to one.
    FileId
}
numeric_id! {
    /// A caller's own reference (a service request, a ticket); opaque to us.
    RequestRef
}

macro_rules! word_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                let word = (1..=48).contains(&text.len())
                    && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
                if word { Ok(Self(text)) } else { Err(IdError::NotAWord) }
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.to_owned().try_into()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

word_id! {
    /// A tenant: the company that everything else belongs to. Its alphabet has no key separator.
    TenantId
}
word_id! {
    /// A provider app: the sender of webhooks, with one signing secret.
    AppId
}

macro_rules! opaque_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as the provider spells it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                let fits = (1..=512).contains(&text.len()) && !text.chars().any(char::is_control);
                if fits { Ok(Self(text)) } else { Err(IdError::NotAnOpaqueId) }
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

opaque_id! {
    /// A message id given by the provider (Meta: `wamid…`, Kaleyra: in forms of its own).
    Wamid
}
opaque_id! {
    /// Meta's id of a business number (facts: meta.md 4.4).
    PhoneNumberId
}
opaque_id! {
    /// The account at a provider that templates belong to: Meta's WABA id, where there is one.
    TemplateAccountId
}
opaque_id! {
    /// The address at the provider that routes webhooks to a channel and scopes its message ids: Meta's
    /// `phone_number_id`, for other providers a name made of the channel's own id.
    InboundAddress
}

impl Wamid {
    /// An id as Kaleyra spells it. Its API V1 numbers the recipients of one call, `…:1`; webhooks may leave
    /// that out (facts: kaleyra.md 2.2), so it never counts. `None` for a text that is no id.
    #[must_use]
    pub fn of_kaleyra(text: &str) -> Option<Self> {
        let bare = match text.rsplit_once(':') {
            Some((id, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => id,
            _ => text,
        };
        Self::try_from(bare.trim().to_owned()).ok()
    }
}

impl From<&PhoneNumberId> for InboundAddress {
    fn from(id: &PhoneNumberId) -> Self {
        Self(id.0.clone())
    }
}

impl TemplateAccountId {
    /// The account of a channel whose provider has no id for it.
    #[must_use]
    pub fn of_channel(id: ChannelId) -> Self {
        Self(format!("channel/{id}"))
    }
}

impl InboundAddress {
    /// The inbound address of a channel that has a webhook URL of its own.
    #[must_use]
    pub fn of_channel(id: ChannelId) -> Self {
        Self(format!("channel/{id}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_positive_and_below_2_to_the_53() {
        assert_eq!(ConversationId::from_str("123").map(ConversationId::get), Ok(123));
        for bad in ["", "0", "-1", "+1", "1.0", "9007199254740992", "99999999999999999999", "１"] {
            assert_eq!(ConversationId::from_str(bad), Err(IdError::NotANumber), "{bad}");
        }
    }

    #[test]
    fn a_tenant_id_cannot_forge_a_key() {
        assert!(TenantId::from_str("acme-2").is_ok());
        for bad in ["", "a#b", "A", "a b", "é", &"a".repeat(49)] {
            assert_eq!(TenantId::from_str(bad), Err(IdError::NotAWord), "{bad}");
        }
    }
}
