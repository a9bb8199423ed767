//! The machine's own clock and randomness.

use crate::{
    domain::time::Timestamp,
    ports::clock::{Clock, Entropy},
};

/// The clock of the machine, in UTC.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place where the clock is read")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The machine's source of randomness.
#[derive(Debug, Clone, Copy)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(
        clippy::expect_used,
        reason = "without randomness no id is safe; a machine without it cannot serve"
    )]
    fn next_u64(&self) -> u64 {
        getrandom::u64().expect("the machine gives random numbers")
    }
}
