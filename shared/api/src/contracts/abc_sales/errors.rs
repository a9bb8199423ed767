//! Failures in this contract. The vendor documents no bodies, and only one meaning: WhatsApp's own error is
//! returned when the 24-hour window is closed.

use std::borrow::Cow;

use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::json;

use super::types::{LeadError, LeadErrorDetails};
use crate::app::AppOnly;
use crate::common::{
    AuthError, Encoded, Failure, InputError,
    access::{Authorized, Contract, scope},
    auth::Clients,
};
use ventanilla_core::domain::{
    rejection::{Reason, Rejection},
    time::Timestamp,
};

/// WhatsApp's code for a message outside the window (facts: meta.md 3.3).
const RE_ENGAGEMENT: i64 = 131_047;

/// WhatsApp's title of that error.
const RE_ENGAGEMENT_TEXT: &str = "(#131047) Re-engagement message";

/// WhatsApp's explanation of that error.
const RE_ENGAGEMENT_DETAILS: &str = "Message failed to send because more than 24 hours have passed since the customer last replied to this number.";

/// The authentication schemes that a caller may use.
const SCHEMES: &str = "Bearer, Basic realm=\"ventanilla\"";

/// The contract's marker: its clients send their key as a password, or as a bearer token.
pub struct AbcSales;

impl Contract for AbcSales {
    const CLIENTS: Clients = Clients::SendPasswords;

    fn failed(failure: &Failure) -> Encoded {
        failed(failure)
    }
}

/// A caller with the scope `read`.
pub(super) type Reader<U = AppOnly> = Authorized<scope::Read, AbcSales, U>;

/// A caller with the scope `send`.
pub(super) type MaySend<U = AppOnly> = Authorized<scope::Send, AbcSales, U>;

#[must_use]
fn failed(failure: &Failure) -> Encoded {
    let (status, text) = status_and_code(failure);
    let text = match failure {
        Failure::Input(error) | Failure::OutOfReach(error) => Cow::Owned(error.to_string()),
        Failure::Auth(AuthError::Forbidden(scope)) => Cow::Owned(format!("{text}: {}.", scope.as_str())),
        _ => Cow::Borrowed(text),
    };
    let details = LeadErrorDetails { code: failure.code(), message: text, ..particulars(failure) };
    Encoded { status, headers: schemes(failure), body: json!(LeadError::from(details)) }
}

/// Both schemes, for clients that send a password only when challenged.
fn schemes(failure: &Failure) -> HeaderMap {
    let asked = match failure {
        Failure::Auth(AuthError::NoKey | AuthError::BadKey) => Some(HeaderValue::from_static(SCHEMES)),
        _ => None,
    };
    asked.into_iter().map(|schemes| (header::WWW_AUTHENTICATE, schemes)).collect()
}

fn particulars(failure: &Failure) -> LeadErrorDetails {
    let none = LeadErrorDetails::default();
    match failure {
        Failure::Input(error) | Failure::OutOfReach(error) => {
            LeadErrorDetails { field: Some(error.place().to_owned()), ..none }
        }
        Failure::NoChannel => {
            LeadErrorDetails { field: Some("messaging_channel_connection_id".to_owned()), ..none }
        }
        // So that the unknown message can be looked up.
        Failure::Unknown(id) => LeadErrorDetails { message_id: Some(*id), ..none },
        Failure::Rejected(rejection) => rejection_details(rejection),
        _ => none,
    }
}

/// The provider's error. A closed window has WhatsApp's texts even when our own check found it: we skip a
/// call that is known to fail, because WhatsApp may accept it and fail the message later, after the caller
/// was told of success.
fn rejection_details(rejection: &Rejection) -> LeadErrorDetails {
    let closed = rejection.reason == Reason::WindowClosed;
    let (code, details) = (rejection.provider_code.clone(), rejection.detail.clone());
    LeadErrorDetails {
        details: details.or_else(|| closed.then(|| RE_ENGAGEMENT_DETAILS.to_owned())),
        provider_code: code.or_else(|| closed.then(|| RE_ENGAGEMENT.into())),
        expires_at: rejection.window_closed_since.map(Timestamp::iso_millis),
        ..LeadErrorDetails::default()
    }
}

/// The error table of this contract.
fn status_and_code(failure: &Failure) -> (StatusCode, &'static str) {
    match failure {
        // For an invalid request the error itself says what is wrong.
        Failure::Input(InputError::Method) => (StatusCode::METHOD_NOT_ALLOWED, ""),
        Failure::Input(InputError::TooLarge(_)) => (StatusCode::PAYLOAD_TOO_LARGE, ""),
        Failure::Input(error) if error.place() == "body" => (StatusCode::BAD_REQUEST, ""),
        Failure::Input(_) => (StatusCode::UNPROCESSABLE_ENTITY, ""),
        // Like an invalid field.
        Failure::OutOfReach(_) => (StatusCode::BAD_GATEWAY, ""),
        Failure::Auth(AuthError::NoKey) => (StatusCode::UNAUTHORIZED, "An API key is needed."),
        Failure::Auth(AuthError::BadKey) => (StatusCode::UNAUTHORIZED, "The API key is not valid."),
        Failure::Auth(AuthError::Forbidden(_)) => (StatusCode::FORBIDDEN, "The API key lacks the scope"),
        Failure::NotFound(_) => (StatusCode::NOT_FOUND, "There is no such lead."),
        Failure::NoChannel => {
            (StatusCode::UNPROCESSABLE_ENTITY, "There is no such messaging channel connection.")
        }
        Failure::KeyReused => {
            (StatusCode::UNPROCESSABLE_ENTITY, "This idempotency key was used for a different request.")
        }
        Failure::InProgress => {
            (StatusCode::CONFLICT, "The first request with this idempotency key is still under way.")
        }
        Failure::Unknown(_) => (
            StatusCode::BAD_GATEWAY,
            "It is not known whether WhatsApp took the message. Do not send it again; look up message_id.",
        ),
        Failure::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "Not available; try again in a moment."),
        Failure::Rejected(rejection) => refused(rejection.reason),
    }
}

/// The status of a rejection: 400 where WhatsApp's own is 400, 422 where another request would succeed, 502
/// where the caller can do nothing.
fn refused(reason: Reason) -> (StatusCode, &'static str) {
    match reason {
        Reason::WindowClosed => (StatusCode::BAD_REQUEST, RE_ENGAGEMENT_TEXT),
        Reason::InvalidInput => (StatusCode::BAD_REQUEST, "WhatsApp finds fault with the message."),
        Reason::NotFound => (StatusCode::NOT_FOUND, "There is no such lead."),
        Reason::RecipientUnreachable => {
            (StatusCode::UNPROCESSABLE_ENTITY, "The lead cannot get the message on WhatsApp.")
        }
        Reason::Unsupported => (StatusCode::UNPROCESSABLE_ENTITY, "This channel cannot send such a message."),
        Reason::ChannelDisabled => {
            (StatusCode::UNPROCESSABLE_ENTITY, "The messaging channel connection is disabled.")
        }
        Reason::LowBalance => (StatusCode::PAYMENT_REQUIRED, "The WhatsApp account has no money left."),
        Reason::RateLimited => (StatusCode::TOO_MANY_REQUESTS, "Too many messages; wait a moment."),
        Reason::ProviderAuth => (StatusCode::BAD_GATEWAY, "The credentials for WhatsApp are not valid."),
        Reason::AccountBlocked => (StatusCode::BAD_GATEWAY, "The WhatsApp account is restricted."),
        Reason::ProviderDown => (StatusCode::BAD_GATEWAY, "WhatsApp is not available."),
        Reason::ProviderFault => (StatusCode::BAD_GATEWAY, "WhatsApp reported a fault of its own."),
        // Template reasons cannot occur: this contract sends none.
        Reason::TemplateProblem | Reason::Suppressed | Reason::ProviderRejected => {
            (StatusCode::BAD_GATEWAY, "WhatsApp refused the message.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::Missing;
    use ventanilla_core::domain::caller::Scope;
    use ventanilla_core::domain::rejection::ProviderCode;

    fn rejected(rejection: Rejection) -> Encoded {
        failed(&Failure::Rejected(rejection))
    }

    #[test]
    fn a_closed_window_is_whatsapps_own_error_in_any_case() {
        let mut ours = Rejection::of(Reason::WindowClosed);
        ours.window_closed_since = Some(Timestamp::from_millis(1_772_533_800_000));
        ours.templates = vec!["hello_world".to_owned()];
        let answer = rejected(ours);
        let expected = json!({
            "error": {
                "code": "window_closed", "message": RE_ENGAGEMENT_TEXT, "details": RE_ENGAGEMENT_DETAILS,
                "provider_code": 131_047, "expires_at": "2026-03-03T10:30:00.000Z",
            },
            "message": "(#131047) Re-engagement message",
        });
        assert_eq!((answer.status.as_u16(), answer.body), (400, expected));
        let mut theirs = Reason::WindowClosed.because("too late");
        theirs.provider_code = Some(ProviderCode::Number(131_047));
        let answer = rejected(theirs);
        let error = &answer.body["error"];
        assert_eq!((&error["details"], &error["provider_code"]), (&json!("too late"), &json!(131_047)));
        assert_eq!(answer.body["message"], RE_ENGAGEMENT_TEXT);
    }

    #[test]
    fn a_wrong_field_is_a_422_that_names_it_and_a_wrong_body_a_400() {
        let answer = failed(&Failure::Input(InputError::field("content", "is missing")));
        let expected = json!({
            "error": { "code": "invalid_request", "message": "content is missing", "field": "content" },
            "message": "content is missing",
        });
        assert_eq!((answer.status.as_u16(), answer.body), (422, expected));
        let answer = failed(&Failure::Input(InputError::field("body", "must be a JSON object")));
        assert_eq!(answer.status, 400);
    }

    #[test]
    fn a_missing_scope_is_named() {
        let body = failed(&Failure::Auth(AuthError::Forbidden(Scope::Read))).body;
        let text = "The API key lacks the scope: read.";
        assert_eq!((&body["message"], &body["error"]["message"]), (&json!(text), &json!(text)));
    }

    #[test]
    fn every_result_has_the_status_of_the_comparison() {
        for (failure, status, code) in [
            (Failure::Auth(AuthError::NoKey), 401, "unauthenticated"),
            (Failure::Auth(AuthError::Forbidden(Scope::Send)), 403, "forbidden"),
            (Failure::NotFound(Missing::Lead), 404, "not_found"),
            (Failure::NoChannel, 422, "no_channel"),
            (Failure::InProgress, 409, "request_in_progress"),
            (Failure::KeyReused, 422, "idempotency_key_reused"),
            (Failure::Unknown("7".parse().unwrap()), 502, "outcome_unknown"),
            (Failure::Rejected(Rejection::of(Reason::LowBalance)), 402, "low_balance"),
            (Failure::Rejected(Rejection::of(Reason::RateLimited)), 429, "rate_limited"),
            (Failure::Rejected(Rejection::of(Reason::ProviderDown)), 502, "provider_down"),
        ] {
            let answer = failed(&failure);
            assert_eq!((answer.status.as_u16(), &answer.body["error"]["code"]), (status, &json!(code)));
        }
    }
}
