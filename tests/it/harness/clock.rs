//! A clock that moves when told to.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use ventanilla::{assembly::SystemClock, domain::time::Timestamp, port::clock::Clock};

/// The machine's clock, moved by as much as the test says.
#[derive(Default)]
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    /// Sets the time; it goes on from there.
    pub(crate) fn set(&self, now: Timestamp) {
        self.0.store(now.millis() - SystemClock.now().millis(), Ordering::SeqCst);
    }

    /// Moves the time forward.
    pub(crate) fn advance(&self, span: Duration) {
        self.0.fetch_add(i64::try_from(span.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(SystemClock.now().millis() + self.0.load(Ordering::SeqCst))
    }
}
