//! The decoded request of this contract.

use serde_json::Value;

use super::types::{ExtraInfo, Object, ReferenceText, RequestBody};
use crate::common::{
    Fields, InputError, meta_message,
    near_miss::{
        CHANNEL, DIRECT_SEND, MEDIA, NearMisses, PREVIEWS, QUOTES, RECIPIENTS, REPEAT, RefusedNames,
        SCHEDULE, TRIAL,
    },
    quote::{Quote, quote_beside_context},
};
use ventanilla_core::domain::{
    contact::Address,
    content::Content,
    id::Wamid,
    reference::{Fits, Reference, References},
};

/// Names of the message's own fields, which only `messaging_object` may have.
const MESSAGE: RefusedNames = RefusedNames::new(
    &[
        "to",
        "type",
        "text",
        "template",
        "interactive",
        "location",
        "context",
        "replyTo",
        "components",
        "preview_url",
    ],
    "what is sent, and whom to, goes into messaging_object",
);

/// The near misses of the envelope, and of the query.
pub(super) const AROUND: NearMisses = NearMisses {
    own: &["messaging_object", "extra_info", "sent_by"],
    honoured: &[],
    refused: &[
        SCHEDULE,
        DIRECT_SEND,
        TRIAL,
        REPEAT,
        CHANNEL,
        RECIPIENTS,
        MESSAGE,
        MEDIA.because(IN_THE_OBJECT),
    ],
};

/// The reason for other names of files.
const IN_THE_OBJECT: &str = "a file is named by link or id, in the object that is called like its type";

/// The near misses of a message.
const WITHIN: NearMisses = NearMisses {
    own: &[
        "messaging_product",
        "recipient_type",
        "to",
        "recipient",
        "type",
        "status",
        "message_id",
        "text",
        "image",
        "audio",
        "video",
        "document",
        "sticker",
        "template",
        "location",
        "contacts",
        "reaction",
        "interactive",
        "typing_indicator",
        "context",
    ],
    honoured: &[QUOTES, PREVIEWS],
    refused: &[
        SCHEDULE,
        DIRECT_SEND,
        TRIAL,
        REPEAT,
        CHANNEL,
        RECIPIENTS,
        MEDIA.because(IN_THE_OBJECT),
        RefusedNames::new(
            &["components", "templateName", "language"],
            "a template has these in its own object",
        ),
    ],
};

/// The near misses of `extra_info`.
const EXTRA: NearMisses = NearMisses {
    own: &["ref", "ref1", "ref2", "wa_source"],
    honoured: &[],
    refused: &[SCHEDULE, DIRECT_SEND, TRIAL, REPEAT, CHANNEL],
};

/// What a request to send asks for, after its body was read.
#[derive(Debug)]
pub enum Asked {
    /// Send a message to one recipient.
    Send(Box<Message>),
    /// Send a read receipt for this message of the customer's.
    Read(Wamid),
}

/// A decoded message to send.
#[derive(Debug)]
pub struct Message {
    /// The number or user id that the message goes to.
    pub to: Address,
    /// The content of the message.
    pub content: Content,
    /// The provider's id of the quoted message, in Meta's field.
    pub quotes: Option<Wamid>,
    /// The quoted message, where it is named like in other contracts.
    pub quote: Option<Quote>,
    /// The client's own references for the message.
    pub references: References,
    /// The names of the references that were cut; the contract allows it, and the response says so.
    pub cut: Vec<&'static str>,
}

/// Reads a body.
///
/// # Errors
/// Names the field.
pub fn request(body: &[u8]) -> Result<Asked, InputError> {
    let fields = Fields::read_to_send(body)?;
    AROUND.check(&fields)?;
    let RequestBody { messaging_object, extra_info } = fields.typed()?;
    let Some(Object(object)) = messaging_object else {
        return Err(InputError::field("messaging_object", "must be a JSON object"));
    };
    let within = Fields::of(&object)?;
    within.no_dry_run()?;
    WITHIN.check(&within)?;
    if object.get("status").is_some() {
        return meta_message::read_receipt(&object).map(Asked::Read);
    }
    let meta_message::Addressed { to, content, quotes } = meta_message::addressed(&object)?;
    let quote = quote_beside_context(&within)?;
    let (references, cut) = references(extra_info)?;
    Ok(Asked::Send(Box::new(Message { to, content, quotes, quote, references, cut })))
}

/// The client's references, and the names of those that were cut.
fn references(extra: Option<Value>) -> Result<(References, Vec<&'static str>), InputError> {
    let Some(extra) = extra else { return Ok((References::default(), Vec::new())) };
    if !extra.is_object() {
        return Err(InputError::field("extra_info", "must be a JSON object"));
    }
    let fields = Fields::of(&extra)?;
    EXTRA.check(&fields)?;
    let extra: ExtraInfo = fields.typed()?;
    let mut cut = Vec::new();
    let references = References {
        first: reference(extra.first, "ref", &mut cut),
        second: reference(extra.second, "ref1", &mut cut),
        third: reference(extra.third, "ref2", &mut cut),
    };
    Ok((references, cut))
}

fn reference(
    given: Option<ReferenceText>,
    name: &'static str,
    cut: &mut Vec<&'static str>,
) -> Option<Reference> {
    let ReferenceText(text) = given.filter(|ReferenceText(text)| !text.is_empty())?;
    let (reference, fits) = Reference::cut(&text);
    if fits == Fits::Cut {
        cut.push(name);
    }
    Some(reference)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked(body: &Value) -> Result<Asked, InputError> {
        request(body.to_string().as_bytes())
    }

    fn sample() -> Value {
        json!({
            "messaging_object": {
                "messaging_product": "whatsapp",
                "context": { "message_id": "wamid.A" },
                "to": "+50212345678",
                "type": "text",
                "text": { "preview_url": false, "body": "Thanks for your order!" },
            },
            "extra_info": { "ref": "customer1", "ref1": "marketing", "ref2": "dictionary", "wa_source": "api" },
        })
    }

    #[test]
    fn the_sample_of_the_page_is_understood() {
        let Asked::Send(message) = asked(&sample()).unwrap() else { panic!() };
        assert_eq!(message.content.text(), Some("Thanks for your order!"));
        assert_eq!(message.quotes.as_ref().map(Wamid::as_str), Some("wamid.A"));
        assert_eq!(message.references.second.as_ref().map(Reference::as_str), Some("marketing"));
        assert!(message.cut.is_empty());
    }

    #[test]
    fn an_omitted_type_is_text_and_a_long_reference_is_cut_and_named() {
        let mut body = sample();
        body["messaging_object"].as_object_mut().unwrap().remove("type");
        body["extra_info"]["ref1"] = "é".repeat(256).into();
        let Asked::Send(message) = asked(&body).unwrap() else { panic!() };
        assert_eq!((message.content.kind(), message.cut), ("text", vec!["ref1"]));
        assert_eq!(message.references.second.unwrap().as_str().chars().count(), 255);
    }

    #[test]
    fn every_mistake_names_its_field() {
        for (pointer, value, field) in [
            ("/messaging_object", json!("x"), "messaging_object"),
            ("/messaging_object/messaging_product", json!("sms"), "messaging_product"),
            ("/messaging_object/to", json!("nobody"), "to"),
            ("/messaging_object/type", json!("smoke"), "type"),
            ("/messaging_object/text", json!({ "body": "" }), "text.body"),
            ("/messaging_object/context", json!({ "message_id": 5 }), "context.message_id"),
            ("/extra_info", json!([]), "extra_info"),
            ("/extra_info/ref", json!(5), "ref"),
        ] {
            let mut body = sample();
            *body.pointer_mut(pointer).unwrap() = value;
            assert_eq!(asked(&body).unwrap_err().place(), field, "{pointer}");
        }
    }

    #[test]
    fn near_misses_are_not_ignored() {
        for (pointer, name) in [
            ("/messaging_object", "send_at"),
            ("/messaging_object", "category"),
            ("/messaging_object", "ttl_seconds"),
            ("/messaging_object", "mediaUrl"),
            ("/messaging_object", "from"),
            ("/messaging_object", "Type"),
            ("/extra_info", "sendAt"),
            ("", "scheduledAt"),
            ("", "channelId"),
            ("", "to"),
        ] {
            let mut body = sample();
            if name == "Type" {
                body["messaging_object"].as_object_mut().unwrap().remove("type");
            }
            body.pointer_mut(pointer).unwrap()[name] = json!("x");
            assert_eq!(asked(&body).unwrap_err().place(), name, "{body}");
        }
    }

    #[test]
    fn a_quote_may_be_named_as_other_contracts_do() {
        let mut body = sample();
        let object = body["messaging_object"].as_object_mut().unwrap();
        object.remove("context");
        object.insert("replyTo".to_owned(), json!("msg_7"));
        let Asked::Send(message) = asked(&body).unwrap() else { panic!() };
        assert!(message.quotes.is_none() && message.quote.is_some());
        body["messaging_object"]["context"] = json!({ "message_id": "wamid.A" });
        assert_eq!(asked(&body).unwrap_err().place(), "replyTo");
    }

    #[test]
    fn a_read_receipt_names_the_message() {
        let object = json!({ "messaging_product": "whatsapp", "status": "read", "message_id": "wamid.B" });
        // What stands beside it is of messages, and looked at for none.
        for extra in [json!(null), json!({ "ref": "a" }), json!([])] {
            let body = json!({ "messaging_object": object, "extra_info": extra });
            assert!(matches!(asked(&body), Ok(Asked::Read(wamid)) if wamid.as_str() == "wamid.B"));
        }
    }
}
