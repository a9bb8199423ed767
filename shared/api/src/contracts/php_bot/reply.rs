//! A reply into a conversation, by path and by the script's name.

use std::sync::Arc;

use axum::{extract::Request, response::Response};

use super::{
    conversation,
    errors::{PhpBot, Reply, done, sent_not_recorded},
    types::{Replied, ReplyBody},
};
use crate::app::SendUseCases;
use crate::common::{
    Encoded, Failure, Fields, InputError,
    access::{Authorized, Contract, scope},
    claim::{CONVERSATION, CUSTOMER, ConversationSelector},
    near_miss::{
        CHANNEL, DIRECT_SEND, KIND, MEDIA, NearMisses, PREVIEWS, QUOTES, RECIPIENTS, REPEAT, SCHEDULE, TRIAL,
        link_preview,
    },
    policy::Choice,
    query::Params,
    quote::quote,
    request::{PathParams, path_param},
    respond,
    send::{Besides, SendInput},
};
use ventanilla_core::{
    domain::content::Content,
    usecases::sending::{Recipient, Recorded, Sent},
};

/// The near misses of a reply.
const NEAR_MISSES: NearMisses = NearMisses {
    own: &["message", "sent_by"],
    honoured: &[QUOTES, PREVIEWS, CUSTOMER, CONVERSATION],
    refused: &[SCHEDULE, DIRECT_SEND, TRIAL, REPEAT, CHANNEL, RECIPIENTS, MEDIA, KIND],
};

type MaySend = Authorized<scope::Send, PhpBot<Reply>, Arc<SendUseCases>>;

pub(super) async fn by_path(sender: MaySend, params: PathParams, request: Request) -> Response {
    reply(&sender, path_param(&params, "id"), request).await
}

/// The script itself, which accepts any method.
pub(super) async fn by_query(sender: MaySend, request: Request) -> Response {
    let params = Params::read(request.uri());
    reply(&sender, params.get("id").unwrap_or_default(), request).await
}

async fn reply(sender: &MaySend, id: &str, request: Request) -> Response {
    let outcome = sender
        .send(request, &NEAR_MISSES, |body| {
            let recipient = Recipient::Conversation(conversation(id)?);
            let (content, besides) = read_reply(body)?;
            Ok((SendInput { choice: Choice::Free, ..SendInput::new("reply", recipient, content) }, besides))
        })
        .await;
    respond::answer(replied(&outcome.result), outcome.result.as_ref().err(), outcome.replay)
}

/// Reads the body of a reply. As in PHP, `"0"` counts as empty.
///
/// # Errors
/// Names the field.
pub fn read_reply(body: &[u8]) -> Result<(Content, Besides), InputError> {
    let fields = Fields::read_to_send(body)?;
    NEAR_MISSES.check(&fields)?;
    let body = match fields.typed::<ReplyBody>()?.message {
        None => return Err(InputError::field("message", "is missing")),
        Some(text) if text.as_str() == "0" => {
            return Err(InputError::field("message", "must not be \"0\""));
        }
        Some(text) => text,
    };
    let claim = ConversationSelector::default().of_customer(&fields)?.of_conversation(&fields)?;
    let (link_preview, quote) = (link_preview(fields.all())?, quote(&fields)?);
    Ok((Content::Text { body, link_preview }, Besides { quote, claim, channel: None }))
}

/// The response of a reply.
fn replied(outcome: &Result<Sent, Failure>) -> Encoded {
    match outcome {
        Ok(sent) if sent.recorded == Recorded::Now => done(&Replied::DONE),
        // The vendor's contract: when saving fails after the send, the response is a failure.
        Ok(_) => sent_not_recorded(),
        Err(failure) => PhpBot::<Reply>::failed(failure),
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use serde_json::json;

    use super::*;
    use crate::common::Missing;
    use ventanilla_core::domain::content::LinkPreview;

    #[test]
    fn a_message_is_what_php_accepts_as_one() {
        assert!(read_reply(br#"{"message":" ","extra":true}"#).is_ok());
        for body in [
            &b""[..],
            b"{}",
            b"{\"message\":null}",
            b"{\"message\":\"\"}",
            b"{\"message\":\"0\"}",
            b"{\"message\":5}",
            b"[]",
        ] {
            let error = read_reply(body).unwrap_err();
            let place = error.place();
            assert!(place == "message" || place == "body", "{place}");
        }
    }

    #[test]
    fn near_misses_of_a_reply_are_not_ignored() {
        let read = |body: serde_json::Value| read_reply(body.to_string().as_bytes());
        for name in ["sendAt", "channel_id", "mediaUrl", "template", "category", "recipients", "test"] {
            let error = read(json!({ "message": "x", name: "y" })).unwrap_err();
            assert_eq!(error.place(), name);
        }
        let (content, besides) = read(json!({ "message": "x", "reply_to": 7, "previewUrl": true })).unwrap();
        assert!(matches!(content, Content::Text { link_preview: LinkPreview::On, .. }));
        assert!(besides.quote.is_some());
    }

    #[test]
    fn every_failure_is_the_documented_500() {
        let outcome = Err(Failure::NotFound(Missing::Conversation));
        let answer = replied(&outcome);
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(
            answer.body,
            json!({ "success": false, "error": "Error al enviar respuesta", "code": "not_found" })
        );
    }
}
