//! `POST /api/whatsapp/conversations/{conversationId}/messages`: a text in a conversation.

use axum::{extract::Request, response::Response};
use serde_json::json;

use super::{
    errors::MaySend,
    near_misses::MESSAGE,
    recipient::conversation,
    send::{encoded, only_text},
};
use crate::{
    api::common::{
        Encoded, Failure, Fields, InputError,
        claim::Claim,
        policy::Choice,
        quote::quote,
        request::{PathParams, path_param},
        respond,
        send::{Besides, Wish},
    },
    domain::{content::Content, id::ConversationId},
    service::send::{Recipient, Sent},
};

pub(super) async fn send(sender: MaySend, params: PathParams, request: Request) -> Response {
    let outcome = sender
        .send(request, &MESSAGE, |body| {
            let id = conversation(path_param(&params, "conversationId"))?;
            let (content, besides) = message_request(body)?;
            let wish = Wish::new("send in conversation", Recipient::Conversation(id), content);
            Ok((Wish { choice: Choice::Free, ..wish }, besides))
        })
        .await;
    let answer = sent_in_conversation(&outcome.result);
    respond::answer(answer, outcome.result.as_ref().err(), outcome.replay)
}

/// Reads the body of `/conversations/{conversationId}/messages`. Only text can be sent.
///
/// # Errors
/// Names the field.
pub fn message_request(body: &[u8]) -> Result<(Content, Besides), InputError> {
    let fields = Fields::read_to_send(body)?;
    MESSAGE.check(&fields)?;
    only_text(&fields)?;
    let claim = Claim::default().of_customer(&fields)?.of_channel(&fields)?.of_conversation(&fields)?;
    Ok((fields.message_text("content")?, Besides { quote: quote(&fields)?, claim, channel: None }))
}

/// How `/conversations/{conversationId}/messages` ended: flat, unlike the other.
fn sent_in_conversation(outcome: &Result<Sent, Failure>) -> Encoded {
    encoded(outcome, |sent| {
        json!({
            "message_id": sent.id.get(),
            "conversation_id": sent.conversation.map(ConversationId::get),
            "content": sent.content.text(),
            "status": "sent",
        })
    })
}
