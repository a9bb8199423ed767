//! A message of the business, parsed from a body in Meta's format.

use serde_json::{Value, json};

use super::{content, meta_error::MetaError};
use crate::{
    BusinessNumber,
    address::Address,
    log::CallEntry,
    phone,
    templates::{self, Templates},
};

/// A message to send that satisfies Meta's rules for requests.
#[derive(Debug)]
pub(crate) struct OutboundMessage {
    pub(crate) to: Address,
    /// The recipient as the caller wrote it.
    pub(crate) input: String,
    pub(crate) kind: String,
    pub(crate) content: Value,
    pub(crate) text: Option<String>,
    pub(crate) context: Option<Value>,
    /// The sender's callback data, for the log and the phone.
    pub(crate) callback_data: Option<String>,
}

impl OutboundMessage {
    /// Parses a request. The log entry gets every field that can be read, even of an invalid request.
    pub(crate) fn parse(body: &Value, entry: &mut CallEntry) -> Result<Self, MetaError> {
        let kind = kind(body);
        let content = body.get(kind).cloned();
        entry.to = recipient_text(body).map(|(_, text)| text.to_owned());
        entry.kind = Some(kind.to_owned());
        entry.text = content.as_ref().and_then(|content| phone::visible_text(kind, content));
        entry.callback_data = body.get("biz_opaque_callback_data").and_then(Value::as_str).map(str::to_owned);
        check_envelope(body)?;
        let (to, input) = recipient(body)?;
        entry.to = Some(to.as_str().to_owned());
        content::validate(kind, content.as_ref())?;
        Ok(Self {
            to,
            input,
            kind: kind.to_owned(),
            content: content.unwrap_or_default(),
            text: entry.text.clone(),
            context: context(body)?,
            callback_data: callback_data(body)?,
        })
    }

    /// Rejects a message of this number to itself.
    pub(crate) fn sent_by(self, number: &BusinessNumber) -> Result<Self, MetaError> {
        if self.to.as_str() == number.display_phone_number {
            return Err(MetaError::new(131_021, "The sender cannot be the recipient."));
        }
        Ok(self)
    }

    /// The category of the template; `None` for other messages.
    ///
    /// # Errors
    /// When the template does not exist, is not approved, or its parameters do not match.
    pub(crate) fn category(
        &self,
        templates: &Templates,
        number: &BusinessNumber,
    ) -> Result<Option<String>, MetaError> {
        if self.kind != "template" {
            return Ok(None);
        }
        let template = templates::validate(templates, number, &self.to, &self.content)?;
        Ok(Some(template.category.clone()))
    }
}

fn kind(body: &Value) -> &str {
    body.get("type").and_then(Value::as_str).unwrap_or("text")
}

fn check_envelope(body: &Value) -> Result<(), MetaError> {
    if body.get("messaging_product").and_then(Value::as_str) != Some("whatsapp") {
        return Err(MetaError::malformed("The parameter messaging_product must be whatsapp."));
    }
    match body.get("recipient_type") {
        None => Ok(()),
        Some(kind) if kind == "individual" => Ok(()),
        Some(_) => Err(MetaError::invalid("recipient_type", "must be individual")),
    }
}

fn recipient_text(body: &Value) -> Option<(&'static str, &str)> {
    ["to", "recipient"].into_iter().find_map(|field| Some((field, body.get(field)?.as_str()?)))
}

/// The recipient of a body, and as the caller wrote it; `to` wins over `recipient`.
pub(crate) fn recipient(body: &Value) -> Result<(Address, String), MetaError> {
    let (field, text) =
        recipient_text(body).ok_or_else(|| MetaError::malformed("The parameter to is required."))?;
    let address = if field == "to" { Address::number(text) } else { Address::user_id(text) };
    let address = address.ok_or_else(|| MetaError::invalid(field, "is not a valid recipient"))?;
    Ok((address, text.to_owned()))
}

fn context(body: &Value) -> Result<Option<Value>, MetaError> {
    let Some(context) = body.get("context").filter(|context| !context.is_null()) else {
        return Ok(None);
    };
    let quoted = context.get("message_id").and_then(Value::as_str);
    let quoted = quoted.ok_or_else(|| MetaError::missing("context.message_id"))?;
    Ok(Some(json!({"message_id": quoted})))
}

fn callback_data(body: &Value) -> Result<Option<String>, MetaError> {
    match body.get("biz_opaque_callback_data") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(data)) if data.chars().count() <= 512 => Ok(Some(data.clone())),
        Some(_) => Err(MetaError::malformed(
            "Param biz_opaque_callback_data must be a string of at most 512 characters.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::OutboundMessage;
    use crate::{
        Clock,
        address::Address,
        log::{CallEntry, CallOutcome},
    };

    fn parse(changes: &Value) -> Result<OutboundMessage, u32> {
        let mut body = json!({"messaging_product": "whatsapp", "to": "+52 55 1234 5678",
            "text": {"body": "hola"}});
        if let (Some(body), Some(changes)) = (body.as_object_mut(), changes.as_object()) {
            body.extend(changes.clone());
        }
        let mut entry = CallEntry::new(&Clock::default(), "1", CallOutcome::NoResponse);
        OutboundMessage::parse(&body, &mut entry).map_err(|error| error.code)
    }

    #[test]
    fn text_is_the_default_type_and_to_wins_over_recipient() -> Result<(), u32> {
        let outbound = parse(&json!({"recipient": "US.1"}))?;
        assert_eq!(outbound.kind, "text");
        assert_eq!(outbound.to, Address::Number("525512345678".into()));
        assert_eq!(outbound.input, "+52 55 1234 5678");
        let outbound = parse(&json!({"to": null, "recipient": "US.1"}))?;
        assert_eq!(outbound.to, Address::UserId("US.1".into()));
        Ok(())
    }

    #[test]
    fn a_bad_envelope_is_rejected_with_its_code() {
        let cases = [
            (json!({"messaging_product": "sms"}), 100),
            (json!({"to": null}), 100),
            (json!({"to": "call me"}), 131_009),
            (json!({"to": "US.1"}), 131_009),
            (json!({"recipient_type": "crowd"}), 131_009),
            (json!({"context": {}}), 131_008),
            (json!({"biz_opaque_callback_data": "x".repeat(513)}), 100),
            (json!({"type": "image"}), 131_008),
        ];
        for (changes, code) in cases {
            assert_eq!(parse(&changes).err(), Some(code), "{changes}");
        }
        assert!(parse(&json!({"biz_opaque_callback_data": "ñ".repeat(512)})).is_ok());
    }
}
