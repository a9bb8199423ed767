//! System 0, a PHP bot's conversation API (seed 000; facts: seed-apis.md 1): the reply here, what its client reads in
//! `reads`.
//!
//! `POST /api/conversations/{id}/reply` and its spelling `/api/reply-conversation.php?id={id}`.
//! Every failure is a 500 with the same Spanish text; we add `code` and, for bad input, `field` and
//! `detail`, which clients of that system ignore. A missing or wrong API key is a 401: that system
//! knows no keys, so its documents say nothing about it.

pub mod reads;

use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::{AuthError, Encoded, Failure, Fields, InputError};
use crate::{
    domain::{content::Content, id::ConversationId, time::Timestamp},
    service::send::{Recorded, SendError, Sent},
};

/// The one text for every failure of a reply.
const FAILED: &str = "Error al enviar respuesta";

/// The body of an unknown path, as that system gives it.
pub const NOT_FOUND: &str = "404 - Not Found";

/// Reads a conversation id from the path or the query. Zero is no id, as in PHP.
///
/// # Errors
/// Names `id`.
pub fn conversation(id: &str) -> Result<ConversationId, InputError> {
    id.parse().map_err(|error| InputError::field("id", error))
}

/// Reads the body of a reply. PHP takes `"0"` for nothing, and so do we.
///
/// # Errors
/// Names the field.
pub fn reply(body: &[u8]) -> Result<Content, InputError> {
    let fields = Fields::read_to_send(body)?;
    if fields.optional_text("message")? == Some("0") {
        return Err(InputError::field("message", "must not be \"0\""));
    }
    fields.message_text("message")
}

/// How a reply ended, in that system's words.
#[must_use]
pub fn replied(outcome: &Result<Sent, Failure>) -> Encoded {
    let (status, body) = match outcome {
        Ok(sent) if sent.recorded == Recorded::Now => {
            (StatusCode::OK, json!({ "success": true, "message": "Reply sent successfully" }))
        }
        // Its contract: when saving fails after the send, the caller hears of a failure.
        Ok(_) => (StatusCode::INTERNAL_SERVER_ERROR, failed(FAILED, "sent_not_recorded")),
        Err(failure) => (status(failure), explained(FAILED, failure)),
    };
    Encoded { status, headers: headers(), body }
}

/// The one table of this contract.
fn status(failure: &Failure) -> StatusCode {
    match failure {
        Failure::Auth(AuthError::NoKey | AuthError::BadKey) => StatusCode::UNAUTHORIZED,
        Failure::Auth(AuthError::Forbidden) => StatusCode::FORBIDDEN,
        Failure::Input(_) | Failure::OutOfReach(_) | Failure::Send(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn explained(text: &str, failure: &Failure) -> Value {
    let mut body = failed(text, failure.code());
    if let (Failure::Input(error), Some(object)) = (failure, body.as_object_mut()) {
        object.insert("field".to_owned(), error.place().into());
        object.insert("detail".to_owned(), error.to_string().into());
    }
    if let (Failure::Send(SendError::Rejected(rejection)), Some(object)) = (failure, body.as_object_mut()) {
        let since = rejection.window_closed_since.map(Timestamp::iso_seconds);
        object.extend(since.map(|since| ("expires_at".to_owned(), since.into())));
        if !rejection.templates.is_empty() {
            object.insert("templates".to_owned(), json!(rejection.templates));
        }
    }
    // So that the message in doubt can be looked up.
    if let (Failure::Send(SendError::Unknown(id)), Some(object)) = (failure, body.as_object_mut()) {
        object.insert("message_id".to_owned(), id.get().into());
    }
    body
}

fn failed(text: &str, code: &str) -> Value {
    json!({ "success": false, "error": text, "code": code })
}

/// The headers that PHP's sessions put on every answer.
fn headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    let no_cache = "no-store, no-cache, must-revalidate, max-age=0";
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(no_cache));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    headers.insert(header::EXPIRES, HeaderValue::from_static("Thu, 01 Jan 1970 00:00:00 GMT"));
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_what_php_takes_for_one() {
        assert!(reply(br#"{"message":" ","extra":true}"#).is_ok());
        for body in [
            &b""[..],
            b"{}",
            b"{\"message\":null}",
            b"{\"message\":\"\"}",
            b"{\"message\":\"0\"}",
            b"{\"message\":5}",
            b"[]",
        ] {
            let place = reply(body).unwrap_err().place();
            assert!(place == "message" || place == "body", "{place}");
        }
    }

    #[test]
    fn every_failure_is_the_documented_500() {
        let outcome = Err(Failure::Send(SendError::ConversationNotFound));
        let answer = replied(&outcome);
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(
            answer.body,
            json!({ "success": false, "error": "Error al enviar respuesta", "code": "not_found" })
        );
    }
}
