//! Time and randomness, so that tests can hold both still.

use std::time::Duration;

use crate::domain::time::Timestamp;

/// A source of the current time.
pub trait Clock: Send + Sync {
    /// The current instant. Need not rise strictly.
    fn now(&self) -> Timestamp;
}

/// A source of random numbers.
pub trait Entropy: Send + Sync {
    /// 64 random bits; two calls must not be related.
    fn next_u64(&self) -> u64;
}

/// The time by which a request must have been answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline(pub Timestamp);

impl Deadline {
    /// The deadline `margin` before `ends`, which is in milliseconds since 1970.
    #[must_use]
    pub fn before(ends: u64, margin: Duration) -> Self {
        let ends = i64::try_from(ends).unwrap_or(i64::MAX);
        let margin = i64::try_from(margin.as_millis()).unwrap_or_default();
        Self(Timestamp::from_millis(ends.saturating_sub(margin)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_before_the_end_by_its_margin() {
        let at = |millis| Deadline(Timestamp::from_millis(millis));
        assert_eq!(Deadline::before(10_000, Duration::from_secs(8)), at(2_000));
        assert_eq!(Deadline::before(u64::MAX, Duration::ZERO), at(i64::MAX));
    }
}
