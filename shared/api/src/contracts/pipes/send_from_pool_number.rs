//! Sends a text from one of the company's numbers: `POST /v1/messages/app/send` (facts: seed-apis.md 3.6).

use std::sync::Arc;

use axum::{extract::Request, response::Response};
use serde::Deserialize;

use super::{
    PipesAsMeta,
    commands::required,
    message::{Message, passed, pool_number, send_input},
    near_misses::FROM_POOL_NUMBER,
};
use crate::app::SendUseCases;
#[cfg(feature = "schema")]
use crate::common::schema;
use crate::common::{
    Fields, InputError,
    access::{Authorized, scope},
    near_miss::link_preview,
    quote::quote,
    send::Besides,
};
use ventanilla_core::{
    domain::{
        contact::Address,
        content::{Content, MessageText},
        phone::Bsuid,
    },
    usecases::sending::Recipient,
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = besides))]
pub(super) struct PoolNumberSend {
    #[cfg_attr(feature = "schema", schemars(required, schema_with = "pool_number_id"))]
    pool_number_id: Option<String>,
    /// The number in international format, in any usual spelling (as `phoneNumber` of AmbioSys), or the customer's user
    /// id for this business.
    to_number: Option<String>,
    /// An addition of ours, for a customer who shows no number: their user id for this business. Counts where
    /// `toNumber` is not given.
    recipient: Option<String>,
    #[cfg_attr(feature = "schema", schemars(with = "schema::Text"))]
    text: Option<String>,
}

/// A number in any of its spellings, as `openapi.yaml` has it.
#[cfg(feature = "schema")]
fn pool_number_id(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "$ref": "#/components/schemas/PoolNumberId" })
}

/// Fields that are read one by one in any spelling; and the constraint that one names the recipient.
#[cfg(feature = "schema")]
fn besides(schema: &mut schemars::Schema) {
    if let Some(properties) = schema.get_mut("properties").and_then(serde_json::Value::as_object_mut) {
        for (name, schema) in [("sent_by", "SentBy"), ("replyTo", "QuoteIn"), ("preview_url", "PreviewIn")] {
            let reference = serde_json::json!({ "$ref": format!("#/components/schemas/{schema}") });
            properties.insert(name.to_owned(), reference);
        }
    }
    let user_id = serde_json::json!({ "type": "string", "pattern": "^[!-~]{1,200}$" });
    let somebody = serde_json::json!([
        { "required": ["toNumber"] },
        { "required": ["recipient"], "properties": { "recipient": user_id } },
    ]);
    schema.insert("anyOf".to_owned(), somebody);
}

pub(super) async fn send(
    sender: Authorized<scope::Send, PipesAsMeta, Arc<SendUseCases>>,
    request: Request,
) -> Response {
    let mut given = None;
    let outcome = sender
        .send(request, &FROM_POOL_NUMBER, |body| {
            let mut message = app_request(body)?;
            given.clone_from(&message.given);
            let besides = Besides { quote: message.quote.take(), ..Besides::default() };
            Ok((send_input("send through a pool number", message), besides))
        })
        .await;
    passed(&outcome, given.as_deref())
}

/// Reads the body of `/v1/messages/app/send`.
///
/// # Errors
/// Names the field.
pub fn app_request(body: &[u8]) -> Result<Message, InputError> {
    let fields = Fields::read_to_send(body)?;
    FROM_POOL_NUMBER.check(&fields)?;
    let PoolNumberSend { pool_number_id, to_number, recipient, text } = fields.typed()?;
    let channel = required(pool_number(pool_number_id.as_deref())?, "poolNumberId")?;
    let (to, given) = customer(to_number, recipient)?;
    let body = MessageText::try_from(required(text, "text")?);
    let body = body.map_err(|error| InputError::field("text", error))?;
    Ok(Message {
        recipient: Recipient::OnChannel { channel, to },
        content: Content::Text { body, link_preview: link_preview(fields.all())? },
        quotes: None,
        quote: quote(&fields)?,
        given: Some(given),
    })
}

/// The recipient: a number or a user id under `toNumber`, or a user id under `recipient`, as in Meta's
/// object.
fn customer(to: Option<String>, recipient: Option<String>) -> Result<(Address, String), InputError> {
    match (to, recipient) {
        (Some(to), _) => {
            let read = Address::read(&to).map_err(|error| InputError::field("toNumber", error))?;
            Ok((read, to))
        }
        (None, Some(id)) => {
            let read = Bsuid::parse(&id).map_err(|error| InputError::field("recipient", error))?;
            Ok((Address::of_user_id(read), id))
        }
        (None, None) => Err(InputError::field("toNumber", "is missing")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn near_misses_are_not_ignored() {
        let text = json!({ "poolNumberId": "pn_3", "toNumber": "+50212345678", "text": "hola" });
        for name in ["scheduled_at", "to", "channel_id", "media_url", "conversationId", "pool_number_id"] {
            let mut body = text.clone();
            if name == "pool_number_id" {
                body.as_object_mut().unwrap().remove("poolNumberId");
            }
            body[name] = json!("x");
            assert_eq!(app_request(body.to_string().as_bytes()).unwrap_err().place(), name);
        }
    }

    #[test]
    fn a_text_from_a_pool_number_needs_all_three() {
        let sound = json!({ "poolNumberId": "pn_3", "toNumber": "+502 1234-5678", "text": "hola" });
        let message = app_request(sound.to_string().as_bytes()).unwrap();
        assert_eq!(message.given.as_deref(), Some("+502 1234-5678"));
        for field in ["toNumber", "recipient"] {
            let body = json!({ "poolNumberId": "pn_3", field: "GT.1", "text": "hola" });
            let message = app_request(body.to_string().as_bytes()).unwrap();
            assert!(
                matches!(&message.recipient, Recipient::OnChannel { to: Address::Bsuid(_), .. }),
                "{field}"
            );
            assert_eq!(message.given.as_deref(), Some("GT.1"));
        }
        for field in ["poolNumberId", "toNumber", "text"] {
            let mut body = sound.clone();
            body.as_object_mut().unwrap().remove(field);
            let error = app_request(body.to_string().as_bytes()).unwrap_err();
            assert_eq!(error.to_string(), format!("{field} is missing"));
        }
    }
}
