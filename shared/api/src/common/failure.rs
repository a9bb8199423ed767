//! The failures of a request, in any contract.

use std::{borrow::Cow, fmt};

use ventanilla_core::{
    domain::{
        caller::Scope,
        id::MessageId,
        rejection::{Reason, Rejection},
    },
    ports::{credentials::CredentialError, files::FileStoreError, store::StoreError},
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

/// What a request names and its tenant does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// A broadcast, by its id.
    Broadcast,
    /// A channel, by its id.
    Channel,
    /// A contact, by its id.
    Contact,
    /// A conversation, by its id.
    Conversation,
    /// An event, by its id. It may have expired.
    Event,
    /// A file, by its id. It may have expired.
    File,
    /// A lead, by our id or the company's own.
    Lead,
    /// A message, by our id or the provider's.
    Message,
    /// A template, by its name.
    Template,
}

/// What did not respond. A retry may help.
#[derive(Debug, thiserror::Error)]
pub enum Unavailable {
    /// The store did not respond.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bucket of the files.
    #[error(transparent)]
    Files(#[from] FileStoreError),
    /// The store of credentials.
    #[error(transparent)]
    Secrets(#[from] CredentialError),
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
    /// The tenant does not have what the request names.
    NotFound(Missing),
    /// The tenant has no channel to send on.
    NoChannel,
    /// The idempotency key was used with another request.
    KeyReused,
    /// The first request with this idempotency key is still in progress.
    InProgress,
    /// The provider rejected the message, or would.
    Rejected(Rejection),
    /// The message may or may not have been sent.
    Unknown(MessageId),
    /// The store or another dependency did not respond, and nothing was done.
    Unavailable(Unavailable),
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
            Self::NotFound(_) => Reason::NotFound.code(),
            Self::NoChannel => "no_channel",
            Self::KeyReused => "idempotency_key_reused",
            Self::InProgress => "request_in_progress",
            Self::Rejected(rejection) => rejection.reason.code(),
            Self::Unknown(_) => "outcome_unknown",
            Self::Unavailable(_) => "unavailable",
        }
    }

    /// Seconds to wait before a retry, where waiting helps.
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::InProgress => Some(1),
            Self::Unavailable(_) => Some(2),
            Self::Rejected(rejection) => match rejection.reason {
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
