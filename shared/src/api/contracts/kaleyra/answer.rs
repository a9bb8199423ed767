//! What a client of this contract is answered: the one table from outcome to status, code and text. Codes
//! and texts are those that Kaleyra documents; `reason` and what stands beside it is ours.

use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use crate::{
    api::common::{AuthError, Encoded, Failure, InputError, access::Contract, auth::Clients},
    domain::{rejection::Reason, time::Timestamp},
    service::send::{SendError, Sent},
};

/// What was done.
#[derive(Debug)]
pub enum Done {
    /// A message was taken.
    Sent(Box<Sent>),
    /// The customer was told that their message was read.
    Read,
}

/// One line of the table: status, code, text, and the field of `error` that repeats the text.
type Line = (StatusCode, &'static str, &'static str, &'static str);

const KEY: Line = (StatusCode::UNAUTHORIZED, "RBC001", "Incorrect SID or API key.", "error");
const NUMBER: Line = (
    StatusCode::UNAUTHORIZED,
    "WA401",
    "Phone number is not present or does not belong to the account.",
    "phone_number",
);
const ACCOUNT: Line = (
    StatusCode::UNAUTHORIZED,
    "WA-401",
    "API is not available for given customer.Please contact support for more info",
    "account",
);
const PAYLOAD: Line = (StatusCode::BAD_REQUEST, "WA400", "Refer to correct payload format", "payload");
const BALANCE: Line =
    (StatusCode::BAD_REQUEST, "E110", "Please check your balance, You have a low balance!", "balance");
const PACE: Line = (StatusCode::TOO_MANY_REQUESTS, "WA429", "Too many requests", "error");
const FAULT: Line = (StatusCode::INTERNAL_SERVER_ERROR, "WA500", "Please try again later", "error");
const METHOD: Line = (StatusCode::METHOD_NOT_ALLOWED, "WA405", "Method not allowed", "error");
const REUSED: Line = (
    StatusCode::UNPROCESSABLE_ENTITY,
    "WA422",
    "This idempotency key was used for a different request",
    "error",
);
const UNDER_WAY: Line =
    (StatusCode::CONFLICT, "WA409", "A request with this idempotency key is in progress", "error");

/// How a request ended, in that system's words. `cut` are the references that had to be cut.
#[must_use]
pub fn answered(outcome: &Result<Done, Failure>, cut: &[&'static str]) -> Encoded {
    let (status, body) = match outcome {
        Ok(Done::Sent(sent)) => accepted(taken(sent), cut),
        Ok(Done::Read) => accepted(json!({}), &[]),
        // Told to try again later, its clients would double the message: it is taken, and its outcome is
        // what `/v1/messages/{id}` and the status callback say, as with every 202 of this contract.
        Err(Failure::Send(SendError::Unknown(id))) => {
            let id = id.get().to_string();
            accepted(json!({ "message_id": id, "outcome": "unknown" }), cut)
        }
        Err(failure) => failed(failure),
    };
    Encoded { status, headers: HeaderMap::new(), body }
}

/// Our id of the message; an addition of ours is the user id of a customer who was not reached by a number.
fn taken(sent: &Sent) -> Value {
    let mut data = json!({ "message_id": sent.id.get().to_string() });
    if let (Some(id), Some(object)) = (&sent.user_id, data.as_object_mut()) {
        object.insert("user_id".to_owned(), id.as_str().into());
    }
    data
}

fn accepted(mut data: Value, cut: &[&'static str]) -> (StatusCode, Value) {
    if let Some(object) = data.as_object_mut().filter(|_| !cut.is_empty()) {
        object.insert("truncated".to_owned(), json!(cut));
    }
    let body = json!({ "code": "WA202", "message": "Request Accepted", "data": data, "error": {} });
    (StatusCode::ACCEPTED, body)
}

/// The contract: its clients send their key in the header `api-key`.
pub struct Kaleyra;

impl Contract for Kaleyra {
    const CLIENTS: Clients = Clients::SendApiKeys;

    fn failed(failure: &Failure) -> Encoded {
        let (status, body) = failed(failure);
        Encoded { status, headers: HeaderMap::new(), body }
    }
}

fn failed(failure: &Failure) -> (StatusCode, Value) {
    let (status, code, text, field) = line(failure);
    // Two of the documented bodies do not repeat the text word for word.
    let repeated = match code {
        "WA400" => "Incorrect payload format",
        "WA500" => "Internal server error",
        _ => text,
    };
    let data = if code == "RBC001" { json!([]) } else { json!({}) };
    let mut body = json!({
        "code": code,
        "message": text,
        "data": data,
        "error": { field: repeated },
        "reason": failure.code(),
    });
    let Some(object) = body.as_object_mut() else { return (status, body) };
    object.extend(detail(failure).map(|detail| ("detail".to_owned(), detail.into())));
    if let Failure::Send(SendError::Rejected(rejection)) = failure {
        let since = rejection.window_closed_since.map(Timestamp::iso_seconds);
        object.extend(since.map(|since| ("expires_at".to_owned(), since.into())));
        if !rejection.templates.is_empty() {
            object.insert("templates".to_owned(), json!(rejection.templates));
        }
    }
    (status, body)
}

fn detail(failure: &Failure) -> Option<String> {
    match failure {
        Failure::Input(error) => Some(error.to_string()),
        Failure::Send(SendError::Rejected(rejection)) => match rejection.window_closed_since {
            Some(since) => Some(format!("the 24-hour window closed at {}", since.iso_seconds())),
            None => rejection.detail.clone(),
        },
        _ => None,
    }
}

/// The one table of this contract.
fn line(failure: &Failure) -> Line {
    match failure {
        Failure::Input(InputError::Method) => METHOD,
        Failure::Input(InputError::TooLarge(_)) => {
            (StatusCode::PAYLOAD_TOO_LARGE, PAYLOAD.1, PAYLOAD.2, PAYLOAD.3)
        }
        // Links of this contract are opened by the provider, so that the second cannot come of it.
        Failure::Input(_) | Failure::OutOfReach(_) => PAYLOAD,
        Failure::Auth(AuthError::NoKey | AuthError::BadKey) => KEY,
        Failure::Auth(AuthError::Forbidden(_)) => ACCOUNT,
        Failure::Send(error) => match error {
            SendError::NoChannel => NUMBER,
            SendError::ConversationNotFound => PAYLOAD,
            SendError::KeyReused => REUSED,
            SendError::InProgress => UNDER_WAY,
            SendError::Rejected(rejection) => refused(rejection.reason),
            SendError::Unknown(_) | SendError::Store(_) => FAULT,
        },
    }
}

fn refused(reason: Reason) -> Line {
    match reason {
        Reason::InvalidInput
        | Reason::WindowClosed
        | Reason::TemplateProblem
        | Reason::RecipientUnreachable
        | Reason::Unsupported
        | Reason::Suppressed
        // Asked to try again, a client would meet the same refusal.
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
    use super::*;
    use crate::domain::caller::Scope;

    fn body(failure: Failure) -> (u16, Value) {
        let answer = answered(&Err(failure), &[]);
        let mut body = answer.body;
        body.as_object_mut().unwrap().retain(|name, _| name != "reason" && name != "detail");
        (answer.status.as_u16(), body)
    }

    #[test]
    fn documented_failures_are_answered_word_for_word() {
        let empty = json!({});
        let rejected = |reason: Reason| Failure::Send(SendError::Rejected(reason.because("x")));
        let told = |code: &str, message: &str, data: &Value, field: &str, text: &str| json!({ "code": code, "message": message, "data": data, "error": { field: text } });
        let wrong_key = "Incorrect SID or API key.";
        let no_number = "Phone number is not present or does not belong to the account.";
        let low = "Please check your balance, You have a low balance!";
        let closed = "API is not available for given customer.Please contact support for more info";
        for (failure, status, expected) in [
            (
                Failure::Auth(AuthError::BadKey),
                401,
                told("RBC001", wrong_key, &json!([]), "error", wrong_key),
            ),
            (
                Failure::Send(SendError::NoChannel),
                401,
                told("WA401", no_number, &empty, "phone_number", no_number),
            ),
            (
                InputError::field("to", "is missing").into(),
                400,
                told(
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
                told("WA500", "Please try again later", &empty, "error", "Internal server error"),
            ),
            (rejected(Reason::LowBalance), 400, told("E110", low, &empty, "balance", low)),
            (
                Failure::Auth(AuthError::Forbidden(Scope::Send)),
                401,
                told("WA-401", closed, &empty, "account", closed),
            ),
        ] {
            assert_eq!(body(failure), (status, expected));
        }
    }

    #[test]
    fn an_open_outcome_is_no_invitation_to_try_again() {
        let answer = answered(&Err(Failure::Send(SendError::Unknown("7".parse().unwrap()))), &[]);
        assert_eq!(answer.status, StatusCode::ACCEPTED);
        assert_eq!(answer.body["data"], json!({ "message_id": "7", "outcome": "unknown" }));
    }
}
