//! The meaning of Kaleyra's responses: accepted, rejected, or of unknown outcome.
//!
//! The HTTP class and the message id decide, not the success code, on which the documents disagree (facts:
//! kaleyra.md 2.4). `data` is a list in one error and an object in the others, and codes differ by a hyphen,
//! so everything is parsed leniently.

use std::borrow::Cow;

use http::StatusCode;
use serde_json::Value;

use super::templates::of_v1;
use crate::{
    call::{Answer, unexplained},
    templates::listed,
};
use ventanilla_core::{
    domain::{
        channel::{Channel, KaleyraApi},
        id::Wamid,
        rejection::{ProviderCode, Reason, Rejection},
    },
    ports::provider::{Acceptance, SendFailure, TemplatePage},
};

/// Two meanings share this code; the key in `error` distinguishes them (the vendor's documents).
const NOT_AVAILABLE: &str = "WA-401";

/// A response of API V2.
pub(super) fn of_object(answer: &Answer) -> Result<Acceptance, SendFailure> {
    let body = read(answer);
    let id = body.as_ref().and_then(|body| text(body.get("data")?, "message_id"));
    taken(answer, body.as_ref(), id)
}

/// A response of API V1.
pub(super) fn of_form(answer: &Answer) -> Result<Acceptance, SendFailure> {
    let body = read(answer);
    let id = body.as_ref().and_then(|body| text(body, "id"));
    taken(answer, body.as_ref(), id)
}

/// Whether a read receipt was accepted: any success counts.
pub(super) fn receipt(answer: &Answer) -> Result<(), SendFailure> {
    if answer.status.is_success() { Ok(()) } else { Err(send_failure(answer, read(answer).as_ref())) }
}

/// The templates of an account, which come on one page (facts: kaleyra.md 5).
pub(super) fn templates(answer: &Answer, api: KaleyraApi) -> Result<TemplatePage, SendFailure> {
    let body = read(answer);
    if !answer.status.is_success() {
        return Err(send_failure(answer, body.as_ref()));
    }
    let entries = body.as_ref().and_then(|body| body.get("data")?.as_array());
    let entries = entries.ok_or(SendFailure::Ambiguous("a list without entries"))?;
    let templates: Vec<_> = match api {
        KaleyraApi::V1 => entries.iter().filter_map(of_v1).collect(),
        KaleyraApi::V2 => listed(entries),
    };
    if templates.is_empty() && !entries.is_empty() {
        return Err(SendFailure::Ambiguous("a list of templates that cannot be read"));
    }
    Ok(TemplatePage { templates, next: None })
}

fn read(answer: &Answer) -> Option<Value> {
    serde_json::from_slice(&answer.body).ok()
}

fn taken(answer: &Answer, body: Option<&Value>, id: Option<Cow<'_, str>>) -> Result<Acceptance, SendFailure> {
    if !answer.status.is_success() {
        return Err(send_failure(answer, body));
    }
    let id = id.and_then(|id| Wamid::of_kaleyra(&id));
    let id = id.ok_or(SendFailure::Ambiguous("a success without a message id"))?;
    Ok(Acceptance { wamid: id, aliases: Vec::new(), wa_id: None, user_id: None, parent_user_id: None })
}

fn send_failure(answer: &Answer, body: Option<&Value>) -> SendFailure {
    let code = body.and_then(|body| text(body, "code"));
    let explained = |rejection: Rejection| {
        SendFailure::Refused(Rejection {
            provider_code: code.as_deref().map(ProviderCode::of),
            detail: body.and_then(detail).or(rejection.detail.clone()),
            retry_after_seconds: answer.retry_after,
            ..rejection
        })
    };
    match reason(answer, code.as_deref(), body) {
        Some(reason) => explained(Rejection::of(reason)),
        None => match unexplained(answer.status, answer.retry_after) {
            SendFailure::Refused(rejection) => explained(rejection),
            ambiguous @ SendFailure::Ambiguous(_) => ambiguous,
        },
    }
}

/// Kaleyra's reason for a rejection; `None` where only the HTTP status says it.
fn reason(answer: &Answer, code: Option<&str>, body: Option<&Value>) -> Option<Reason> {
    let decided_by_status =
        [StatusCode::UNAUTHORIZED, StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
    let known = match code {
        Some("WA400") => Reason::InvalidInput,
        Some("WA401" | "RBC001") => Reason::ProviderAuth,
        Some(NOT_AVAILABLE) if is_about_version(body) => Reason::ProviderAuth,
        Some(NOT_AVAILABLE | "WAV2101") => Reason::AccountBlocked,
        Some("E110") => Reason::LowBalance,
        Some("WA429") => Reason::RateLimited,
        Some("WA500") => Reason::ProviderFault,
        _ if !answer.status.is_client_error() || decided_by_status.contains(&answer.status) => return None,
        Some(_) => Reason::ProviderRejected,
        // V1 names the invalid field.
        None if body?.get("error")?.is_object() => Reason::InvalidInput,
        None => return None,
    };
    Some(known)
}

/// Whether the API rejects the number and not the account.
fn is_about_version(body: Option<&Value>) -> bool {
    body.and_then(|body| body.get("error")).is_some_and(|error| error.get("phone_number").is_some())
}

/// The first explanation in `error`, with its field where that adds something; else `message`.
fn detail(body: &Value) -> Option<String> {
    let explained = body.get("error").and_then(Value::as_object).and_then(|errors| errors.iter().next());
    let said = match explained {
        Some((field, Value::String(text))) if field == "error" => text.clone(),
        Some((field, Value::String(text))) => format!("{field}: {text}"),
        _ => text(body, "message")?.into_owned(),
    };
    Some(said)
}

fn text<'a>(object: &'a Value, field: &str) -> Option<Cow<'a, str>> {
    match object.get(field)? {
        Value::String(text) if !text.is_empty() => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        _ => None,
    }
}

/// Logs the failures that only the operator can fix.
pub(super) fn tell_operator(channel: &Channel, api: KaleyraApi, failure: &SendFailure) {
    if wrong_version(failure) {
        tracing::error!(metric = "wrong_api_version", tenant = %channel.tenant, channel = %channel.id, api = %api,
            "the number is on Kaleyra's other API: change `api` of the channel");
    }
}

/// Whether the number is on the other version of the API.
fn wrong_version(failure: &SendFailure) -> bool {
    let SendFailure::Refused(rejection) = failure else { return false };
    let matches = matches!(&rejection.provider_code, Some(ProviderCode::Word(code)) if code == NOT_AVAILABLE);
    matches && rejection.reason == Reason::ProviderAuth
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, retry_after: None, body: body.as_bytes().to_vec() }
    }

    fn refused(status: u16, body: &str) -> Rejection {
        match of_object(&answer(status, body)) {
            Err(SendFailure::Refused(rejection)) => rejection,
            other => panic!("{body}: {other:?}"),
        }
    }

    fn in_doubt(judged: &Result<Acceptance, SendFailure>) -> bool {
        matches!(judged, Err(SendFailure::Ambiguous(_)))
    }

    #[test]
    fn the_class_and_the_id_make_an_acceptance() {
        for (status, body) in [
            (202, r#"{"code":"WA202","data":{"message_id":"AX1"},"error":{}}"#),
            (200, r#"{"code":"WA200","data":{"message_id":"AX1"}}"#),
            (200, r#"{"data":{"message_id":"AX1:1"},"error":[]}"#),
        ] {
            assert_eq!(of_object(&answer(status, body)).unwrap().wamid.as_str(), "AX1", "{body}");
        }
        for body in [r#"{"id":"u-1:1","error":{}}"#, r#"{"id":"u-1"}"#] {
            assert_eq!(of_form(&answer(200, body)).unwrap().wamid.as_str(), "u-1", "{body}");
        }
    }

    #[test]
    fn a_success_without_an_id_and_a_silent_server_error_have_an_unknown_outcome() {
        for (status, body) in [
            (202, ""),
            (202, r#"{"code":"WA202","data":{"mess"#),
            (202, r#"{"code":"WA202","data":{}}"#),
            (202, r#"{"code":"WA202","data":[]}"#),
            (202, r#"{"data":{"message_id":""}}"#),
            (200, r#"{"code":"E110","error":{"balance":"low"}}"#),
            (500, "<html>"),
            (502, ""),
            (503, "{}"),
            (408, ""),
        ] {
            assert!(in_doubt(&of_object(&answer(status, body))), "{status} {body}");
            assert!(in_doubt(&of_form(&answer(status, body))), "{status} {body}");
        }
    }

    #[test]
    fn the_two_meanings_of_one_code_are_distinguished_by_the_explanation() {
        let account = refused(401, r#"{"code":"WA-401","data":{},"error":{"account":"not available"}}"#);
        let version = refused(401, r#"{"code":"WA-401","data":{},"error":{"phone_number":"other"}}"#);
        assert_eq!((account.reason, version.reason), (Reason::AccountBlocked, Reason::ProviderAuth));
        assert!(wrong_version(&SendFailure::Refused(version.clone())));
        assert!(!wrong_version(&SendFailure::Refused(account.clone())));
        assert_eq!(account.detail.as_deref(), Some("account: not available"));
        assert_eq!(version.detail.as_deref(), Some("phone_number: other"));
    }

    #[test]
    fn an_error_by_field_alone_is_the_senders() {
        let body = answer(400, r#"{"error":{"to":"is not valid"}}"#);
        let Err(SendFailure::Refused(rejection)) = of_form(&body) else { panic!() };
        assert_eq!((rejection.reason, rejection.provider_code), (Reason::InvalidInput, None));
        assert_eq!(rejection.detail.as_deref(), Some("to: is not valid"));
        for (status, reason) in [(401, Reason::ProviderAuth), (429, Reason::RateLimited)] {
            let body = answer(status, r#"{"error":{"to":"x"}}"#);
            let Err(SendFailure::Refused(rejection)) = of_form(&body) else { panic!() };
            assert_eq!((rejection.reason, rejection.detail.as_deref()), (reason, Some("to: x")));
        }
        assert!(in_doubt(&of_form(&answer(408, r#"{"error":{"to":"x"}}"#))));
        assert_eq!(refused(429, r#"{"code":"E777"}"#).reason, Reason::RateLimited);
        assert_eq!(refused(404, "<html>").reason, Reason::ProviderRejected);
        assert_eq!(refused(401, "").reason, Reason::ProviderAuth);
        assert_eq!(refused(400, r#"{"code":"E13001","message":"x"}"#).reason, Reason::ProviderRejected);
    }
}
