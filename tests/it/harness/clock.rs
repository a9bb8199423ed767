//! A clock that the test moves.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use ventanilla::{domain::time::Timestamp, ports::clock::Clock, system::SystemClock};

/// The machine's clock, moved by as much as the test says; or a frozen one.
#[derive(Default)]
pub(crate) struct TestClock {
    moved: AtomicI64,
    /// The time at which it is frozen; `None` while it runs.
    still: Option<Timestamp>,
}

impl TestClock {
    /// A clock that shows this time until it is moved.
    pub(crate) fn still(at: Timestamp) -> Self {
        Self { moved: AtomicI64::default(), still: Some(at) }
    }

    /// Sets the time; the clock runs on from there.
    pub(crate) fn set(&self, now: Timestamp) {
        self.moved.store(now.millis() - self.unmoved().millis(), Ordering::SeqCst);
    }

    /// Moves the time forward.
    pub(crate) fn advance(&self, span: Duration) {
        self.moved.fetch_add(i64::try_from(span.as_millis()).unwrap(), Ordering::SeqCst);
    }

    fn unmoved(&self) -> Timestamp {
        self.still.unwrap_or_else(|| SystemClock.now())
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.unmoved().millis() + self.moved.load(Ordering::SeqCst))
    }
}
