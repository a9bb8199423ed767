//! The quoted message of a reply, in contracts without a field for it: `replyTo` and similar names.

use serde_json::Value;

use super::{
    Failure, Fields, InputError,
    ids::read_id,
    names::shown,
    near_miss::{QUOTES, honoured},
};
use crate::app::App;
use ventanilla_core::domain::id::{MessageId, TenantId, Wamid};

/// A quoted message, and the field that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    field: String,
    message: Named,
}

/// The id of a quoted message.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Named {
    /// Our id of the message.
    Ours(MessageId),
    /// The provider's id of the message.
    Providers(Wamid),
}

/// Reads the quoted message: its id, ours or the provider's, or an object with `message_id`, as at Meta.
///
/// # Errors
/// Names the field as it was given.
pub fn quote(fields: &Fields) -> Result<Option<Quote>, InputError> {
    let Some((name, given)) = honoured(fields.all(), QUOTES)? else { return Ok(None) };
    let field = shown(name);
    let id = match given {
        Value::Object(object) => ["message_id", "messageId", "id"]
            .iter()
            .find_map(|name| object.get(*name))
            .unwrap_or(&Value::Null),
        id => id,
    };
    let text = match id {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return Err(InputError::field(field, "must be the id of a message")),
    };
    let message = match read_id(&text) {
        Ok(ours) => Named::Ours(ours),
        Err(_) => match Wamid::try_from(text) {
            Ok(theirs) => Named::Providers(theirs),
            Err(error) => return Err(InputError::field(field, error)),
        },
    };
    Ok(Some(Quote { field, message }))
}

/// The same where `context` is a field of the message, and read with it.
///
/// # Errors
/// Names the field as it was given.
pub fn quote_beside_context(fields: &Fields) -> Result<Option<Quote>, InputError> {
    Ok(quote(fields)?.filter(|quote| quote.field != "context"))
}

impl App {
    /// The provider's id of the quoted message.
    ///
    /// # Errors
    /// When the provider has no id for it, or the store fails.
    pub async fn quoted(&self, tenant: &TenantId, quote: Option<Quote>) -> Result<Option<Wamid>, Failure> {
        let Some(Quote { field, message }) = quote else { return Ok(None) };
        match message {
            Named::Providers(id) => Ok(Some(id)),
            Named::Ours(id) => match self.core.conversations.provider_id(tenant, id).await? {
                Some(id) => Ok(Some(id)),
                None => Err(InputError::field(field, "is no message that WhatsApp knows").into()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(name: &str, value: &Value) -> Result<Option<Quote>, String> {
        quote(&Fields::of(&json!({ name: value })).unwrap()).map_err(|error| error.place().to_owned())
    }

    #[test]
    fn a_message_is_named_by_our_id_or_by_the_provider_s() {
        let ours = Named::Ours("7".parse().unwrap());
        for (name, value) in [
            ("replyTo", json!("msg_7")),
            ("reply_to", json!(7)),
            ("quotedMessageId", json!("7")),
            ("context", json!({ "message_id": "msg_7" })),
        ] {
            let read = read(name, &value).unwrap().unwrap();
            assert_eq!((read.field.as_str(), read.message), (name, ours.clone()), "{value}");
        }
        let theirs = Named::Providers("wamid.A".to_owned().try_into().unwrap());
        assert_eq!(read("context", &json!({ "message_id": "wamid.A" })).unwrap().unwrap().message, theirs);
        assert_eq!(read("replyTo", &json!("")), Ok(None));
    }

    #[test]
    fn an_invalid_id_is_rejected_under_its_name() {
        for (name, value) in
            [("reply_to", json!(true)), ("context", json!({ "text": "x" })), ("replyTo", json!(["msg_7"]))]
        {
            assert_eq!(read(name, &value), Err(name.to_owned()));
        }
    }
}
