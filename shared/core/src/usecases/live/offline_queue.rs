//! The offline queue: customers' messages that no socket got, for clients without a cursor: per sender, the
//! latest hundred, for a day (facts: seed-apis.md 3.5). A socket of one channel gets what arrived there; the
//! rest stays queued.
//!
//! One socket at a time drains it, part by part. A socket that finds it held continues without: the holder
//! makes the others check again.

use std::{collections::BTreeMap, sync::Arc};

use tokio::time::Instant;

use crate::{
    domain::{
        id::{ContactId, TenantId},
        log::Cursor,
        offline_queue::{MOST, OfflineQueueHead, QueuedMessage},
        socket::{Phase, Socket},
    },
    ports::{
        sockets::{Connections, PushError, SocketRecords},
        store::{Commit, Record, Removal, StoreError, Write},
    },
    usecases::{
        Context, EventContexts, Ports, SocketWriter,
        live::{ConversationEvent, SocketEncoder},
        until_committed::Decision,
    },
};

/// Messages that one call delivers from the queue, or drops: fewer than a transaction may hold.
const PART: usize = 50;

/// The result of a drain.
pub(crate) enum Drained {
    /// Everything for the socket was delivered.
    All,
    /// There is more than one call delivers.
    More,
    /// Another socket drains it now.
    Busy,
    /// The socket accepts no more frames.
    Lost(PushError),
}

/// The row of a message in the offline queue.
pub(crate) fn place_in_queue(event: &ConversationEvent) -> QueuedMessage {
    QueuedMessage::of(&event.conversation, event.entry.clone())
}

/// Messages kept for sockets without a cursor.
#[derive(Clone)]
pub struct OfflineQueue {
    pub(crate) ctx: Arc<Context>,
    pub(crate) sockets: Arc<dyn SocketRecords>,
    pub(crate) event_contexts: EventContexts,
    pub(crate) writer: SocketWriter,
}

impl OfflineQueue {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports, connections: &Arc<dyn Connections>) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            sockets: Arc::clone(&ports.sockets),
            event_contexts: EventContexts::new(ports),
            writer: SocketWriter::new(ports, connections),
        }
    }
}

impl OfflineQueue {
    /// Queues a message that no live socket got, unless one got it during catch-up. A socket that went live
    /// meanwhile checks the queue.
    pub(crate) async fn queue_unless_taken(
        &self,
        event: &ConversationEvent,
        sockets: &[Socket],
    ) -> Result<(), StoreError> {
        let place = &event.conversation;
        let hears = |socket: &&Socket| {
            socket.audience.gets_queued_messages() && socket.audience.includes(place.channel, place.id)
        };
        let took = |socket: &Socket| socket.has_passed(event.entry.cursor);
        let delivered = || vec![Write::Delete(Removal::Delivered(place_in_queue(event)))];
        if sockets.iter().filter(hears).any(took) {
            // An interrupted batch may have queued it already.
            return self.ctx.store.commit(delivered()).await.map(drop);
        }
        if self.ctx.store.commit(vec![Write::Put(Record::QueuedMessage(place_in_queue(event)))]).await?
            == Commit::Committed
        {
            self.drop_oldest(event).await?;
        }
        let sockets = self.sockets.sockets(&place.tenant).await?;
        let mut hearing = sockets.iter().filter(hears);
        if hearing.clone().any(took) {
            return self.ctx.store.commit(delivered()).await.map(drop);
        }
        match hearing.find(|socket| socket.is_ready_for_queue()) {
            Some(socket) => self.request_drain(socket).await,
            None => Ok(()),
        }
    }

    /// Drops and counts the oldest messages above the limit per sender: each once, however many workers do
    /// it, and none while the queue is drained.
    async fn drop_oldest(&self, event: &ConversationEvent) -> Result<(), StoreError> {
        let (tenant, sender) = (&event.conversation.tenant, event.conversation.contact);
        let dropped = self.ctx.until_committed(|| async {
            let head = self.room(tenant).await?;
            let queued = self.sockets.queued_messages_of(tenant, sender).await?;
            let excess = excess(queued);
            if excess.is_empty() || head.is_being_emptied(self.ctx.ids.now()) {
                return Ok::<_, StoreError>(Decision::Done(None));
            }
            let (changes, count) = drop_some(head, excess);
            Ok(Decision::Commit(changes, Some(count)))
        });
        if let Some(count) = dropped.await? {
            log_dropped(tenant, count);
        }
        Ok(())
    }

    /// Delivers queued messages to a socket, oldest first, or a part of them; with `up_to`, only those
    /// before that position. Of two concurrent sockets, one gets each message. Messages that are not
    /// accepted stay queued.
    pub(crate) async fn drain_queue(
        &self,
        socket: &Socket,
        up_to: Option<Cursor>,
        until: Instant,
        encoder: &dyn SocketEncoder,
    ) -> Result<Drained, StoreError> {
        let head = self.room(&socket.tenant).await?;
        let queued = self.sockets.queued_messages(&socket.tenant).await?;
        if !queued.iter().any(|it| it.is_for(socket.audience)) && head.dropped_for(socket.audience) == 0 {
            return Ok(Drained::All);
        }
        if !self.acquire_queue(socket).await? {
            return Ok(Drained::Busy);
        }
        let drained = self.drain_part(socket, up_to, until, encoder).await;
        self.leave_room(socket).await?;
        let drained = drained?;
        if matches!(drained, Drained::All) {
            self.hand_on(socket).await?;
        }
        Ok(drained)
    }

    async fn drain_part(
        &self,
        socket: &Socket,
        up_to: Option<Cursor>,
        until: Instant,
        encoder: &dyn SocketEncoder,
    ) -> Result<Drained, StoreError> {
        let mut queued = self.sockets.queued_messages(&socket.tenant).await?;
        let excess = excess(queued.clone());
        if !excess.is_empty() {
            let (changes, count) = drop_some(self.room(&socket.tenant).await?, excess);
            if self.ctx.store.commit(changes).await? == Commit::Committed {
                log_dropped(&socket.tenant, count);
            }
            return Ok(Drained::More);
        }
        queued.retain(|it| it.is_for(socket.audience) && up_to.is_none_or(|place| it.entry.cursor <= place));
        queued.sort_by_key(|it| it.entry.cursor);
        let all = queued.len();
        queued.truncate(PART);
        let (mut taken, mut lost) = (Vec::new(), None);
        let entries: Vec<_> = queued.iter().map(|it| it.entry.clone()).collect();
        for (it, event) in queued.into_iter().zip(self.event_contexts.conversation_events(&entries).await?) {
            if Instant::now() >= until {
                break;
            }
            let kept = it.is_current(self.ctx.ids.now());
            if let Some(frame) = event.filter(|_| kept).and_then(|event| encoder.frame(&event))
                && let Err(problem) = self.writer.push_frame(socket, &frame).await
            {
                lost = Some(problem);
                break;
            }
            taken.push(it);
        }
        let delivered = taken.len();
        if !taken.is_empty() {
            self.ctx
                .store
                .commit(taken.into_iter().map(Removal::Delivered).map(Write::Delete).collect())
                .await?;
        }
        match lost {
            Some(problem) => Ok(Drained::Lost(problem)),
            None if delivered < all => Ok(Drained::More),
            None => self.tell_dropped(socket, encoder).await,
        }
    }

    async fn tell_dropped(
        &self,
        socket: &Socket,
        encoder: &dyn SocketEncoder,
    ) -> Result<Drained, StoreError> {
        let head = self.room(&socket.tenant).await?;
        let dropped = head.dropped_for(socket.audience);
        if dropped > 0 {
            if let Err(problem) = self.writer.push_frame(socket, &encoder.dropped(dropped)).await {
                return Ok(Drained::Lost(problem));
            }
            // On a conflict the next socket reports them once more.
            self.ctx
                .store
                .commit(vec![Write::Put(Record::OfflineQueueHead(head.without_dropped_for(socket.audience)))])
                .await?;
        }
        Ok(Drained::All)
    }

    /// Cleans up after a closed socket: releases the queue if it held it, and notifies those who found it
    /// held.
    pub(crate) async fn leave_queue(&self, ended: &Socket) -> Result<(), StoreError> {
        self.leave_room(ended).await?;
        self.hand_on(ended).await
    }

    /// Messages that were not for the socket that drained the queue may be for others, who found it held:
    /// one of them checks again.
    async fn hand_on(&self, had: &Socket) -> Result<(), StoreError> {
        let queued = self.sockets.queued_messages(&had.tenant).await?;
        if queued.is_empty() {
            return Ok(());
        }
        let sockets = self.sockets.sockets(&had.tenant).await?;
        let next = sockets.iter().find(|other| {
            let for_it = queued.iter().any(|it| it.is_for(other.audience));
            other.id != had.id && other.is_ready_for_queue() && for_it
        });
        match next {
            Some(next) => self.request_drain(next).await,
            None => Ok(()),
        }
    }

    /// Makes a live socket check the offline queue: the record of its row in the stream does, outside of any
    /// batch.
    pub(crate) async fn request_drain(&self, socket: &Socket) -> Result<(), StoreError> {
        self.ctx
            .until_committed(|| async {
                let Some(found) = self.sockets.current(socket).await? else { return Ok(Decision::Done(())) };
                let Phase::Live { since, start, .. } = found.phase else { return Ok(Decision::Done(())) };
                let phase = Phase::Live { since, start, drains: true };
                Ok(Decision::Commit(vec![Write::Put(Record::Socket(Socket { phase, ..found }))], ()))
            })
            .await
    }

    /// Acquires the queue for a socket, unless another one holds it.
    async fn acquire_queue(&self, socket: &Socket) -> Result<bool, StoreError> {
        self.ctx
            .until_committed(|| async {
                let mut head = self.room(&socket.tenant).await?;
                if !head.acquire(&socket.id, self.ctx.ids.now()) {
                    return Ok(Decision::Done(false));
                }
                Ok(Decision::Commit(vec![Write::Put(Record::OfflineQueueHead(head))], true))
            })
            .await
    }

    /// Releases the queue, if the socket holds it.
    async fn leave_room(&self, socket: &Socket) -> Result<(), StoreError> {
        self.ctx
            .until_committed(|| async {
                let head = self.room(&socket.tenant).await?;
                if head.emptied_by.as_ref().is_none_or(|(by, _)| *by != socket.id) {
                    return Ok(Decision::Done(()));
                }
                let left = OfflineQueueHead { emptied_by: None, ..head };
                Ok(Decision::Commit(vec![Write::Put(Record::OfflineQueueHead(left))], ()))
            })
            .await
    }

    async fn room(&self, tenant: &TenantId) -> Result<OfflineQueueHead, StoreError> {
        let known = self.sockets.offline_queue_head(tenant).await?;
        Ok(known.unwrap_or_else(|| OfflineQueueHead::empty(tenant.clone())))
    }
}

/// The writes that drop and count as many messages as fit into one transaction, and their number.
fn drop_some(mut head: OfflineQueueHead, mut excess: Vec<QueuedMessage>) -> (Vec<Write>, u64) {
    excess.truncate(PART);
    for queued in &excess {
        head.drop_one(queued.channel);
    }
    let count = excess.len() as u64;
    let mut changes = vec![Write::Put(Record::OfflineQueueHead(head))];
    changes.extend(excess.into_iter().map(Removal::QueuedMessage).map(Write::Delete));
    (changes, count)
}

fn log_dropped(tenant: &TenantId, count: u64) {
    tracing::warn!(metric = "offline_dropped", value = count, %tenant, "the oldest messages of senders with too many in the offline queue were dropped");
}

/// The oldest messages above the limit per sender.
fn excess(queued: Vec<QueuedMessage>) -> Vec<QueuedMessage> {
    let mut by_sender: BTreeMap<ContactId, Vec<QueuedMessage>> = BTreeMap::new();
    for it in queued {
        by_sender.entry(it.sender).or_default().push(it);
    }
    let mut excess = Vec::new();
    for (_, mut of_one) in by_sender {
        of_one.sort_by_key(|it| it.entry.cursor);
        excess.extend(of_one.drain(..of_one.len().saturating_sub(MOST)));
    }
    excess
}
