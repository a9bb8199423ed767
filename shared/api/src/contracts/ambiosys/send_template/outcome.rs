//! How a request ended for one recipient.

use crate::common::Failure;
use ventanilla_core::{
    domain::{
        broadcast::{NamedBy, Outcome as Kept},
        id::{ConversationId, MessageId, Wamid},
    },
    usecases::sending::{Replay, SendError, Sent},
};

/// What is said of one recipient.
#[derive(Debug)]
pub(super) struct Told {
    /// The number, user id or conversation as it was given.
    pub(super) given: String,
    /// Which of these it is.
    pub(super) named_by: NamedBy,
    /// How it ended.
    pub(super) outcome: Outcome,
    /// Whether an earlier request under the same key did it.
    pub(super) replay: Replay,
}

/// How it ended for one recipient.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The provider took it.
    Sent {
        /// Our id of it.
        message: MessageId,
        /// Where it is kept, once it is.
        conversation: Option<ConversationId>,
        /// The provider's id of it.
        wamid: Option<Wamid>,
    },
    /// It was not sent, or not certainly.
    Failed(Failure),
    /// Their turn comes later.
    Queued,
    /// Nothing was begun before the broadcast was over.
    Dropped,
    /// The same customer came before in the list.
    Duplicate,
    /// The request names nobody there: what is wrong with it.
    Invalid(String, String),
    /// Nothing was to be sent, and nothing speaks against it.
    WouldBeSent,
    /// There was no time left to begin; nothing was sent.
    NotBegun,
    /// It broke off, and may have been sent.
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
            Kept::Unknown { message: Some(id) } => Self::Failed(SendError::Unknown(*id).into()),
            Kept::Unknown { message: None } => Self::BrokeOff,
            Kept::Refused { rejection, .. } => Self::Failed(SendError::Rejected(rejection.clone()).into()),
            Kept::Duplicate => Self::Duplicate,
            Kept::Invalid { field, problem } => Self::Invalid(field.clone(), problem.clone()),
            Kept::Dropped { .. } => Self::Dropped,
        }
    }
}
