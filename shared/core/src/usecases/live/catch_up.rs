//! Catch-up of a socket: the first frame, missed entries, then live. It runs in slices of limited work. Each
//! slice stores its progress in the socket's row, and that row in the table's stream starts the next one. A
//! closed socket has no row, so nothing is done for it.
//!
//! A socket goes live in one transaction with the head of the log: every entry is either before it, and was
//! delivered here, or after it, and the batch that numbered it finds the socket live.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use crate::{
    domain::{
        event::EventKind,
        log::{Cursor, LogHead, Numbered},
        offline_queue::QueuedMessage,
        socket::{Phase, Socket, Start},
    },
    ports::{
        log::LogRecords,
        sockets::{Connections, PushError, SocketRecords},
        store::{Record, Removal, StoreError, Write},
    },
    usecases::{
        Context, Disconnect, EventContexts, EventLog, OfflineQueue, Ports, SocketWriter,
        events::log::LogRead,
        live::{
            ConversationEvent, SocketEncoder,
            offline_queue::{Drained, place_in_queue},
            push::is_a_customer_s,
        },
        until_committed::Decision,
    },
};

/// Log entries per slice: those with customers' messages leave the offline queue in one transaction with the
/// socket's row.
pub(crate) const SLICE: usize = 90;

/// Time after which a slice starts nothing more.
pub(crate) const SLICE_TIME: Duration = Duration::from_secs(2);

/// A socket that catches up, with its progress in this slice.
struct Slice {
    socket: Socket,
    start: Start,
    /// The last entry that was delivered or skipped.
    reached: Cursor,
    /// Customers' messages that it got and that may be in the offline queue.
    taken: Vec<QueuedMessage>,
}

/// The result of a slice.
enum Ended {
    /// There is more; the next slice continues.
    More,
    /// The socket is live.
    Live,
}

/// Why a slice was not delivered to its end.
#[derive(Debug, thiserror::Error)]
enum SliceError {
    /// The socket accepts no more frames.
    #[error(transparent)]
    Lost(#[from] PushError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The result of going live at the end of the log.
enum WentLive {
    /// The socket is live, or it was closed and cannot go live any more.
    Done,
    /// The log has more entries; with the current socket.
    LogWentOn(Socket),
}

/// Brings a socket up to date with the log, slice by slice.
#[derive(Clone)]
pub struct CatchUp {
    pub(crate) ctx: Arc<Context>,
    pub(crate) log: Arc<dyn LogRecords>,
    pub(crate) sockets: Arc<dyn SocketRecords>,
    pub(crate) disconnect: Disconnect,
    pub(crate) event_contexts: EventContexts,
    pub(crate) events: EventLog,
    pub(crate) offline_queue: OfflineQueue,
    pub(crate) writer: SocketWriter,
}

impl CatchUp {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports, connections: &Arc<dyn Connections>) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            log: Arc::clone(&ports.log),
            sockets: Arc::clone(&ports.sockets),
            disconnect: Disconnect::new(ports, connections),
            event_contexts: EventContexts::new(ports),
            events: EventLog::new(ports),
            offline_queue: OfflineQueue::new(ports, connections),
            writer: SocketWriter::new(ports, connections),
        }
    }
}

impl CatchUp {
    /// Delivers a slice of the missed entries, or lets the socket go live. `written` is the row in the
    /// stream's record: when the socket was written again since, that has a record of its own.
    ///
    /// # Errors
    /// When the store fails: what was delivered in this slice may be delivered again.
    pub async fn catch_up(&self, written: &Socket, encoder: &dyn SocketEncoder) -> Result<(), StoreError> {
        let Some(mut socket) = self.sockets.current(written).await? else {
            return if written.takes_queue() {
                self.offline_queue.leave_queue(written).await
            } else {
                Ok(())
            };
        };
        match socket.phase {
            Phase::Opening { .. } if socket.rev != written.rev => Ok(()),
            Phase::Opening { from, start, greeted } => {
                self.writer.follow_merge(&mut socket).await?;
                let slice = Slice { socket, start, reached: from, taken: Vec::new() };
                self.slice(slice, greeted, encoder).await
            }
            // Stopped right after it went live, or asked to check the offline queue.
            Phase::Live { .. } if socket.takes_queue() => self.look_at_queue(socket, encoder).await,
            // The sweep closes a lost socket.
            Phase::Live { .. } | Phase::Lost => Ok(()),
        }
    }

    async fn slice(
        &self,
        mut slice: Slice,
        greeted: bool,
        encoder: &dyn SocketEncoder,
    ) -> Result<(), StoreError> {
        let until = Instant::now() + SLICE_TIME;
        match self.deliver_slice(&mut slice, greeted, until, encoder).await {
            Ok(Ended::More) => self.note_progress(slice).await,
            Ok(Ended::Live) if !slice.socket.takes_queue() => Ok(()),
            Ok(Ended::Live) => match self.sockets.current(&slice.socket).await? {
                Some(live) if live.is_ready_for_queue() => self.look_at_queue(live, encoder).await,
                _ => Ok(()),
            },
            Err(SliceError::Store(error)) => Err(error),
            Err(SliceError::Lost(problem)) => {
                tracing::info!(tenant = %slice.socket.tenant, %problem, "a socket did not catch up");
                for part in slice.taken.chunks(SLICE) {
                    self.ctx
                        .store
                        .commit(part.iter().cloned().map(Removal::Delivered).map(Write::Delete).collect())
                        .await?;
                }
                self.disconnect.drop_socket(&slice.socket.id).await?;
                if slice.socket.takes_queue() {
                    self.offline_queue.leave_queue(&slice.socket).await
                } else {
                    Ok(())
                }
            }
        }
    }

    async fn deliver_slice(
        &self,
        slice: &mut Slice,
        greeted: bool,
        until: Instant,
        encoder: &dyn SocketEncoder,
    ) -> Result<Ended, SliceError> {
        if !greeted {
            let hello = encoder.hello(&slice.socket, self.events.log_end(&slice.socket.tenant).await?);
            self.writer.post_first(&slice.socket, &hello).await?;
        }
        // What was queued since it was opened is in the log that it reads.
        if slice.socket.takes_queue() && slice.reached == slice.socket.opened_after {
            match self.offline_queue.drain_queue(&slice.socket, Some(slice.reached), until, encoder).await? {
                Drained::More => return Ok(Ended::More),
                Drained::Lost(lost) => return Err(lost.into()),
                Drained::All | Drained::Busy => {}
            }
        }
        let mut left = SLICE;
        loop {
            match self.events.log_after(&slice.socket.tenant, slice.reached, left).await? {
                LogRead::Gap(end) => {
                    let resync = encoder.resync(end);
                    self.writer.push_frame(&slice.socket, &resync).await?;
                    slice.reached = end;
                }
                LogRead::Entries(entries, end) => {
                    self.deliver_entries(slice, &entries, until, encoder).await?;
                    if slice.reached >= end {
                        match self.go_live(slice).await? {
                            WentLive::Done => return Ok(Ended::Live),
                            WentLive::LogWentOn(socket) => slice.socket = socket,
                        }
                    }
                    left -= entries.len().min(left);
                    if left == 0 || Instant::now() >= until {
                        return Ok(Ended::More);
                    }
                }
            }
        }
    }

    /// Delivers entries to a socket until the time is up.
    async fn deliver_entries(
        &self,
        slice: &mut Slice,
        entries: &[Numbered],
        until: Instant,
        encoder: &dyn SocketEncoder,
    ) -> Result<(), SliceError> {
        let events = self.event_contexts.conversation_events(entries).await?;
        for (entry, event) in entries.iter().zip(events) {
            if Instant::now() >= until {
                break;
            }
            if let Some(event) = event.filter(|event| is_for(&slice.socket, event))
                && let Some(frame) = encoder.frame(&event)
            {
                self.writer.push_frame(&slice.socket, &frame).await?;
                let takes = slice.socket.audience.gets_queued_messages();
                if takes && is_a_customer_s(&event) && entry.cursor > slice.socket.opened_after {
                    slice.taken.push(place_in_queue(&event));
                }
            }
            if matches!(entry.event.kind, EventKind::ContactMerged { .. }) {
                self.writer.follow_merge(&mut slice.socket).await?;
            }
            slice.reached = entry.cursor;
        }
        Ok(())
    }

    /// Stores the progress of a socket, and removes what it got from the offline queue: together, so that no
    /// other socket gets it from the queue.
    async fn note_progress(&self, slice: Slice) -> Result<(), StoreError> {
        let Slice { socket, start, reached, taken } = slice;
        let (known, taken) = (&socket.clone(), &taken);
        self.ctx
            .until_committed_from(socket, |socket| async move {
                let Some(socket) = self.still_opening(socket, known).await? else {
                    return Ok(Decision::Done(()));
                };
                let phase = Phase::Opening { from: reached, start, greeted: true };
                let mut changes = vec![Write::Put(Record::Socket(Socket { phase, ..socket }))];
                changes.extend(taken.iter().cloned().map(Removal::Delivered).map(Write::Delete));
                Ok(Decision::Commit(changes, ()))
            })
            .await
    }

    /// The given socket, or else the current one; `None` where it no longer catches up.
    async fn still_opening(
        &self,
        held: Option<Socket>,
        known: &Socket,
    ) -> Result<Option<Socket>, StoreError> {
        let is_opening = |found: &Socket| matches!(found.phase, Phase::Opening { .. });
        match held {
            Some(socket) => Ok(Some(socket)),
            None => Ok(self.sockets.current(known).await?.filter(is_opening)),
        }
    }

    /// Lets a socket go live at a position, if the log still ends there.
    async fn go_live(&self, slice: &Slice) -> Result<WentLive, StoreError> {
        let Slice { socket: known, start, reached, taken } = slice;
        let (start, reached) = (*start, *reached);
        self.ctx
            .until_committed_from(known.clone(), |socket| async move {
                let Some(socket) = self.still_opening(socket, known).await? else {
                    return Ok(Decision::Done(WentLive::Done));
                };
                let head = self.log.head(&socket.tenant).await?;
                let head = head.unwrap_or_else(|| LogHead::empty(socket.tenant.clone()));
                if head.cursor != reached {
                    return Ok(Decision::Done(WentLive::LogWentOn(socket)));
                }
                let live = Socket { phase: Phase::Live { since: reached, start, drains: false }, ..socket };
                let mut changes = vec![Write::Put(Record::Socket(live)), Write::Check(head)];
                changes.extend(taken.iter().cloned().map(Removal::Delivered).map(Write::Delete));
                Ok(Decision::Commit(changes, WentLive::Done))
            })
            .await
    }

    /// Delivers the offline queue to a live socket: a part of it, and the rest with the next record of its
    /// row.
    async fn look_at_queue(&self, socket: Socket, encoder: &dyn SocketEncoder) -> Result<(), StoreError> {
        match self.offline_queue.drain_queue(&socket, None, Instant::now() + SLICE_TIME, encoder).await? {
            Drained::More => self.offline_queue.request_drain(&socket).await,
            // The socket that drains the queue makes this one check again when it is done.
            Drained::All | Drained::Busy => self.rest(socket).await,
            Drained::Lost(problem) => {
                tracing::info!(tenant = %socket.tenant, %problem, "a socket did not accept the offline queue");
                self.disconnect.drop_socket(&socket.id).await?;
                self.offline_queue.leave_queue(&socket).await
            }
        }
    }

    /// Records that a socket has checked the offline queue, unless another check was requested.
    async fn rest(&self, socket: Socket) -> Result<(), StoreError> {
        match socket.phase {
            Phase::Live { since, start, drains: true } => {
                let phase = Phase::Live { since, start, drains: false };
                self.ctx
                    .store
                    .commit(vec![Write::Put(Record::Socket(Socket { phase, ..socket }))])
                    .await
                    .map(drop)
            }
            _ => Ok(()),
        }
    }
}

fn is_for(socket: &Socket, event: &ConversationEvent) -> bool {
    socket.audience.includes(event.conversation.channel, event.conversation.id)
}
