//! Runs a batch of a broadcast. It may run any number of times, also concurrently: the idempotency key of
//! each recipient ensures that they get the message once, and outcomes of both runs are merged.

use std::{sync::Arc, time::Duration};

use crate::{
    domain::{
        attempt::{Attempt, State},
        broadcast::{
            Batch, BatchId, Broadcast, EntryOutcome, EntryRecipient, GoesOn, Own, concerns_all, passes,
        },
        event::EventKind,
        rejection::{Reason, Rejection},
    },
    ports::{
        broadcasts::BroadcastRecords,
        clock::Deadline,
        directory::Directory,
        files::FileStore,
        queue::{Job, Queue},
        store::{Record, StoreError, Write},
    },
    usecases::{
        Broadcasts, Context, Ports, Sending,
        requeue::RequeueError,
        sending::{Individual, ManyCommand, OnCommonRejection, RateLimiter, SendError},
        until_committed::Decision,
    },
};

/// Whether a batch was finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// Every recipient was tried, or the batch does not exist any more.
    Done,
    /// Some recipients are left, and the batch is queued or due again.
    Left,
    /// Some recipients are left, and too many workers in a row reached none of them. The sweep runs it
    /// again, ever more rarely, until the broadcast is over.
    Stuck,
}

/// How far one run over a batch's recipients came.
enum Reached {
    /// All of them were tried.
    End,
    /// The time was up before some of them.
    Part,
}

/// Sends to the open recipients of a batch of a broadcast.
#[derive(Clone)]
pub struct BatchRunner {
    pub(crate) ctx: Arc<Context>,
    pub(crate) broadcast_records: Arc<dyn BroadcastRecords>,
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) broadcasts: Broadcasts,
    pub(crate) sending: Sending,
}

impl BatchRunner {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports, file_store: &Arc<dyn FileStore>, queue: &Arc<dyn Queue>) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            broadcast_records: Arc::clone(&ports.broadcast_records),
            directory: Arc::clone(&ports.directory),
            queue: Arc::clone(queue),
            broadcasts: Broadcasts::new(ports, file_store, queue),
            sending: Sending::new(ports, file_store),
        }
    }
}

impl BatchRunner {
    /// Sends to those recipients of a batch who were not tried yet.
    ///
    /// # Errors
    /// When the store or the queue fails: the batch must then run again.
    pub async fn run_batch(
        &self,
        id: &BatchId,
        rate_limiter: &Arc<RateLimiter>,
        deadline: Deadline,
    ) -> Result<Carried, RequeueError> {
        let (broadcast, batch) = tokio::join!(
            self.broadcast_records.broadcast(&id.tenant, id.broadcast),
            self.broadcast_records.batch(id)
        );
        let (Some(broadcast), Some(mut batch)) = (broadcast?, batch?) else { return Ok(Carried::Done) };
        if batch.is_done() {
            return Ok(Carried::Done);
        }
        let open_before = batch.open();
        let reached = match broadcast.expired_outcome(self.ctx.ids.now()) {
            Some(over) => self.end_open(&broadcast, &mut batch, &over).await?,
            None => self.send_open(&broadcast, &mut batch, rate_limiter, deadline).await?,
        };
        let left = match reached {
            Reached::End => {
                batch.gone_through(self.ctx.ids.now());
                None
            }
            Reached::Part => Some(batch.finish_round(open_before, self.ctx.ids.now())),
        };
        let batch = self.commit_batch(batch).await?;
        if batch.is_done() {
            return Ok(Carried::Done);
        }
        match left {
            None => Ok(Carried::Left),
            Some(GoesOn::Later) => Ok(Carried::Stuck),
            Some(GoesOn::AtOnce) => {
                let again = [Job::BroadcastBatch(id.clone())];
                self.queue.put(&again).await?;
                Ok(Carried::Left)
            }
        }
    }

    async fn send_open(
        &self,
        broadcast: &Broadcast,
        batch: &mut Batch,
        rate_limiter: &Arc<RateLimiter>,
        deadline: Deadline,
    ) -> Result<Reached, StoreError> {
        let (places, recipients) = open(batch);
        let command = ManyCommand {
            tenant: broadcast.tenant.clone(),
            content: broadcast.content.clone(),
            channel: broadcast.channel,
            recipients,
            sent_by: broadcast.sent_by.clone(),
            broadcast: Some(broadcast.id),
            key: Some(broadcast.key.clone()),
            deadline,
        };
        let rate_limiter = self.rate_limiter_of(broadcast, rate_limiter).await?;
        let outcomes = self.sending.send_to_many(&command, &rate_limiter).await;
        let mut reached = Reached::End;
        let mut common = None;
        for (place, individual) in places.into_iter().zip(outcomes) {
            let Some(entry) = batch.entries.get_mut(place) else { continue };
            if let Individual::Tried(answer) = &individual
                && let Err(SendError::Rejected(rejection)) = &answer.outcome
                && concerns_all(rejection)
            {
                common = Some(rejection.clone());
            }
            match settled(&entry.outcome, individual) {
                Some(outcome) => entry.outcome = outcome,
                None => reached = Reached::Part,
            }
        }
        self.name_faults(broadcast, batch).await?;
        let Some(rejection) = common else { return Ok(reached) };
        let stopped = self.broadcasts.stop_broadcast(broadcast, &rejection).await?;
        match stopped.and_then(|it| it.expired_outcome(self.ctx.ids.now())) {
            Some(over) => self.end_open(broadcast, batch, &over).await,
            None => Ok(reached),
        }
    }

    /// The rate limiter of a broadcast: that of the default channel, which the tenant's jobs share, unless
    /// it uses another channel.
    async fn rate_limiter_of(
        &self,
        broadcast: &Broadcast,
        shared: &Arc<RateLimiter>,
    ) -> Result<Arc<RateLimiter>, StoreError> {
        let Some(chosen) = broadcast.channel else { return Ok(Arc::clone(shared)) };
        let channel = self.directory.channel(&broadcast.tenant, chosen).await?;
        // Without a channel every recipient is rejected, at any rate.
        let gap = channel.map_or(Duration::ZERO, |channel| channel.send_interval());
        Ok(Arc::new(RateLimiter::new(gap, OnCommonRejection::Halt)))
    }

    /// Records which messages failed through a fault at the provider: a status webhook may still say
    /// otherwise.
    async fn name_faults(&self, broadcast: &Broadcast, batch: &mut Batch) -> Result<(), StoreError> {
        for entry in &mut batch.entries {
            let own = entry.own();
            if let (Some(recipient), EntryOutcome::Refused { message: message @ None, rejection }) =
                (entry.recipient(), &mut entry.outcome)
                && rejection.reason == Reason::ProviderFault
            {
                let attempt = self.sending.begun_for(broadcast, &recipient, &own).await?;
                *message = attempt.map(|attempt| attempt.address.id);
            }
        }
        Ok(())
    }

    /// Drops the recipients of a batch who were not tried. A worker that was killed may have tried some:
    /// their outcomes are looked up.
    async fn end_open(
        &self,
        broadcast: &Broadcast,
        batch: &mut Batch,
        over: &EntryOutcome,
    ) -> Result<Reached, StoreError> {
        for entry in batch.entries.iter_mut().filter(|entry| entry.outcome.is_open()) {
            let Some(recipient) = entry.recipient() else { continue };
            match self.sending.begun_for(broadcast, &recipient, &entry.own()).await? {
                None => entry.outcome = over.clone(),
                Some(attempt) => {
                    if let Some(outcome) = self.became(&attempt) {
                        entry.outcome = outcome;
                    }
                }
            }
        }
        Ok(Reached::End)
    }

    /// The outcome of an attempt; `None` while it is under way.
    fn became(&self, attempt: &Attempt) -> Option<EntryOutcome> {
        let address = attempt.address;
        match &attempt.state {
            State::Sending { lease_until } if *lease_until > self.ctx.ids.now() => None,
            State::Accepted { wamid } => Some(EntryOutcome::Sent {
                message: address.id,
                conversation: Some(address.conversation),
                wamid: Some(wamid.clone()),
            }),
            State::Rejected { rejection } => {
                Some(EntryOutcome::Refused { message: Some(address.id), rejection: rejection.clone() })
            }
            State::Sending { .. }
            | State::Unknown { .. }
            | State::Repeating { .. }
            | State::Unresolved { .. } => Some(EntryOutcome::Unknown { message: Some(address.id) }),
        }
    }

    /// Commits the outcomes of a batch, merged with those of concurrent runs.
    async fn commit_batch(&self, batch: Batch) -> Result<Batch, StoreError> {
        let ours = &batch.clone();
        self.ctx
            .until_committed_from(batch, |batch| async move {
                let batch = match batch {
                    Some(batch) => batch,
                    None => match self.broadcast_records.batch(&ours.id).await? {
                        Some(theirs) => ours.clone().joined(&theirs),
                        None => return Ok(Decision::Done(ours.clone())),
                    },
                };
                let mut changes = vec![Write::Put(Record::Batch(batch.clone()))];
                if batch.is_done() {
                    let kind = EventKind::BroadcastProgressed { broadcast: batch.id.broadcast };
                    changes.push(Write::Put(Record::Event(self.ctx.event(&batch.id.tenant, kind))));
                }
                Ok(Decision::Commit(changes, batch))
            })
            .await
    }
}

/// The recipients of a batch who are still to be tried, with their positions.
fn open(batch: &Batch) -> (Vec<usize>, Vec<(EntryRecipient, Own)>) {
    let entries = batch.entries.iter().enumerate().filter(|(_, entry)| entry.outcome.is_open());
    entries.filter_map(|(place, entry)| Some((place, (entry.recipient()?, entry.own())))).unzip()
}

/// The outcome of a recipient after this run; `None` where they were not tried.
fn settled(before: &EntryOutcome, individual: Individual) -> Option<EntryOutcome> {
    let answer = match individual {
        Individual::Tried(answer) => answer,
        // The attempt is stored under its key: the next run reads its outcome.
        Individual::NotBegun | Individual::BrokeOff | Individual::WouldBeSent => return None,
    };
    Some(match answer.outcome {
        Ok(sent) => {
            EntryOutcome::Sent { message: sent.id, conversation: sent.conversation, wamid: sent.wamid }
        }
        Err(SendError::Unknown(message)) => EntryOutcome::Unknown { message: Some(message) },
        Err(SendError::Rejected(rejection)) if passes(&rejection) => before.refused_again(rejection),
        Err(SendError::Rejected(rejection)) => EntryOutcome::Refused { message: None, rejection },
        Err(SendError::KeyReused) => EntryOutcome::Refused {
            message: None,
            rejection: Reason::InvalidInput.because("the idempotency key was used for a different request"),
        },
        Err(SendError::NoChannel | SendError::ConversationNotFound | SendError::LeadNotFound) => {
            EntryOutcome::Refused { message: None, rejection: Rejection::of(Reason::NotFound) }
        }
        // Another worker is sending it, or nothing was sent: the next run decides.
        Err(SendError::InProgress | SendError::Store(_)) => before.clone(),
    })
}
