//! What is passed on to WhatsApp much as it came, and answered as Meta does: `POST /v1/messages/passthrough`, a
//! message object of Meta's, and `POST /v1/messages/app/send`, a text (facts: seed-apis.md 3.6).

use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::{
    errors::failed_as_at_meta,
    ids,
    near_misses::{FROM_POOL_NUMBER, PASSTHROUGH},
    send::message_id,
};
use crate::{
    api::common::{
        Encoded, Failure, Fields, InputError, meta_message,
        quote::{Quote, quote, quote_beside_context},
    },
    domain::{
        contact::Address,
        content::Content,
        id::{ChannelId, ConversationId, Wamid},
        phone::{Bsuid, Phone},
    },
    service::send::{Recipient, Sent},
};

/// The kinds that are documented, and text, which costs nothing more. Files have a route of their own there.
const KINDS: [&str; 6] = ["template", "interactive", "location", "contacts", "reaction", "text"];

/// A message, and which way it goes.
#[derive(Debug)]
pub struct Message {
    /// Whom to, and through which number.
    pub recipient: Recipient,
    /// What.
    pub content: Content,
    /// The message that it answers.
    pub quotes: Option<Wamid>,
    /// The same, where it is named in a way of other contracts.
    pub quote: Option<Quote>,
    /// The recipient as the request spells them, for the answer; none when it names a conversation.
    pub given: Option<String>,
}

impl Message {
    /// The ids of other messages in it, each with its field. A client knows what it heard by our ids (`msg_…`),
    /// which the provider does not know.
    pub fn named(&mut self) -> impl Iterator<Item = (&'static str, &mut Wamid)> {
        let reacted_to = match &mut self.content {
            Content::Reaction { to, .. } => Some(("reaction.message_id", to)),
            _ => None,
        };
        let quoted = self.quotes.as_mut().map(|id| ("context.message_id", id));
        reacted_to.into_iter().chain(quoted)
    }
}

/// Reads the body of `/v1/messages/passthrough`.
///
/// # Errors
/// Names the field.
pub fn passthrough_request(body: &[u8]) -> Result<Message, InputError> {
    let fields = Fields::read_to_send(body)?;
    PASSTHROUGH.check(&fields)?;
    let (conversation, channel) = (conversation(&fields)?, pool_number(&fields)?);
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

/// Reads the body of `/v1/messages/app/send`.
///
/// # Errors
/// Names the field.
pub fn app_request(body: &[u8]) -> Result<Message, InputError> {
    let fields = Fields::read_to_send(body)?;
    FROM_POOL_NUMBER.check(&fields)?;
    let channel = pool_number(&fields)?.ok_or_else(|| InputError::field("poolNumberId", "is missing"))?;
    let (to, given) = customer(&fields)?;
    Ok(Message {
        recipient: Recipient::OnChannel { channel, to },
        content: fields.message_text("text")?,
        quotes: None,
        quote: quote(&fields)?,
        given: Some(given.to_owned()),
    })
}

/// A number or a user id under `toNumber`, or, as in Meta's object, a user id under `recipient`.
fn customer(fields: &Fields) -> Result<(Address, &str), InputError> {
    match (fields.optional_text("toNumber")?, fields.optional_text("recipient")?) {
        (Some(to), _) => {
            let read = Address::read(to).map_err(|error| InputError::field("toNumber", error))?;
            Ok((read, to))
        }
        (None, Some(id)) => {
            let read = Bsuid::parse(id).map_err(|error| InputError::field("recipient", error))?;
            Ok((Address::of_user_id(read), id))
        }
        (None, None) => Err(InputError::field("toNumber", "is missing")),
    }
}

fn conversation(fields: &Fields) -> Result<Option<ConversationId>, InputError> {
    let id = fields.optional_text("conversationId")?.map(ids::read_conversation).transpose();
    id.map_err(|error| InputError::field("conversationId", error))
}

fn pool_number(fields: &Fields) -> Result<Option<ChannelId>, InputError> {
    let id = fields.optional_text("poolNumberId")?.map(ids::read_pool_number).transpose();
    id.map_err(|error| InputError::field("poolNumberId", error))
}

/// How it ended, as Meta tells it (facts: meta.md 2.1). `given` is the recipient as the request spells them.
#[must_use]
pub fn passed(outcome: &Result<Sent, Failure>, given: Option<&str>) -> Encoded {
    match outcome {
        Ok(sent) => {
            let body = json!({
                "messaging_product": "whatsapp",
                "contacts": contact(sent, given).into_iter().collect::<Value>(),
                "messages": [{ "id": message_id(sent) }],
            });
            Encoded { status: StatusCode::OK, headers: HeaderMap::new(), body }
        }
        Err(failure) => failed_as_at_meta(failure),
    }
}

/// The customer: by their number as WhatsApp spells it, or by the user id that was given, or that they go by who
/// show no number.
fn contact(sent: &Sent, given: Option<&str>) -> Option<Value> {
    if let Some(id) = &sent.user_id {
        return Some(json!({ "input": given.unwrap_or(id.as_str()), "user_id": id }));
    }
    let number = sent.number.as_ref().map(Phone::digits);
    let wa_id = sent.wa_id.as_deref().map(Phone::digits).or(number);
    wa_id.map(|wa_id| json!({ "input": given.or(number).unwrap_or(wa_id), "wa_id": wa_id }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::time::Timestamp, service::send::Recorded};

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
    fn what_would_change_the_message_is_not_passed_over() {
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

    #[test]
    fn the_answer_has_the_number_as_whatsapp_spells_it() {
        let text = "hola".to_owned().try_into().unwrap();
        let mut message = Sent {
            id: "9".parse().unwrap(),
            wamid: Wamid::try_from("wamid.A".to_owned()).ok(),
            at: Timestamp::from_millis(0),
            conversation: None,
            content: Content::plain(text),
            number: Phone::parse("+5215512345678").ok(),
            user_id: None,
            wa_id: Phone::parse("+525512345678").ok().map(Box::new),
            request: None,
            recorded: Recorded::Now,
            message: None,
        };
        let contact =
            |sent: &Sent, given: Option<&str>| passed(&Ok(sent.clone()), given).body["contacts"].clone();
        let dialled = Some("+52 1 55 1234 5678");
        let told = json!([{ "input": "+52 1 55 1234 5678", "wa_id": "525512345678" }]);
        assert_eq!(contact(&message, dialled), told);
        message.wa_id = None;
        let told = json!([{ "input": "5215512345678", "wa_id": "5215512345678" }]);
        assert_eq!(contact(&message, None), told);
        message.number = None;
        assert_eq!(contact(&message, None), json!([]));
        message.user_id = "US.1".to_owned().try_into().ok().map(Box::new);
        for given in [Some("US.1"), None] {
            assert_eq!(contact(&message, given), json!([{ "input": "US.1", "user_id": "US.1" }]));
        }
        assert_eq!(passed(&Ok(message.clone()), None).body["messages"], json!([{ "id": "wamid.A" }]));
        message.wamid = None;
        assert_eq!(passed(&Ok(message), None).body["messages"], json!([{ "id": "msg_9" }]));
    }
}
