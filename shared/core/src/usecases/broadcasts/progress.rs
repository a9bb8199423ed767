//! The progress of a broadcast: the outcomes in its batches, and the later statuses of the messages.

use std::collections::HashMap;

use crate::{
    domain::{
        attempt::State,
        broadcast::{BATCH_SIZE, Broadcast, EntryOutcome, KEPT, RecipientEntry},
        id::{BroadcastId, MessageId, TenantId},
        rejection::Rejection,
    },
    ports::{
        broadcasts::{Made, Trace},
        store::StoreError,
    },
    usecases::Broadcasts,
};

/// Recipients read together where a filter keeps only some of them.
const LOOKED_THROUGH: usize = 100;

/// A recipient with the current state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientProgress {
    /// Their position in the request, from 0.
    pub place: usize,
    /// Who it is, and the outcome in the batch.
    pub entry: RecipientEntry,
    /// The current state of the recipient.
    pub state: RecipientState,
    /// Why no message was sent, where the provider rejected it after its outcome was unknown.
    pub rejection: Option<Rejection>,
    /// The delivery of their message, where there is a message.
    pub message: Option<Trace>,
}

/// The state of a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecipientState {
    /// The provider has not been called for it.
    Queued,
    /// The provider accepted the message.
    Sent,
    /// It may or may not have been sent.
    Unknown,
    /// Certainly not sent, for a reason that concerns this recipient or message only.
    Failed,
    /// The broadcast ended before anything was sent to this recipient.
    Dropped,
}

/// The number of recipients in each state. All but the last three add up to the total.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Recipients who are not tried yet.
    pub queued: usize,
    /// Messages that the provider accepted.
    pub sent: usize,
    /// Messages with an unknown outcome.
    pub unknown: usize,
    /// Not sent: rejected, duplicate or invalid.
    pub failed: usize,
    /// Not tried before the broadcast ended.
    pub dropped: usize,
    /// Of those sent: delivered.
    pub delivered: usize,
    /// Of those delivered: read.
    pub read: usize,
    /// Of those sent: not delivered after all.
    pub undelivered: usize,
}

/// A broadcast with its current progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// The broadcast as it was requested.
    pub broadcast: Broadcast,
    /// The number of recipients in each state.
    pub counts: Counts,
}

impl Overview {
    /// The overview of a broadcast that was begun just now.
    #[must_use]
    pub fn begun(broadcast: Broadcast, entries: &[RecipientEntry]) -> Self {
        let mut counts = Counts::default();
        for (place, entry) in entries.iter().enumerate() {
            let standing = recipient_state(entry, None);
            counts.count(&RecipientProgress {
                place,
                entry: entry.clone(),
                state: standing,
                rejection: None,
                message: None,
            });
        }
        Self { broadcast, counts }
    }
}

impl Counts {
    fn count(&mut self, recipient: &RecipientProgress) {
        match recipient.state {
            RecipientState::Queued => self.queued += 1,
            RecipientState::Sent => self.sent += 1,
            RecipientState::Unknown => self.unknown += 1,
            RecipientState::Failed => self.failed += 1,
            RecipientState::Dropped => self.dropped += 1,
        }
        let Some(facts) = recipient.message.as_ref().map(|message| &message.facts) else { return };
        let read = facts.read.is_some() || facts.played.is_some();
        self.read += usize::from(read);
        self.delivered += usize::from(read || facts.delivered.is_some());
        self.undelivered += usize::from(!read && facts.delivered.is_none() && facts.failed.is_some());
    }
}

impl Broadcasts {
    /// A broadcast of the tenant with its progress; `None` where there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn broadcast_overview(
        &self,
        tenant: &TenantId,
        id: BroadcastId,
    ) -> Result<Option<Overview>, StoreError> {
        let (broadcast, batches) =
            tokio::join!(self.kept_broadcast(tenant, id), self.broadcast_records.pieces(tenant, id));
        let Some(broadcast) = broadcast? else { return Ok(None) };
        let entries = batches?.into_iter().flat_map(|batch| batch.entries).enumerate().collect();
        let mut counts = Counts::default();
        for recipient in self.stand(tenant, entries).await? {
            counts.count(&recipient);
        }
        Ok(Some(Overview { broadcast, counts }))
    }

    /// A page of a broadcast's recipients, in the order of the request from position `from` on; with
    /// `recipient_state` only those in that state. `None` where the tenant has no such broadcast.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn broadcast_recipients(
        &self,
        tenant: &TenantId,
        id: BroadcastId,
        standing: Option<RecipientState>,
        from: usize,
        limit: usize,
    ) -> Result<Option<Vec<RecipientProgress>>, StoreError> {
        let (broadcast, batches) =
            tokio::join!(self.kept_broadcast(tenant, id), self.broadcast_records.pieces(tenant, id));
        if broadcast?.is_none() {
            return Ok(None);
        }
        let number_of = |piece: usize, place: usize| piece * BATCH_SIZE + place;
        let all = batches?.into_iter().flat_map(|batch| {
            let number = batch.id.number;
            batch.entries.into_iter().enumerate().map(move |(at, entry)| (number_of(number, at), entry))
        });
        let mut left = all.skip_while(|(place, _)| *place < from);
        let Some(standing) = standing else {
            return self.stand(tenant, left.take(limit).collect()).await.map(Some);
        };
        let mut found = Vec::new();
        loop {
            let next: Vec<(usize, RecipientEntry)> = left.by_ref().take(LOOKED_THROUGH).collect();
            let is_last = next.len() < LOOKED_THROUGH;
            let stood = self.stand(tenant, next).await?;
            found.extend(stood.into_iter().filter(|it| it.state == standing));
            if is_last || found.len() >= limit {
                found.truncate(limit);
                return Ok(Some(found));
            }
        }
    }

    /// A broadcast that can still be read. (Its rows may exist for longer, and expire one by one.)
    pub(crate) async fn kept_broadcast(
        &self,
        tenant: &TenantId,
        id: BroadcastId,
    ) -> Result<Option<Broadcast>, StoreError> {
        let found = self.broadcast_records.broadcast(tenant, id).await?;
        Ok(found.filter(|found| self.ctx.ids.now() < found.created_at.plus(KEPT)))
    }

    /// The current states of these recipients.
    async fn stand(
        &self,
        tenant: &TenantId,
        entries: Vec<(usize, RecipientEntry)>,
    ) -> Result<Vec<RecipientProgress>, StoreError> {
        let ids: Vec<MessageId> = entries.iter().filter_map(|(_, entry)| message_of(entry)).collect();
        let made = self.broadcast_records.made(tenant, &ids).await?;
        let mut made: HashMap<MessageId, Made> = made.into_iter().map(|one| (one.address.id, one)).collect();
        let progress_of = |(place, entry): (usize, RecipientEntry)| {
            let made = message_of(&entry).and_then(|id| made.remove(&id));
            let (state, message) = made.map(|made| (made.state, made.message)).unzip();
            let standing = recipient_state(&entry, state.as_ref());
            let rejection = match state {
                Some(State::Rejected { rejection }) => Some(rejection),
                _ => None,
            };
            RecipientProgress { place, entry, state: standing, rejection, message: message.flatten() }
        };
        Ok(entries.into_iter().map(progress_of).collect())
    }
}

fn message_of(entry: &RecipientEntry) -> Option<MessageId> {
    match &entry.outcome {
        EntryOutcome::Sent { message, .. } => Some(*message),
        EntryOutcome::Unknown { message } | EntryOutcome::Refused { message, .. } => *message,
        _ => None,
    }
}

/// The state of the attempt has precedence over the outcome in the batch: a webhook may have changed it
/// since.
fn recipient_state(entry: &RecipientEntry, state: Option<&State>) -> RecipientState {
    let now = state.map(|state| match state {
        State::Accepted { .. } => RecipientState::Sent,
        State::Rejected { .. } => RecipientState::Failed,
        State::Sending { .. }
        | State::Unknown { .. }
        | State::Repeating { .. }
        | State::Unresolved { .. } => RecipientState::Unknown,
    });
    match (&entry.outcome, now) {
        // The provider accepted it, and our record of that is still being repaired; or a webhook says that
        // it was sent after all.
        (EntryOutcome::Sent { .. }, _) | (EntryOutcome::Refused { .. }, Some(RecipientState::Sent)) => {
            RecipientState::Sent
        }
        (EntryOutcome::Unknown { .. }, now) => now.unwrap_or(RecipientState::Unknown),
        (EntryOutcome::Queued { .. }, _) => RecipientState::Queued,
        (EntryOutcome::Refused { .. } | EntryOutcome::Duplicate | EntryOutcome::Invalid { .. }, _) => {
            RecipientState::Failed
        }
        (EntryOutcome::Dropped { .. }, _) => RecipientState::Dropped,
    }
}
