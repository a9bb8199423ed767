//! The outcome of one recipient of a broadcast.

use serde::{Deserialize, Serialize};

use super::refusal::concerns_the_time;
use crate::domain::{
    id::{ConversationId, MessageId, Wamid},
    rejection::{Reason, Rejection},
};

/// How often a recipient is retried whom the provider rejects temporarily. A rejection that concerns the
/// provider or the account as a whole, and not the recipient, is retried for as long as the broadcast is
/// valid.
const MOST_REFUSALS: u8 = 6;

/// The outcome of one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum EntryOutcome {
    /// Not tried yet, or to be retried.
    Queued {
        /// How often the provider rejected it temporarily.
        #[serde(default)]
        refusals: u8,
        /// The latest of these rejections.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last: Option<Rejection>,
    },
    /// The provider accepted the message.
    Sent {
        /// Our id of the message.
        message: MessageId,
        /// The conversation of the message, once it is stored.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation: Option<ConversationId>,
        /// The provider's id of the message; `None` where it gave none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wamid: Option<Wamid>,
    },
    /// It may or may not have been sent.
    Unknown {
        /// Our id of that message, where it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<MessageId>,
    },
    /// Rejected, so far as is known.
    Refused {
        /// Our id of that message, where a status webhook may still say otherwise.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<MessageId>,
        /// The rejection reason, with the provider's code and text.
        rejection: Rejection,
    },
    /// The same customer comes earlier in the list.
    Duplicate,
    /// The entry names no valid recipient.
    Invalid {
        /// The field of the entry that is wrong.
        field: String,
        /// What is wrong, as a sentence for the caller.
        problem: String,
    },
    /// The broadcast ended before anything was sent to this recipient.
    Dropped {
        /// The reason why it ended for everybody.
        why: Dropped,
    },
}

/// Why a recipient was never tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dropped {
    /// The broadcast was cancelled.
    Cancelled,
    /// The broadcast was older than [`VALID`](super::VALID).
    Late,
    /// The provider rejected another recipient's message for a reason that holds for this one too.
    Stopped {
        /// The reason of that rejection.
        reason: Reason,
    },
}

impl EntryOutcome {
    /// The outcome of a recipient who was not tried yet.
    #[must_use]
    pub fn fresh() -> Self {
        Self::Queued { refusals: 0, last: None }
    }

    /// The rank of the outcome: of two outcomes of one recipient the higher one holds.
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

    /// Whether the recipient still has to be tried.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Queued { .. })
    }

    /// The outcome after one more temporary rejection: [`EntryOutcome::Queued`], or a final rejection after the
    /// last one.
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
