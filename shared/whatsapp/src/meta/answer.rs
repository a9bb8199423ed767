//! The meaning of the Cloud API's responses: accepted, rejected, or of unknown outcome.

use http::StatusCode;
use serde_json::Value;

use super::errors;
use crate::{call::unexplained, templates::listed};
use ventanilla_core::{
    domain::{
        phone::{Bsuid, Phone},
        redact::redacted,
        rejection::{Reason, Rejection},
    },
    ports::provider::{Acceptance, SendFailure, TemplatePage},
};

/// The meaning of a response. The error code decides, not the HTTP status (facts: meta.md 3.1).
pub(super) fn read_response(
    status: StatusCode,
    retry_after: Option<u64>,
    bytes: &[u8],
) -> Result<Acceptance, SendFailure> {
    let answer = said(status, retry_after, bytes)?;
    answer.as_ref().and_then(acceptance).ok_or(SendFailure::Ambiguous("a success without a message id"))
}

/// Whether a read receipt was accepted: any success counts.
pub(super) fn receipt(status: StatusCode, retry_after: Option<u64>, bytes: &[u8]) -> Result<(), SendFailure> {
    said(status, retry_after, bytes).map(drop)
}

/// A page of templates. It is the last when the response names no next one.
pub(super) fn page(
    status: StatusCode,
    retry_after: Option<u64>,
    bytes: &[u8],
) -> Result<TemplatePage, SendFailure> {
    let answer = said(status, retry_after, bytes)?;
    let entries = answer.as_ref().and_then(|answer| answer.get("data")?.as_array());
    let entries = entries.ok_or(SendFailure::Ambiguous("a list without entries"))?;
    let paging = answer.as_ref().and_then(|answer| answer.get("paging"));
    let more = paging.is_some_and(|paging| paging.get("next").is_some());
    let after = paging.and_then(|paging| paging.pointer("/cursors/after")?.as_str());
    let next = match (more, after) {
        (true, None) => return Err(SendFailure::Ambiguous("a page that does not say where the next begins")),
        (true, Some(after)) => Some(after.to_owned()),
        (false, _) => None,
    };
    Ok(TemplatePage { templates: listed(entries), next })
}

/// The result of a success, if it can be parsed.
pub(super) fn said(
    status: StatusCode,
    retry_after: Option<u64>,
    bytes: &[u8],
) -> Result<Option<Value>, SendFailure> {
    let answer: Option<Value> = serde_json::from_slice(bytes).ok();
    let error = answer.as_ref().and_then(|answer| answer.get("error")).filter(|error| !error.is_null());
    if let Some(error) = error {
        return Err(reported(status, retry_after, error));
    }
    if status.is_success() { Ok(answer) } else { Err(unexplained(status, retry_after)) }
}

fn acceptance(answer: &Value) -> Option<Acceptance> {
    let id = answer.get("messages")?.get(0)?.get("id")?.as_str()?;
    let named = |name| answer.get("contacts")?.get(0)?.get(name)?.as_str();
    Some(Acceptance {
        wamid: id.to_owned().try_into().ok()?,
        aliases: Vec::new(),
        wa_id: named("wa_id").and_then(|text| Phone::parse(text).ok()),
        user_id: named("user_id").and_then(|text| Bsuid::parse(text).ok()),
        parent_user_id: named("parent_user_id").and_then(|text| Bsuid::parse(text).ok()),
    })
}

fn reported(status: StatusCode, retry_after: Option<u64>, error: &Value) -> SendFailure {
    let code = error.get("code").and_then(|code| code.as_i64().or_else(|| code.as_str()?.parse().ok()));
    let Some(code) = code else {
        // A 5xx with an unreadable error counts as one without.
        return if status.is_server_error() || status.is_success() {
            SendFailure::Ambiguous("an error without a code")
        } else {
            SendFailure::Refused(Rejection::of(Reason::ProviderRejected))
        };
    };
    SendFailure::Refused(Rejection {
        provider_code: Some(code.into()),
        detail: detail(error),
        retry_after_seconds: retry_after.or(errors::retry_after(code)),
        ..Rejection::of(errors::reason(code))
    })
}

/// `error_data.details`, else `message`; `error_data` has been seen as plain text. Either may contain a
/// recipient.
fn detail(error: &Value) -> Option<String> {
    let data = error.get("error_data");
    let details = data.and_then(|data| data.get("details").or(Some(data))).and_then(Value::as_str);
    let text = details.or_else(|| error.get("message").and_then(Value::as_str))?;
    Some(redacted(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ventanilla_core::domain::rejection::ProviderCode;

    fn reason_of(status: u16, body: &str) -> Result<Option<ProviderCode>, &'static str> {
        match read_response(StatusCode::from_u16(status).unwrap(), None, body.as_bytes()) {
            Ok(_) => Err("accepted"),
            Err(SendFailure::Refused(rejection)) => Ok(rejection.provider_code),
            Err(SendFailure::Ambiguous(_)) => Err("in doubt"),
        }
    }

    #[test]
    fn a_message_id_is_all_that_acceptance_needs() {
        let body = br#"{"messages":[{"id":"wamid.X"}]}"#;
        let taken = read_response(StatusCode::OK, None, body).unwrap();
        assert_eq!((taken.wamid.as_str(), taken.wa_id), ("wamid.X", None));
    }

    #[test]
    fn the_code_decides_whatever_the_status() {
        for status in [200, 400, 403, 429, 500, 503] {
            let body = r#"{"error":{"message":"(131056) Pair","code":131056}}"#;
            assert_eq!(reason_of(status, body), Ok(Some(131_056.into())), "{status}");
        }
        assert_eq!(reason_of(400, r#"{"error":{"code":"190","error_data":"plain"}}"#), Ok(Some(190.into())));
    }

    #[test]
    fn a_number_with_complaints_waits_an_hour_unless_meta_says_otherwise() {
        let waits = |code: i64, given| {
            let body = format!(r#"{{"error":{{"code":{code}}}}}"#);
            match read_response(StatusCode::BAD_REQUEST, given, body.as_bytes()) {
                Err(SendFailure::Refused(rejection)) => rejection.retry_after_seconds,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!((waits(131_048, None), waits(131_048, Some(60))), (Some(3600), Some(60)));
        assert_eq!((waits(131_056, None), waits(130_429, Some(5))), (None, Some(5)));
    }

    #[test]
    fn an_explanation_contains_neither_number_nor_token() {
        for text in [
            r#""message":"(#131030) 50212345678 not allowed for EAAGm0PX4ZCpsBA""#,
            r#""message":"x","error_data":{"details":"(#131030) 50212345678 not allowed for EAAGm0PX4ZCpsBA"}"#,
            r#""message":"x","error_data":"(#131030) 50212345678 not allowed for EAAGm0PX4ZCpsBA""#,
        ] {
            let body = format!(r#"{{"error":{{"code":131030,{text}}}}}"#);
            match read_response(StatusCode::BAD_REQUEST, None, body.as_bytes()) {
                Err(SendFailure::Refused(rejection)) => {
                    assert_eq!(rejection.detail.as_deref(), Some("(#131030) …78 not allowed for …"));
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn an_uninformative_response_has_an_unknown_outcome() {
        for (status, body) in [
            (200, ""),
            (200, "{\"messages\":[{\"id\":\"wam"),
            (200, "{}"),
            (202, "<html>"),
            (500, "<html>"),
            (502, ""),
            (504, "{}"),
            (500, r#"{"error":{}}"#),
            (200, r#"{"error":null}"#),
            (408, ""),
        ] {
            assert_eq!(reason_of(status, body), Err("in doubt"), "{status} {body}");
        }
    }

    #[test]
    fn a_client_error_without_a_body_is_a_refusal() {
        for status in [301, 400, 401, 404, 413, 429] {
            assert_eq!(reason_of(status, "<html>"), Ok(None), "{status}");
        }
    }
}
