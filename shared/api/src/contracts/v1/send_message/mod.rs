//! Sending one message: `POST /v1/conversations/{id}/messages` and `POST /v1/messages`.

mod answer;
pub(super) mod body;
pub(super) mod cards;
pub(super) mod content;
mod file;
pub(super) mod header;
mod into_conversation;
mod quote;
pub(super) mod recipient;
#[cfg(feature = "schema")]
pub(super) mod schemas;
mod to_somebody;

use std::sync::Arc;

use http::request::Parts;

use self::{
    answer::{Ended, Refused},
    body::NewMessage,
    content::Part,
};
pub(super) use self::{into_conversation::into_conversation, to_somebody::to_somebody};
use super::errors::MaySend;
use crate::app::SendUseCases;
use crate::common::{
    Failure, InputError,
    policy::{self, Choice, DELIVERY_POLICY},
    request,
    send::{SendInput, as_command},
};
use ventanilla_core::{
    domain::attempt::DeliveryPolicy,
    usecases::sending::{ContentSource, Recipient, SendCommand},
};

/// Adds its schemas to the document.
#[cfg(feature = "schema")]
pub(super) fn describe(all: &mut crate::document::Schemas) {
    all.request::<NewMessage>();
    all.request::<into_conversation::NewConversationMessage>();
}

/// A caller who may send, before the function that does.
type Sender = MaySend<Arc<SendUseCases>>;

/// What differs between the two operations.
#[derive(Clone, Copy)]
struct Way {
    operation: &'static str,
    choice: Choice,
}

/// Sends a message, unless it is invalid.
async fn send(
    sender: &Sender,
    parts: &Parts,
    way: Way,
    recipient: Recipient,
    message: NewMessage,
) -> Result<Ended, Refused> {
    message.is_to_be_sent()?;
    let (use_cases, field) = (&sender.use_cases, message.content_field()?);
    let command = command(sender, parts, way, recipient, message).await?;
    let command = use_cases.ready(content::places(field), command).await?;
    let problems = sender.app.core.template_validation.template_problems(&command).await;
    let problems = problems.map_err(Failure::from)?;
    if !problems.is_empty() {
        return Err(Refused::WrongTemplate(problems));
    }
    Ok(use_cases.conclude(Ok(command)).await)
}

async fn command(
    sender: &Sender,
    parts: &Parts,
    way: Way,
    recipient: Recipient,
    message: NewMessage,
) -> Result<SendCommand<ContentSource>, Failure> {
    let deadline = request::deadline(parts, sender.app.clock.as_ref());
    let (sent_by, references, asked) = (message.sender()?, message.references()?, message.delivery_policy());
    let named = message.reply_to.clone();
    let part = message.into_content()?;
    let quotes = quote::quoted(sender, &recipient, named.as_ref(), &part).await?;
    let content = match part {
        Part::Content(content) => {
            let files = &sender.use_cases.files;
            ContentSource::Content(header::with_header(files, &sender.caller.tenant, content).await?)
        }
        Part::File(file) => ContentSource::File(file),
        Part::Reaction(reaction) => {
            ContentSource::Content(quote::reaction(sender, &recipient, reaction).await?)
        }
    };
    let input = SendInput {
        quotes,
        references,
        choice: way.choice,
        ..SendInput::new(way.operation, recipient, content)
    };
    let command = as_command(parts, &sender.caller, sent_by, deadline, input)?;
    let policy = chosen(parts, way.choice, command.policy, asked)?;
    Ok(SendCommand { policy, ..command })
}

/// The policy that the body selects, or else the header.
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
