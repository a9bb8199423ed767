//! Sending one message: `POST /v1/conversations/{id}/messages` and `POST /v1/messages`.

mod answer;
pub(super) mod body;
pub(super) mod cards;
pub(super) mod content;
mod file;
mod quote;
pub(super) mod recipient;

use axum::{extract::Request, response::Response};
use http::request::Parts;

use self::{
    answer::{Ended, Refused, answer},
    body::NewMessage,
    content::Part,
};
use super::{errors::MaySend, read::number};
use crate::{
    api::common::{
        Failure, InputError,
        body::{FILE_LIMIT, read},
        json,
        policy::{self, Choice, DELIVERY_POLICY},
        request::{self, PathParams},
        send::{Wish, as_command},
    },
    domain::{attempt::DeliveryPolicy, id::ConversationId},
    service::send::{Recipient, SendCommand, What},
};

/// What a key that comes with a message into a conversation is for.
const INTO_CONVERSATION: &str = "v1 message into a conversation";

/// What a key that comes with a message to somebody is for.
const TO_SOMEBODY: &str = "v1 message";

/// `POST /v1/conversations/{id}/messages`.
pub(super) async fn into_conversation(sender: MaySend, params: PathParams, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let sent = async {
        let id: ConversationId = number(&params)?;
        let message: NewMessage = json::read(&read(body, FILE_LIMIT).await?)?;
        message.names_nobody()?;
        let way = Way { operation: INTO_CONVERSATION, choice: Choice::Free };
        send(&sender, &parts, way, Recipient::Conversation(id), message).await
    };
    answer(&sender, Box::pin(sent).await).await
}

/// `POST /v1/messages`.
pub(super) async fn to_somebody(sender: MaySend, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let sent = async {
        let message: NewMessage = json::read(&read(body, FILE_LIMIT).await?)?;
        let recipient = recipient::named(&sender, message.to.as_ref(), message.channel()).await?;
        let way = Way { operation: TO_SOMEBODY, choice: Choice::AtMostOnce };
        send(&sender, &parts, way, recipient, message).await
    };
    answer(&sender, Box::pin(sent).await).await
}

/// What differs between the two operations.
#[derive(Clone, Copy)]
struct Way {
    operation: &'static str,
    choice: Choice,
}

/// Sends a message, unless something is wrong with it.
async fn send(
    sender: &MaySend,
    parts: &Parts,
    way: Way,
    recipient: Recipient,
    message: NewMessage,
) -> Result<Ended, Refused> {
    message.is_to_be_sent()?;
    let (app, field) = (&sender.app, message.content_field()?);
    let command = command(sender, parts, way, recipient, message).await?;
    let command = app.ready(content::places(field), command).await?;
    let problems = app.core.template_problems(&command).await.map_err(Failure::from)?;
    if !problems.is_empty() {
        return Err(Refused::WrongTemplate(problems));
    }
    Ok(app.conclude(Ok(command)).await)
}

async fn command(
    sender: &MaySend,
    parts: &Parts,
    way: Way,
    recipient: Recipient,
    message: NewMessage,
) -> Result<SendCommand<What>, Failure> {
    let deadline = request::deadline(parts, sender.app.clock.as_ref());
    let (sent_by, references, asked) = (message.sender()?, message.references()?, message.delivery_policy());
    let named = message.reply_to.clone();
    let part = message.into_content()?;
    let quotes = quote::quoted(sender, &recipient, named.as_ref(), &part).await?;
    let content = match part {
        Part::Content(content) => What::Content(content),
        Part::File(file) => What::File(file),
        Part::Reaction(reaction) => What::Content(quote::reaction(sender, &recipient, reaction).await?),
    };
    let wish =
        Wish { quotes, references, choice: way.choice, ..Wish::new(way.operation, recipient, content) };
    let command = as_command(parts, &sender.caller, sent_by, deadline, wish)?;
    let policy = chosen(parts, way.choice, command.policy, asked)?;
    Ok(SendCommand { policy, ..command })
}

/// The policy that the body asks for, or else the header.
fn chosen(
    parts: &Parts,
    choice: Choice,
    by_header: DeliveryPolicy,
    by_body: Option<DeliveryPolicy>,
) -> Result<DeliveryPolicy, InputError> {
    let Some(asked) = by_body else { return Ok(by_header) };
    let asked = policy::allowed(asked, choice, "delivery_policy")?;
    if parts.headers.contains_key(DELIVERY_POLICY) && asked != by_header {
        return Err(InputError::field("delivery_policy", "contradicts the header Delivery-Policy"));
    }
    Ok(asked)
}
