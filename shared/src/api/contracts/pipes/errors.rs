//! Failures in this contract: the one table, and the two shapes in which its clients read them over HTTP. Of the
//! codes only `SERVICE_WINDOW_EXPIRED` is documented (the vendor's documents), the others are ours in its style. Nothing is
//! documented of the bodies: these are what the vendor's clients look into (facts: seed-apis.md 3.6).

use std::borrow::Cow;

use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use crate::{
    api::common::{AuthError, Encoded, Failure, InputError, access::Contract, auth::Clients},
    domain::rejection::{ProviderCode, Reason},
    service::send::SendError,
};

/// What a failure is called, and what is said of it to people; the same over HTTP and on the socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The code that programs go by.
    pub code: &'static str,
    /// The text, in English.
    pub text: Cow<'static, str>,
}

/// A failure in this contract's words.
#[must_use]
pub fn told(failure: &Failure) -> Told {
    let (_, code, _, text) = line(failure);
    let text = match failure {
        Failure::Input(error) | Failure::OutOfReach(error) => Cow::Owned(error.to_string()),
        Failure::Auth(AuthError::Forbidden(scope)) => Cow::Owned(format!("{text}: {}.", scope.as_str())),
        Failure::Auth(_) | Failure::Send(_) => Cow::Borrowed(text),
    };
    Told { code, text }
}

/// A failure as `/v1/messages/send` tells it.
pub(super) fn failed(failure: &Failure) -> Encoded {
    let Told { code, text } = told(failure);
    let mut body = Map::new();
    body.insert("success".to_owned(), false.into());
    // Clients of the vendor's read the one, else the other.
    body.insert("error".to_owned(), text.as_ref().into());
    body.insert("message".to_owned(), text.as_ref().into());
    body.insert("code".to_owned(), code.into());
    body.extend(detail(failure).map(|detail| ("detail".to_owned(), detail.into())));
    body.extend(particulars(failure));
    encoded(failure, body.into())
}

/// A failure in Meta's shape, as the routes tell it that answer as Meta does (facts: meta.md 3.1).
pub(super) fn failed_as_at_meta(failure: &Failure) -> Encoded {
    let Told { code, text } = told(failure);
    let mut error = Map::new();
    error.insert("message".to_owned(), text.as_ref().into());
    error.insert("type".to_owned(), "OAuthException".into());
    error.insert("code".to_owned(), meta_code(failure).into());
    if let Some(detail) = detail(failure) {
        let data = json!({ "messaging_product": "whatsapp", "details": detail });
        error.insert("error_data".to_owned(), data);
    }
    error.insert("ventanilla_code".to_owned(), code.into());
    error.extend(particulars(failure));
    encoded(failure, json!({ "error": error }))
}

fn encoded(failure: &Failure, body: Value) -> Encoded {
    Encoded { status: line(failure).0, headers: HeaderMap::new(), body }
}

/// The provider's own number where it gave one, else that of the table.
fn meta_code(failure: &Failure) -> i64 {
    if let Failure::Send(SendError::Rejected(rejection)) = failure
        && let Some(ProviderCode::Number(number)) = rejection.provider_code
    {
        return number;
    }
    line(failure).2
}

/// The provider's explanation, or ours of a template.
fn detail(failure: &Failure) -> Option<&str> {
    match failure {
        Failure::Send(SendError::Rejected(rejection)) => rejection.detail.as_deref(),
        _ => None,
    }
}

/// What else can be told, under the names that our other contracts have for it.
pub(super) fn particulars(failure: &Failure) -> Map<String, Value> {
    let mut found = Map::new();
    match failure {
        Failure::Input(error) | Failure::OutOfReach(error) => {
            found.insert("field".to_owned(), error.place().into());
        }
        Failure::Send(SendError::Rejected(rejection)) => {
            if let Some(code) = &rejection.provider_code {
                found.insert("provider_code".to_owned(), json!(code));
            }
            if let Some(since) = rejection.window_closed_since {
                found.insert("expires_at".to_owned(), since.iso_millis().into());
            }
            if !rejection.templates.is_empty() {
                found.insert("templates".to_owned(), json!(rejection.templates));
            }
        }
        // So that the message in doubt can be looked up.
        Failure::Send(SendError::Unknown(id)) => {
            found.insert("message_id".to_owned(), id.get().into());
        }
        Failure::Auth(_) | Failure::Send(_) => {}
    }
    found
}

/// One line of the table: status, code, Meta's number for something alike, text.
type Line = (StatusCode, &'static str, i64, &'static str);

/// Word for word as Pipes.bot documents it.
const WINDOW_EXPIRED: Line = (
    StatusCode::FORBIDDEN,
    "SERVICE_WINDOW_EXPIRED",
    131_047,
    "Service window expired — last inbound message is older than 24 hours.",
);

/// A doubt has no number of Meta's: clients take those that are near for an invitation to try again.
const DOUBT: Line = (
    StatusCode::BAD_GATEWAY,
    "OUTCOME_UNKNOWN",
    502,
    "It is not known whether WhatsApp took the message. Do not send it again; look up message_id.",
);

/// The contract, where it sends by a conversation.
pub struct Pipes;

impl Contract for Pipes {
    const CLIENTS: Clients = Clients::SendKeys;

    fn failed(failure: &Failure) -> Encoded {
        failed(failure)
    }
}

/// The contract, where it answers as Meta does.
pub struct PipesAsMeta;

impl Contract for PipesAsMeta {
    const CLIENTS: Clients = Clients::SendKeys;

    fn failed(failure: &Failure) -> Encoded {
        failed_as_at_meta(failure)
    }
}

/// The one table of this contract.
fn line(failure: &Failure) -> Line {
    match failure {
        // Of a wrong request the error itself says what is wrong.
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
        // As with a wrong request.
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
        Failure::Send(error) => match error {
            SendError::ConversationNotFound => {
                (StatusCode::NOT_FOUND, "NOT_FOUND", 100, "There is no such conversation.")
            }
            SendError::NoChannel => {
                (StatusCode::NOT_FOUND, "NOT_FOUND", 100, "There is no such pool number.")
            }
            SendError::KeyReused => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "IDEMPOTENCY_KEY_REUSED",
                100,
                "This idempotency key was used for a different request.",
            ),
            SendError::InProgress => (
                StatusCode::CONFLICT,
                "REQUEST_IN_PROGRESS",
                2,
                "The first request with this idempotency key is still under way.",
            ),
            SendError::Unknown(_) => DOUBT,
            SendError::Store(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", 2, "Not available; try again in a moment.")
            }
            SendError::Rejected(rejection) => refused(rejection.reason),
        },
    }
}

fn refused(reason: Reason) -> Line {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::caller::Scope;
    use crate::domain::{rejection::Rejection, time::Timestamp};

    fn rejected(reason: Reason) -> Failure {
        Failure::Send(SendError::Rejected(Rejection::of(reason)))
    }

    #[test]
    fn a_closed_window_is_told_in_the_seed_s_words_and_with_what_helps() {
        let mut rejection = Rejection::of(Reason::WindowClosed);
        rejection.window_closed_since = Some(Timestamp::from_millis(1_772_533_800_000));
        rejection.templates = vec!["hello_world".to_owned()];
        let failure = Failure::Send(SendError::Rejected(rejection));
        let text = "Service window expired — last inbound message is older than 24 hours.";
        assert_eq!(told(&failure), Told { code: "SERVICE_WINDOW_EXPIRED", text: text.into() });
        let answer = failed(&failure);
        let expected = json!({
            "success": false, "error": text, "message": text, "code": "SERVICE_WINDOW_EXPIRED",
            "expires_at": "2026-03-03T10:30:00.000Z", "templates": ["hello_world"],
        });
        assert_eq!((answer.status, answer.body), (StatusCode::FORBIDDEN, expected));
        assert_eq!(failed_as_at_meta(&failure).body["error"]["code"], 131_047);
    }

    #[test]
    fn a_wrong_request_names_its_field_in_both_shapes() {
        let failure = Failure::Input(InputError::field("text", "is missing"));
        let (flat, as_at_meta) = (failed(&failure), failed_as_at_meta(&failure));
        let text = "text is missing";
        let expected = json!({ "success": false, "error": text, "message": text, "code": "INVALID_REQUEST", "field": "text" });
        assert_eq!((flat.status.as_u16(), flat.body), (400, expected));
        let expected = json!({ "error": {
            "message": text, "type": "OAuthException", "code": 100,
            "ventanilla_code": "INVALID_REQUEST", "field": "text",
        } });
        assert_eq!((as_at_meta.status.as_u16(), as_at_meta.body), (400, expected));
    }

    #[test]
    fn a_doubt_says_not_to_send_again_and_where_to_look() {
        let failure = Failure::Send(SendError::Unknown("7".parse().unwrap()));
        let (flat, as_at_meta) = (failed(&failure).body, failed_as_at_meta(&failure).body);
        assert_eq!((&flat["code"], &flat["message_id"]), (&json!("OUTCOME_UNKNOWN"), &json!(7)));
        assert!(flat["message"].as_str().unwrap().contains("Do not send it again"));
        assert_eq!(
            (&as_at_meta["error"]["message_id"], &as_at_meta["error"]["code"]),
            (&json!(7), &json!(502))
        );
    }

    #[test]
    fn the_provider_s_own_number_goes_before_that_of_the_table() {
        let mut rejection = Reason::RecipientUnreachable.because("not on WhatsApp");
        rejection.provider_code = Some(ProviderCode::Number(131_030));
        let failure = Failure::Send(SendError::Rejected(rejection.clone()));
        let error = &failed_as_at_meta(&failure).body["error"];
        assert_eq!(
            (&error["code"], &error["error_data"]["details"]),
            (&json!(131_030), &json!("not on WhatsApp"))
        );
        rejection.provider_code = Some(ProviderCode::Word("E1".to_owned()));
        let failure = Failure::Send(SendError::Rejected(rejection));
        let error = &failed_as_at_meta(&failure).body["error"];
        assert_eq!((&error["code"], &error["provider_code"]), (&json!(131_026), &json!("E1")));
    }

    #[test]
    fn every_result_has_the_status_of_the_comparison() {
        for (failure, status, code) in [
            (Failure::Auth(AuthError::NoKey), 401, "UNAUTHENTICATED"),
            (Failure::Auth(AuthError::BadKey), 401, "UNAUTHENTICATED"),
            (Failure::Auth(AuthError::Forbidden(Scope::Send)), 403, "FORBIDDEN"),
            (Failure::Input(InputError::TooLarge(1)), 413, "PAYLOAD_TOO_LARGE"),
            (Failure::Input(InputError::Mismatch { field: "toNumber".into() }), 400, "RECIPIENT_MISMATCH"),
            (Failure::OutOfReach(InputError::field("media", "cannot be fetched")), 502, "FILE_UNAVAILABLE"),
            (Failure::Send(SendError::ConversationNotFound), 404, "NOT_FOUND"),
            (Failure::Send(SendError::NoChannel), 404, "NOT_FOUND"),
            (Failure::Send(SendError::InProgress), 409, "REQUEST_IN_PROGRESS"),
            (Failure::Send(SendError::KeyReused), 422, "IDEMPOTENCY_KEY_REUSED"),
            (rejected(Reason::LowBalance), 402, "LOW_BALANCE"),
            (rejected(Reason::RateLimited), 429, "RATE_LIMITED"),
            (rejected(Reason::ProviderDown), 502, "PROVIDER_DOWN"),
            (rejected(Reason::ProviderRejected), 502, "PROVIDER_REJECTED"),
        ] {
            let answer = failed(&failure);
            assert_eq!((answer.status.as_u16(), &answer.body["code"]), (status, &json!(code)));
            assert_eq!(failed_as_at_meta(&failure).status, answer.status);
        }
    }
}
