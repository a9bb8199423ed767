//! Making ids without a counter: time-ordered, and unique by the condition of the write.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use super::{
    event::EventId,
    id::{ID_LIMIT, IdError},
    time::Timestamp,
};
use crate::ports::clock::{Clock, Entropy};

/// 2025-01-01 in milliseconds: 41 bits from here last until 2094.
const EPOCH: i64 = 1_735_689_600_000;
const RANDOM_BITS: u32 = 12;

/// Makes ids: 41 bits of milliseconds, then 12 bits that start at random and count up.
///
/// Ids of one process never repeat and always rise. Two processes can hit the same number in the
/// same millisecond; the store's `must not exist` condition turns that into a retry with a new id.
#[derive(Clone)]
pub struct Ids {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    last: Arc<AtomicU64>,
}

impl Ids {
    /// Ids from this clock and this source of randomness.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { clock, entropy, last: Arc::new(AtomicU64::new(0)) }
    }

    /// The clock that ids are made with.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The time now, from the clock that ids are made with.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A fresh id of any numeric kind.
    ///
    /// # Panics
    /// Never before the year 2094, when 41 bits of milliseconds run out.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the number is in range by construction until 2094")]
    pub fn id<I: TryFrom<u64, Error = IdError>>(&self) -> I {
        I::try_from(self.number()).expect("a minted number lies between 1 and 2^53")
    }

    /// A fresh event id for something that happened now.
    #[must_use]
    pub fn event_id(&self, at: Timestamp) -> EventId {
        EventId::new(at, self.number(), self.entropy.next_u64())
    }

    /// 64 random bits, for secrets.
    #[must_use]
    pub fn chance(&self) -> u64 {
        self.entropy.next_u64()
    }

    /// A number that distinguishes one write of ours from any other.
    #[must_use]
    pub fn nonce(&self) -> u64 {
        // 53 bits: the store's number type and every JSON reader keep it exactly.
        self.entropy.next_u64() % ID_LIMIT
    }

    fn number(&self) -> u64 {
        let millis = u64::try_from(self.clock.now().millis() - EPOCH).unwrap_or(0);
        let random = self.entropy.next_u64() & ((1 << RANDOM_BITS) - 1);
        let candidate = ((millis << RANDOM_BITS) | random).clamp(1, ID_LIMIT - 1);
        let previous = self
            .last
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(candidate.max(last + 1)));
        candidate.max(previous.unwrap_or_else(|last| last) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::MessageId;

    struct Fixed(u64);
    impl Clock for Fixed {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(1_772_533_800_123)
        }
    }
    impl Entropy for Fixed {
        fn next_u64(&self) -> u64 {
            self.0
        }
    }

    #[test]
    fn ids_of_one_process_rise_even_within_a_millisecond() {
        let source = Ids::new(Arc::new(Fixed(0)), Arc::new(Fixed(u64::MAX)));
        let ids: Vec<MessageId> = (0..5000).map(|_| source.id()).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(ids.iter().all(|id| id.get() < ID_LIMIT));
    }
}
