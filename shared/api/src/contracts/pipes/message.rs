//! Messages in Meta's format, with responses in Meta's format (facts: seed-apis.md 3.6).

use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::{
    errors::failed_as_at_meta,
    ids,
    types::{PassedOnBody, PassedOnContact, PassedOnMessage},
};
use crate::common::{
    Encoded, Failure, InputError,
    quote::Quote,
    respond,
    send::{SendInput, SendReply},
};
use ventanilla_core::{
    domain::{
        content::Content,
        id::{ChannelId, Wamid},
        phone::Phone,
    },
    usecases::sending::{Recipient, Sent},
};

/// A decoded message with its recipient.
#[derive(Debug)]
pub struct Message {
    /// The recipient, and the number to send from.
    pub recipient: Recipient,
    /// The content of the message.
    pub content: Content,
    /// The provider's id of the quoted message, in Meta's field.
    pub quotes: Option<Wamid>,
    /// The quoted message, where it is named like in other contracts.
    pub quote: Option<Quote>,
    /// The recipient as the request spells it, for the response; `None` when it names a conversation.
    pub given: Option<String>,
}

impl Message {
    /// The ids of other messages in it, each with its field. Clients know messages by our ids (`msg_…`),
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

/// The number to send from, where the request names one.
pub(super) fn pool_number(id: Option<&str>) -> Result<Option<ChannelId>, InputError> {
    let id = id.map(ids::read_pool_number).transpose();
    id.map_err(|error| InputError::field("poolNumberId", error))
}

/// The send request, for an operation.
pub(super) fn send_input(operation: &'static str, message: Message) -> SendInput {
    let Message { recipient, content, quotes, .. } = message;
    SendInput { quotes, ..SendInput::new(operation, recipient, content) }
}

/// The response of a send.
pub(super) fn passed(outcome: &SendReply, given: Option<&str>) -> Response {
    respond::answer(answer(&outcome.result, given), outcome.result.as_ref().err(), outcome.replay)
}

/// The result in Meta's format (facts: meta.md 2.6). `given` is the recipient as the request spells it.
fn answer(outcome: &Result<Sent, Failure>, given: Option<&str>) -> Encoded {
    let sent = match outcome {
        Ok(sent) => sent,
        Err(failure) => return failed_as_at_meta(failure),
    };
    let body = PassedOnBody {
        messaging_product: "whatsapp",
        contacts: contact(sent, given).into_iter().collect(),
        messages: [PassedOnMessage { id: sent.into() }],
    };
    Encoded { status: StatusCode::OK, headers: HeaderMap::new(), body: json!(body) }
}

/// The customer: by their `wa_id`, or by a user id where one was given, or they show no number.
fn contact(sent: &Sent, given: Option<&str>) -> Option<PassedOnContact> {
    if let Some(id) = &sent.user_id {
        let id = id.as_str();
        let input = given.unwrap_or(id).to_owned();
        return Some(PassedOnContact { input, wa_id: None, user_id: Some(id.to_owned()) });
    }
    let number = sent.number.as_ref().map(Phone::digits);
    let wa_id = sent.wa_id.as_deref().map(Phone::digits).or(number)?;
    let input = given.or(number).unwrap_or(wa_id).to_owned();
    Some(PassedOnContact { input, wa_id: Some(wa_id.to_owned()), user_id: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ventanilla_core::{domain::time::Timestamp, usecases::sending::Recorded};

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
            |sent: &Sent, given: Option<&str>| answer(&Ok(sent.clone()), given).body["contacts"].clone();
        let dialled = Some("+52 1 55 1234 5678");
        let contacts = json!([{ "input": "+52 1 55 1234 5678", "wa_id": "525512345678" }]);
        assert_eq!(contact(&message, dialled), contacts);
        message.wa_id = None;
        let contacts = json!([{ "input": "5215512345678", "wa_id": "5215512345678" }]);
        assert_eq!(contact(&message, None), contacts);
        message.number = None;
        assert_eq!(contact(&message, None), json!([]));
        message.user_id = "US.1".to_owned().try_into().ok().map(Box::new);
        for given in [Some("US.1"), None] {
            assert_eq!(contact(&message, given), json!([{ "input": "US.1", "user_id": "US.1" }]));
        }
        assert_eq!(answer(&Ok(message.clone()), None).body["messages"], json!([{ "id": "wamid.A" }]));
        message.wamid = None;
        assert_eq!(answer(&Ok(message), None).body["messages"], json!([{ "id": "msg_9" }]));
    }
}
