//! The rate limiter of broadcasts: a minimum time between sends, and a limit of concurrent ones.

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

/// Most messages of one request that are sent at the same time, whatever the rate limit.
const MAX_CONCURRENT_SENDS: usize = 64;

/// What follows when a rejection holds for every recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnCommonRejection {
    /// Nothing: each of them is tried, and gets an outcome of its own.
    GoOn,
    /// No further recipient is started.
    Halt,
}

/// A rate limiter, shared by the sends that it applies to.
#[derive(Debug)]
pub struct RateLimiter {
    gap: Duration,
    on_common_rejection: OnCommonRejection,
    halted: AtomicBool,
    next: Mutex<Instant>,
    permits: Arc<Semaphore>,
}

impl RateLimiter {
    /// A rate limiter with this time between two sends.
    #[must_use]
    pub fn new(gap: Duration, common: OnCommonRejection) -> Self {
        let (next, permits) = (Mutex::new(Instant::now()), Arc::new(Semaphore::new(MAX_CONCURRENT_SENDS)));
        Self { gap, on_common_rejection: common, halted: AtomicBool::new(false), next, permits }
    }

    /// Waits for the next send to be allowed, and for a free slot, which is released with the permit.
    /// Returns `None` at once where that would be after `until`.
    pub(crate) async fn wait_for_turn(&self, until: Instant) -> Option<OwnedSemaphorePermit> {
        let turn = self.reserve_turn(until)?;
        tokio::time::sleep_until(turn).await;
        let permit =
            tokio::time::timeout_at(until, Arc::clone(&self.permits).acquire_owned()).await.ok()?.ok()?;
        (!self.halted.load(Ordering::Relaxed)).then_some(permit)
    }

    fn reserve_turn(&self, until: Instant) -> Option<Instant> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = (*next).max(Instant::now());
        if turn >= until || self.halted.load(Ordering::Relaxed) {
            return None;
        }
        *next = turn + self.gap;
        Some(turn)
    }

    /// Records a rejection that holds for every recipient.
    pub(crate) fn report_common_rejection(&self) {
        if self.on_common_rejection == OnCommonRejection::Halt {
            self.halted.store(true, Ordering::Relaxed);
        }
    }
}
