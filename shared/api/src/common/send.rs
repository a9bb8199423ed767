//! The way of every request that sends one message: caller, body, key, core.

use std::sync::Arc;

use axum::{body::Body, extract::Request};
use http::request::Parts;

use super::{
    access::{Authorized, Contract, scope},
    body::{self, API_LIMIT},
    claim::Claim,
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
    usecases::sending::{Recipient, Replay, SendCommand, Sent, What},
};

/// What a contract reads from a request: a content, or what one is yet to be made of.
#[derive(Debug)]
pub struct Wish<C = Content> {
    /// Which kind of request it is.
    pub operation: &'static str,
    /// Who gets it.
    pub recipient: Recipient,
    /// What.
    pub content: C,
    /// The provider's id of the message that it answers, where it quotes one.
    pub quotes: Option<Wamid>,
    /// The caller's own reference.
    pub request: Option<RequestRef>,
    /// The caller's own words about it.
    pub references: References,
    /// Whether the request may choose what is done when its outcome stays open.
    pub choice: Choice,
}

impl<C> Wish<C> {
    /// A wish without extras, of a kind that goes out at most once.
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

/// What a body says besides what is sent and whom to: it takes a look into the store.
#[derive(Debug, Default)]
pub struct Besides {
    /// The message that it answers.
    pub quote: Option<Quote>,
    /// What it says of the conversation that the request names.
    pub claim: Claim,
    /// The channel that it chooses, and the field that does.
    pub channel: Option<(String, ChannelId)>,
}

/// How a request to send ended.
#[derive(Debug)]
pub struct Outcome {
    /// The result.
    pub result: Result<Sent, Failure>,
    /// Whether it is an earlier one given again.
    pub replay: Replay,
    /// The message that it is about, also where it was refused; none where nothing was put on record.
    pub message: Option<MessageId>,
}

impl<C: Contract> Authorized<scope::Send, C, Arc<SendUseCases>> {
    /// Carries out a request to send, whose body `read` understands, of a kind that has these near misses.
    pub async fn send(
        &self,
        request: Request,
        near_misses: &NearMisses,
        read: impl FnOnce(&[u8]) -> Result<(Wish, Besides), InputError>,
    ) -> Outcome {
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
        read: impl FnOnce(&[u8]) -> Result<(Wish, Besides), InputError>,
    ) -> Result<SendCommand, Failure> {
        let deadline = request::deadline(parts, self.app.clock.as_ref());
        let bytes = body::read(body, API_LIMIT).await?;
        let (mut wish, besides) = read(&bytes)?;
        let tenant = &self.caller.tenant;
        if let Recipient::Conversation(id) = wish.recipient {
            self.app.check_claim(tenant, id, &besides.claim).await?;
        }
        if let Some((field, channel)) = &besides.channel {
            self.app.own_channel(tenant, field, *channel).await?;
        }
        if let Some(quoted) = self.app.quoted(tenant, besides.quote).await? {
            wish.quotes = Some(quoted);
        }
        as_command(parts, &self.caller, sent_by::of_body(&bytes)?, deadline, wish)
    }
}

impl SendUseCases {
    /// Takes in the file of a wish, if it has one, which the request names in these fields.
    ///
    /// # Errors
    /// Says what is wrong with the file, or with the wish under its key.
    pub async fn ready(
        &self,
        places: impl Into<file::Places>,
        command: SendCommand<What>,
    ) -> Result<SendCommand, Failure> {
        let ready = Box::pin(self.attachments.ready(command)).await;
        ready.map_err(|problem| file::failure(places, problem))
    }

    /// Sends what a request asks for, unless it was refused already.
    pub async fn conclude(&self, command: Result<SendCommand, Failure>) -> Outcome {
        let outcome = match command {
            Ok(command) => {
                let answer = Box::pin(self.sending.send(&command)).await;
                let result = answer.outcome.map_err(Failure::from);
                Outcome { result, replay: answer.replay, message: answer.message }
            }
            Err(failure) => Outcome { result: Err(failure), replay: Replay::Original, message: None },
        };
        if let Err(failure) = &outcome.result {
            respond::log(failure);
        }
        outcome
    }
}

/// A caller's wish as the core takes it, with what the headers add, and who the body says that sends it.
///
/// # Errors
/// Names the header that is wrong, or `dry_run`, of which there is none here.
pub fn as_command<C>(
    parts: &Parts,
    caller: &Caller,
    sent_by: Option<SentBy>,
    deadline: Deadline,
    wish: Wish<C>,
) -> Result<SendCommand<C>, Failure> {
    refuse_dry_run(&parts.uri)?;
    let key = idempotency::key(&parts.headers)?;
    let Wish { operation, recipient, content, quotes, request, references, choice } = wish;
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
