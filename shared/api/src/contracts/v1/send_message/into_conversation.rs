//! `POST /v1/conversations/{id}/messages`: sends a message into a conversation.

use axum::{extract::Request, response::Response};
use serde::Deserialize;

#[cfg(feature = "schema")]
use super::body::NewPolicy;
use super::{Way, answer::answer, body::NewMessage, send};
use crate::{
    common::{
        InputError,
        body::{FILE_LIMIT, read},
        json,
        policy::Choice,
        request::PathParams,
    },
    contracts::v1::{read::number, send_message::Sender},
};
use ventanilla_core::{domain::id::ConversationId, usecases::sending::Recipient};

/// The operation of the idempotency key.
const OPERATION: &str = "v1 message into a conversation";

/// Exactly one content, and what stands beside it. Null is as good as absent.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct NewConversationMessage(NewMessage);

pub(in crate::contracts::v1) async fn into_conversation(
    sender: Sender,
    params: PathParams,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let sent = async {
        let id: ConversationId = number(&params)?;
        let message: NewConversationMessage = json::read(&read(body, FILE_LIMIT).await?)?;
        let way = Way { operation: OPERATION, choice: Choice::Free };
        send(&sender, &parts, way, Recipient::Conversation(id), message.into_message()?).await
    };
    answer(&sender, Box::pin(sent).await).await
}

impl NewConversationMessage {
    /// The message, unless it names a recipient: the path does.
    fn into_message(self) -> Result<NewMessage, InputError> {
        let problem =
            "is for POST /v1/messages: here the conversation says who gets it, and through which channel";
        match (&self.0.to, self.0.channel()) {
            (None, None) => Ok(self.0),
            (Some(_), _) => Err(InputError::field("to", problem)),
            (None, Some(_)) => Err(InputError::field("channel_id", problem)),
        }
    }
}

/// The schema of a message without a recipient.
#[cfg(feature = "schema")]
impl schemars::JsonSchema for NewConversationMessage {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "NewConversationMessage".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let mut schema = NewMessage::json_schema(generator);
        schema.remove("required");
        schema.insert(
            "description".to_owned(),
            "Exactly one content, and what stands beside it. Null is as good as absent.".into(),
        );
        if let Some(properties) = schema.get_mut("properties").and_then(|it| it.as_object_mut()) {
            properties.remove("to");
            properties.remove("channel_id");
            let mut policy = generator.subschema_for::<Option<NewPolicy>>();
            policy.insert(
                "description".to_owned(),
                "As the header `Delivery-Policy`, which it must not contradict.".into(),
            );
            properties.insert("delivery_policy".to_owned(), policy.into());
        }
        schema
    }
}
