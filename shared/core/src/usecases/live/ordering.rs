//! Processes the frames of a socket in the order of arrival, one after the other, though the gateway invokes
//! the function for all of them at once.
//!
//! Each invocation stores its frame first. Then it waits until it holds the socket's lock, or another one
//! has processed its frame. The holder processes all stored frames, in order, as far as its time allows. An
//! invocation that dies leaves its frame to the next one. If there is none, the sweep tells the client that
//! the frame is not processed any more; without a client, it processes the frame. What is impossible: to
//! know of an earlier frame whose invocation starts later than [`HELD`], or died before it stored the frame.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;

use crate::{
    domain::frame::{FRAME_LEASE, Frame, FrameLease, HELD, OPERATION},
    ports::{
        attempts::AttemptRecords,
        clock::Deadline,
        sockets::{Connections, PushError, SocketRecords},
        store::{Commit, Record, Removal, StoreError, Write},
    },
    usecases::{Context, Disconnect, Ports, live::SocketEncoder},
};

/// Wait before the lock is tried again: the first one, and the longest.
const LOOK_AGAIN: (Duration, Duration) = (Duration::from_millis(40), Duration::from_millis(320));

/// The time that must be left to start with a frame of another invocation.
const GOES_ON: Duration = Duration::from_secs(20);

/// How long before its lease ends the sweep stops.
const LEASE_MARGIN: Duration = Duration::from_secs(2);

/// A frame could not be processed: nothing was sent, and the client could not be told. The frame is given
/// again.
#[derive(Debug, thiserror::Error)]
#[error("a frame could not be processed: {0}")]
pub struct FrameNotHandled(pub String);

/// Why a frame was not processed in its turn. It stays stored.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// The deadline passed before its turn.
    #[error("its turn did not come in time")]
    Late,
    /// It was its turn, and it could not be processed.
    #[error(transparent)]
    FrameNotHandled(#[from] FrameNotHandled),
    /// The gateway could not be reached, or reported an error.
    #[error("the gateway: {0}")]
    Gateway(PushError),
    /// The store failed, so the frames keep their place.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OrderError {
    /// Whether a retry may help: with any error but a row that cannot be decoded.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        !matches!(self, Self::Store(StoreError::Corrupt(_)))
    }
}

/// Processes one frame at a time.
#[async_trait]
pub trait FrameHandler: Send + Sync {
    /// The time that must be left to start with another invocation's frame; with less it is left to that
    /// invocation, else to the sweep. An invocation's own frame is always started, so that its client gets a
    /// response at once.
    fn time_needed(&self, frame: &Frame) -> Duration;

    /// Processes a frame. It is not given again, unless the invocation died.
    ///
    /// # Errors
    /// When the store failed before anything was sent, and the client could not be told: the frame is given
    /// again.
    async fn handle_frame(&self, frame: &Frame, deadline: Deadline) -> Result<(), FrameNotHandled>;
}

/// The result of processing an overdue frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overdue {
    /// Its client was informed.
    Answered,
    /// Its socket had closed; it was processed.
    CarriedOut,
    /// Another worker did it, or there was no time for it.
    Nothing,
}

/// Processes the frames of a socket, one by one, in order.
#[derive(Clone)]
pub struct FrameOrder {
    pub(crate) ctx: Arc<Context>,
    pub(crate) attempts: Arc<dyn AttemptRecords>,
    pub(crate) connections: Arc<dyn Connections>,
    pub(crate) sockets: Arc<dyn SocketRecords>,
    pub(crate) disconnect: Disconnect,
}

impl FrameOrder {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports, connections: &Arc<dyn Connections>) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            attempts: Arc::clone(&ports.attempts),
            connections: Arc::clone(connections),
            sockets: Arc::clone(&ports.sockets),
            disconnect: Disconnect::new(ports, connections),
        }
    }
}

impl FrameOrder {
    /// Processes a frame with `handler`, after all earlier ones.
    ///
    /// # Errors
    /// When the store fails, or the time is up before its turn: the next invocation processes the stored
    /// frame.
    pub async fn in_turn(
        &self,
        frame: Frame,
        deadline: Deadline,
        handler: &dyn FrameHandler,
    ) -> Result<(), OrderError> {
        // A frame that is stored already was delivered twice.
        self.ctx.store.commit(vec![Write::Put(Record::Frame(frame.clone()))]).await?;
        let (mut wait, longest) = LOOK_AGAIN;
        while self.ctx.ids.now() < deadline.0 {
            if let Some(lease) = self.acquire_lease(&frame).await? {
                let worked = self.work(&frame, deadline, handler).await;
                self.release_lease(lease).await?;
                return worked;
            }
            tokio::time::sleep(wait).await;
            if self.sockets.frame(&frame).await?.is_none() {
                return Ok(());
            }
            wait = (wait * 2).min(longest);
        }
        Err(OrderError::Late)
    }

    /// Acquires the lock of a socket; `None` while another invocation holds it.
    async fn acquire_lease(&self, frame: &Frame) -> Result<Option<FrameLease>, StoreError> {
        let now = self.ctx.ids.now();
        let known = self.sockets.frame_lease(&frame.tenant, &frame.socket).await?;
        let mut lease =
            known.unwrap_or_else(|| FrameLease::free(frame.tenant.clone(), frame.socket.clone(), now));
        if !lease.acquire(now)
            || self.ctx.store.commit(vec![Write::Put(Record::FrameLease(lease.clone()))]).await?
                == Commit::Conflict
        {
            return Ok(None);
        }
        lease.rev += 1;
        Ok(Some(lease))
    }

    async fn release_lease(&self, lease: FrameLease) -> Result<(), StoreError> {
        self.ctx
            .store
            .commit(vec![Write::Put(Record::FrameLease(FrameLease { taken_until: None, ..lease }))])
            .await
            .map(drop)
    }

    /// Processes all stored frames, the first one first, until none is left or the time is up.
    async fn work(
        &self,
        own: &Frame,
        deadline: Deadline,
        handler: &dyn FrameHandler,
    ) -> Result<(), OrderError> {
        let mut own_is_done = false;
        while let Some(next) = self.sockets.first_frame(&own.tenant, &own.socket).await? {
            let now = self.ctx.ids.now();
            let left = now.until(deadline.0);
            if own_is_done && left < GOES_ON {
                break;
            }
            if left.is_zero() || (next != *own && left < handler.time_needed(&next)) {
                return if own_is_done { Ok(()) } else { Err(OrderError::Late) };
            }
            let ready_at = next.came_at.plus(HELD);
            if now < ready_at {
                // Until then an earlier frame may still arrive.
                tokio::time::sleep(now.until(ready_at)).await;
                continue;
            }
            match handler.handle_frame(&next, deadline).await {
                // It is left to its own invocation, else to the sweep.
                Err(_) if own_is_done => break,
                ended => ended?,
            }
            self.ctx.store.commit(vec![Write::Delete(Removal::Frame(next.clone()))]).await?;
            own_is_done |= next == *own;
        }
        Ok(())
    }

    /// Processes an overdue frame. Its client is informed, and no invocation starts with it any more; for a
    /// closed socket, the frame is processed, in its order.
    pub(crate) async fn due_frame(
        &self,
        listed: &Frame,
        deadline: Deadline,
        encoder: &dyn SocketEncoder,
        handler: &dyn FrameHandler,
    ) -> Result<Overdue, OrderError> {
        let Some(frame) = self.sockets.frame(listed).await? else { return Ok(Overdue::Nothing) };
        let Some(lease) = self.acquire_lease(&frame).await? else { return Ok(Overdue::Nothing) };
        let ended = self.end_frame(&frame, deadline, encoder, handler).await;
        self.release_lease(lease).await?;
        ended
    }

    async fn end_frame(
        &self,
        frame: &Frame,
        deadline: Deadline,
        encoder: &dyn SocketEncoder,
        handler: &dyn FrameHandler,
    ) -> Result<Overdue, OrderError> {
        if self.sockets.frame(frame).await?.is_none() {
            return Ok(Overdue::Nothing);
        }
        let opened = self.sockets.opened(&frame.socket).await?;
        if opened.is_some_and(|opened| opened.listens()) && self.tell_unanswered(frame, encoder).await? {
            self.ctx.store.commit(vec![Write::Delete(Removal::Frame(frame.clone()))]).await?;
            return Ok(Overdue::Answered);
        }
        self.work_through(frame, deadline, handler).await
    }

    /// Informs a client that their frame is not processed any more; returns whether the socket was open.
    async fn tell_unanswered(&self, frame: &Frame, encoder: &dyn SocketEncoder) -> Result<bool, OrderError> {
        let begun = self.attempts.key(&frame.tenant, &frame.key().hashed(OPERATION)).await?;
        let sent = begun.map(|record| record.message);
        match self.connections.send_frame(&frame.socket, &encoder.unanswered(frame, sent)).await {
            Ok(()) => {
                tracing::error!(metric = "frame_failed", tenant = %frame.tenant, message_id = ?sent,
                    "a frame was not processed in time; its client was informed");
                Ok(true)
            }
            Err(PushError::Gone) => {
                self.disconnect.forget_socket(&frame.socket).await?;
                Ok(false)
            }
            Err(problem) => Err(OrderError::Gateway(problem)),
        }
    }

    /// Processes the frames of a closed socket, oldest first, as far as the time and the lease allow.
    async fn work_through(
        &self,
        listed: &Frame,
        deadline: Deadline,
        handler: &dyn FrameHandler,
    ) -> Result<Overdue, OrderError> {
        let until = deadline.0.min(self.ctx.ids.now().plus(FRAME_LEASE.saturating_sub(LEASE_MARGIN)));
        let mut ended = Overdue::Nothing;
        while let Some(next) = self.sockets.first_frame(&listed.tenant, &listed.socket).await? {
            let now = self.ctx.ids.now();
            if next.due_at() > now || now.until(until) < handler.time_needed(&next).max(GOES_ON) {
                break;
            }
            tracing::error!(metric = "frame_failed", tenant = %next.tenant,
                "a frame of a closed socket was not processed in time; it is processed late");
            handler.handle_frame(&next, Deadline(until)).await?;
            self.ctx.store.commit(vec![Write::Delete(Removal::Frame(next))]).await?;
            ended = Overdue::CarriedOut;
        }
        Ok(ended)
    }
}
