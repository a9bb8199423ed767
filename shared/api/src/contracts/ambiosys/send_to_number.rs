//! `POST /api/whatsapp/send`: a text to a customer.

use std::sync::Arc;

use axum::{extract::Request, response::Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[cfg(feature = "schema")]
use super::document;
use super::{
    errors::MaySend,
    near_misses::SEND,
    recipient::Named,
    send::{answer, only_text, text},
    types::{Always, MaybeConversationId, ServiceRequest, WhatsappTime},
};
use crate::app::SendUseCases;
#[cfg(feature = "schema")]
use crate::common::schema;
use crate::common::{
    Fields, InputError,
    claim::{ConversationSelector, chosen_channel},
    quote::quote,
    send::{Besides, SendInput},
};
use ventanilla_core::{
    domain::{
        broadcast::EntryRecipient,
        content::Content,
        id::{MessageId, RequestRef},
        phone::{Bsuid, Phone},
    },
    usecases::sending::{Recipient, Sent},
};

/// A decoded text to a customer.
#[derive(Debug)]
pub struct SendRequest {
    /// The recipient as the caller names them.
    pub recipient: EntryRecipient,
    /// The text to send.
    pub content: Content,
    /// The service request that it concerns.
    pub request: Option<RequestRef>,
    /// Its optional fields, which need a read of the store.
    pub besides: Besides,
}

/// The customer is named by exactly one of `phoneNumber`, `userId` and `conversationId`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(
        rename = "SendRequest",
        extend("oneOf" = document::one_customer(), "additionalProperties" = true),
        transform = document::text_to_number
    )
)]
pub(super) struct SendBody {
    /// The number in international format, with or without `+` or a leading `00`: 8 to 15 digits with the country
    /// code. Spaces, dots, dashes, slashes, parentheses, a `(0)` and the invisible marks that come along with a copied
    /// contact are passed over.
    phone_number: Option<String>,
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::CustomerUserId>"))]
    user_id: Option<String>,
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::CustomerConversationId>"))]
    conversation_id: Option<Value>,
    #[cfg_attr(feature = "schema", schemars(with = "schema::Text"))]
    content: Option<String>,
    /// Only text can be sent; null counts as not given, and means text.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["text", null])))]
    message_type: Option<String>,
    /// The service request that it is about. The conversation is linked to the latest one given.
    #[cfg_attr(
        feature = "schema",
        schemars(
            with = "Option<u64>",
            extend("format" = "int64", "minimum" = 1, "maximum" = 9_007_199_254_740_991_u64)
        )
    )]
    request_id: Option<ServiceRequest>,
}

impl SendBody {
    fn named(&self) -> Named<'_> {
        Named {
            number: self.phone_number.as_deref(),
            user_id: self.user_id.as_deref(),
            conversation: self.conversation_id.as_ref(),
        }
    }
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(super) struct SentToNumber<'a> {
    success: Always<true>,
    data: MessageAndConversation<'a>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
struct MessageAndConversation<'a> {
    message: SentMessage<'a>,
    conversation: SentTo<'a>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
struct SentMessage<'a> {
    #[cfg_attr(feature = "schema", schemars(with = "schema::Id"))]
    message_id: MessageId,
    conversation_id: MaybeConversationId,
    /// The text as it was sent.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    content: Option<&'a str>,
    #[cfg_attr(feature = "schema", schemars(extend("const" = "text")))]
    message_type: &'static str,
    #[cfg_attr(feature = "schema", schemars(extend("const" = "outbound")))]
    direction: &'static str,
    /// The provider took it. What became of it later, `/v1` tells.
    #[cfg_attr(feature = "schema", schemars(extend("const" = "sent")))]
    status: &'static str,
    created_at: WhatsappTime,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
struct SentTo<'a> {
    conversation_id: MaybeConversationId,
    /// The number as dialled, digits without `+`; null when the message went to a user id and no number is known.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[1-9][0-9]{7,14}$")))]
    phone_number: Option<&'a str>,
    /// That of this message, else the latest one of the conversation.
    #[cfg_attr(feature = "schema", schemars(with = "schema::RequestRef"))]
    request_id: Option<RequestRef>,
    // An addition of ours.
    /// Present when the customer was named by it, or shows no number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[!-~]{1,200}$")))]
    user_id: Option<&'a str>,
}

impl<'a> From<&'a Sent> for SentToNumber<'a> {
    fn from(sent: &'a Sent) -> Self {
        let message = SentMessage {
            message_id: sent.id,
            conversation_id: sent.conversation.into(),
            content: sent.content.text(),
            message_type: sent.content.kind(),
            direction: "outbound",
            status: "sent",
            created_at: sent.at.into(),
        };
        let conversation = SentTo {
            conversation_id: sent.conversation.into(),
            phone_number: sent.number.as_ref().map(Phone::digits),
            request_id: sent.request,
            user_id: sent.user_id.as_deref().map(Bsuid::as_str),
        };
        Self { success: Always, data: MessageAndConversation { message, conversation } }
    }
}

pub(super) async fn send(sender: MaySend<Arc<SendUseCases>>, request: Request) -> Response {
    let outcome = sender
        .send(request, &SEND, |body| {
            let read = send_request(body)?;
            let channel = read.besides.channel.as_ref().map(|(_, channel)| *channel);
            let recipient = Recipient::on(channel, read.recipient);
            let input =
                SendInput { request: read.request, ..SendInput::new("send", recipient, read.content) };
            Ok((input, read.besides))
        })
        .await;
    answer(&outcome, SentToNumber::from)
}

/// Reads the body of `/send`.
///
/// # Errors
/// Names the field.
pub fn send_request(body: &[u8]) -> Result<SendRequest, InputError> {
    let fields = Fields::read_to_send(body)?;
    SEND.check(&fields)?;
    let body: SendBody = fields.typed()?;
    let recipient = body.named().recipient()?;
    only_text(body.message_type.as_deref())?;
    // A conversation has its own channel: beside one, `channelId` selects nothing.
    let (channel, claim) = match recipient {
        EntryRecipient::Conversation(_) => (None, ConversationSelector::default().of_channel(&fields)?),
        EntryRecipient::Number(_) | EntryRecipient::UserId(_) => {
            (chosen_channel(&fields)?, ConversationSelector::default())
        }
    };
    Ok(SendRequest {
        recipient,
        content: text(body.content, &fields)?,
        request: body.request_id.map(|request| request.0),
        besides: Besides { quote: quote(&fields)?, claim, channel },
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> Result<SendRequest, InputError> {
        send_request(body.to_string().as_bytes())
    }

    #[test]
    fn a_channel_is_selected_for_a_number_and_claimed_for_a_conversation() {
        let to_number =
            read(&json!({ "phoneNumber": "+50212345678", "content": "hola", "channelId": "ch_2" }));
        let besides = to_number.unwrap().besides;
        assert_eq!(besides.channel, Some(("channelId".to_owned(), "2".parse().unwrap())));
        assert_eq!(besides.claim, ConversationSelector::default());
        let in_one = read(&json!({ "conversationId": 7, "content": "hola", "channelId": "ch_2" })).unwrap();
        assert_eq!(in_one.besides.channel, None);
        assert_ne!(in_one.besides.claim, ConversationSelector::default());
    }

    #[test]
    fn every_mistake_names_its_field() {
        for (body, place) in [
            (json!({ "content": "hola" }), "phoneNumber"),
            (json!({ "phoneNumber": 50_212_345_678_u64, "content": "hola" }), "phoneNumber"),
            (json!({ "userId": 7, "content": "hola" }), "userId"),
            (json!({ "phoneNumber": "+50212345678" }), "content"),
            (json!({ "phoneNumber": "+50212345678", "content": "hola", "requestId": "7" }), "requestId"),
            (
                json!({ "phoneNumber": "+50212345678", "content": "hola", "messageType": "image" }),
                "messageType",
            ),
            (json!({ "phoneNumber": "+50212345678", "content": "hola", "to": "+50212345678" }), "to"),
        ] {
            assert_eq!(read(&body).unwrap_err().place(), place);
        }
    }
}
