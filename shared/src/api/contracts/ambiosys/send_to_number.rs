//! `POST /api/whatsapp/send`: a text to a customer.

use axum::{extract::Request, response::Response};
use serde_json::json;

use super::{
    errors::MaySend,
    near_misses::SEND,
    recipient::recipient,
    send::{encoded, only_text},
};
use crate::{
    api::common::{
        Encoded, Failure, Fields, InputError,
        claim::{Claim, chosen_channel},
        quote::quote,
        respond,
        send::{Besides, Wish},
    },
    domain::{
        broadcast::EntryRecipient,
        content::Content,
        id::{ConversationId, RequestRef},
        phone::Phone,
    },
    service::send::{Recipient, Sent},
};

/// A text to a customer.
#[derive(Debug)]
pub struct SendRequest {
    /// Who gets it.
    pub recipient: EntryRecipient,
    /// What.
    pub content: Content,
    /// The service request that it is about.
    pub request: Option<RequestRef>,
    /// What it says besides.
    pub besides: Besides,
}

pub(super) async fn send(sender: MaySend, request: Request) -> Response {
    let outcome = sender
        .send(request, &SEND, |body| {
            let read = send_request(body)?;
            let channel = read.besides.channel.as_ref().map(|(_, channel)| *channel);
            let recipient = Recipient::on(channel, read.recipient);
            let wish = Wish { request: read.request, ..Wish::new("send", recipient, read.content) };
            Ok((wish, read.besides))
        })
        .await;
    respond::answer(sent_to_number(&outcome.result), outcome.result.as_ref().err(), outcome.replay)
}

/// Reads the body of `/send`.
///
/// # Errors
/// Names the field.
pub fn send_request(body: &[u8]) -> Result<SendRequest, InputError> {
    let fields = Fields::read_to_send(body)?;
    SEND.check(&fields)?;
    let recipient = recipient(&fields)?;
    only_text(&fields)?;
    // A conversation has its channel: beside one, `channelId` chooses nothing.
    let (channel, claim) = match recipient {
        EntryRecipient::Conversation(_) => (None, Claim::default().of_channel(&fields)?),
        EntryRecipient::Number(_) | EntryRecipient::UserId(_) => (chosen_channel(&fields)?, Claim::default()),
    };
    Ok(SendRequest {
        recipient,
        content: fields.message_text("content")?,
        request: fields.request_ref("requestId")?,
        besides: Besides { quote: quote(&fields)?, claim, channel },
    })
}

/// How `/send` ended.
fn sent_to_number(outcome: &Result<Sent, Failure>) -> Encoded {
    encoded(outcome, |sent| {
        let mut data = json!({
            "message": {
                "message_id": sent.id.get(),
                "conversation_id": sent.conversation.map(ConversationId::get),
                "content": sent.content.text(),
                "message_type": sent.content.kind(),
                "direction": "outbound",
                "status": "sent",
                "created_at": sent.at.iso_seconds(),
            },
            "conversation": {
                "conversation_id": sent.conversation.map(ConversationId::get),
                "phone_number": sent.number.as_ref().map(Phone::digits),
                "request_id": sent.request.map(RequestRef::get),
            },
        });
        // An addition of ours: what the customer goes by who was not reached by a number.
        if let (Some(id), Some(place)) = (&sent.user_id, data.get_mut("conversation"))
            && let Some(place) = place.as_object_mut()
        {
            place.insert("user_id".to_owned(), id.as_str().into());
        }
        data
    })
}
