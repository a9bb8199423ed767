//! `POST /v1/conversations/{id}/read`: marks a conversation as read, and sends the customer a read receipt
//! unless it is switched off.

use axum::{extract::Request, response::Response};
use serde::{Deserialize, Serialize};

use super::{
    conversation::{ConversationView, shown},
    errors::{MaySend, answered},
    read::number,
};
use crate::app::App;
use crate::common::{
    Failure, InputError, Missing,
    access::Authorized,
    body::{self, API_LIMIT},
    ids::Id,
    json,
    request::{self, PathParams},
};
use ventanilla_core::{
    domain::{
        caller::Caller,
        id::{MessageId, Wamid},
    },
    ports::provider::Typing,
    usecases::conversations::actions::{Receipt, Tell},
};

/// What was read. A request without a body has it all read, and the customer told so.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Reading {
    /// Whether the customer is to see that somebody types; `off` if left out.
    typing: Option<Switch>,
    /// The latest message of the customer's that was read; later ones stay unread. Left out, all are read.
    message_id: Option<Named>,
    /// Whether the customer is told that their message was read, as they are if nothing is said. Without a receipt nobody
    /// is shown as typing.
    receipt: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(inline))]
#[serde(rename_all = "snake_case")]
enum Switch {
    On,
    Off,
}

/// The last message that was read, as a request names it.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(inline))]
#[serde(untagged, expecting = "must be the id of a message, like msg_244015433448729")]
enum Named {
    Ours(#[cfg_attr(feature = "schema", schemars(with = "crate::common::schema::Id"))] Id<MessageId>),
    /// With its prefix or without, or the provider's id.
    Provider(#[cfg_attr(feature = "schema", schemars(with = "String", length(min = 1, max = 512)))] Wamid),
}

/// The conversation, and what became of telling the customer.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ReadConversation", deny_unknown_fields))]
pub(super) struct ReadView {
    conversation: ConversationView,
    receipt: ReceiptView,
}

/// What became of telling the customer.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Receipt", deny_unknown_fields))]
struct ReceiptView {
    /// `told` the provider; `not_wanted`, by the request; `nothing_to_tell`, as when the customer never wrote;
    /// `unsupported` by the provider of this number (Kaleyra's API V1); `failed`, and doing it again is harmless.
    state: ReceiptState,
    /// Whether the customer sees that somebody types; `unsupported` where the provider (Kaleyra) cannot show it.
    typing: TypingState,
    /// Why telling failed, as in the table of codes; null otherwise.
    code: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(inline))]
#[serde(rename_all = "snake_case")]
enum ReceiptState {
    #[serde(rename = "told")]
    Acknowledged,
    NotWanted,
    NothingToTell,
    Unsupported,
    Failed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(inline))]
#[serde(rename_all = "snake_case")]
enum TypingState {
    On,
    Off,
    Unsupported,
}

pub(super) async fn read(
    Authorized { app, caller, .. }: MaySend,
    params: PathParams,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let done = async {
        let deadline = request::deadline(&parts, app.clock.as_ref());
        let id = number(&params)?;
        let reading = reading(&body::read(body, API_LIMIT).await?)?;
        let tell = reading.tell()?;
        let up_to = named_message(&app, &caller, reading.message_id).await?;
        let done = app.core.actions.read_conversation(&caller.tenant, id, up_to, tell, deadline).await?;
        let (found, receipt) = done.ok_or(Failure::NotFound(Missing::Conversation))?;
        let conversation = shown(&app, &caller, Some(found)).await?;
        Ok(ReadView { conversation, receipt: receipt_view(receipt, tell) })
    };
    answered(done.await)
}

fn reading(body: &[u8]) -> Result<Reading, InputError> {
    if body.trim_ascii().is_empty() { Ok(Reading::default()) } else { json::read(body) }
}

impl Reading {
    /// The read receipt that is requested.
    fn tell(&self) -> Result<Tell, InputError> {
        let typing = if self.typing == Some(Switch::On) { Typing::On } else { Typing::Off };
        match (self.receipt.unwrap_or(true), typing) {
            (true, _) => Ok(Tell::Read(typing)),
            (false, Typing::Off) => Ok(Tell::Nothing),
            (false, Typing::On) => Err(InputError::field("typing", "cannot be shown without a receipt")),
        }
    }
}

async fn named_message(
    app: &App,
    caller: &Caller,
    named: Option<Named>,
) -> Result<Option<MessageId>, Failure> {
    match named {
        None => Ok(None),
        Some(Named::Ours(Id(id))) => Ok(Some(id)),
        Some(Named::Provider(id)) => {
            let found = app.core.conversations.message_by_provider_id(&caller.tenant, &id).await?;
            found.map(Some).ok_or(Failure::NotFound(Missing::Message))
        }
    }
}

/// The result of the read receipt, and whether a typing indicator is shown.
fn receipt_view(it: Receipt, asked: Tell) -> ReceiptView {
    let (state, code) = match it {
        Receipt::Acknowledged(_) => (ReceiptState::Acknowledged, None),
        Receipt::NotWanted => (ReceiptState::NotWanted, None),
        Receipt::NothingToTell => (ReceiptState::NothingToTell, None),
        Receipt::Unsupported => (ReceiptState::Unsupported, None),
        Receipt::Failed(reason) => (ReceiptState::Failed, Some(reason.code())),
    };
    let typing = match (it, asked) {
        (Receipt::Acknowledged(Typing::On), _) => TypingState::On,
        (Receipt::Acknowledged(Typing::Off) | Receipt::Unsupported, Tell::Read(Typing::On)) => {
            TypingState::Unsupported
        }
        _ => TypingState::Off,
    };
    ReceiptView { state, typing, code }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use ventanilla_core::domain::rejection::Reason;

    fn read(body: &str) -> Result<(Tell, Option<Named>), InputError> {
        let reading = reading(body.as_bytes())?;
        Ok((reading.tell()?, reading.message_id))
    }

    #[test]
    fn a_read_receipt_is_sent_unless_it_is_switched_off() {
        for all in ["", " \n", "{}", r#"{"receipt":null,"typing":null,"message_id":null}"#] {
            assert_eq!(read(all), Ok((Tell::Read(Typing::Off), None)), "{all}");
        }
        assert_eq!(read(r#"{"receipt":true,"typing":"on"}"#), Ok((Tell::Read(Typing::On), None)));
        assert_eq!(read(r#"{"receipt":false,"typing":"off"}"#), Ok((Tell::Nothing, None)));
        for ours in [r#""msg_7""#, r#""7""#, "7"] {
            let named = read(&format!(r#"{{"message_id":{ours}}}"#)).unwrap().1;
            assert_eq!(named, Some(Named::Ours(Id("7".parse().unwrap()))), "{ours}");
        }
        let theirs = read(r#"{"message_id":"wamid.7"}"#).unwrap().1;
        assert_eq!(theirs, Some(Named::Provider(Wamid::try_from("wamid.7".to_owned()).unwrap())));
    }

    #[test]
    fn every_mistake_names_its_field() {
        let no_id = "message_id must be the id of a message, like msg_244015433448729";
        for (body, says) in [
            (r#"{"receipt":"no"}"#, "receipt must be true or false"),
            (r#"{"receipt":false,"typing":"on"}"#, "typing cannot be shown without a receipt"),
            (r#"{"typing":"maybe"}"#, "typing must be on or off"),
            (r#"{"message_id":0}"#, no_id),
            (r#"{"message_id":true}"#, no_id),
            (r#"{"message_id":""}"#, no_id),
            (r#"{"messageId":"msg_7"}"#, "messageId is an unknown field; did you mean `message_id`?"),
            (r#"{"receipt":true,"receipt":false}"#, "receipt is given twice"),
            ("[]", "body must be an object"),
        ] {
            assert_eq!(read(body).unwrap_err().to_string(), says, "{body}");
        }
    }

    #[test]
    fn typing_is_unsupported_only_where_it_was_requested() {
        let shown = |it, asked| -> Value { json!(receipt_view(it, asked)) };
        let expected = |typing: &str| json!({ "state": "told", "typing": typing, "code": null });
        assert_eq!(shown(Receipt::Acknowledged(Typing::On), Tell::Read(Typing::On)), expected("on"));
        assert_eq!(
            shown(Receipt::Acknowledged(Typing::Off), Tell::Read(Typing::On)),
            expected("unsupported")
        );
        assert_eq!(shown(Receipt::Acknowledged(Typing::Off), Tell::Read(Typing::Off)), expected("off"));
        let failed = shown(Receipt::Failed(Reason::ProviderDown), Tell::Read(Typing::On));
        assert_eq!(failed, json!({ "state": "failed", "typing": "off", "code": "provider_down" }));
        let none = shown(Receipt::NotWanted, Tell::Nothing);
        assert_eq!(none, json!({ "state": "not_wanted", "typing": "off", "code": null }));
    }
}
