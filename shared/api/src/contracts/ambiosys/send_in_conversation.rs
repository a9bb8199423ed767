//! `POST /api/whatsapp/conversations/{conversationId}/messages`: a text in a conversation.

use std::sync::Arc;

use axum::{extract::Request, response::Response};
use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
use super::document;
use super::{
    errors::MaySend,
    near_misses::MESSAGE,
    recipient::conversation,
    send::{answer, only_text, text},
    types::Always,
};
use crate::app::SendUseCases;
#[cfg(feature = "schema")]
use crate::common::schema;
use crate::common::{
    Fields, InputError,
    claim::ConversationSelector,
    policy::Choice,
    quote::quote,
    request::{PathParams, path_param},
    send::{Besides, SendInput},
};
use ventanilla_core::{
    domain::{
        content::Content,
        id::{ConversationId, MessageId},
    },
    usecases::sending::{Recipient, Sent},
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(
        rename = "MessageRequest",
        extend("additionalProperties" = true),
        transform = document::text_in_conversation
    )
)]
pub(super) struct MessageBody {
    #[cfg_attr(feature = "schema", schemars(with = "schema::Text"))]
    content: Option<String>,
    /// Only text can be sent; null counts as not given, and means text.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["text", null])))]
    message_type: Option<String>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(super) struct SentInConversation<'a> {
    success: Always<true>,
    data: SentMessage<'a>,
}

/// Flat, unlike the answer of `/api/whatsapp/send`.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
struct SentMessage<'a> {
    #[cfg_attr(feature = "schema", schemars(with = "schema::Id"))]
    message_id: MessageId,
    // A message in a conversation always has one.
    #[cfg_attr(feature = "schema", schemars(with = "schema::Id"))]
    conversation_id: Option<ConversationId>,
    /// The text as it was sent.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    content: Option<&'a str>,
    #[cfg_attr(feature = "schema", schemars(extend("const" = "sent")))]
    status: &'static str,
}

impl<'a> From<&'a Sent> for SentInConversation<'a> {
    fn from(sent: &'a Sent) -> Self {
        let data = SentMessage {
            message_id: sent.id,
            conversation_id: sent.conversation,
            content: sent.content.text(),
            status: "sent",
        };
        Self { success: Always, data }
    }
}

pub(super) async fn send(
    sender: MaySend<Arc<SendUseCases>>,
    params: PathParams,
    request: Request,
) -> Response {
    let outcome = sender
        .send(request, &MESSAGE, |body| {
            let id = conversation(path_param(&params, "conversationId"))?;
            let (content, besides) = message_request(body)?;
            let input = SendInput::new("send in conversation", Recipient::Conversation(id), content);
            Ok((SendInput { choice: Choice::Free, ..input }, besides))
        })
        .await;
    answer(&outcome, SentInConversation::from)
}

/// Reads the body of `/conversations/{conversationId}/messages`. Only text can be sent.
///
/// # Errors
/// Names the field.
pub fn message_request(body: &[u8]) -> Result<(Content, Besides), InputError> {
    let fields = Fields::read_to_send(body)?;
    MESSAGE.check(&fields)?;
    let body: MessageBody = fields.typed()?;
    only_text(body.message_type.as_deref())?;
    let claim = ConversationSelector::default()
        .of_customer(&fields)?
        .of_channel(&fields)?
        .of_conversation(&fields)?;
    Ok((text(body.content, &fields)?, Besides { quote: quote(&fields)?, claim, channel: None }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn only_a_text_can_be_sent_and_every_mistake_names_its_field() {
        let read = |body: Value| message_request(body.to_string().as_bytes());
        assert!(read(json!({ "content": "hola", "messageType": "text" })).is_ok());
        assert!(read(json!({ "content": "hola", "messageType": null })).is_ok());
        for (body, place) in [
            (json!({}), "content"),
            (json!({ "content": 7 }), "content"),
            (json!({ "content": "hola", "messageType": "image" }), "messageType"),
            (json!({ "content": "hola", "messageType": 7 }), "messageType"),
            (json!({ "content": "hola", "sendAt": "2026-12-01T10:00:00Z" }), "sendAt"),
        ] {
            assert_eq!(read(body).unwrap_err().place(), place);
        }
    }
}
