//! The recipient of an entry, and the field that names it.

use serde::{Deserialize, Serialize};

use crate::domain::{
    contact::Address,
    id::ConversationId,
    phone::{Bsuid, Phone},
};

/// The field by which an entry names its recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NamedBy {
    /// The recipient's phone number, in any spelling.
    PhoneNumber,
    /// The recipient's business-scoped user id.
    UserId,
    /// The conversation with the recipient, by our id.
    ConversationId,
    /// The recipient's contact, by our id.
    ContactId,
}

/// The recipient of an entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryRecipient {
    /// Whoever has this number.
    Number(Phone),
    /// Whoever has this user id.
    UserId(Bsuid),
    /// Whoever this conversation is with.
    Conversation(ConversationId),
}

impl EntryRecipient {
    /// The recipient's address; `None` for a conversation.
    #[must_use]
    pub fn address(&self) -> Option<Address> {
        match self {
            Self::Number(number) => Some(Address::Number(number.clone())),
            Self::UserId(id) => Some(Address::of_user_id(id.clone())),
            Self::Conversation(_) => None,
        }
    }

    /// The recipient's part of the idempotency key. That of a number is its digits, which the others cannot
    /// be.
    #[must_use]
    pub fn key_part(&self) -> String {
        match self {
            Self::Number(number) => number.digits().to_owned(),
            Self::UserId(id) => format!("user {}", id.as_str()),
            Self::Conversation(id) => format!("conversation {id}"),
        }
    }

    /// The same recipient in the canonical spelling of its number.
    #[must_use]
    pub fn canonical(&self) -> Self {
        match self {
            Self::Number(number) => Self::Number(number.canonical()),
            other => other.clone(),
        }
    }
}
