//! The progress of a broadcast: the outcomes in its batches, and the later statuses of the messages.

use std::collections::HashMap;

use crate::{
    domain::{
        attempt::State,
        broadcast::{Broadcast, Entry, KEPT, Outcome, PIECE},
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
pub struct Told {
    /// Their position in the request, from 0.
    pub place: usize,
    /// Who it is, and the outcome in the batch.
    pub entry: Entry,
    /// The current state of the recipient.
    pub standing: Standing,
    /// Why no message was sent, where the provider rejected it after its outcome was unknown.
    pub rejection: Option<Rejection>,
    /// The delivery of their message, where there is a message.
    pub message: Option<Trace>,
}

/// The state of a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Not tried yet.
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
    pub fn begun(broadcast: Broadcast, entries: &[Entry]) -> Self {
        let mut counts = Counts::default();
        for (place, entry) in entries.iter().enumerate() {
            let standing = standing(entry, None);
            counts.count(&Told { place, entry: entry.clone(), standing, rejection: None, message: None });
        }
        Self { broadcast, counts }
    }
}

impl Counts {
    fn count(&mut self, told: &Told) {
        match told.standing {
            Standing::Queued => self.queued += 1,
            Standing::Sent => self.sent += 1,
            Standing::Unknown => self.unknown += 1,
            Standing::Failed => self.failed += 1,
            Standing::Dropped => self.dropped += 1,
        }
        let Some(facts) = told.message.as_ref().map(|message| &message.facts) else { return };
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
        let (broadcast, pieces) =
            tokio::join!(self.kept_broadcast(tenant, id), self.broadcast_records.pieces(tenant, id));
        let Some(broadcast) = broadcast? else { return Ok(None) };
        let entries = pieces?.into_iter().flat_map(|piece| piece.entries).enumerate().collect();
        let mut counts = Counts::default();
        for told in self.stand(tenant, entries).await? {
            counts.count(&told);
        }
        Ok(Some(Overview { broadcast, counts }))
    }

    /// A page of a broadcast's recipients, in the order of the request from position `from` on; with
    /// `standing` only those in that state. `None` where the tenant has no such broadcast.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn broadcast_recipients(
        &self,
        tenant: &TenantId,
        id: BroadcastId,
        standing: Option<Standing>,
        from: usize,
        limit: usize,
    ) -> Result<Option<Vec<Told>>, StoreError> {
        let (broadcast, pieces) =
            tokio::join!(self.kept_broadcast(tenant, id), self.broadcast_records.pieces(tenant, id));
        if broadcast?.is_none() {
            return Ok(None);
        }
        let number_of = |piece: usize, place: usize| piece * PIECE + place;
        let all = pieces?.into_iter().flat_map(|piece| {
            let number = piece.id.number;
            piece.entries.into_iter().enumerate().map(move |(at, entry)| (number_of(number, at), entry))
        });
        let mut left = all.skip_while(|(place, _)| *place < from);
        let Some(standing) = standing else {
            return self.stand(tenant, left.take(limit).collect()).await.map(Some);
        };
        let mut found = Vec::new();
        loop {
            let next: Vec<(usize, Entry)> = left.by_ref().take(LOOKED_THROUGH).collect();
            let is_last = next.len() < LOOKED_THROUGH;
            let stood = self.stand(tenant, next).await?;
            found.extend(stood.into_iter().filter(|it| it.standing == standing));
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
    async fn stand(&self, tenant: &TenantId, entries: Vec<(usize, Entry)>) -> Result<Vec<Told>, StoreError> {
        let ids: Vec<MessageId> = entries.iter().filter_map(|(_, entry)| message_of(entry)).collect();
        let made = self.broadcast_records.made(tenant, &ids).await?;
        let mut made: HashMap<MessageId, Made> = made.into_iter().map(|one| (one.address.id, one)).collect();
        let told = |(place, entry): (usize, Entry)| {
            let made = message_of(&entry).and_then(|id| made.remove(&id));
            let (state, message) = made.map(|made| (made.state, made.message)).unzip();
            let standing = standing(&entry, state.as_ref());
            let rejection = match state {
                Some(State::Rejected { rejection }) => Some(rejection),
                _ => None,
            };
            Told { place, entry, standing, rejection, message: message.flatten() }
        };
        Ok(entries.into_iter().map(told).collect())
    }
}

fn message_of(entry: &Entry) -> Option<MessageId> {
    match &entry.outcome {
        Outcome::Sent { message, .. } => Some(*message),
        Outcome::Unknown { message } | Outcome::Refused { message, .. } => *message,
        _ => None,
    }
}

/// The state of the attempt has precedence over the outcome in the batch: a webhook may have changed it
/// since.
fn standing(entry: &Entry, state: Option<&State>) -> Standing {
    let now = state.map(|state| match state {
        State::Accepted { .. } => Standing::Sent,
        State::Rejected { .. } => Standing::Failed,
        State::Sending { .. }
        | State::Unknown { .. }
        | State::Repeating { .. }
        | State::Unresolved { .. } => Standing::Unknown,
    });
    match (&entry.outcome, now) {
        // The provider accepted it, and our record of that is still being repaired; or a webhook says that
        // it was sent after all.
        (Outcome::Sent { .. }, _) | (Outcome::Refused { .. }, Some(Standing::Sent)) => Standing::Sent,
        (Outcome::Unknown { .. }, now) => now.unwrap_or(Standing::Unknown),
        (Outcome::Queued { .. }, _) => Standing::Queued,
        (Outcome::Refused { .. } | Outcome::Duplicate | Outcome::Invalid { .. }, _) => Standing::Failed,
        (Outcome::Dropped { .. }, _) => Standing::Dropped,
    }
}
