//! The result of a template to many for one recipient.

use crate::common::Failure;
use ventanilla_core::{
    domain::{
        broadcast::{EntryOutcome as Kept, NamedBy},
        id::{ConversationId, MessageId, Wamid},
    },
    usecases::sending::{Replay, Sent},
};

/// The result for one recipient.
#[derive(Debug)]
pub(super) struct RecipientResult {
    /// The number, user id or conversation as it was given.
    pub(super) given: String,
    /// The field that named the recipient.
    pub(super) named_by: NamedBy,
    /// The outcome of the recipient.
    pub(super) outcome: Outcome,
    /// Whether it is the outcome of an earlier request with the same key.
    pub(super) replay: Replay,
}

/// The outcome for one recipient.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The provider accepted it.
    Sent {
        /// Our id of the message.
        message: MessageId,
        /// The conversation of the message, once it is stored.
        conversation: Option<ConversationId>,
        /// The provider's id of the message.
        wamid: Option<Wamid>,
    },
    /// It was not sent, or that is unknown.
    Failed(Failure),
    /// It is still to be tried.
    Queued,
    /// The broadcast ended before anything was sent to this recipient.
    Dropped,
    /// The same customer stands earlier in the list.
    Duplicate,
    /// The entry names no valid recipient: the field, and what is wrong.
    Invalid(String, String),
    /// A dry run found no reason against it.
    WouldBeSent,
    /// The time was up before it; nothing was sent.
    NotBegun,
    /// It was interrupted, and may have been sent.
    BrokeOff,
}

impl From<Sent> for Outcome {
    fn from(sent: Sent) -> Self {
        Self::Sent { message: sent.id, conversation: sent.conversation, wamid: sent.wamid }
    }
}

impl From<&Kept> for Outcome {
    fn from(kept: &Kept) -> Self {
        match kept {
            Kept::Queued { .. } => Self::Queued,
            Kept::Sent { message, conversation, wamid } => {
                Self::Sent { message: *message, conversation: *conversation, wamid: wamid.clone() }
            }
            Kept::Unknown { message: Some(id) } => Self::Failed(Failure::Unknown(*id)),
            Kept::Unknown { message: None } => Self::BrokeOff,
            Kept::Refused { rejection, .. } => Self::Failed(Failure::Rejected(rejection.clone())),
            Kept::Duplicate => Self::Duplicate,
            Kept::Invalid { field, problem } => Self::Invalid(field.clone(), problem.clone()),
            Kept::Dropped { .. } => Self::Dropped,
        }
    }
}
