//! Time and chance, so that tests can hold both still.

use crate::domain::time::Timestamp;

/// The time now.
pub trait Clock: Send + Sync {
    /// The current instant. Need not rise strictly.
    fn now(&self) -> Timestamp;
}

/// A source of random numbers.
pub trait Entropy: Send + Sync {
    /// 64 random bits; two calls must not be related.
    fn next_u64(&self) -> u64;
}

/// When a request must have been answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline(pub Timestamp);
