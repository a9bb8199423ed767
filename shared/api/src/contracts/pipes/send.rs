//! Sends a text or a file into a conversation: `POST /v1/messages/send`.

use std::sync::Arc;

use axum::{body::Body, extract::Request, response::Response};
use http::{HeaderMap, StatusCode, request::Parts};
use serde_json::json;

use super::{
    Pipes,
    errors::failed,
    ids::read_conversation,
    media,
    near_misses::{LINKS, SEND, SEND_FILE, SEND_TEXT},
    types::SentBody,
};
use crate::app::SendUseCases;
use crate::common::{
    Encoded, Failure, Fields, InputError,
    access::{Authorized, scope},
    body::{self, FILE_LIMIT},
    claim::ConversationSelector,
    ids,
    near_miss::honoured,
    policy::Choice,
    quote::quote,
    request, respond,
    send::{Besides, SendInput, as_command},
    sent_by,
};
use ventanilla_core::{
    domain::id::ConversationId,
    usecases::sending::{ContentSource, Recipient, SendCommand, Sent},
};

/// A caller with the scope `send`.
type MaySend = Authorized<scope::Send, Pipes, Arc<SendUseCases>>;

pub(super) async fn send(sender: MaySend, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut named = None;
    let command = command(&sender, &parts, body, &mut named).await;
    let outcome = sender.use_cases.conclude(command).await;
    respond::answer(sent(&outcome.result, named), outcome.result.as_ref().err(), outcome.replay)
}

/// The send request; `named` becomes the conversation that the request names.
async fn command(
    Authorized { app, caller, use_cases, .. }: &MaySend,
    parts: &Parts,
    body: Body,
    named: &mut Option<ConversationId>,
) -> Result<SendCommand, Failure> {
    let deadline = request::deadline(parts, app.clock.as_ref());
    SEND.check_query(&parts.uri)?;
    let bytes = body::read(body, FILE_LIMIT).await?;
    let (read, sent_by) = (send_request(&bytes)?, sent_by::of_body(&bytes)?);
    *named = Some(read.conversation);
    let recipient = Recipient::Conversation(read.conversation);
    app.check_claim(&caller.tenant, read.conversation, &read.besides.claim).await?;
    let quotes = app.quoted(&caller.tenant, read.besides.quote).await?;
    let input = SendInput::new("send by conversation id", recipient, read.what);
    let input = SendInput { choice: Choice::Free, quotes, ..input };
    let command = as_command(parts, caller, sent_by, deadline, input)?;
    use_cases.ready("media", command).await
}

/// A decoded text or file into a conversation.
#[derive(Debug)]
pub struct SendRequest {
    /// The conversation to send into.
    pub conversation: ConversationId,
    /// The text, or the file to ingest.
    pub what: ContentSource,
    /// Its optional fields, which need a read of the store.
    pub besides: Besides,
}

/// Reads a body.
///
/// # Errors
/// Names the field.
pub fn send_request(body: &[u8]) -> Result<SendRequest, InputError> {
    let fields = Fields::read_to_send(body)?;
    SEND.check(&fields)?;
    let wrong = |error| InputError::field("conversationId", error);
    let conversation = read_conversation(fields.required_text("conversationId")?).map_err(wrong)?;
    let link = honoured(fields.all(), LINKS)?;
    let source = if link.is_some() || fields.value("media").is_some_and(|media| !media.is_null()) {
        SEND_FILE.check(&fields)?;
        ContentSource::File(Box::new(media::of_request(&fields, link)?))
    } else {
        SEND_TEXT.check(&fields)?;
        ContentSource::Content(fields.message_text("text")?)
    };
    let claim = ConversationSelector::default().of_customer(&fields)?.of_channel(&fields)?;
    Ok(SendRequest {
        conversation,
        what: source,
        besides: Besides { quote: quote(&fields)?, claim, channel: None },
    })
}

/// The response. `named` is the conversation in the request; for a merged one, the response has the one that
/// it was merged into.
fn sent(outcome: &Result<Sent, Failure>, named: Option<ConversationId>) -> Encoded {
    let sent = match outcome {
        Ok(sent) => sent,
        Err(failure) => return failed(failure),
    };
    let body = SentBody {
        success: true,
        message_id: sent.into(),
        conversation_id: sent.conversation.or(named).map(ids::conversation_id),
    };
    Encoded { status: StatusCode::OK, headers: HeaderMap::new(), body: json!(body) }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use ventanilla_core::usecases::files::FileSource;

    fn problem(body: &Value) -> String {
        send_request(body.to_string().as_bytes()).unwrap_err().place().to_owned()
    }

    #[test]
    fn the_vendors_request_is_decoded() {
        for id in ["conv_789", "789"] {
            let body =
                json!({ "conversationId": id, "text": "Here's the info you requested", "media": null });
            let read = send_request(body.to_string().as_bytes()).unwrap();
            assert_eq!(read.conversation.get(), 789);
            let ContentSource::Content(content) = read.what else { panic!() };
            assert_eq!(content.text(), Some("Here's the info you requested"));
        }
    }

    #[test]
    fn a_link_to_a_file_may_have_another_name() {
        let body =
            json!({ "conversationId": "conv_7", "text": "look", "media_url": "https://a.example/b.png" });
        let ContentSource::File(file) = send_request(body.to_string().as_bytes()).unwrap().what else {
            panic!()
        };
        assert!(matches!(&file.given, FileSource::Address { url, .. } if url == "https://a.example/b.png"));
        assert_eq!(file.how.caption.as_deref(), Some("look"));
    }

    #[test]
    fn every_mistake_names_its_field() {
        for (body, field) in [
            (json!({ "text": "x" }), "conversationId"),
            (json!({ "conversationId": 7, "text": "x" }), "conversationId"),
            (json!({ "conversationId": "conv_xyz789", "text": "x" }), "conversationId"),
            (json!({ "conversationId": "conv_7" }), "text"),
            (json!({ "conversationId": "conv_7", "text": "" }), "text"),
            (json!({ "conversationId": "conv_7", "text": "x".repeat(4097) }), "text"),
            (json!({ "conversationId": "conv_7", "text": "x", "media": "QUJD" }), "mimeType"),
            (json!({ "conversationId": "conv_7", "text": "x", "send_at": 1_800_000_000 }), "send_at"),
            (
                json!({ "conversationId": "conv_7", "text": "x", "imageUrl": "https://a.example/b.png" }),
                "imageUrl",
            ),
            (json!({ "conversationId": "conv_7", "text": "x", "media_url": "QUJD" }), "media_url"),
            (
                json!({ "conversationId": "conv_7", "media": "media_7", "mediaUrl": "https://a.example" }),
                "mediaUrl",
            ),
            (json!({ "conversationId": "conv_7", "media": "media_7", "preview_url": true }), "preview_url"),
            (json!({ "conversationId": "conv_7", "text": "x", "caption": "y" }), "caption"),
            (json!({ "conversationId": "conv_7", "media": "media_7", "media_type": "voice" }), "media_type"),
        ] {
            assert_eq!(problem(&body), field, "{body}");
        }
    }
}
