//! What became of a recipient of a broadcast.

use serde::{Deserialize, Serialize};

use super::refusal::concerns_the_time;
use crate::domain::{
    id::{ConversationId, MessageId, Wamid},
    rejection::{Reason, Rejection},
};

/// How often a recipient is tried whom the provider refuses for the time being. What concerns the provider or
/// the account as a whole, and not the recipient, is waited for as long as the broadcast is valid.
const MOST_REFUSALS: u8 = 6;

/// What became of a recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Their turn is still to come, or to come again.
    Queued {
        /// How often the provider refused for the time being …
        #[serde(default)]
        refusals: u8,
        /// … and how it did so the last time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last: Option<Rejection>,
    },
    /// The provider took the message.
    Sent {
        /// Which it is.
        message: MessageId,
        /// Where it is kept, once it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation: Option<ConversationId>,
        /// The provider's id of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wamid: Option<Wamid>,
    },
    /// It may or may not have been sent.
    Unknown {
        /// Which message that is about, where that could be told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<MessageId>,
    },
    /// Not sent, by all that was said.
    Refused {
        /// Which message that is about, where a callback may still say otherwise.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<MessageId>,
        /// Why.
        rejection: Rejection,
    },
    /// The same customer came before in the list.
    Duplicate,
    /// The caller's words name nobody.
    Invalid {
        /// Which of them.
        field: String,
        /// What is wrong, as a sentence.
        problem: String,
    },
    /// Nothing was begun before the broadcast was over.
    Dropped {
        /// Why.
        why: Dropped,
    },
}

/// Why a recipient's turn never came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dropped {
    /// The broadcast was cancelled.
    Cancelled,
    /// The broadcast was older than [`VALID`](super::VALID).
    Late,
    /// The provider refused somebody else's in a way that this one would have met as well.
    Stopped {
        /// For what reason.
        reason: Reason,
    },
}

impl Outcome {
    /// A recipient who was not tried yet.
    #[must_use]
    pub fn fresh() -> Self {
        Self::Queued { refusals: 0, last: None }
    }

    /// How much it says of where the message is: of two outcomes of one recipient the higher one holds.
    pub(super) fn says(&self) -> u8 {
        match self {
            Self::Queued { .. } => 0,
            Self::Dropped { .. } => 1,
            Self::Duplicate | Self::Invalid { .. } => 2,
            Self::Refused { .. } => 3,
            Self::Unknown { .. } => 4,
            Self::Sent { .. } => 5,
        }
    }

    /// Whether somebody still has to go on with it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Queued { .. })
    }

    /// A refusal for the time being, after those before: the last one is final.
    #[must_use]
    pub fn refused_again(&self, rejection: Rejection) -> Self {
        let refusals = match self {
            Self::Queued { refusals, .. } => refusals.saturating_add(1),
            _ => 1,
        };
        if refusals >= MOST_REFUSALS && !concerns_the_time(&rejection) {
            return Self::Refused { message: None, rejection };
        }
        Self::Queued { refusals, last: Some(rejection) }
    }
}
