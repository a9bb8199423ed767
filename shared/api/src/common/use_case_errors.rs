//! The errors of the use cases, as failures of a request.

use super::{Failure, Missing, Unavailable};
use ventanilla_core::{
    domain::rejection::{Reason, Rejection},
    ports::store::StoreError,
    usecases::{
        broadcasts::BroadcastLookupError, channels::ChannelError, conversations::mark_read::MarkReadError,
        sending::SendError, templates::SyncError,
    },
};

impl From<Unavailable> for Failure {
    fn from(error: Unavailable) -> Self {
        Self::Unavailable(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error.into())
    }
}

impl From<SendError> for Failure {
    fn from(error: SendError) -> Self {
        match error {
            SendError::ConversationNotFound => Self::NotFound(Missing::Conversation),
            SendError::LeadNotFound => Self::NotFound(Missing::Lead),
            SendError::NoChannel => Self::NoChannel,
            SendError::KeyReused => Self::KeyReused,
            SendError::InProgress => Self::InProgress,
            SendError::Rejected(rejection) => Self::Rejected(rejection),
            SendError::Unknown(id) => Self::Unknown(id),
            SendError::Store(error) => error.into(),
        }
    }
}

impl From<ChannelError> for Failure {
    fn from(error: ChannelError) -> Self {
        match error {
            ChannelError::NotFound => Self::NoChannel,
            ChannelError::Store(error) => error.into(),
        }
    }
}

impl From<MarkReadError> for Failure {
    fn from(error: MarkReadError) -> Self {
        match error {
            MarkReadError::NoSuchNumber => Self::NoChannel,
            MarkReadError::NoSuchMessage => Self::Rejected(Reason::InvalidInput.because(error.to_string())),
            MarkReadError::Refused(rejection) => Self::Rejected(rejection),
            MarkReadError::NoAnswer(seen) => Self::Rejected(Reason::ProviderDown.because(seen)),
            MarkReadError::Store(error) => error.into(),
        }
    }
}

impl From<BroadcastLookupError> for Failure {
    fn from(error: BroadcastLookupError) -> Self {
        match error {
            BroadcastLookupError::NoChannel => Self::NoChannel,
            BroadcastLookupError::KeyReused => Self::KeyReused,
            BroadcastLookupError::Store(error) => error.into(),
        }
    }
}

impl From<SyncError> for Failure {
    fn from(error: SyncError) -> Self {
        match error {
            SyncError::NoAccount => Self::NoChannel,
            SyncError::TooOften { wait } => {
                let mut rejection = Rejection::of(Reason::RateLimited);
                rejection.retry_after_seconds = Some(wait.as_secs().max(1));
                Self::Rejected(rejection)
            }
            SyncError::Refused(rejection) => Self::Rejected(rejection),
            SyncError::NoAnswer(seen) => Self::Rejected(Reason::ProviderDown.because(seen)),
            SyncError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_use_case_does_not_find_keeps_its_name() {
        let lead = Failure::from(SendError::LeadNotFound);
        assert!(matches!(lead, Failure::NotFound(Missing::Lead)), "{lead:?}");
        let conversation = Failure::from(SendError::ConversationNotFound);
        assert!(matches!(conversation, Failure::NotFound(Missing::Conversation)), "{conversation:?}");
        let channel = Failure::from(ChannelError::NotFound);
        assert!(matches!(channel, Failure::NoChannel), "{channel:?}");
    }

    #[test]
    fn an_unknown_message_cannot_be_marked_as_read() {
        let Failure::Rejected(rejection) = Failure::from(MarkReadError::NoSuchMessage) else { panic!() };
        assert_eq!(rejection, Reason::InvalidInput.because("no customer sent a message with this id"));
    }
}
