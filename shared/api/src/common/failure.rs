//! The failures of a request, in any contract.

use std::{borrow::Cow, fmt};

use ventanilla_core::{
    domain::{
        caller::Scope,
        rejection::{Reason, Rejection},
    },
    ports::store::StoreError,
    usecases::{sending::SendError, templates::SyncError},
};

/// Something is wrong with the request itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputError {
    /// The path does not have the method.
    Method,
    /// The body is longer than this many bytes.
    TooLarge(usize),
    /// One place in it is invalid.
    Field {
        /// The place: a field of the body, a path parameter, a header, or `body`.
        field: Cow<'static, str>,
        /// What is wrong, as the end of a sentence that begins with the field.
        problem: String,
    },
    /// It names a conversation, and also a customer or a channel that are not those of the conversation.
    Mismatch {
        /// The field that contradicts the conversation.
        field: Cow<'static, str>,
    },
}

impl InputError {
    /// An invalid place in the request.
    #[must_use]
    pub fn field(field: impl Into<Cow<'static, str>>, problem: impl fmt::Display) -> Self {
        Self::Field { field: field.into(), problem: problem.to_string() }
    }

    /// The same with the field inside an object of this name.
    #[must_use]
    pub fn within(self, object: &str) -> Self {
        match self {
            Self::Field { field, problem } => {
                Self::Field { field: format!("{object}.{field}").into(), problem }
            }
            other => other,
        }
    }

    /// The place that is wrong.
    #[must_use]
    pub fn place(&self) -> &str {
        match self {
            Self::Method => "method",
            Self::TooLarge(_) => "body",
            Self::Field { field, .. } | Self::Mismatch { field } => field,
        }
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method => formatter.write_str("method is not allowed for this path"),
            Self::TooLarge(limit) => write!(formatter, "body must not be longer than {limit} bytes"),
            Self::Field { field, problem } => write!(formatter, "{field} {problem}"),
            Self::Mismatch { field } => {
                write!(formatter, "{field} is not that of the conversation; nothing was sent")
            }
        }
    }
}

/// The caller is not authenticated or not authorised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthError {
    /// The request has no key.
    NoKey,
    /// The key is unknown, malformed or revoked.
    BadKey,
    /// The key lacks this scope.
    Forbidden(Scope),
}

/// Why a request failed.
#[derive(Debug)]
pub enum Failure {
    /// The request is invalid.
    Input(InputError),
    /// The caller is not authenticated or not authorised.
    Auth(AuthError),
    /// Something that the request refers to is temporarily not available: its source does not respond, or
    /// reports a fault that is not the request's.
    OutOfReach(InputError),
    /// The use case failed.
    Send(SendError),
}

impl Failure {
    /// The stable machine-readable code, the same in every contract.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Input(InputError::Method) => "method_not_allowed",
            Self::Input(InputError::TooLarge(_)) => "payload_too_large",
            Self::Input(InputError::Field { .. }) => "invalid_request",
            Self::Input(InputError::Mismatch { .. }) => "recipient_mismatch",
            Self::Auth(AuthError::NoKey | AuthError::BadKey) => "unauthenticated",
            Self::Auth(AuthError::Forbidden(_)) => "forbidden",
            Self::OutOfReach(_) => "file_unavailable",
            Self::Send(SendError::ConversationNotFound) => Reason::NotFound.code(),
            Self::Send(SendError::NoChannel) => "no_channel",
            Self::Send(SendError::KeyReused) => "idempotency_key_reused",
            Self::Send(SendError::InProgress) => "request_in_progress",
            Self::Send(SendError::Rejected(rejection)) => rejection.reason.code(),
            Self::Send(SendError::Unknown(_)) => "outcome_unknown",
            Self::Send(SendError::Store(_)) => "unavailable",
        }
    }

    /// Seconds to wait before a retry, where waiting helps.
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Send(SendError::InProgress) => Some(1),
            Self::Send(SendError::Store(_)) => Some(2),
            Self::Send(SendError::Rejected(rejection)) => match rejection.reason {
                Reason::RateLimited => Some(rejection.retry_after_seconds.unwrap_or(6)),
                _ => rejection.retry_after_seconds,
            },
            _ => None,
        }
    }
}

impl From<InputError> for Failure {
    fn from(error: InputError) -> Self {
        Self::Input(error)
    }
}

impl From<AuthError> for Failure {
    fn from(error: AuthError) -> Self {
        Self::Auth(error)
    }
}

impl From<SendError> for Failure {
    fn from(error: SendError) -> Self {
        Self::Send(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Send(SendError::Store(error))
    }
}

impl From<SyncError> for Failure {
    fn from(error: SyncError) -> Self {
        match error {
            SyncError::NoAccount => SendError::NoChannel.into(),
            SyncError::TooOften { wait } => {
                let mut rejection = Rejection::of(Reason::RateLimited);
                rejection.retry_after_seconds = Some(wait.as_secs().max(1));
                SendError::Rejected(rejection).into()
            }
            SyncError::Refused(rejection) => SendError::Rejected(rejection).into(),
            SyncError::NoAnswer(seen) => SendError::Rejected(Reason::ProviderDown.because(seen)).into(),
            SyncError::Store(error) => error.into(),
        }
    }
}
