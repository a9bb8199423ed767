//! One message to many: each recipient goes the way of a single send, none waits for another.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Semaphore, task::JoinSet, time::Instant};
use tracing::Instrument;

use super::{Answer, Pace, Recipient, Replay, SendCommand, SendError, deliver::SHORTEST_SEND};
use crate::{
    domain::{
        attempt::Attempt,
        broadcast::{Broadcast, concerns_all},
        contact::Address,
        content::Content,
        id::{RequestRef, TenantId},
        idempotency::{HashedKey, IdempotencyKey},
        phone::Phone,
    },
    port::{book::StoreError, clock::Deadline},
    service::Core,
};

/// What the key of each recipient is for.
const OPERATION: &str = "send template";

/// How many recipients are looked at, at a time, without sending.
const LOOKS: usize = 32;

/// The longest that one send may take: its lease must not end before it does.
const LONGEST_SEND: Duration = Duration::from_secs(25);

/// A wish to send the same to many.
#[derive(Debug)]
pub struct ManyCommand {
    /// Who sends; from the authenticated caller only.
    pub tenant: TenantId,
    /// What.
    pub content: Content,
    /// Who gets it, each once, and the caller's own reference for each.
    pub recipients: Vec<(Phone, Option<RequestRef>)>,
    /// The promise that repeats of this request are one and the same: it holds for each recipient.
    pub key: Option<IdempotencyKey>,
    /// When it must have ended.
    pub deadline: Deadline,
}

/// How it ended for one recipient.
#[derive(Debug)]
pub enum Individual {
    /// It was sent, or tried.
    Tried(Answer),
    /// Nothing was to be sent, and nothing speaks against it.
    WouldBeSent,
    /// There was no time left to begin; nothing was sent.
    NotBegun,
    /// It broke off. What became of it is on record, and the sweep tells.
    BrokeOff,
}

impl Core {
    /// Sends to all of them, at this pace; the order of the outcomes is that of the recipients.
    pub async fn send_to_many(&self, command: &ManyCommand, pace: &Arc<Pace>) -> Vec<Individual> {
        let budget = self.mint.now().until(command.deadline.0).saturating_sub(SHORTEST_SEND);
        let until = Instant::now() + budget;
        let mut sending = JoinSet::new();
        let mut outcomes: Vec<Individual> = Vec::with_capacity(command.recipients.len());
        for (place, (number, request)) in command.recipients.iter().enumerate() {
            let Some(lane) = pace.turn(until).await else {
                outcomes.push(Individual::NotBegun);
                continue;
            };
            outcomes.push(Individual::BrokeOff);
            let soon = Deadline(command.deadline.0.min(self.mint.now().plus(LONGEST_SEND)));
            let (core, one, pace) = (self.clone(), command.one(number, *request, soon), Arc::clone(pace));
            let send = async move {
                let answer = Box::pin(core.send(&one)).await;
                if matches!(&answer.outcome, Err(SendError::Rejected(rejection)) if concerns_all(rejection)) {
                    pace.common_refusal();
                }
                drop(lane);
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

    /// Whether an earlier request under the same key began to send to any of the recipients. What it did is
    /// what a repeat must hear, whatever would be said to a first request now.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn begun_before(&self, command: &ManyCommand) -> Result<bool, StoreError> {
        let Some(key) = &command.key else { return Ok(false) };
        let hashed = |(number, _): &(Phone, _)| key.for_part(number.digits()).hashed(OPERATION);
        let keys: Vec<HashedKey> = command.recipients.iter().map(hashed).collect();
        let known = self.attempts.keys(&command.tenant, &keys).await?;
        Ok(known.iter().any(|known| known.expires_at > self.mint.now()))
    }

    /// The attempt that a broadcast made for one of its recipients. One that was made under the same key for
    /// another request, or before, is none of it.
    ///
    /// # Errors
    /// When the store fails.
    pub(in crate::service) async fn begun_for(
        &self,
        broadcast: &Broadcast,
        number: &Phone,
        request: Option<RequestRef>,
    ) -> Result<Option<Attempt>, StoreError> {
        let command = ManyCommand {
            tenant: broadcast.tenant.clone(),
            content: broadcast.content.clone(),
            recipients: Vec::new(),
            key: Some(broadcast.key.clone()),
            deadline: Deadline(broadcast.created_at),
        };
        let meant = command.one(number, request, command.deadline).fingerprint();
        let hashed = broadcast.key.for_part(number.digits()).hashed(OPERATION);
        let known = self.attempts.key(&broadcast.tenant, &hashed).await?;
        match known {
            Some(known) if known.fingerprint == meant && known.expires_at > broadcast.created_at => {
                self.attempts.attempt(&broadcast.tenant, known.message).await
            }
            _ => Ok(None),
        }
    }

    /// What would become of each recipient, as far as can be told without sending.
    ///
    /// # Errors
    /// When the tenant has no channel, or the store fails.
    pub async fn try_many(&self, command: &ManyCommand) -> Result<Vec<Individual>, SendError> {
        let lanes = Arc::new(Semaphore::new(LOOKS));
        let mut looking = JoinSet::new();
        for (place, (number, _)) in command.recipients.iter().enumerate() {
            let (core, lanes, to) = (self.clone(), Arc::clone(&lanes), Address::Number(number.clone()));
            let (tenant, content) = (command.tenant.clone(), command.content.clone());
            let look = async move {
                let _lane = lanes.acquire_owned().await;
                (place, core.try_one(&tenant, &to, &content).await)
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

    async fn try_one(
        &self,
        tenant: &TenantId,
        to: &Address,
        content: &Content,
    ) -> Result<Individual, SendError> {
        let Content::Template(template) = content else { return Ok(Individual::WouldBeSent) };
        let channel = self.default_channel(tenant).await?;
        let mut against = channel.refusal();
        if against.is_none() {
            let known = self.known_template(&channel, template).await?;
            against = self.unwanted(&channel, to, known.as_ref()).await?;
        }
        Ok(against.map_or(Individual::WouldBeSent, |rejection| {
            let outcome = Err(SendError::Rejected(rejection));
            Individual::Tried(Answer { outcome, replay: Replay::Original })
        }))
    }
}

impl ManyCommand {
    /// The command for one recipient.
    fn one(&self, number: &Phone, request: Option<RequestRef>, deadline: Deadline) -> SendCommand {
        let recipient = Recipient::Number(number.clone());
        let key = self.key.as_ref().map(|key| key.for_part(number.digits()));
        let (tenant, content) = (self.tenant.clone(), self.content.clone());
        SendCommand { request, key, ..SendCommand::new(tenant, OPERATION, recipient, content, deadline) }
    }
}
