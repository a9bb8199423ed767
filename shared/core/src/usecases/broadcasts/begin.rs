//! Beginning a broadcast: it is stored whole, or not at all, before its caller is answered.

use std::time::Duration;

use crate::{
    domain::{
        broadcast::{Batch, Broadcast, Course, RecipientEntry, split_into_batches},
        content::Content,
        id::{BroadcastId, ChannelId, TenantId},
        idempotency::{Fingerprint, IdempotencyKey, KeyRecord, REMEMBERED},
        ids::Ids,
        sent_by::SentBy,
    },
    ports::{
        clock::Deadline,
        queue::{Job, QueueError},
        store::{Commit, Record, StoreError, Write},
    },
    usecases::{Broadcasts, channels::ChannelError, until_committed::Decision},
};

/// The operation of the caller's idempotency key, whatever contract begins the broadcast. A key that was
/// used for another operation is rejected, so that no caller gets the result of a different request.
const OPERATION: &str = "broadcast";

/// The operation of the first broadcasts, whose keys name none.
pub const SEND_TEMPLATE: &str = "send template";

/// The time reserved for answering the caller.
const ANSWERING: Duration = Duration::from_millis(300);

/// A request to send one message to many recipients in the background.
#[derive(Debug)]
pub struct BroadcastRequest {
    /// The operation of the request, such as [`SEND_TEMPLATE`].
    pub operation: &'static str,
    /// The tenant that sends; from the authenticated caller only.
    pub tenant: TenantId,
    /// The message to send to every recipient.
    pub content: Content,
    /// The channel for recipients who are named by an address; `None` for the tenant's default one.
    pub channel: Option<ChannelId>,
    /// The recipients, in the order of the request.
    pub entries: Vec<RecipientEntry>,
    /// Who sends it, where the caller or its API key says so.
    pub sent_by: Option<SentBy>,
    /// The caller's idempotency key, where it sent one.
    pub key: Option<IdempotencyKey>,
}

/// A broadcast that was begun.
#[derive(Debug)]
pub enum Begun {
    /// This request began it.
    New(Broadcast, Vec<RecipientEntry>),
    /// An earlier request with the same key began it.
    Earlier(Broadcast, Vec<RecipientEntry>),
}

/// The stored broadcast for a request that begins one.
enum Written {
    /// The broadcast of an earlier request with the same key.
    Earlier(Begun),
    /// The request's own new broadcast.
    New(Broadcast, Vec<Batch>),
}

/// Why a broadcast was not begun.
#[derive(Debug, thiserror::Error)]
pub enum BroadcastLookupError {
    /// The tenant has no such channel, or none at all.
    #[error("the tenant has no channel to send on")]
    NoChannel,
    /// The key was used with another request.
    #[error("this idempotency key was used for a different request")]
    KeyReused,
    /// The store failed before anything was written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ChannelError> for BroadcastLookupError {
    fn from(error: ChannelError) -> Self {
        match error {
            ChannelError::NotFound => Self::NoChannel,
            ChannelError::Store(error) => Self::Store(error),
        }
    }
}

/// A broadcast was not begun, or it is unknown whether it was.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// It was definitely not begun.
    #[error(transparent)]
    Not(#[from] BroadcastLookupError),
    /// The store failed during the commit: the broadcast may exist under this id and run, or it never will.
    #[error("it is unknown whether broadcast {0} was begun: {1}")]
    Doubtful(BroadcastId, StoreError),
}

impl From<StoreError> for BeginError {
    fn from(error: StoreError) -> Self {
        Self::Not(error.into())
    }
}

impl BroadcastRequest {
    /// The meaning of the request, independent of its progress.
    fn fingerprint(&self) -> Fingerprint {
        let named: Vec<_> = self.entries.iter().map(|entry| (&entry.given, entry.request)).collect();
        if self.operation != SEND_TEMPLATE {
            let own = self.entries.iter().map(|entry| (&entry.references, &entry.components, &entry.header));
            let own: Vec<_> = own.collect();
            return Fingerprint::of(&(self.operation, &self.content, named, own, self.channel));
        }
        match self.channel {
            None => Fingerprint::of(&(&self.content, named)),
            Some(channel) => Fingerprint::of(&(&self.content, named, channel)),
        }
    }

    fn broadcast(&self, ids: &Ids) -> Broadcast {
        let id: BroadcastId = ids.id();
        Broadcast {
            tenant: self.tenant.clone(),
            id,
            content: self.content.clone(),
            channel: self.channel,
            sent_by: self.sent_by.clone(),
            key: self.key.clone().unwrap_or_else(|| IdempotencyKey::of_broadcast(id)),
            created_at: ids.now(),
            total: self.entries.len(),
            course: Course::Running,
            rev: 0,
        }
    }
}

impl Broadcasts {
    /// Begins a broadcast. When the queue fails, the sweep starts it.
    ///
    /// # Errors
    /// When the key was used with another request, the tenant has no channel, or the store fails; a failure
    /// during the commit leaves it unknown whether the broadcast exists.
    pub async fn begin_broadcast(
        &self,
        request: BroadcastRequest,
        deadline: Deadline,
    ) -> Result<Begun, BeginError> {
        let channel = self.channels.channel_or_default(&request.tenant, request.channel).await;
        let gap = channel.map_err(BroadcastLookupError::from)?.send_interval();
        let written = self.ctx.until_committed(|| self.begin_round(&request, gap, deadline)).await?;
        match written {
            Written::Earlier(begun) => Ok(begun),
            Written::New(broadcast, batches) => {
                self.enqueue_batches(&batches, self.left(deadline)).await;
                Ok(Begun::New(Broadcast { rev: 1, ..broadcast }, request.entries))
            }
        }
    }

    /// One round of storing a new broadcast, unless its key already has one.
    async fn begin_round(
        &self,
        request: &BroadcastRequest,
        gap: Duration,
        deadline: Deadline,
    ) -> Result<Decision<Written>, BeginError> {
        let (earlier, key_rev) = self.under_key(request).await?;
        if let Some(earlier) = earlier {
            return Ok(Decision::Done(Written::Earlier(earlier)));
        }
        let broadcast = request.broadcast(&self.ctx.ids);
        let batches = split_into_batches(&broadcast, request.entries.clone(), gap);
        let mut changes: Vec<Write> = batches.iter().cloned().map(Record::Batch).map(Write::Put).collect();
        changes.push(Write::Put(Record::Broadcast(broadcast.clone())));
        if let Some(key) = &request.key {
            changes.push(Write::Put(Record::Key(KeyRecord {
                tenant: request.tenant.clone(),
                key: key.hashed(OPERATION),
                fingerprint: request.fingerprint(),
                message: broadcast.id.get().try_into().map_err(|_| no_such_id())?,
                expires_at: broadcast.created_at.plus(REMEMBERED),
                rev: key_rev,
            })));
        }
        Ok(match self.written_down(&broadcast, changes, deadline).await? {
            Commit::Committed => Decision::Done(Written::New(broadcast, batches)),
            Commit::Conflict => Decision::Retry,
        })
    }

    /// Commits a new broadcast. Where the response is lost, a read may show whether it exists.
    async fn written_down(
        &self,
        broadcast: &Broadcast,
        changes: Vec<Write>,
        deadline: Deadline,
    ) -> Result<Commit, BeginError> {
        let written = tokio::time::timeout(self.left(deadline), self.ctx.store.commit(changes)).await;
        let error = match written {
            Ok(Ok(applied)) => return Ok(applied),
            Ok(Err(error)) => error,
            Err(_) => StoreError::Unavailable("no time was left".to_owned()),
        };
        let look = self.broadcast_records.broadcast(&broadcast.tenant, broadcast.id);
        match tokio::time::timeout(self.left(deadline), look).await {
            Ok(Ok(Some(_))) => Ok(Commit::Committed),
            // The commit may still be on its way.
            _ => Err(BeginError::Doubtful(broadcast.id, error)),
        }
    }

    /// The time left until the caller must be answered.
    fn left(&self, deadline: Deadline) -> Duration {
        self.ctx.ids.now().until(deadline.0).saturating_sub(ANSWERING)
    }

    /// The broadcast that an earlier request with the same key began.
    ///
    /// # Errors
    /// When the key was used with another request, or the store fails.
    pub async fn begun_broadcast(
        &self,
        request: &BroadcastRequest,
    ) -> Result<Option<Begun>, BroadcastLookupError> {
        Ok(self.under_key(request).await?.0)
    }

    /// The broadcast of the request's key, and the revision of the key's row (0 where it has none).
    async fn under_key(
        &self,
        request: &BroadcastRequest,
    ) -> Result<(Option<Begun>, u64), BroadcastLookupError> {
        let Some(key) = &request.key else { return Ok((None, 0)) };
        let known = self.attempts.key(&request.tenant, &key.hashed(OPERATION)).await?;
        let Some(known) = known else { return Ok((None, 0)) };
        if known.expires_at <= self.ctx.ids.now() {
            return Ok((None, known.rev));
        }
        if known.fingerprint != request.fingerprint() {
            return Err(BroadcastLookupError::KeyReused);
        }
        let id: BroadcastId = known.message.get().try_into().map_err(|_| no_such_id())?;
        let broadcast =
            self.broadcast_records.broadcast(&request.tenant, id).await?.ok_or_else(no_such_id)?;
        let batches = self.broadcast_records.pieces(&request.tenant, id).await?;
        let entries = batches.into_iter().flat_map(|batch| batch.entries).collect();
        Ok((Some(Begun::Earlier(broadcast, entries)), known.rev))
    }

    /// Enqueues the batches with recipients left, within `longest`.
    pub(crate) async fn enqueue_batches(&self, batches: &[Batch], longest: Duration) {
        let open = batches.iter().filter(|batch| !batch.is_done());
        let jobs: Vec<Job> = open.map(|batch| Job::BroadcastBatch(batch.id.clone())).collect();
        let late = |_| Err(QueueError("no answer in time".to_owned()));
        if let Err(error) = tokio::time::timeout(longest, self.queue.put(&jobs)).await.unwrap_or_else(late) {
            tracing::warn!(%error, "a broadcast is stored but not queued; the sweep queues it");
        }
    }
}

fn no_such_id() -> StoreError {
    StoreError::Corrupt("a key that stands for no broadcast".to_owned())
}
