//! The error table of this contract: from a failure to status, code, Meta's number and text.

use http::StatusCode;

use crate::common::{AuthError, Failure, InputError};
use ventanilla_core::domain::rejection::Reason;

/// A row of the table: status, code, the most similar number of Meta's, text.
pub(super) type ErrorRow = (StatusCode, &'static str, i64, &'static str);

/// Word for word as Pipes.bot documents it.
const WINDOW_EXPIRED: ErrorRow = (
    StatusCode::FORBIDDEN,
    "SERVICE_WINDOW_EXPIRED",
    131_047,
    "Service window expired — last inbound message is older than 24 hours.",
);

/// An unknown outcome has no number of Meta's: clients take similar ones as a reason to retry.
const DOUBT: ErrorRow = (
    StatusCode::BAD_GATEWAY,
    "OUTCOME_UNKNOWN",
    502,
    "It is not known whether WhatsApp took the message. Do not send it again; look up message_id.",
);

/// The row for a failure.
pub(super) fn error_row(failure: &Failure) -> ErrorRow {
    match failure {
        // For an invalid request the error itself says what is wrong.
        Failure::Input(InputError::Method) => {
            (StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", 100, "The method is not allowed.")
        }
        Failure::Input(InputError::TooLarge(_)) => {
            (StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", 100, "The body is too large.")
        }
        Failure::Input(InputError::Mismatch { .. }) => {
            (StatusCode::BAD_REQUEST, "RECIPIENT_MISMATCH", 100, "The conversation is another one.")
        }
        Failure::Input(_) => (StatusCode::BAD_REQUEST, "INVALID_REQUEST", 100, "The request is wrong."),
        // Like an invalid request.
        Failure::OutOfReach(_) => {
            (StatusCode::BAD_GATEWAY, "FILE_UNAVAILABLE", 131_053, "The file cannot be had now.")
        }
        Failure::Auth(AuthError::NoKey) => {
            (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", 190, "An API key is needed.")
        }
        Failure::Auth(AuthError::BadKey) => {
            (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", 190, "The API key is not valid.")
        }
        Failure::Auth(AuthError::Forbidden(_)) => {
            (StatusCode::FORBIDDEN, "FORBIDDEN", 10, "The API key lacks the scope")
        }
        Failure::NotFound(_) => (StatusCode::NOT_FOUND, "NOT_FOUND", 100, "There is no such conversation."),
        Failure::NoChannel => (StatusCode::NOT_FOUND, "NOT_FOUND", 100, "There is no such pool number."),
        Failure::KeyReused => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "IDEMPOTENCY_KEY_REUSED",
            100,
            "This idempotency key was used for a different request.",
        ),
        Failure::InProgress => (
            StatusCode::CONFLICT,
            "REQUEST_IN_PROGRESS",
            2,
            "The first request with this idempotency key is still under way.",
        ),
        Failure::Unknown(_) => DOUBT,
        Failure::Unavailable(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", 2, "Not available; try again in a moment.")
        }
        Failure::Rejected(rejection) => refused(rejection.reason),
    }
}

fn refused(reason: Reason) -> ErrorRow {
    let bad_gateway = |code, meta, text| (StatusCode::BAD_GATEWAY, code, meta, text);
    match reason {
        Reason::WindowClosed => WINDOW_EXPIRED,
        Reason::InvalidInput => {
            (StatusCode::BAD_REQUEST, "INVALID_INPUT", 131_009, "WhatsApp finds fault with the message.")
        }
        Reason::TemplateProblem => {
            (StatusCode::BAD_REQUEST, "TEMPLATE_PROBLEM", 132_018, "The template cannot be sent like this.")
        }
        Reason::LowBalance => {
            (StatusCode::PAYMENT_REQUIRED, "LOW_BALANCE", 131_042, "The WhatsApp account has no money left.")
        }
        Reason::Suppressed => {
            (StatusCode::FORBIDDEN, "SUPPRESSED", 131_050, "The customer does not want marketing.")
        }
        Reason::ChannelDisabled => {
            (StatusCode::FORBIDDEN, "CHANNEL_DISABLED", 368, "The number is disabled for sending.")
        }
        Reason::NotFound => {
            (StatusCode::NOT_FOUND, "NOT_FOUND", 100, "There is no such conversation or pool number.")
        }
        Reason::Unsupported => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "UNSUPPORTED",
            131_051,
            "The provider of this number cannot send such a message.",
        ),
        Reason::RateLimited => {
            (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", 130_429, "Too many messages; wait a moment.")
        }
        Reason::RecipientUnreachable => {
            bad_gateway("RECIPIENT_UNREACHABLE", 131_026, "The customer cannot get the message.")
        }
        Reason::ProviderAuth => {
            bad_gateway("PROVIDER_AUTH", 190, "The credentials for WhatsApp are not valid.")
        }
        Reason::AccountBlocked => bad_gateway("ACCOUNT_BLOCKED", 368, "The WhatsApp account is restricted."),
        Reason::ProviderDown => bad_gateway("PROVIDER_DOWN", 131_016, "WhatsApp is not available."),
        Reason::ProviderFault => {
            bad_gateway("PROVIDER_FAULT", 131_000, "WhatsApp reported a fault of its own.")
        }
        Reason::ProviderRejected => {
            bad_gateway("PROVIDER_REJECTED", 135_000, "WhatsApp refused the message.")
        }
    }
}
