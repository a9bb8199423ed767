//! Failures in this contract: one table, and the two formats in which its clients read them over HTTP. Only
//! the code `SERVICE_WINDOW_EXPIRED` is documented (the vendor's documents), the others are ours in its
//! style. The bodies are not documented: these are the fields that the vendor's clients read (facts:
//! seed-apis.md 3.6).

mod bodies;
mod particulars;
mod table;

#[cfg(feature = "schema")]
pub(super) use bodies::{FlatError, MetaError};
pub(super) use bodies::{failed, failed_as_at_meta};
pub(super) use particulars::Particulars;

use std::borrow::Cow;

use crate::common::{AuthError, Encoded, Failure, access::Contract, auth::Clients};
use table::error_row;

/// The code and text of a failure, the same over HTTP and on the socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodedError {
    /// The stable code, for programs.
    pub code: &'static str,
    /// The explanation for people, in English.
    pub text: Cow<'static, str>,
}

/// The code and text of a failure in this contract.
#[must_use]
pub fn coded_error(failure: &Failure) -> CodedError {
    let (_, code, _, text) = error_row(failure);
    let text = match failure {
        Failure::Input(error) | Failure::OutOfReach(error) => Cow::Owned(error.to_string()),
        Failure::Auth(AuthError::Forbidden(scope)) => Cow::Owned(format!("{text}: {}.", scope.as_str())),
        _ => Cow::Borrowed(text),
    };
    CodedError { code, text }
}

/// The contract's marker, for routes that send by conversation.
pub struct Pipes;

impl Contract for Pipes {
    const CLIENTS: Clients = Clients::SendKeys;

    fn failed(failure: &Failure) -> Encoded {
        failed(failure)
    }
}

/// The contract's marker, for routes that respond like Meta.
pub struct PipesAsMeta;

impl Contract for PipesAsMeta {
    const CLIENTS: Clients = Clients::SendKeys;

    fn failed(failure: &Failure) -> Encoded {
        failed_as_at_meta(failure)
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use serde_json::json;

    use super::*;
    use crate::common::{InputError, Missing};
    use ventanilla_core::domain::{
        caller::Scope,
        rejection::{ProviderCode, Reason, Rejection},
        time::Timestamp,
    };

    fn rejected(reason: Reason) -> Failure {
        Failure::Rejected(Rejection::of(reason))
    }

    #[test]
    fn a_closed_window_has_the_vendors_text_and_what_can_be_sent_instead() {
        let mut rejection = Rejection::of(Reason::WindowClosed);
        rejection.window_closed_since = Some(Timestamp::from_millis(1_772_533_800_000));
        rejection.templates = vec!["hello_world".to_owned()];
        let failure = Failure::Rejected(rejection);
        let text = "Service window expired — last inbound message is older than 24 hours.";
        assert_eq!(coded_error(&failure), CodedError { code: "SERVICE_WINDOW_EXPIRED", text: text.into() });
        let answer = failed(&failure);
        let expected = json!({
            "success": false, "error": text, "message": text, "code": "SERVICE_WINDOW_EXPIRED",
            "expires_at": "2026-03-03T10:30:00.000Z", "templates": ["hello_world"],
        });
        assert_eq!((answer.status, answer.body), (StatusCode::FORBIDDEN, expected));
        assert_eq!(failed_as_at_meta(&failure).body["error"]["code"], 131_047);
    }

    #[test]
    fn an_invalid_request_names_its_field_in_both_formats() {
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
    fn an_unknown_outcome_says_not_to_retry_and_where_to_look() {
        let failure = Failure::Unknown("7".parse().unwrap());
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
        let failure = Failure::Rejected(rejection.clone());
        let error = &failed_as_at_meta(&failure).body["error"];
        assert_eq!(
            (&error["code"], &error["error_data"]["details"]),
            (&json!(131_030), &json!("not on WhatsApp"))
        );
        rejection.provider_code = Some(ProviderCode::Word("E1".to_owned()));
        let failure = Failure::Rejected(rejection);
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
            (Failure::NotFound(Missing::Conversation), 404, "NOT_FOUND"),
            (Failure::NoChannel, 404, "NOT_FOUND"),
            (Failure::InProgress, 409, "REQUEST_IN_PROGRESS"),
            (Failure::KeyReused, 422, "IDEMPOTENCY_KEY_REUSED"),
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
