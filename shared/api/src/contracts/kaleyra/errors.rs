//! Failures of this contract: one table from failure to status, code and text. Codes and texts are those
//! that Kaleyra documents.

use std::collections::BTreeMap;

use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::types::{Empty, ErrorBody, Nothing};
use crate::common::{AuthError, Encoded, Failure, InputError, access::Contract, auth::Clients};
use ventanilla_core::domain::{
    rejection::{Reason, Rejection},
    time::Timestamp,
};

/// The contract's marker: its clients send their key in the header `api-key`.
pub struct Kaleyra;

impl Contract for Kaleyra {
    const CLIENTS: Clients = Clients::SendApiKeys;

    fn failed(failure: &Failure) -> Encoded {
        let (status, body) = failed(failure);
        Encoded { status, headers: HeaderMap::new(), body: json!(body) }
    }
}

/// One row of the table: status, code, text, and the field of `error` that repeats the text.
type ErrorRow = (StatusCode, &'static str, &'static str, &'static str);

const KEY: ErrorRow = (StatusCode::UNAUTHORIZED, "RBC001", "Incorrect SID or API key.", "error");
const NUMBER: ErrorRow = (
    StatusCode::UNAUTHORIZED,
    "WA401",
    "Phone number is not present or does not belong to the account.",
    "phone_number",
);
const ACCOUNT: ErrorRow = (
    StatusCode::UNAUTHORIZED,
    "WA-401",
    "API is not available for given customer.Please contact support for more info",
    "account",
);
const PAYLOAD: ErrorRow = (StatusCode::BAD_REQUEST, "WA400", "Refer to correct payload format", "payload");
const BALANCE: ErrorRow =
    (StatusCode::BAD_REQUEST, "E110", "Please check your balance, You have a low balance!", "balance");
const PACE: ErrorRow = (StatusCode::TOO_MANY_REQUESTS, "WA429", "Too many requests", "error");
const FAULT: ErrorRow = (StatusCode::INTERNAL_SERVER_ERROR, "WA500", "Please try again later", "error");
const METHOD: ErrorRow = (StatusCode::METHOD_NOT_ALLOWED, "WA405", "Method not allowed", "error");
const REUSED: ErrorRow = (
    StatusCode::UNPROCESSABLE_ENTITY,
    "WA422",
    "This idempotency key was used for a different request",
    "error",
);
const UNDER_WAY: ErrorRow =
    (StatusCode::CONFLICT, "WA409", "A request with this idempotency key is in progress", "error");

fn failed(failure: &Failure) -> (StatusCode, ErrorBody) {
    let (status, code, text, field) = error_row(failure);
    // Two of the documented bodies do not repeat the text word for word.
    let repeated = match code {
        "WA400" => "Incorrect payload format",
        "WA500" => "Internal server error",
        _ => text,
    };
    let rejection = rejection(failure);
    let body = ErrorBody {
        code,
        message: text,
        data: if code == KEY.1 { Empty::List(Vec::new()) } else { Empty::Object(Nothing {}) },
        error: BTreeMap::from([(field, repeated)]),
        reason: failure.code(),
        detail: detail(failure),
        expires_at: rejection.and_then(|it| it.window_closed_since).map(Timestamp::iso_seconds),
        templates: rejection.map(|it| it.templates.clone()).unwrap_or_default(),
    };
    (status, body)
}

fn rejection(failure: &Failure) -> Option<&Rejection> {
    match failure {
        Failure::Rejected(rejection) => Some(rejection),
        _ => None,
    }
}

fn detail(failure: &Failure) -> Option<String> {
    match failure {
        Failure::Input(error) => Some(error.to_string()),
        Failure::Rejected(rejection) => match rejection.window_closed_since {
            Some(since) => Some(format!("the 24-hour window closed at {}", since.iso_seconds())),
            None => rejection.detail.clone(),
        },
        _ => None,
    }
}

/// The error table of this contract.
fn error_row(failure: &Failure) -> ErrorRow {
    match failure {
        Failure::Input(InputError::Method) => METHOD,
        Failure::Input(InputError::TooLarge(_)) => {
            (StatusCode::PAYLOAD_TOO_LARGE, PAYLOAD.1, PAYLOAD.2, PAYLOAD.3)
        }
        // The second cannot occur: the provider downloads the links of this contract.
        Failure::Input(_) | Failure::OutOfReach(_) | Failure::NotFound(_) => PAYLOAD,
        Failure::Auth(AuthError::NoKey | AuthError::BadKey) => KEY,
        Failure::Auth(AuthError::Forbidden(_)) => ACCOUNT,
        Failure::NoChannel => NUMBER,
        Failure::KeyReused => REUSED,
        Failure::InProgress => UNDER_WAY,
        Failure::Rejected(rejection) => refused(rejection.reason),
        Failure::Unknown(_) | Failure::Unavailable(_) => FAULT,
    }
}

fn refused(reason: Reason) -> ErrorRow {
    match reason {
        Reason::InvalidInput
        | Reason::WindowClosed
        | Reason::TemplateProblem
        | Reason::RecipientUnreachable
        | Reason::Unsupported
        | Reason::Suppressed
        // Told to retry, a client would get the same rejection.
        | Reason::ProviderRejected => PAYLOAD,
        Reason::LowBalance => BALANCE,
        Reason::RateLimited => PACE,
        Reason::NotFound => NUMBER,
        Reason::AccountBlocked | Reason::ChannelDisabled => ACCOUNT,
        Reason::ProviderAuth | Reason::ProviderDown | Reason::ProviderFault => FAULT,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use ventanilla_core::domain::caller::Scope;

    fn body(failure: &Failure) -> (u16, Value) {
        let Encoded { status, mut body, .. } = Kaleyra::failed(failure);
        body.as_object_mut().unwrap().retain(|name, _| name != "reason" && name != "detail");
        (status.as_u16(), body)
    }

    #[test]
    fn documented_failures_are_answered_word_for_word() {
        let empty = json!({});
        let rejected = |reason: Reason| Failure::Rejected(reason.because("x"));
        let error_body = |code: &str, message: &str, data: &Value, field: &str, text: &str| json!({ "code": code, "message": message, "data": data, "error": { field: text } });
        let wrong_key = "Incorrect SID or API key.";
        let no_number = "Phone number is not present or does not belong to the account.";
        let low = "Please check your balance, You have a low balance!";
        let closed = "API is not available for given customer.Please contact support for more info";
        for (failure, status, expected) in [
            (
                Failure::Auth(AuthError::BadKey),
                401,
                error_body("RBC001", wrong_key, &json!([]), "error", wrong_key),
            ),
            (Failure::NoChannel, 401, error_body("WA401", no_number, &empty, "phone_number", no_number)),
            (
                InputError::field("to", "is missing").into(),
                400,
                error_body(
                    "WA400",
                    "Refer to correct payload format",
                    &empty,
                    "payload",
                    "Incorrect payload format",
                ),
            ),
            (
                rejected(Reason::ProviderFault),
                500,
                error_body("WA500", "Please try again later", &empty, "error", "Internal server error"),
            ),
            (rejected(Reason::LowBalance), 400, error_body("E110", low, &empty, "balance", low)),
            (
                Failure::Auth(AuthError::Forbidden(Scope::Send)),
                401,
                error_body("WA-401", closed, &empty, "account", closed),
            ),
        ] {
            assert_eq!(body(&failure), (status, expected));
        }
    }
}
