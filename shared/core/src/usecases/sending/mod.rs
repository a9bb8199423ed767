//! Sending one message: intent first, then the provider, then one commit.

pub(crate) mod attachment;
pub(crate) mod deliver;
mod intent;
mod many;
pub mod outcome;
mod quote;
mod rate_limit;
mod reach;
pub(crate) mod recipient;
mod retry;

use std::sync::Arc;

use serde::Serialize;

pub use attachment::ContentSource;
pub use deliver::PROVIDER_PATIENCE;
pub use many::{Individual, ManyCommand};
pub use quote::MessageRef;
pub use rate_limit::{OnCommonRejection, RateLimiter};
pub(crate) use retry::REPEAT_PATIENCE;

use crate::{
    domain::{
        attempt::{Attempt, DeliveryPolicy, Ended, State, Target},
        broadcast::EntryRecipient,
        channel::Channel,
        contact::Address,
        content::{Content, NeedsWindow},
        conversation::Conversation,
        id::{BroadcastId, ChannelId, ContactId, ConversationId, MessageId, RequestRef, TenantId, Wamid},
        idempotency::{Fingerprint, IdempotencyKey},
        message::Message,
        parts::{RenderedTemplate, render},
        phone::{Bsuid, Phone},
        reference::References,
        rejection::{Reason, Rejection},
        sent_by::SentBy,
        time::Timestamp,
        window::Window,
    },
    ports::{
        attempts::AttemptRecords,
        clock::Deadline,
        directory::Directory,
        files::FileStore,
        store::{Commit, Record, StoreError, Write},
    },
    usecases::{
        Context, Conversations, Delivery, OptOuts, Outcomes, Ports, Recipients, Templates,
        channels::ChannelError, sending::outcome::Case,
    },
};
use intent::IntentOutcome;
use recipient::ResolvedRecipient;

/// The recipient as the caller names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// Whoever this conversation is with.
    Conversation(ConversationId),
    /// This number, on the tenant's default channel; its conversation is created if there is none.
    Number(Phone),
    /// The customer with this user id, on the tenant's default channel; their conversation is created if
    /// there is none.
    UserId(Bsuid),
    /// This customer, on the tenant's channel with that business number.
    Through {
        /// The business number to send from.
        sender: Phone,
        /// The address of the customer.
        to: Address,
    },
    /// This customer, on the tenant's channel with that id.
    OnChannel {
        /// The channel to send through.
        channel: ChannelId,
        /// The address of the customer.
        to: Address,
    },
    /// This contact, on the tenant's channel with that id: in their conversation there, else at an address
    /// that is theirs now.
    Lead {
        /// The lead, or any contact.
        lead: ContactId,
        /// The channel to send through.
        channel: ChannelId,
    },
}

impl Recipient {
    /// This recipient, on this channel; on the default one for `None`. A conversation has its own.
    #[must_use]
    pub fn on(channel: Option<ChannelId>, named: EntryRecipient) -> Self {
        match (channel, named.address()) {
            (Some(channel), Some(to)) => Self::OnChannel { channel, to },
            _ => Self::from(named),
        }
    }
}

impl From<EntryRecipient> for Recipient {
    fn from(named: EntryRecipient) -> Self {
        match named {
            EntryRecipient::Number(number) => Self::Number(number),
            EntryRecipient::UserId(id) => Self::UserId(id),
            EntryRecipient::Conversation(id) => Self::Conversation(id),
        }
    }
}

/// A request to send this content, or one that is yet to be prepared ([`ContentSource`]).
#[derive(Debug)]
pub struct SendCommand<C = Content> {
    /// The tenant that sends; from the authenticated caller only.
    pub tenant: TenantId,
    /// The operation of the request: a key belongs to one request of one operation.
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
    /// Who sends it, where the caller or its API key says so. Not part of the key's meaning: a repeat with
    /// another sender is a repeat.
    pub sent_by: Option<SentBy>,
    /// The broadcast that it belongs to.
    pub broadcast: Option<BroadcastId>,
    /// The caller's idempotency key, where it sent one.
    pub key: Option<IdempotencyKey>,
    /// What happens when its outcome stays unknown.
    pub policy: DeliveryPolicy,
    /// When the caller must be answered.
    pub deadline: Deadline,
}

impl<C> SendCommand<C> {
    /// A request to send at most once, without optional fields.
    #[must_use]
    pub fn new(
        tenant: TenantId,
        operation: &'static str,
        recipient: Recipient,
        content: C,
        deadline: Deadline,
    ) -> Self {
        Self {
            tenant,
            operation,
            recipient,
            content,
            quotes: None,
            request: None,
            references: References::default(),
            sent_by: None,
            broadcast: None,
            key: None,
            policy: DeliveryPolicy::AtMostOnce,
            deadline,
        }
    }

    /// The meaning of the request with this as its content: an idempotency key belongs to one meaning.
    fn meaning(&self, given: &Content) -> Fingerprint {
        Fingerprint::of(&(&self.recipient, given, &self.quotes, &self.request, &self.references, self.policy))
    }
}

impl SendCommand {
    fn fingerprint(&self) -> Fingerprint {
        self.meaning(&self.content.as_given())
    }
}

/// A message that the provider accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Our id of the message.
    pub id: MessageId,
    /// The provider's id of the message.
    pub wamid: Option<Wamid>,
    /// When it was sent.
    pub at: Timestamp,
    /// Its conversation; `None` while our record of a send to a new number is being repaired.
    pub conversation: Option<ConversationId>,
    /// The content as it was sent.
    pub content: Content,
    /// The recipient's number; `None` for a customer who shows none.
    pub number: Option<Phone>,
    /// The recipient's user id, where it was sent to one or they show no number; boxed like the next.
    pub user_id: Option<Box<Bsuid>>,
    /// The number as WhatsApp spells it, where that differs; boxed, because that is rare.
    pub wa_id: Option<Box<Phone>>,
    /// The caller's own reference: that of this message, else that of the conversation.
    pub request: Option<RequestRef>,
    /// Whether our own record of it is complete. If not, the sweep completes it, with the reported statuses.
    pub recorded: Recorded,
    /// The message as it was sent; `None` for one that an earlier request sent.
    pub message: Option<Box<Message>>,
}

/// Whether our record of a sent message is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// The record is complete.
    Now,
    /// The store failed after the provider had accepted the message.
    Later,
}

/// Why a message was not sent, or why that is unknown.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The tenant has no such conversation.
    #[error("there is no such conversation")]
    ConversationNotFound,
    /// The tenant has no such lead.
    #[error("there is no such lead")]
    LeadNotFound,
    /// The tenant has no channel to send on.
    #[error("the tenant has no channel to send on")]
    NoChannel,
    /// The key was used with another request.
    #[error("this idempotency key was used for a different request")]
    KeyReused,
    /// The first request with this key is still under way.
    #[error("a request with this idempotency key is in progress")]
    InProgress,
    /// It was definitely not sent.
    #[error("refused: {}", .0.reason.code())]
    Rejected(Rejection),
    /// It may or may not have been sent. It is stored and shown as unknown.
    #[error("the outcome is not known")]
    Unknown(MessageId),
    /// The store failed before anything was sent.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ChannelError> for SendError {
    fn from(error: ChannelError) -> Self {
        match error {
            ChannelError::NotFound => Self::NoChannel,
            ChannelError::Store(error) => Self::Store(error),
        }
    }
}

/// The answer to a send request.
#[derive(Debug)]
pub struct SendOutcome {
    /// The message that was sent, or why none was.
    pub outcome: Result<Sent, SendError>,
    /// Whether it is the answer to an earlier request with the same key.
    pub replay: Replay,
    /// Our id of the message, even if it was rejected; `None` where nothing was stored.
    pub message: Option<MessageId>,
}

impl SendOutcome {
    /// A rejection before anything was stored.
    fn refused(error: SendError) -> Self {
        Self { outcome: Err(error), replay: Replay::Original, message: None }
    }
}

/// Whether an answer is a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// It is the answer to this request.
    Original,
    /// It is the answer to an earlier request with the same key.
    Replayed,
}

/// The resolved channel, address and conversation of a request.
pub(crate) struct Resolved {
    channel: Channel,
    to: Address,
    conversation: Option<Conversation>,
    /// The template as the customer will see it.
    rendered: Option<Box<RenderedTemplate>>,
}

impl SendError {
    /// The error where it could not be stored that nothing was sent: a message whose policy allows a retry
    /// may still be sent, so the caller must not be told that it was not.
    fn unless_sent_again(self, attempt: &Attempt) -> Self {
        match attempt.policy {
            DeliveryPolicy::AtMostOnce => self,
            DeliveryPolicy::AtLeastOnce => Self::Unknown(attempt.address.id),
        }
    }
}

/// Sends messages: intent, call, commit.
#[derive(Clone)]
pub struct Sending {
    pub(crate) ctx: Arc<Context>,
    pub(crate) attempts: Arc<dyn AttemptRecords>,
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) conversations: Conversations,
    pub(crate) delivery: Delivery,
    pub(crate) opt_outs: OptOuts,
    pub(crate) outcomes: Outcomes,
    pub(crate) recipients: Recipients,
    pub(crate) templates: Templates,
}

impl Sending {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports, file_store: &Arc<dyn FileStore>) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            attempts: Arc::clone(&ports.attempts),
            directory: Arc::clone(&ports.directory),
            conversations: Conversations::new(ports),
            delivery: Delivery::new(ports, file_store),
            opt_outs: OptOuts::new(ports),
            outcomes: Outcomes::new(ports),
            recipients: Recipients::new(ports),
            templates: Templates::new(ports),
        }
    }
}

impl Sending {
    /// Sends one message, or returns why not. With a key, at most once however often it is called.
    pub async fn send(&self, command: &SendCommand) -> SendOutcome {
        match Box::pin(self.send_once(command)).await {
            Ok(answer) => answer,
            Err(error) => SendOutcome::refused(error),
        }
    }

    async fn send_once(&self, command: &SendCommand) -> Result<SendOutcome, SendError> {
        let recipient = self.recipients.resolve_recipient(command).await?;
        let intent = self.build_attempt(command, &recipient);
        // The intent needs nothing that is looked up, so both take one round trip.
        let (opened, resolved) = tokio::join!(
            self.delivery.in_time(command, Box::pin(self.write_intent(command, intent.clone()))),
            self.delivery.in_time(command, Box::pin(self.resolve(command, recipient))),
        );
        let opened = match opened {
            Err(error @ SendError::Store(_)) => {
                // The intent may have been stored all the same; nothing was sent.
                return Err(Box::pin(self.withdraw(Attempt { rev: 1, ..intent }, error)).await);
            }
            other => other?,
        };
        let attempt = match opened {
            IntentOutcome::Mine(attempt) => attempt,
            IntentOutcome::Earlier(earlier) => match self.reclaim(earlier).await? {
                IntentOutcome::Mine(mine) => mine,
                IntentOutcome::Earlier(earlier) => return self.replay_outcome(command, &earlier).await,
            },
        };
        let message = Some(attempt.address.id);
        let outcome = match resolved {
            Ok(resolved) => self.delivery.deliver_message(command, attempt, resolved).await,
            Err(error) => Err(Box::pin(self.withdraw(attempt, error)).await),
        };
        Ok(SendOutcome { outcome, replay: Replay::Original, message })
    }
}

impl Sending {
    /// Resolves the recipient, and checks that the message may be sent.
    async fn resolve(
        &self,
        command: &SendCommand,
        recipient: ResolvedRecipient,
    ) -> Result<Resolved, SendError> {
        let mut resolved = match recipient {
            ResolvedRecipient::Address { channel, to } => self.resolved(*channel, to).await?,
            ResolvedRecipient::Conversation(id) => {
                let conversation = self.ctx.conversation(&command.tenant, id).await?;
                let conversation = conversation.ok_or(SendError::ConversationNotFound)?;
                let channel = self.directory.channel(&command.tenant, conversation.channel).await?;
                let to = conversation.recipient().ok_or_else(nothing_to_send_to)?;
                Resolved {
                    channel: channel.ok_or(SendError::NoChannel)?,
                    to,
                    conversation: Some(conversation),
                    rendered: None,
                }
            }
        };
        if let Some(rejection) = resolved.channel.disabled_rejection() {
            return Err(SendError::Rejected(rejection));
        }
        resolved.to = self.recipients.reached_by(&resolved, &command.content).await?;
        if let (NeedsWindow::Yes, Some(conversation)) =
            (command.content.needs_window(), &resolved.conversation)
            && let Window::Closed { since } = conversation.window(self.ctx.ids.now())
        {
            let mut rejection = Rejection::of(Reason::WindowClosed);
            rejection.window_closed_since = Some(since);
            return Err(SendError::Rejected(
                self.templates.with_templates(&resolved.channel, rejection).await,
            ));
        }
        let Content::Template(template) = &command.content else { return Ok(resolved) };
        let known = self.templates.known_template(&resolved.channel, template).await?;
        if let Some(rejection) =
            self.opt_outs.opt_out_rejection(&resolved.channel, &resolved.to, known.as_ref()).await?
        {
            return Err(SendError::Rejected(rejection));
        }
        Ok(Resolved { rendered: Some(Box::new(render(template, known.as_ref()))), ..resolved })
    }

    /// The resolved form of an address on a channel.
    async fn resolved(&self, channel: Channel, to: Address) -> Result<Resolved, StoreError> {
        let conversation = self.conversations.conversation_with(&channel, &to).await?;
        Ok(Resolved { channel, to, conversation, rendered: None })
    }

    /// Withdraws an intent that proved impossible before the provider was called; returns the error for the
    /// caller.
    async fn withdraw(&self, attempt: Attempt, error: SendError) -> SendError {
        let rejection = match &error {
            SendError::Rejected(rejection) => rejection.clone(),
            SendError::Store(_) => Rejection::of(Reason::ProviderDown),
            _ => Rejection::of(Reason::NotFound),
        };
        let case = Case { attempt: attempt.clone(), conversation: None };
        let unwritten = match Box::pin(self.outcomes.record_rejected(None, case, &rejection)).await {
            Ok(_) => return error,
            Err(StoreError::Corrupt(_)) => match self.forestall(&attempt, &rejection).await {
                Ok(Commit::Committed) => return error,
                Ok(Commit::Conflict) => StoreError::Unavailable("the intent came late".to_owned()),
                Err(unwritten) => unwritten,
            },
            Err(unwritten) => unwritten,
        };
        log_unwritten(&attempt, &unwritten);
        error.unless_sent_again(&attempt)
    }

    /// The intent is not stored, but its write may still be on its way: takes its key.
    async fn forestall(&self, attempt: &Attempt, rejection: &Rejection) -> Result<Commit, StoreError> {
        let mut refused = Attempt { rev: 0, ..attempt.clone() };
        refused.state = State::Rejected { rejection: rejection.clone() };
        refused.end_try(Ended::refused(rejection));
        self.ctx.store.commit(vec![Write::Put(Record::Attempt(refused))]).await
    }
}

fn sent(attempt: &Attempt, conversation: Option<&Conversation>, recorded: Recorded) -> Sent {
    let number = attempt.target.number().or_else(|| conversation?.number.as_ref());
    Sent {
        id: attempt.address.id,
        wamid: match &attempt.state {
            State::Accepted { wamid } => Some(wamid.clone()),
            _ => None,
        },
        at: attempt.address.at,
        conversation: conversation.map(|known| known.id),
        content: attempt.content.clone(),
        number: number.cloned(),
        user_id: user_id(attempt, conversation).map(Box::new),
        // The conversation's spelling belongs to its own number; the customer may have others.
        wa_id: conversation
            .filter(|known| known.number.as_ref() == number)
            .and_then(|known| known.wa_id.clone().map(Box::new)),
        request: attempt.request.or_else(|| conversation.and_then(|known| known.request)),
        recorded,
        message: None,
    }
}

/// The user id that was named, or that of a customer who shows no number.
fn user_id(attempt: &Attempt, conversation: Option<&Conversation>) -> Option<Bsuid> {
    match &attempt.target {
        Target::Number(Address::Bsuid(id) | Address::Parent(id)) => Some(id.clone()),
        Target::Number(Address::Number(_)) => None,
        Target::Conversation => conversation.filter(|it| it.number.is_none())?.bsuid.clone(),
    }
}

fn nothing_to_send_to() -> SendError {
    let why = "neither a phone number nor a user id is known of the customer";
    SendError::Rejected(Reason::RecipientUnreachable.because(why))
}

fn log_unwritten(attempt: &Attempt, error: &StoreError) {
    tracing::error!(tenant = %attempt.tenant, message_id = %attempt.address.id, %error,
        "the outcome of a send could not be committed; the sweep completes it, with the reported statuses");
}
