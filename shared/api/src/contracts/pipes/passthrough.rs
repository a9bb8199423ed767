//! Sends Meta's message object: `POST /v1/messages/passthrough` (facts: seed-apis.md 3.6).

use std::sync::Arc;

use axum::{body::Body, extract::Request, response::Response};
use http::request::Parts;

use super::{
    PipesAsMeta, ids,
    message::{Message, passed, pool_number, send_input},
    near_misses::PASSTHROUGH,
};
use crate::app::{App, SendUseCases};
use crate::common::{
    Failure, Fields, InputError,
    access::{Authorized, scope},
    body::{self, API_LIMIT},
    meta_message,
    quote::quote_beside_context,
    request,
    send::as_command,
    sent_by,
};
use ventanilla_core::{
    domain::id::{ConversationId, TenantId},
    usecases::sending::{Recipient, SendCommand},
};

/// The documented kinds, and text. Files have a route of their own.
const KINDS: [&str; 6] = ["template", "interactive", "location", "contacts", "reaction", "text"];

/// A caller with the scope `send`.
type MayPass = Authorized<scope::Send, PipesAsMeta, Arc<SendUseCases>>;

pub(super) async fn send(sender: MayPass, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let (command, given) = match command(&sender, &parts, body).await {
        Ok((command, given)) => (Ok(command), given),
        Err(failure) => (Err(failure), None),
    };
    passed(&sender.use_cases.conclude(command).await, given.as_deref())
}

/// The send request, and the recipient as the request spells it.
async fn command(
    Authorized { app, caller, .. }: &MayPass,
    parts: &Parts,
    body: Body,
) -> Result<(SendCommand, Option<String>), Failure> {
    let deadline = request::deadline(parts, app.clock.as_ref());
    PASSTHROUGH.check_query(&parts.uri)?;
    let bytes = body::read(body, API_LIMIT).await?;
    let mut message = passthrough_request(&bytes)?;
    if let Some(quoted) = app.quoted(&caller.tenant, message.quote.take()).await? {
        message.quotes = Some(quoted);
    }
    name_as_the_provider_does(app, &caller.tenant, &mut message).await?;
    let given = message.given.clone();
    let sent_by = sent_by::of_body(&bytes)?;
    Ok((as_command(parts, caller, sent_by, deadline, send_input("pass through", message))?, given))
}

/// Replaces our message ids by the provider's.
async fn name_as_the_provider_does(
    app: &App,
    tenant: &TenantId,
    message: &mut Message,
) -> Result<(), Failure> {
    for (field, id) in message.named() {
        let Ok(ours) = ids::read_message(id.as_str()) else { continue };
        let theirs = app.core.conversations.provider_id(tenant, ours).await?;
        *id = theirs.ok_or_else(|| InputError::field(field, "is no message that WhatsApp knows"))?;
    }
    Ok(())
}

/// Reads the body of `/v1/messages/passthrough`.
///
/// # Errors
/// Names the field.
pub fn passthrough_request(body: &[u8]) -> Result<Message, InputError> {
    let fields = Fields::read_to_send(body)?;
    PASSTHROUGH.check(&fields)?;
    let conversation = conversation(&fields)?;
    let channel = pool_number(fields.optional_text("poolNumberId")?)?;
    if !KINDS.contains(&fields.required_text("type")?) {
        let problem = "must be template, interactive, location, contacts, reaction or text";
        return Err(InputError::field("type", problem));
    }
    if fields.optional_text("messaging_product")?.is_some_and(|product| product != "whatsapp") {
        return Err(InputError::field("messaging_product", "must be whatsapp"));
    }
    let named = [fields.optional_text("to")?, fields.optional_text("recipient")?];
    let given = named.into_iter().flatten().next().map(str::to_owned);
    let quote = quote_beside_context(&fields)?;
    let object = fields.into_value();
    match (channel, conversation, &given) {
        (Some(channel), None, _) => {
            let meta_message::Addressed { to, content, quotes } = meta_message::addressed(&object)?;
            Ok(Message { recipient: Recipient::OnChannel { channel, to }, content, quotes, quote, given })
        }
        (None, Some(conversation), None) => {
            let meta_message::Unaddressed { content, quotes } = meta_message::unaddressed(&object)?;
            Ok(Message { recipient: Recipient::Conversation(conversation), content, quotes, quote, given })
        }
        (_, Some(_), _) => {
            let problem =
                "must be given alone: beside poolNumberId, to or recipient it leaves open who is meant";
            Err(InputError::field("conversationId", problem))
        }
        (None, None, _) => {
            Err(InputError::field("poolNumberId", "is missing, and so is conversationId: give one of them"))
        }
    }
}

fn conversation(fields: &Fields) -> Result<Option<ConversationId>, InputError> {
    let id = fields.optional_text("conversationId")?.map(ids::read_conversation).transpose();
    id.map_err(|error| InputError::field("conversationId", error))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use ventanilla_core::domain::{contact::Address, phone::Phone};

    fn read(body: &Value) -> Result<Message, InputError> {
        passthrough_request(body.to_string().as_bytes())
    }

    fn template() -> Value {
        json!({ "name": "hello_world", "language": { "code": "en_US" } })
    }

    #[test]
    fn both_ways_to_a_customer_are_read() {
        let through = read(&json!({
            "messaging_product": "whatsapp", "poolNumberId": "pn_3", "to": "50212345678",
            "type": "template", "template": template(),
        }))
        .unwrap();
        let to = Address::Number(Phone::parse("50212345678").unwrap());
        assert_eq!(through.recipient, Recipient::OnChannel { channel: "3".parse().unwrap(), to });
        assert_eq!((through.content.kind(), through.given.as_deref()), ("template", Some("50212345678")));
        let within =
            read(&json!({ "conversationId": "conv_7", "type": "template", "template": template() })).unwrap();
        assert_eq!(within.recipient, Recipient::Conversation("7".parse().unwrap()));
        assert_eq!(within.given, None);
    }

    #[test]
    fn every_mistake_names_its_field() {
        let sound = json!({
            "messaging_product": "whatsapp", "poolNumberId": "pn_3", "to": "50212345678",
            "type": "template", "template": template(),
        });
        for (field, value, place) in [
            ("messaging_product", Value::Null, "messaging_product"),
            ("messaging_product", json!("sms"), "messaging_product"),
            ("poolNumberId", Value::Null, "poolNumberId"),
            ("poolNumberId", json!("conv_3"), "poolNumberId"),
            ("conversationId", json!("conv_7"), "conversationId"),
            ("conversationId", json!(7), "conversationId"),
            ("to", Value::Null, "to"),
            ("to", json!("nobody"), "to"),
            ("type", Value::Null, "type"),
            ("type", json!("image"), "type"),
            ("type", json!("reaction"), "reaction.message_id"),
            ("template", json!({ "name": "hello_world" }), "template"),
        ] {
            let mut body = sound.clone();
            body[field] = value;
            assert_eq!(read(&body).unwrap_err().place(), place, "{body}");
        }
        let other = json!({ "conversationId": "conv_7", "to": "50212345678", "type": "template", "template": template() });
        assert_eq!(read(&other).unwrap_err().place(), "conversationId");
        let other = json!({ "conversationId": "conv_7", "messaging_product": "sms", "type": "template", "template": template() });
        assert_eq!(read(&other).unwrap_err().place(), "messaging_product");
    }

    #[test]
    fn near_misses_are_not_ignored() {
        let sound = json!({
            "messaging_product": "whatsapp", "poolNumberId": "pn_3", "to": "50212345678",
            "type": "template", "template": template(),
        });
        for name in [
            "sendAt",
            "category",
            "ttl_seconds",
            "toNumber",
            "channelId",
            "mediaUrl",
            "components",
            "preview_url",
        ] {
            let mut body = sound.clone();
            body[name] = json!(true);
            assert_eq!(read(&body).unwrap_err().place(), name);
        }
    }

    #[test]
    fn the_messages_that_it_names_are_found() {
        let mut message = read(&json!({
            "conversationId": "conv_7", "type": "reaction", "context": { "message_id": "wamid.A" },
            "reaction": { "message_id": "msg_9", "emoji": "👍" },
        }))
        .unwrap();
        let named: Vec<(&str, String)> =
            message.named().map(|(field, id)| (field, id.as_str().to_owned())).collect();
        let expected = [("reaction.message_id", "msg_9"), ("context.message_id", "wamid.A")];
        assert_eq!(named, expected.map(|(field, id)| (field, id.to_owned())));
    }
}
