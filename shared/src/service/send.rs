//! Sending one message: intent first, then the provider, then one commit.

use std::time::Duration;

use serde::Serialize;

use super::{Core, settle::Case};
use crate::{
    domain::{
        attempt::{Attempt, LEASE, State, Target},
        channel::Channel,
        contact::Address,
        content::Content,
        conversation::Conversation,
        delivery::Facts,
        id::{ConversationId, MessageId, RequestRef, TenantId},
        idempotency::{Fingerprint, IdempotencyKey, KeyRecord, REMEMBERED},
        message::MessageAddress,
        phone::Phone,
        rejection::{Reason, Rejection, Retry},
        time::Timestamp,
        window::Window,
    },
    port::{
        book::{Applied, Change, StoreError},
        clock::Deadline,
        credentials::{ChannelSecret, CredentialError, Freshness},
        provider::{Acceptance, Outgoing, SendFailure},
    },
};

/// Longest wait for the provider's answer.
const PROVIDER_PATIENCE: Duration = Duration::from_secs(8);

/// What must be left of the request's time for the commit: one call to the store with its repeats.
const COMMIT_RESERVE: Duration = Duration::from_secs(6);

/// What must be left for the answer itself.
const ANSWER_RESERVE: Duration = Duration::from_millis(300);

/// Below this a call to the provider is not begun.
const SHORTEST_CALL: Duration = Duration::from_millis(500);

/// Who gets a message, as the caller names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// Whoever this conversation is with.
    Conversation(ConversationId),
    /// This number, on the tenant's default channel; its conversation is begun if there is none.
    Number(Phone),
}

/// A wish to send.
#[derive(Debug)]
pub struct SendCommand {
    /// Who sends; from the authenticated caller only.
    pub tenant: TenantId,
    /// Which kind of request it came with: a key stands for one request of one kind.
    pub operation: &'static str,
    /// Who gets it.
    pub recipient: Recipient,
    /// What.
    pub content: Content,
    /// The caller's own reference.
    pub request: Option<RequestRef>,
    /// The caller's promise that repeats of this wish are one and the same.
    pub key: Option<IdempotencyKey>,
    /// When the caller must have been answered.
    pub deadline: Deadline,
}

/// A message that the provider took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Our id of it.
    pub id: MessageId,
    /// When it was sent.
    pub at: Timestamp,
    /// Its conversation; not known while our record of a send to a new number is being repaired.
    pub conversation: Option<ConversationId>,
    /// What was sent.
    pub content: Content,
    /// The number it went to; none for a customer who shows none.
    pub number: Option<Phone>,
    /// The caller's own reference: that of this message, else that of the conversation.
    pub request: Option<RequestRef>,
    /// Whether our own record of it is complete. If not, a callback or `reconcile` completes it.
    pub recorded: Recorded,
}

/// Whether a sent message is on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// It is.
    Now,
    /// The store failed after the provider had taken the message.
    Later,
}

/// Why a message was not sent, or not certainly.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The tenant has no such conversation.
    #[error("there is no such conversation")]
    ConversationNotFound,
    /// The tenant has no channel to send on.
    #[error("the tenant has no channel to send on")]
    NoChannel,
    /// The key came before with another request.
    #[error("this idempotency key was used for a different request")]
    KeyReused,
    /// The first request with this key is still under way.
    #[error("a request with this idempotency key is in progress")]
    InProgress,
    /// Definitely not sent.
    #[error("refused: {}", .0.reason.code())]
    Rejected(Rejection),
    /// It may or may not have been sent. It is kept and shown as such.
    #[error("the outcome is not known")]
    Unknown(MessageId),
    /// The store failed before anything was sent.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How a wish to send ended.
#[derive(Debug)]
pub struct Answer {
    /// The outcome.
    pub outcome: Result<Sent, SendError>,
    /// Whether it is the outcome of an earlier request with the same key.
    pub replay: Replay,
}

/// Whether an answer is an earlier one given again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// It is this request's own.
    Original,
    /// It is the answer to an earlier request with the same key.
    Replayed,
}

/// Whom and where to, once looked up.
struct Resolved {
    channel: Channel,
    to: Address,
    conversation: Option<Conversation>,
}

/// What the intent met.
enum Opened {
    /// It is new; go on.
    Mine(Attempt),
    /// The key stands for this earlier attempt.
    Earlier(Attempt),
}

impl Core {
    /// Sends one message, or says why not. With a key, at most once however often it is called.
    pub async fn send(&self, command: &SendCommand) -> Answer {
        match self.send_once(command).await {
            Ok(answer) => answer,
            Err(error) => Answer { outcome: Err(error), replay: Replay::Original },
        }
    }

    async fn send_once(&self, command: &SendCommand) -> Result<Answer, SendError> {
        let channel = match command.recipient {
            Recipient::Number(_) => Some(self.default_channel(&command.tenant).await?),
            Recipient::Conversation(_) => None,
        };
        let intent = self.intent(command, channel.as_ref());
        // The intent needs nothing of what is looked up, so both take one round trip.
        let (opened, resolved) =
            tokio::join!(self.write_intent(command, intent.clone()), self.resolve(command, channel));
        let opened = match opened {
            Err(error @ SendError::Store(_)) => {
                // The intent may have been written all the same; nothing was sent.
                self.withdraw(Attempt { rev: 1, ..intent }, &error).await;
                return Err(error);
            }
            other => other?,
        };
        let attempt = match opened {
            Opened::Mine(attempt) => attempt,
            Opened::Earlier(earlier) => match self.take_up(earlier).await? {
                Ok(mine) => mine,
                Err(earlier) => return self.replayed(command, &earlier).await,
            },
        };
        let outcome = match resolved {
            Ok(resolved) => self.deliver(command, attempt, resolved).await,
            Err(error) => {
                self.withdraw(attempt, &error).await;
                Err(error)
            }
        };
        Ok(Answer { outcome, replay: Replay::Original })
    }

    async fn default_channel(&self, tenant: &TenantId) -> Result<Channel, SendError> {
        let settings = self.directory.tenant(tenant).await?.ok_or(SendError::NoChannel)?;
        let channel = self.directory.channel(tenant, settings.default_channel).await?;
        channel.ok_or(SendError::NoChannel)
    }

    fn intent(&self, command: &SendCommand, channel: Option<&Channel>) -> Attempt {
        let now = self.mint.now();
        let (conversation, target) = match &command.recipient {
            Recipient::Conversation(id) => (*id, Target::Conversation),
            Recipient::Number(number) => (self.mint.id(), Target::Number(Address::Number(number.clone()))),
        };
        Attempt {
            tenant: command.tenant.clone(),
            address: MessageAddress { conversation, at: now, id: self.mint.id() },
            channel: channel.map(|channel| channel.id),
            target,
            content: command.content.clone(),
            request: command.request,
            state: State::Sending { lease_until: now.plus(LEASE) },
            tries: 1,
            parked: Facts::default(),
            parked_wamid: None,
            rev: 0,
        }
    }

    /// Writes the intent. With a key, exactly one of any number of requests gets `Mine`.
    async fn write_intent(&self, command: &SendCommand, mut attempt: Attempt) -> Result<Opened, SendError> {
        let mut record = command.key.as_ref().map(|key| KeyRecord {
            tenant: command.tenant.clone(),
            key: key.hashed(command.operation),
            fingerprint: Fingerprint::of(&(&command.recipient, &command.content, &command.request)),
            message: attempt.address.id,
            expires_at: self.mint.now().plus(REMEMBERED),
            rev: 0,
        });
        for _ in 0..4 {
            let mut changes = vec![Change::Attempt(attempt.clone())];
            changes.extend(record.clone().map(Change::Key));
            if self.book.apply(changes).await? == Applied::Done {
                attempt.rev = 1;
                return Ok(Opened::Mine(attempt));
            }
            // Either the key is taken, or a new id happened to be.
            attempt.address.id = self.mint.id();
            let Some(mine) = record.as_mut() else { continue };
            mine.message = attempt.address.id;
            let Some(known) = self.attempts.key(&command.tenant, &mine.key).await? else {
                mine.rev = 0;
                continue;
            };
            if known.expires_at <= self.mint.now() {
                mine.rev = known.rev;
                continue;
            }
            if known.fingerprint != mine.fingerprint {
                return Err(SendError::KeyReused);
            }
            let earlier = self.attempts.attempt(&command.tenant, known.message).await?;
            let gone = || StoreError::Corrupt(format!("attempt {} has gone", known.message));
            return Ok(Opened::Earlier(earlier.ok_or_else(gone)?));
        }
        Err(StoreError::Unavailable("the intent could not be written".to_owned()).into())
    }

    /// Makes an earlier attempt that was refused for the time being our own; any other is left alone.
    async fn take_up(&self, earlier: Attempt) -> Result<Result<Attempt, Attempt>, SendError> {
        let State::Rejected { rejection } = &earlier.state else { return Ok(Err(earlier)) };
        if rejection.reason.retry() == Retry::Never {
            return Ok(Err(earlier));
        }
        let mut mine = earlier.clone();
        mine.state = State::Sending { lease_until: self.mint.now().plus(LEASE) };
        mine.tries += 1;
        // It goes out now, so now is its place in the conversation.
        mine.address.at = self.mint.now();
        match self.book.apply(vec![Change::Attempt(mine.clone())]).await? {
            Applied::Done => {
                mine.rev += 1;
                Ok(Ok(mine))
            }
            Applied::Conflict => Err(SendError::InProgress),
        }
    }

    /// The answer that an earlier request with the same key got, or would get now.
    async fn replayed(&self, command: &SendCommand, earlier: &Attempt) -> Result<Answer, SendError> {
        let outcome = match &earlier.state {
            State::Accepted { .. } => {
                let id = earlier.address.conversation;
                let conversation = self.conversation(&command.tenant, id).await?;
                Ok(sent(earlier, conversation.as_ref(), Recorded::Now))
            }
            State::Rejected { rejection } => Err(SendError::Rejected(rejection.clone())),
            State::Sending { lease_until } if *lease_until > self.mint.now() => {
                return Err(SendError::InProgress);
            }
            State::Sending { .. } | State::Unknown { .. } | State::Unresolved { .. } => {
                Err(SendError::Unknown(earlier.address.id))
            }
        };
        Ok(Answer { outcome, replay: Replay::Replayed })
    }

    /// Whom the message goes to, and whether it may.
    async fn resolve(&self, command: &SendCommand, channel: Option<Channel>) -> Result<Resolved, SendError> {
        let resolved = match (&command.recipient, channel) {
            (Recipient::Number(number), Some(channel)) => {
                let address = Address::Number(number.clone());
                let conversation = self.conversation_with(&channel, &address).await?;
                Resolved { channel, to: address, conversation }
            }
            (Recipient::Number(_), None) => return Err(SendError::NoChannel),
            (Recipient::Conversation(id), _) => {
                let conversation = self.conversation(&command.tenant, *id).await?;
                let conversation = conversation.ok_or(SendError::ConversationNotFound)?;
                let channel = self.directory.channel(&command.tenant, conversation.channel).await?;
                let to = conversation.recipient().ok_or(SendError::ConversationNotFound)?;
                Resolved {
                    channel: channel.ok_or(SendError::NoChannel)?,
                    to,
                    conversation: Some(conversation),
                }
            }
        };
        if let Some(conversation) = &resolved.conversation
            && let Window::Closed { since } = conversation.window(self.mint.now())
        {
            let mut rejection = Rejection::of(Reason::WindowClosed);
            rejection.window_closed_since = Some(since);
            return Err(SendError::Rejected(rejection));
        }
        Ok(resolved)
    }

    /// Calls the provider and writes down how that ended.
    async fn deliver(
        &self,
        command: &SendCommand,
        attempt: Attempt,
        resolved: Resolved,
    ) -> Result<Sent, SendError> {
        let Resolved { channel, to, conversation } = resolved;
        let called = self.call(command, &attempt, &channel, &to).await;
        let case = Case { attempt: attempt.clone(), conversation };
        match called {
            Ok(acceptance) => Ok(self.record(command, &channel, case, &acceptance).await),
            Err(SendFailure::Refused(rejection)) => {
                let refused = Box::pin(self.refuse(Some(&channel), case, &rejection));
                if let Err(error) = self.in_time(command, refused).await {
                    log_unwritten(&attempt, &error);
                }
                Err(SendError::Rejected(rejection))
            }
            Err(SendFailure::Ambiguous(seen)) => {
                tracing::warn!(tenant = %attempt.tenant, message = %attempt.address.id, seen,
                    "the provider's answer leaves the outcome open");
                match self.in_time(command, Box::pin(self.doubt(&channel, case))).await {
                    // A status came in the meantime and settled it.
                    Ok(settled) if matches!(settled.state, State::Accepted { .. }) => {
                        let id = settled.address.conversation;
                        let conversation = self.conversation(&settled.tenant, id).await.ok().flatten();
                        Ok(sent(&settled, conversation.as_ref(), Recorded::Now))
                    }
                    Ok(_) => Err(SendError::Unknown(attempt.address.id)),
                    Err(error) => {
                        log_unwritten(&attempt, &error);
                        Err(SendError::Unknown(attempt.address.id))
                    }
                }
            }
        }
    }

    /// Commits a message that the provider took. Whatever fails now, the customer has it.
    async fn record(
        &self,
        command: &SendCommand,
        channel: &Channel,
        case: Case,
        acceptance: &Acceptance,
    ) -> Sent {
        let (attempt, conversation) = (case.attempt.clone(), case.conversation.clone());
        match self.in_time(command, Box::pin(self.accept(channel, case, acceptance))).await {
            Ok((attempt, conversation)) => sent(&attempt, Some(&conversation), Recorded::Now),
            Err(error) => {
                log_unwritten(&attempt, &error);
                sent(&attempt, conversation.as_ref(), Recorded::Later)
            }
        }
    }

    /// Lets a write take what is left of the request's time, and no more.
    async fn in_time<T>(
        &self,
        command: &SendCommand,
        write: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let left = self.mint.now().until(command.deadline.0).saturating_sub(ANSWER_RESERVE);
        let late = || StoreError::Unavailable("no time was left".to_owned());
        tokio::time::timeout(left, write).await.unwrap_or_else(|_| Err(late()))
    }

    async fn call(
        &self,
        command: &SendCommand,
        attempt: &Attempt,
        channel: &Channel,
        to: &Address,
    ) -> Result<Acceptance, SendFailure> {
        let secret = self.secret(channel, Freshness::Cached).await?;
        let first = self.call_with(command, attempt, channel, to, &secret).await;
        match first {
            // The token may have been changed under us. The refusal is definite, so once more is safe.
            Err(SendFailure::Refused(rejection)) if rejection.reason == Reason::ProviderAuth => {
                match self.secret(channel, Freshness::Refreshed).await {
                    Ok(fresh) if fresh != secret => {
                        self.call_with(command, attempt, channel, to, &fresh).await
                    }
                    _ => Err(SendFailure::Refused(rejection)),
                }
            }
            other => other,
        }
    }

    async fn secret(&self, channel: &Channel, how: Freshness) -> Result<ChannelSecret, SendFailure> {
        self.credentials.channel(channel.id, how).await.map_err(|error| {
            tracing::error!(tenant = %channel.tenant, channel = %channel.id, %error, "no credentials");
            SendFailure::Refused(Rejection::of(match error {
                CredentialError::Missing => Reason::ProviderAuth,
                CredentialError::Unavailable => Reason::ProviderDown,
            }))
        })
    }

    async fn call_with(
        &self,
        command: &SendCommand,
        attempt: &Attempt,
        channel: &Channel,
        to: &Address,
        secret: &ChannelSecret,
    ) -> Result<Acceptance, SendFailure> {
        let left = self.mint.now().until(command.deadline.0).saturating_sub(COMMIT_RESERVE);
        if left < SHORTEST_CALL {
            return Err(SendFailure::Refused(Rejection::of(Reason::ProviderDown)));
        }
        let echo = attempt.address.to_echo();
        let outgoing = Outgoing {
            channel,
            secret,
            to,
            content: &command.content,
            echo: &echo,
            timeout: left.min(PROVIDER_PATIENCE),
        };
        self.provider.send(outgoing).await
    }

    /// Takes an intent back that turned out to be impossible before the provider was called.
    async fn withdraw(&self, attempt: Attempt, error: &SendError) {
        let rejection = match error {
            SendError::Rejected(rejection) => rejection.clone(),
            SendError::Store(_) => Rejection::of(Reason::ProviderDown),
            _ => Rejection::of(Reason::NotFound),
        };
        let case = Case { attempt: attempt.clone(), conversation: None };
        if let Err(error) = self.refuse(None, case, &rejection).await {
            log_unwritten(&attempt, &error);
        }
    }
}

fn sent(attempt: &Attempt, conversation: Option<&Conversation>, recorded: Recorded) -> Sent {
    let dialled = match &attempt.target {
        Target::Number(Address::Number(number)) => Some(number.clone()),
        Target::Number(Address::Bsuid(_)) | Target::Conversation => None,
    };
    Sent {
        id: attempt.address.id,
        at: attempt.address.at,
        conversation: conversation.map(|known| known.id),
        content: attempt.content.clone(),
        number: dialled.or_else(|| conversation.and_then(|known| known.number.clone())),
        request: attempt.request.or_else(|| conversation.and_then(|known| known.request)),
        recorded,
    }
}

fn log_unwritten(attempt: &Attempt, error: &StoreError) {
    tracing::error!(metric = "outcome_unwritten", tenant = %attempt.tenant, message = %attempt.address.id, %error,
        "how a send ended could not be written down; a callback or the sweep completes it");
}
