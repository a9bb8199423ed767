//! What became of a broadcast: what its pieces say, and what the messages themselves have come to since.

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

/// How many recipients are looked at together where only some of them are wanted.
const LOOKED_THROUGH: usize = 100;

/// A recipient as they stand now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Their place in the request, from 0.
    pub place: usize,
    /// Who it is, and what the broadcast made of them.
    pub entry: Entry,
    /// Where that stands now.
    pub standing: Standing,
    /// Why they have no message, where the provider said so after it was in doubt.
    pub rejection: Option<Rejection>,
    /// Their message, where there is one to show.
    pub message: Option<Trace>,
}

/// Where a recipient stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Their turn is still to come.
    Queued,
    /// The provider took the message.
    Sent,
    /// It may or may not have been sent.
    Unknown,
    /// Certainly not sent, for a reason of this recipient's or message's own.
    Failed,
    /// Nothing was begun before the broadcast was over.
    Dropped,
}

/// How many stand where. All but the last three add up to the total.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Still to come.
    pub queued: usize,
    /// Taken by the provider.
    pub sent: usize,
    /// In doubt.
    pub unknown: usize,
    /// Not sent: refused, repeated or wrong.
    pub failed: usize,
    /// Not begun before it was over.
    pub dropped: usize,
    /// Of those sent: arrived.
    pub delivered: usize,
    /// Of those delivered: read.
    pub read: usize,
    /// Of those sent: could not be delivered after all.
    pub undelivered: usize,
}

/// A broadcast as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// What was asked for.
    pub broadcast: Broadcast,
    /// How far it came.
    pub counts: Counts,
}

impl Overview {
    /// A broadcast that was begun just now.
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
    /// A broadcast of the tenant, counted.
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

    /// Some of a broadcast's recipients, in the order of the request from a place on, of those who stand so, if that is
    /// asked for; none where the tenant has no such broadcast.
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

    /// A broadcast that is still kept. (Its rows may be there for longer, and go one by one.)
    pub(crate) async fn kept_broadcast(
        &self,
        tenant: &TenantId,
        id: BroadcastId,
    ) -> Result<Option<Broadcast>, StoreError> {
        let found = self.broadcast_records.broadcast(tenant, id).await?;
        Ok(found.filter(|found| self.ctx.ids.now() < found.created_at.plus(KEPT)))
    }

    /// Where recipients stand now.
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

/// What the attempt says goes before what the broadcast made of it: a callback may have settled it since.
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
        // The provider took it, and our record of that is still being repaired; or a callback says that it
        // went out after all.
        (Outcome::Sent { .. }, _) | (Outcome::Refused { .. }, Some(Standing::Sent)) => Standing::Sent,
        (Outcome::Unknown { .. }, now) => now.unwrap_or(Standing::Unknown),
        (Outcome::Queued { .. }, _) => Standing::Queued,
        (Outcome::Refused { .. } | Outcome::Duplicate | Outcome::Invalid { .. }, _) => Standing::Failed,
        (Outcome::Dropped { .. }, _) => Standing::Dropped,
    }
}
