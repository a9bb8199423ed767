//! Dealing with what comes over a socket in the order in which it came, one after the other, though the gateway
//! runs the function for all of it at once.
//!
//! Each call writes its frame down first. Then it waits until it has the socket's lane to itself, deals with
//! whatever came before its own frame and is not done yet, and with its own. A call that dies leaves its frame to
//! the next one. What is impossible: to know of an earlier frame whose call begins later than [`HELD`].

use std::time::Duration;

use async_trait::async_trait;

use crate::{
    domain::frame::{Frame, HELD, Lane},
    port::{
        book::{Applied, Change, StoreError},
        clock::Deadline,
    },
    service::Core,
};

/// Time between two looks at a lane that somebody else has.
const LOOK_EVERY: Duration = Duration::from_millis(40);

/// Deals with frames.
#[async_trait]
pub trait Deals: Send + Sync {
    /// Deals with one. It is not given again, but when the call died on it.
    async fn deal(&self, frame: &Frame);
}

impl Core {
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
        self.book.apply(vec![Change::Frame(frame.clone())]).await?;
        while self.mint.now() < deadline.0 {
            if !self.sockets.frames(&frame.tenant, &frame.socket).await?.contains(&frame) {
                return Ok(());
            }
            let Some(lane) = self.enter_lane(&frame).await? else {
                tokio::time::sleep(LOOK_EVERY).await;
                continue;
            };
            let worked = self.work_up_to(&frame, deadline, deals).await;
            self.book.apply(vec![Change::Lane(Lane { taken_until: None, ..lane })]).await?;
            return worked;
        }
        Err(StoreError::Unavailable("its turn did not come in time".to_owned()))
    }

    /// Takes a socket's lane; none while somebody else has it.
    async fn enter_lane(&self, frame: &Frame) -> Result<Option<Lane>, StoreError> {
        let now = self.mint.now();
        let known = self.sockets.lane(&frame.tenant, &frame.socket).await?;
        let mut lane = known.unwrap_or_else(|| Lane::free(frame.tenant.clone(), frame.socket.clone(), now));
        if !lane.take(now) || self.book.apply(vec![Change::Lane(lane.clone())]).await? == Applied::Conflict {
            return Ok(None);
        }
        lane.rev += 1;
        Ok(Some(lane))
    }

    async fn work_up_to(
        &self,
        last: &Frame,
        deadline: Deadline,
        deals: &dyn Deals,
    ) -> Result<(), StoreError> {
        // Until then an earlier one may still come.
        tokio::time::sleep(self.mint.now().until(last.came_at.plus(HELD))).await;
        for frame in self.sockets.frames(&last.tenant, &last.socket).await? {
            if self.mint.now() >= deadline.0 {
                return Err(StoreError::Unavailable("its turn did not come in time".to_owned()));
            }
            deals.deal(&frame).await;
            self.book.apply(vec![Change::FrameGone(frame.clone())]).await?;
            if frame == *last {
                break;
            }
        }
        Ok(())
    }
}
