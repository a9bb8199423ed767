//! The path of every request that sends one message: caller, body, key, core.

use std::sync::Arc;

use axum::{body::Body, extract::Request};
use http::request::Parts;

use super::{
    access::{Authorized, Contract, scope},
    body::{self, API_LIMIT},
    claim::ConversationSelector,
    idempotency,
    near_miss::NearMisses,
    policy::{self, Choice},
    query::refuse_dry_run,
    quote::Quote,
    request, respond,
};
use crate::app::SendUseCases;
use crate::common::{Failure, InputError, file, sent_by};
use ventanilla_core::{
    domain::{
        caller::Caller,
        content::Content,
        id::{ChannelId, MessageId, RequestRef, Wamid},
        reference::References,
        sent_by::SentBy,
    },
    ports::clock::Deadline,
    usecases::sending::{ContentSource, Recipient, Replay, SendCommand, Sent},
};

/// A decoded request to send: with a content, or one that is yet to be prepared.
#[derive(Debug)]
pub struct SendInput<C = Content> {
    /// The operation of its idempotency key.
    pub operation: &'static str,
    /// The recipient as the caller names them.
    pub recipient: Recipient,
    /// The content to send.
    pub content: C,
    /// The provider's id of the quoted message, for a reply.
    pub quotes: Option<Wamid>,
    /// The caller's own reference.
    pub request: Option<RequestRef>,
    /// The caller's own references for the message.
    pub references: References,
    /// Whether the request may select its delivery policy.
    pub choice: Choice,
}

impl<C> SendInput<C> {
    /// A request without optional fields, of a kind that is sent at most once.
    #[must_use]
    pub fn new(operation: &'static str, recipient: Recipient, content: C) -> Self {
        Self {
            operation,
            recipient,
            content,
            quotes: None,
            request: None,
            references: References::default(),
            choice: Choice::AtMostOnce,
        }
    }
}

/// The parts of a body that need a read of the store to be checked.
#[derive(Debug, Default)]
pub struct Besides {
    /// The quoted message of a reply.
    pub quote: Option<Quote>,
    /// Its claims about the conversation that the request names.
    pub claim: ConversationSelector,
    /// The selected channel, and the field that selects it.
    pub channel: Option<(String, ChannelId)>,
}

/// The result of a send request.
#[derive(Debug)]
pub struct SendReply {
    /// The message that was sent, or the failure.
    pub result: Result<Sent, Failure>,
    /// Whether it is the result of an earlier request.
    pub replay: Replay,
    /// Our id of the message, even if it was rejected; `None` where nothing was stored.
    pub message: Option<MessageId>,
}

impl<C: Contract> Authorized<scope::Send, C, Arc<SendUseCases>> {
    /// Handles a send request whose body `read` decodes, of a kind with these near misses.
    pub async fn send(
        &self,
        request: Request,
        near_misses: &NearMisses,
        read: impl FnOnce(&[u8]) -> Result<(SendInput, Besides), InputError>,
    ) -> SendReply {
        let (parts, body) = request.into_parts();
        let command = match near_misses.check_query(&parts.uri) {
            Ok(()) => self.command(&parts, body, read).await,
            Err(error) => Err(error.into()),
        };
        self.use_cases.conclude(command).await
    }

    async fn command(
        &self,
        parts: &Parts,
        body: Body,
        read: impl FnOnce(&[u8]) -> Result<(SendInput, Besides), InputError>,
    ) -> Result<SendCommand, Failure> {
        let deadline = request::deadline(parts, self.app.clock.as_ref());
        let bytes = body::read(body, API_LIMIT).await?;
        let (mut input, besides) = read(&bytes)?;
        let tenant = &self.caller.tenant;
        if let Recipient::Conversation(id) = input.recipient {
            self.app.check_claim(tenant, id, &besides.claim).await?;
        }
        if let Some((field, channel)) = &besides.channel {
            self.app.own_channel(tenant, field, *channel).await?;
        }
        if let Some(quoted) = self.app.quoted(tenant, besides.quote).await? {
            input.quotes = Some(quoted);
        }
        as_command(parts, &self.caller, sent_by::of_body(&bytes)?, deadline, input)
    }
}

impl SendUseCases {
    /// Ingests the file of a request, if it has one, named in these fields.
    ///
    /// # Errors
    /// Says what is wrong with the file, or with the request under its key.
    pub async fn ready(
        &self,
        places: impl Into<file::Places>,
        command: SendCommand<ContentSource>,
    ) -> Result<SendCommand, Failure> {
        let ready = Box::pin(self.attachments.resolve_attachment(command)).await;
        ready.map_err(|problem| file::failure(places, problem))
    }

    /// Sends a request, unless it failed already.
    pub async fn conclude(&self, command: Result<SendCommand, Failure>) -> SendReply {
        let outcome = match command {
            Ok(command) => {
                let answer = Box::pin(self.sending.send(&command)).await;
                let result = answer.outcome.map_err(Failure::from);
                SendReply { result, replay: answer.replay, message: answer.message }
            }
            Err(failure) => SendReply { result: Err(failure), replay: Replay::Original, message: None },
        };
        if let Err(failure) = &outcome.result {
            respond::log(failure);
        }
        outcome
    }
}

/// The core's send request: a decoded one with the headers' parameters and the body's sender.
///
/// # Errors
/// Names the header that is wrong, or `dry_run`, which this route does not have.
pub fn as_command<C>(
    parts: &Parts,
    caller: &Caller,
    sent_by: Option<SentBy>,
    deadline: Deadline,
    input: SendInput<C>,
) -> Result<SendCommand<C>, Failure> {
    refuse_dry_run(&parts.uri)?;
    let key = idempotency::key(&parts.headers)?;
    let SendInput { operation, recipient, content, quotes, request, references, choice } = input;
    let policy = policy::policy(&parts.headers, choice)?;
    Ok(SendCommand {
        quotes,
        request,
        references,
        sent_by: caller.sender(sent_by),
        key,
        policy,
        ..SendCommand::new(caller.tenant.clone(), operation, recipient, content, deadline)
    })
}
