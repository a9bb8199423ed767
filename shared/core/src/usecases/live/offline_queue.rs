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
        socket::{Phase, Socket},
        waiting::{MOST, Waiting, WaitingRoom},
    },
    ports::{
        sockets::{PostError, Posts, Sockets},
        store::{Commit, Record, Removal, StoreError, Write},
    },
    usecases::{
        Context, EventContexts, Ports, SocketWriter,
        live::{Scene, Tongue},
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
    Lost(PostError),
}

/// The row of a message in the offline queue.
pub(crate) fn place_in_queue(scene: &Scene) -> Waiting {
    Waiting::of(&scene.conversation, scene.told.clone())
}

/// Messages kept for sockets without a cursor.
#[derive(Clone)]
pub struct OfflineQueue {
    pub(crate) ctx: Arc<Context>,
    pub(crate) sockets: Arc<dyn Sockets>,
    pub(crate) event_contexts: EventContexts,
    pub(crate) writer: SocketWriter,
}

impl OfflineQueue {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports, connections: &Arc<dyn Posts>) -> Self {
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
        scene: &Scene,
        sockets: &[Socket],
    ) -> Result<(), StoreError> {
        let place = &scene.conversation;
        let hears = |socket: &&Socket| {
            socket.audience.takes_what_waited() && socket.audience.hears(place.channel, place.id)
        };
        let took = |socket: &Socket| socket.has_passed(scene.told.cursor);
        let delivered = || vec![Write::Delete(Removal::Delivered(place_in_queue(scene)))];
        if sockets.iter().filter(hears).any(took) {
            // An interrupted batch may have queued it already.
            return self.ctx.store.commit(delivered()).await.map(drop);
        }
        if self.ctx.store.commit(vec![Write::Put(Record::Waiting(place_in_queue(scene)))]).await?
            == Commit::Committed
        {
            self.drop_oldest(scene).await?;
        }
        let sockets = self.sockets.sockets(&place.tenant).await?;
        let mut hearing = sockets.iter().filter(hears);
        if hearing.clone().any(took) {
            return self.ctx.store.commit(delivered()).await.map(drop);
        }
        match hearing.find(|socket| socket.is_ready_for_queue()) {
            Some(socket) => self.nudge(socket).await,
            None => Ok(()),
        }
    }

    /// Drops and counts the oldest messages above the limit per sender: each once, however many workers do
    /// it, and none while the queue is drained.
    async fn drop_oldest(&self, scene: &Scene) -> Result<(), StoreError> {
        let (tenant, sender) = (&scene.conversation.tenant, scene.conversation.contact);
        let dropped = self.ctx.until_committed(|| async {
            let room = self.room(tenant).await?;
            let waiting = self.sockets.waiting_of(tenant, sender).await?;
            let excess = excess(waiting);
            if excess.is_empty() || room.is_being_emptied(self.ctx.ids.now()) {
                return Ok::<_, StoreError>(Decision::Done(None));
            }
            let (changes, count) = drop_some(room, excess);
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
    pub(crate) async fn drain(
        &self,
        socket: &Socket,
        up_to: Option<Cursor>,
        until: Instant,
        tongue: &dyn Tongue,
    ) -> Result<Drained, StoreError> {
        let room = self.room(&socket.tenant).await?;
        let waiting = self.sockets.waiting(&socket.tenant).await?;
        if !waiting.iter().any(|it| it.is_for(socket.audience)) && room.dropped_for(socket.audience) == 0 {
            return Ok(Drained::All);
        }
        if !self.take_room(socket).await? {
            return Ok(Drained::Busy);
        }
        let drained = self.drain_part(socket, up_to, until, tongue).await;
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
        tongue: &dyn Tongue,
    ) -> Result<Drained, StoreError> {
        let mut waiting = self.sockets.waiting(&socket.tenant).await?;
        let excess = excess(waiting.clone());
        if !excess.is_empty() {
            let (changes, count) = drop_some(self.room(&socket.tenant).await?, excess);
            if self.ctx.store.commit(changes).await? == Commit::Committed {
                log_dropped(&socket.tenant, count);
            }
            return Ok(Drained::More);
        }
        waiting.retain(|it| it.is_for(socket.audience) && up_to.is_none_or(|place| it.told.cursor <= place));
        waiting.sort_by_key(|it| it.told.cursor);
        let all = waiting.len();
        waiting.truncate(PART);
        let (mut taken, mut lost) = (Vec::new(), None);
        let entries: Vec<_> = waiting.iter().map(|it| it.told.clone()).collect();
        for (it, scene) in waiting.into_iter().zip(self.event_contexts.scenes(&entries).await?) {
            if Instant::now() >= until {
                break;
            }
            let kept = it.is_kept(self.ctx.ids.now());
            if let Some(frame) = scene.filter(|_| kept).and_then(|scene| tongue.frame(&scene))
                && let Err(problem) = self.writer.post(socket, &frame).await
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
            None => self.tell_dropped(socket, tongue).await,
        }
    }

    async fn tell_dropped(&self, socket: &Socket, tongue: &dyn Tongue) -> Result<Drained, StoreError> {
        let room = self.room(&socket.tenant).await?;
        let dropped = room.dropped_for(socket.audience);
        if dropped > 0 {
            if let Err(problem) = self.writer.post(socket, &tongue.dropped(dropped)).await {
                return Ok(Drained::Lost(problem));
            }
            // On a conflict the next socket reports them once more.
            self.ctx
                .store
                .commit(vec![Write::Put(Record::WaitingRoom(room.told_dropped(socket.audience)))])
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
        let waiting = self.sockets.waiting(&had.tenant).await?;
        if waiting.is_empty() {
            return Ok(());
        }
        let sockets = self.sockets.sockets(&had.tenant).await?;
        let next = sockets.iter().find(|other| {
            let for_it = waiting.iter().any(|it| it.is_for(other.audience));
            other.id != had.id && other.is_ready_for_queue() && for_it
        });
        match next {
            Some(next) => self.nudge(next).await,
            None => Ok(()),
        }
    }

    /// Makes a live socket check the offline queue: the record of its row in the stream does, outside of any
    /// batch.
    pub(crate) async fn nudge(&self, socket: &Socket) -> Result<(), StoreError> {
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
    async fn take_room(&self, socket: &Socket) -> Result<bool, StoreError> {
        self.ctx
            .until_committed(|| async {
                let mut room = self.room(&socket.tenant).await?;
                if !room.take(&socket.id, self.ctx.ids.now()) {
                    return Ok(Decision::Done(false));
                }
                Ok(Decision::Commit(vec![Write::Put(Record::WaitingRoom(room))], true))
            })
            .await
    }

    /// Releases the queue, if the socket holds it.
    async fn leave_room(&self, socket: &Socket) -> Result<(), StoreError> {
        self.ctx
            .until_committed(|| async {
                let room = self.room(&socket.tenant).await?;
                if room.emptied_by.as_ref().is_none_or(|(by, _)| *by != socket.id) {
                    return Ok(Decision::Done(()));
                }
                let left = WaitingRoom { emptied_by: None, ..room };
                Ok(Decision::Commit(vec![Write::Put(Record::WaitingRoom(left))], ()))
            })
            .await
    }

    async fn room(&self, tenant: &TenantId) -> Result<WaitingRoom, StoreError> {
        let known = self.sockets.waiting_room(tenant).await?;
        Ok(known.unwrap_or_else(|| WaitingRoom::empty(tenant.clone())))
    }
}

/// The writes that drop and count as many messages as fit into one transaction, and their number.
fn drop_some(mut room: WaitingRoom, mut excess: Vec<Waiting>) -> (Vec<Write>, u64) {
    excess.truncate(PART);
    for waiting in &excess {
        room.drop_one(waiting.channel);
    }
    let count = excess.len() as u64;
    let mut changes = vec![Write::Put(Record::WaitingRoom(room))];
    changes.extend(excess.into_iter().map(Removal::Waiting).map(Write::Delete));
    (changes, count)
}

fn log_dropped(tenant: &TenantId, count: u64) {
    tracing::warn!(metric = "offline_dropped", value = count, %tenant, "the oldest messages of senders with too many in the offline queue were dropped");
}

/// The oldest messages above the limit per sender.
fn excess(waiting: Vec<Waiting>) -> Vec<Waiting> {
    let mut by_sender: BTreeMap<ContactId, Vec<Waiting>> = BTreeMap::new();
    for it in waiting {
        by_sender.entry(it.sender).or_default().push(it);
    }
    let mut excess = Vec::new();
    for (_, mut of_one) in by_sender {
        of_one.sort_by_key(|it| it.told.cursor);
        excess.extend(of_one.drain(..of_one.len().saturating_sub(MOST)));
    }
    excess
}
