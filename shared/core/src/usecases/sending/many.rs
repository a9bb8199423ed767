//! One message to many: each recipient is a single send, and none waits for another.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Semaphore, task::JoinSet, time::Instant};
use tracing::Instrument;

use crate::{
    domain::{
        attempt::Attempt,
        broadcast::{Broadcast, EntryRecipient, Own, concerns_all},
        content::{Content, TemplateContent},
        id::{BroadcastId, ChannelId, TenantId},
        idempotency::{HashedKey, IdempotencyKey},
        sent_by::SentBy,
    },
    ports::{clock::Deadline, store::StoreError},
    usecases::{
        Sending,
        sending::{RateLimiter, Recipient, SendCommand, SendError, SendOutcome, deliver::SHORTEST_SEND},
    },
};

/// The operation of each recipient's idempotency key.
const OPERATION: &str = "send template";

/// Recipients that are looked up concurrently, without sending.
const LOOKS: usize = 32;

/// The time limit of one send: its lease must not end before it does.
const LONGEST_SEND: Duration = Duration::from_secs(25);

/// A request to send one message to many.
#[derive(Debug)]
pub struct ManyCommand {
    /// The tenant that sends; from the authenticated caller only.
    pub tenant: TenantId,
    /// The message to send to every recipient.
    pub content: Content,
    /// The channel for recipients who are named by an address; `None` for the tenant's default one.
    pub channel: Option<ChannelId>,
    /// The recipients, each once, with their own fields.
    pub recipients: Vec<(EntryRecipient, Own)>,
    /// Who sends it, where the caller or its API key says so.
    pub sent_by: Option<SentBy>,
    /// The broadcast that it belongs to; `None` where the caller waits for the result.
    pub broadcast: Option<BroadcastId>,
    /// The caller's idempotency key: each recipient's is derived from it.
    pub key: Option<IdempotencyKey>,
    /// When the request must be answered.
    pub deadline: Deadline,
}

/// The outcome for one recipient.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all recipients are tried")]
pub enum Individual {
    /// A send was tried, with this answer.
    Tried(SendOutcome),
    /// A dry run that found no reason against it.
    WouldBeSent,
    /// The time was up before it; nothing was sent.
    NotBegun,
    /// It was interrupted. Its attempt is stored, and the sweep finishes it.
    BrokeOff,
}

impl Sending {
    /// Sends to all of them, within this rate limit; the outcomes are in the order of the recipients.
    pub async fn send_to_many(
        &self,
        command: &ManyCommand,
        rate_limiter: &Arc<RateLimiter>,
    ) -> Vec<Individual> {
        let budget = self.ctx.ids.now().until(command.deadline.0).saturating_sub(SHORTEST_SEND);
        let until = Instant::now() + budget;
        let mut sending = JoinSet::new();
        let mut outcomes: Vec<Individual> = Vec::with_capacity(command.recipients.len());
        for (place, (recipient, own)) in command.recipients.iter().enumerate() {
            let Some(permit) = rate_limiter.wait_for_turn(until).await else {
                outcomes.push(Individual::NotBegun);
                continue;
            };
            outcomes.push(Individual::BrokeOff);
            let soon = Deadline(command.deadline.0.min(self.ctx.ids.now().plus(LONGEST_SEND)));
            let (this, one, rate_limiter) =
                (self.clone(), command.one(recipient, own, soon), Arc::clone(rate_limiter));
            let send = async move {
                let answer = Box::pin(this.send(&one)).await;
                if matches!(&answer.outcome, Err(SendError::Rejected(rejection)) if concerns_all(rejection)) {
                    rate_limiter.report_common_rejection();
                }
                drop(permit);
                (place, answer)
            };
            sending.spawn(send.in_current_span());
        }
        while let Some(ended) = sending.join_next().await {
            let Ok((index, answer)) = ended else { continue };
            if let Some(outcome) = outcomes.get_mut(index) {
                *outcome = Individual::Tried(answer);
            }
        }
        outcomes
    }

    /// Whether an earlier request with the same key began to send to any of the recipients. A repeat returns
    /// what that request did, whatever would be the answer to a first request now.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn begun_before(&self, command: &ManyCommand) -> Result<bool, StoreError> {
        let Some(key) = &command.key else { return Ok(false) };
        let keys = command.recipients.iter().map(|(recipient, _)| key_of(key, recipient)).collect();
        Ok(!self.begun_under(&command.tenant, keys).await?.is_empty())
    }

    /// Those of these keys with which an earlier request began to send.
    async fn begun_under(
        &self,
        tenant: &TenantId,
        keys: Vec<HashedKey>,
    ) -> Result<Vec<HashedKey>, StoreError> {
        let known = self.attempts.keys(tenant, &keys).await?;
        let now = self.ctx.ids.now();
        Ok(known.into_iter().filter(|known| known.expires_at > now).map(|known| known.key).collect())
    }

    /// The positions of the recipients to whom an earlier request with the same key began to send: a repeat
    /// returns their outcomes, even where they would count as duplicates now.
    pub(crate) async fn begun_at(
        &self,
        tenant: &TenantId,
        key: &IdempotencyKey,
        places: &[(usize, EntryRecipient)],
    ) -> Result<Vec<usize>, StoreError> {
        let keys = places.iter().map(|(_, recipient)| key_of(key, recipient)).collect();
        let begun = self.begun_under(tenant, keys).await?;
        let is_begun = |(_, recipient): &&(usize, EntryRecipient)| begun.contains(&key_of(key, recipient));
        Ok(places.iter().filter(is_begun).map(|(place, _)| *place).collect())
    }

    /// The attempt of a broadcast for one of its recipients. An attempt of another request with the same
    /// key, or from before, does not count.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn begun_for(
        &self,
        broadcast: &Broadcast,
        recipient: &EntryRecipient,
        own: &Own,
    ) -> Result<Option<Attempt>, StoreError> {
        let command = ManyCommand {
            tenant: broadcast.tenant.clone(),
            content: broadcast.content.clone(),
            channel: broadcast.channel,
            recipients: Vec::new(),
            sent_by: broadcast.sent_by.clone(),
            broadcast: Some(broadcast.id),
            key: Some(broadcast.key.clone()),
            deadline: Deadline(broadcast.created_at),
        };
        let meant = command.one(recipient, own, command.deadline).fingerprint();
        let hashed = key_of(&broadcast.key, recipient);
        let known = self.attempts.key(&broadcast.tenant, &hashed).await?;
        match known {
            Some(known) if known.fingerprint == meant && known.expires_at > broadcast.created_at => {
                self.attempts.attempt(&broadcast.tenant, known.message).await
            }
            _ => Ok(None),
        }
    }

    /// A dry run: the outcome for each recipient, as far as it can be predicted without sending.
    ///
    /// # Errors
    /// When the tenant has no channel, or the store fails.
    pub async fn try_many(&self, command: &ManyCommand) -> Result<Vec<Individual>, SendError> {
        let permits = Arc::new(Semaphore::new(LOOKS));
        let mut looking = JoinSet::new();
        for (place, (recipient, own)) in command.recipients.iter().enumerate() {
            let (this, permits) = (self.clone(), Arc::clone(&permits));
            let one = command.one(recipient, own, command.deadline);
            let look = async move {
                let _lane = permits.acquire_owned().await;
                (place, this.try_one(&one).await)
            };
            looking.spawn(look.in_current_span());
        }
        let mut outcomes: Vec<Individual> =
            command.recipients.iter().map(|_| Individual::WouldBeSent).collect();
        while let Some(ended) = looking.join_next().await {
            let broke_off = || StoreError::Unavailable("a look broke off".to_owned());
            let (place, looked) = ended.map_err(|_| broke_off())?;
            if let Some(outcome) = outcomes.get_mut(place) {
                *outcome = looked?;
            }
        }
        Ok(outcomes)
    }

    /// A dry run of one send.
    async fn try_one(&self, command: &SendCommand) -> Result<Individual, SendError> {
        let looked = match self.recipients.resolve_recipient(command).await {
            Ok(recipient) => Box::pin(self.resolve(command, recipient)).await.map(drop),
            Err(error) => Err(error),
        };
        match looked {
            Ok(()) => Ok(Individual::WouldBeSent),
            Err(
                error @ (SendError::Rejected(_)
                | SendError::ConversationNotFound
                | SendError::LeadNotFound
                | SendError::NoChannel),
            ) => Ok(Individual::Tried(SendOutcome::refused(error))),
            Err(error) => Err(error),
        }
    }
}

impl ManyCommand {
    /// The content for one recipient.
    #[must_use]
    pub fn content_for(&self, own: &Own) -> Content {
        match (&self.content, &own.components) {
            (Content::Template(template), Some(components)) => {
                let (name, language) = (template.name.clone(), template.language.clone());
                let (components, file) = (components.clone(), own.header.clone());
                Content::Template(TemplateContent { name, language, components, file })
            }
            (content, _) => content.clone(),
        }
    }

    /// The send request for one recipient.
    fn one(&self, to: &EntryRecipient, own: &Own, deadline: Deadline) -> SendCommand {
        let key = self.key.as_ref().map(|key| key.for_part(&to.key_part()));
        let (tenant, content) = (self.tenant.clone(), self.content_for(own));
        let recipient = Recipient::on(self.channel, to.clone());
        SendCommand {
            request: own.request,
            references: own.references.clone(),
            key,
            sent_by: self.sent_by.clone(),
            broadcast: self.broadcast,
            ..SendCommand::new(tenant, OPERATION, recipient, content, deadline)
        }
    }
}

/// The idempotency key of one recipient of a list.
fn key_of(key: &IdempotencyKey, recipient: &EntryRecipient) -> HashedKey {
    key.for_part(&recipient.key_part()).hashed(OPERATION)
}
