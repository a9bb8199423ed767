//! Dealing with what comes over a socket in the order in which it came, one after the other, though the gateway
//! runs the function for all of it at once.
//!
//! Each call writes its frame down first. Then it waits until it has the socket's lane to itself, or somebody
//! else dealt with its frame. Whoever has the lane deals with all that came, in its order, as far as time lets
//! them. A call that dies leaves its frame to the next one. Should there be none, the sweep tells the client that
//! nobody is at work at it any more; where nobody is there to be told, it is carried out. What is impossible: to know
//! of an earlier frame whose call begins later than [`HELD`], or of one whose call died before it wrote it down.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;

use crate::{
    domain::frame::{Frame, HELD, LANE_LEASE, Lane, OPERATION},
    ports::{
        attempts::Attempts,
        clock::Deadline,
        sockets::{PostError, Posts, Sockets},
        store::{Commit, Record, Removal, StoreError, Write},
    },
    usecases::{Context, Disconnect, Ports, live::Tongue},
};

/// Time until a lane is looked at again that somebody else has: the first time, and at most.
const LOOK_AGAIN: (Duration, Duration) = (Duration::from_millis(40), Duration::from_millis(320));

/// How much time somebody must have left to begin with a frame that is not their own.
const GOES_ON: Duration = Duration::from_secs(20);

/// How long before its lease of a lane ends the sweep is done with it.
const LEASE_MARGIN: Duration = Duration::from_secs(2);

/// Deals with frames.
#[async_trait]
pub trait Deals: Send + Sync {
    /// How much time must be left to begin with another call's frame: it is left to that call, else to the sweep. A
    /// call's own is always begun, so that its client hears at once if there was no time for it.
    fn takes(&self, frame: &Frame) -> Duration;

    /// Deals with one. It is not given again, but when the call died on it.
    ///
    /// # Errors
    /// When the store failed before anything was sent, and nobody could be told so: it is given again.
    async fn deal(&self, frame: &Frame, deadline: Deadline) -> Result<(), StoreError>;
}

/// What became of a frame that nobody was done with in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overdue {
    /// Its client was told.
    Told,
    /// Its socket had ended; it was carried out.
    CarriedOut,
    /// Somebody else was quicker, or there was no time for it.
    Nothing,
}

/// Carries out what comes over a socket, frame by frame, in order.
#[derive(Clone)]
pub struct FrameOrder {
    pub(crate) ctx: Arc<Context>,
    pub(crate) attempts: Arc<dyn Attempts>,
    pub(crate) posts: Arc<dyn Posts>,
    pub(crate) sockets: Arc<dyn Sockets>,
    pub(crate) disconnect: Disconnect,
}

impl FrameOrder {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports, connections: &Arc<dyn Posts>) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            attempts: Arc::clone(&ports.attempts),
            posts: Arc::clone(connections),
            sockets: Arc::clone(&ports.sockets),
            disconnect: Disconnect::new(ports, connections),
        }
    }
}

impl FrameOrder {
    /// Lets `deals` deal with a frame when its turn has come, after those that came before it.
    ///
    /// # Errors
    /// When the store fails, or the time ends before its turn: what is written down the next call deals with.
    pub async fn in_turn(
        &self,
        frame: Frame,
        deadline: Deadline,
        deals: &dyn Deals,
    ) -> Result<(), StoreError> {
        // A frame that is there already came twice.
        self.ctx.store.commit(vec![Write::Put(Record::Frame(frame.clone()))]).await?;
        let (mut wait, longest) = LOOK_AGAIN;
        while self.ctx.ids.now() < deadline.0 {
            if let Some(lane) = self.enter_lane(&frame).await? {
                let worked = self.work(&frame, deadline, deals).await;
                self.leave_lane(lane).await?;
                return worked;
            }
            tokio::time::sleep(wait).await;
            if self.sockets.frame(&frame).await?.is_none() {
                return Ok(());
            }
            wait = (wait * 2).min(longest);
        }
        Err(late())
    }

    /// Takes a socket's lane; none while somebody else has it.
    async fn enter_lane(&self, frame: &Frame) -> Result<Option<Lane>, StoreError> {
        let now = self.ctx.ids.now();
        let known = self.sockets.lane(&frame.tenant, &frame.socket).await?;
        let mut lane = known.unwrap_or_else(|| Lane::free(frame.tenant.clone(), frame.socket.clone(), now));
        if !lane.take(now)
            || self.ctx.store.commit(vec![Write::Put(Record::Lane(lane.clone()))]).await? == Commit::Conflict
        {
            return Ok(None);
        }
        lane.rev += 1;
        Ok(Some(lane))
    }

    async fn leave_lane(&self, lane: Lane) -> Result<(), StoreError> {
        self.ctx
            .store
            .commit(vec![Write::Put(Record::Lane(Lane { taken_until: None, ..lane }))])
            .await
            .map(drop)
    }

    /// Deals with all that came, the first one first, until nothing is left or the time is over.
    async fn work(&self, own: &Frame, deadline: Deadline, deals: &dyn Deals) -> Result<(), StoreError> {
        let mut own_is_done = false;
        while let Some(next) = self.sockets.first_frame(&own.tenant, &own.socket).await? {
            let now = self.ctx.ids.now();
            let left = now.until(deadline.0);
            if own_is_done && left < GOES_ON {
                break;
            }
            if left.is_zero() || (next != *own && left < deals.takes(&next)) {
                return if own_is_done { Ok(()) } else { Err(late()) };
            }
            let ready_at = next.came_at.plus(HELD);
            if now < ready_at {
                // Until then an earlier one may still come.
                tokio::time::sleep(now.until(ready_at)).await;
                continue;
            }
            match deals.deal(&next, deadline).await {
                // It is left to its own call, else to the sweep.
                Err(_) if own_is_done => break,
                ended => ended?,
            }
            self.ctx.store.commit(vec![Write::Delete(Removal::Frame(next.clone()))]).await?;
            own_is_done |= next == *own;
        }
        Ok(())
    }

    /// Looks at a frame that nobody was done with in time. Its client is told, and nobody begins with it any more;
    /// that of a socket which ended cannot be told, so what came over it is carried out, in its order.
    pub(crate) async fn due_frame(
        &self,
        listed: &Frame,
        deadline: Deadline,
        tongue: &dyn Tongue,
        deals: &dyn Deals,
    ) -> Result<Overdue, StoreError> {
        let Some(frame) = self.sockets.frame(listed).await? else { return Ok(Overdue::Nothing) };
        let Some(lane) = self.enter_lane(&frame).await? else { return Ok(Overdue::Nothing) };
        let ended = self.end_frame(&frame, deadline, tongue, deals).await;
        self.leave_lane(lane).await?;
        ended
    }

    async fn end_frame(
        &self,
        frame: &Frame,
        deadline: Deadline,
        tongue: &dyn Tongue,
        deals: &dyn Deals,
    ) -> Result<Overdue, StoreError> {
        if self.sockets.frame(frame).await?.is_none() {
            return Ok(Overdue::Nothing);
        }
        let opened = self.sockets.opened(&frame.socket).await?;
        if opened.is_some_and(|opened| opened.listens()) && self.tell_unanswered(frame, tongue).await? {
            self.ctx.store.commit(vec![Write::Delete(Removal::Frame(frame.clone()))]).await?;
            return Ok(Overdue::Told);
        }
        self.work_through(frame, deadline, deals).await
    }

    /// Tells a client that nobody is at work at their frame. Says whether anybody was there to hear it.
    async fn tell_unanswered(&self, frame: &Frame, tongue: &dyn Tongue) -> Result<bool, StoreError> {
        let begun = self.attempts.key(&frame.tenant, &frame.key().hashed(OPERATION)).await?;
        let sent = begun.map(|record| record.message);
        match self.posts.post(&frame.socket, &tongue.unanswered(frame, sent)).await {
            Ok(()) => {
                tracing::error!(metric = "frame_failed", tenant = %frame.tenant, message_id = ?sent,
                    "nobody was done with a frame; its client was told");
                Ok(true)
            }
            Err(PostError::Gone) => self.disconnect.forget_socket(&frame.socket).await.map(|()| false),
            Err(problem) => Err(StoreError::Unavailable(format!("the gateway: {problem}"))),
        }
    }

    /// Carries out what came over a socket that ended and nobody was done with, the oldest first, as far as time and
    /// the lease of its lane let it.
    async fn work_through(
        &self,
        listed: &Frame,
        deadline: Deadline,
        deals: &dyn Deals,
    ) -> Result<Overdue, StoreError> {
        let until = deadline.0.min(self.ctx.ids.now().plus(LANE_LEASE.saturating_sub(LEASE_MARGIN)));
        let mut ended = Overdue::Nothing;
        while let Some(next) = self.sockets.first_frame(&listed.tenant, &listed.socket).await? {
            let now = self.ctx.ids.now();
            if next.due_at() > now || now.until(until) < deals.takes(&next).max(GOES_ON) {
                break;
            }
            tracing::error!(metric = "frame_failed", tenant = %next.tenant,
                "nobody was done with a frame of a socket that ended; it is carried out late");
            deals.deal(&next, Deadline(until)).await?;
            self.ctx.store.commit(vec![Write::Delete(Removal::Frame(next))]).await?;
            ended = Overdue::CarriedOut;
        }
        Ok(ended)
    }
}

fn late() -> StoreError {
    StoreError::Unavailable("its turn did not come in time".to_owned())
}
