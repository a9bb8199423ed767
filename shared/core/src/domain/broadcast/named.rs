//! Whom an entry of a list of recipients names, and by what.

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
    /// A phone number.
    PhoneNumber,
    /// A business-scoped user id.
    UserId,
    /// The conversation with them.
    ConversationId,
    /// The contact.
    ContactId,
}

/// Whom an entry means.
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
    /// The address that is named, if one is.
    #[must_use]
    pub fn address(&self) -> Option<Address> {
        match self {
            Self::Number(number) => Some(Address::Number(number.clone())),
            Self::UserId(id) => Some(Address::of_user_id(id.clone())),
            Self::Conversation(_) => None,
        }
    }

    /// What makes the idempotency key of this recipient out of that of the list. That of a number is its digits,
    /// which the others cannot be.
    #[must_use]
    pub fn key_part(&self) -> String {
        match self {
            Self::Number(number) => number.digits().to_owned(),
            Self::UserId(id) => format!("user {}", id.as_str()),
            Self::Conversation(id) => format!("conversation {id}"),
        }
    }

    /// The same in the spelling that stands for all spellings.
    #[must_use]
    pub fn canonical(&self) -> Self {
        match self {
            Self::Number(number) => Self::Number(number.canonical()),
            other => other.clone(),
        }
    }
}
