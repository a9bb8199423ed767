//! One message to many: each recipient goes the way of a single send, none waits for another.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio::{sync::Semaphore, task::JoinSet, time::Instant};
use tracing::Instrument;

use super::{Answer, Recipient, Replay, SendCommand, SendError, deliver::SHORTEST_SEND};
use crate::{
    domain::{
        contact::Address,
        content::Content,
        id::{RequestRef, TenantId},
        idempotency::IdempotencyKey,
        phone::Phone,
    },
    port::{book::StoreError, clock::Deadline},
    service::Core,
};

/// How many sends of one request may be under way at a time.
const LANES: usize = 64;

/// A wish to send the same to many.
#[derive(Debug)]
pub struct ManyCommand {
    /// Who sends; from the authenticated caller only.
    pub tenant: TenantId,
    /// Which kind of request it came with.
    pub operation: &'static str,
    /// What.
    pub content: Content,
    /// Who gets it, and the caller's own reference for each.
    pub recipients: Vec<(Phone, Option<RequestRef>)>,
    /// The caller's promise that repeats of this request are one and the same: it holds for each recipient.
    pub key: Option<IdempotencyKey>,
    /// When the caller must have been answered.
    pub deadline: Deadline,
}

/// How it ended for one recipient.
#[derive(Debug)]
pub enum Individual {
    /// It was sent, or tried.
    Tried(Answer),
    /// The same number came before in the list.
    Duplicate,
    /// Nothing was to be sent, and nothing speaks against it.
    WouldBeSent,
    /// There was no time left to begin; nothing was sent.
    NotBegun,
    /// It broke off. What became of it is on record, and the sweep tells.
    BrokeOff,
}

impl Core {
    /// Sends to all of them, at the pace that their channel allows; the order of the outcomes is that of the
    /// recipients.
    ///
    /// # Errors
    /// When the tenant has no channel, or the store fails before anything was sent.
    pub async fn send_to_many(&self, command: ManyCommand) -> Result<Vec<Individual>, SendError> {
        let gap = self.default_channel(&command.tenant).await?.pace();
        let budget = self.mint.now().until(command.deadline.0).saturating_sub(SHORTEST_SEND);
        let (begun, lanes) = (Instant::now(), Arc::new(Semaphore::new(LANES)));
        let mut sending = JoinSet::new();
        let mut outcomes: Vec<Individual> = Vec::new();
        let mut met = BTreeSet::new();
        let mut turn = Duration::ZERO;
        for (place, (number, request)) in command.recipients.iter().enumerate() {
            if !met.insert(number.digits()) {
                outcomes.push(Individual::Duplicate);
                continue;
            }
            outcomes.push(Individual::NotBegun);
            // Nobody waits for a turn that comes too late.
            let spare = budget.saturating_sub(turn.max(begun.elapsed()));
            if spare.is_zero() {
                continue;
            }
            tokio::time::sleep_until(begun + turn).await;
            turn += gap;
            let lane = tokio::time::timeout(spare, Arc::clone(&lanes).acquire_owned()).await;
            let Ok(Ok(lane)) = lane else { continue };
            if let Some(outcome) = outcomes.get_mut(place) {
                *outcome = Individual::BrokeOff;
            }
            let (core, one) = (self.clone(), command.one(number, *request));
            let send = async move {
                let answer = Box::pin(core.send(&one)).await;
                drop(lane);
                (place, answer)
            };
            sending.spawn(send.in_current_span());
        }
        while let Some(ended) = sending.join_next().await {
            let Ok((place, answer)) = ended else { continue };
            if let Some(outcome) = outcomes.get_mut(place) {
                *outcome = Individual::Tried(answer);
            }
        }
        Ok(outcomes)
    }
}

impl Core {
    /// Whether an earlier request under the same key began to send to any of the recipients. What it did is
    /// what a repeat must hear, whatever would be said to a first request now.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn begun_before(&self, command: &ManyCommand) -> Result<bool, StoreError> {
        let Some(key) = &command.key else { return Ok(false) };
        for (number, _) in &command.recipients {
            let hashed = key.for_part(number.digits()).hashed(command.operation);
            let known = self.attempts.key(&command.tenant, &hashed).await?;
            if known.is_some_and(|known| known.expires_at > self.mint.now()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What would become of each recipient, as far as can be told without sending.
    ///
    /// # Errors
    /// When the tenant has no channel, or the store fails.
    pub async fn try_many(&self, command: &ManyCommand) -> Result<Vec<Individual>, SendError> {
        let channel = self.default_channel(&command.tenant).await?;
        let mut met = BTreeSet::new();
        let mut outcomes = Vec::with_capacity(command.recipients.len());
        for (number, _) in &command.recipients {
            if !met.insert(number.digits()) {
                outcomes.push(Individual::Duplicate);
                continue;
            }
            let against = match &command.content {
                Content::Template(template) => {
                    self.unwanted(&channel, &Address::Number(number.clone()), template).await?
                }
                _ => None,
            };
            outcomes.push(against.map_or(Individual::WouldBeSent, |rejection| {
                Individual::Tried(Answer {
                    outcome: Err(SendError::Rejected(rejection)),
                    replay: Replay::Original,
                })
            }));
        }
        Ok(outcomes)
    }
}

impl ManyCommand {
    /// The command for one recipient.
    fn one(&self, number: &Phone, request: Option<RequestRef>) -> SendCommand {
        let recipient = Recipient::Number(number.clone());
        let key = self.key.as_ref().map(|key| key.for_part(number.digits()));
        let (tenant, content) = (self.tenant.clone(), self.content.clone());
        SendCommand {
            request,
            key,
            ..SendCommand::new(tenant, self.operation, recipient, content, self.deadline)
        }
    }
}
