//! The pace at which one message goes to many: turns in time, and lanes beside each other.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

/// How many sends may be under way at a time.
const LANES: usize = 64;

/// What a refusal means for the others that everybody would meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Common {
    /// Nothing: each of them is tried, and told of for itself.
    GoOn,
    /// Nobody further is begun.
    Halt,
}

/// A pace, shared by all sends that it is for.
#[derive(Debug)]
pub struct Pace {
    gap: Duration,
    common: Common,
    halted: AtomicBool,
    next: Mutex<Instant>,
    lanes: Arc<Semaphore>,
}

impl Pace {
    /// Turns this far apart.
    #[must_use]
    pub fn new(gap: Duration, common: Common) -> Self {
        let (next, lanes) = (Mutex::new(Instant::now()), Arc::new(Semaphore::new(LANES)));
        Self { gap, common, halted: AtomicBool::new(false), next, lanes }
    }

    /// Waits for a turn and a lane, which is free again when the permit is dropped. None, and at once, where
    /// the turn would come after `until`: nobody waits for what comes too late.
    pub(crate) async fn turn(&self, until: Instant) -> Option<OwnedSemaphorePermit> {
        let turn = self.take_turn(until)?;
        tokio::time::sleep_until(turn).await;
        let lane =
            tokio::time::timeout_at(until, Arc::clone(&self.lanes).acquire_owned()).await.ok()?.ok()?;
        (!self.halted.load(Ordering::Relaxed)).then_some(lane)
    }

    fn take_turn(&self, until: Instant) -> Option<Instant> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = (*next).max(Instant::now());
        if turn >= until || self.halted.load(Ordering::Relaxed) {
            return None;
        }
        *next = turn + self.gap;
        Some(turn)
    }

    /// Somebody was refused in a way that everybody would meet.
    pub(crate) fn common_refusal(&self) {
        if self.common == Common::Halt {
            self.halted.store(true, Ordering::Relaxed);
        }
    }
}
