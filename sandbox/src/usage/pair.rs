//! The rate of messages from one number to one customer (facts: meta.md 8.4).

/// How long a burst lasts, and how long one message must be waited off, in milliseconds.
const STEP: i64 = 6000;

/// The most messages in a burst.
const MAX_BURST: i64 = 45;

/// Messages that followed each other within six seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Burst {
    /// When the first came, in Unix milliseconds.
    start: i64,
    count: i64,
}

impl Burst {
    /// The first message of a burst.
    pub(super) fn new(now: i64) -> Self {
        Self { start: now, count: 1 }
    }

    /// The burst with one more message at `now`, or the next burst; `None` if the sender must wait.
    pub(super) fn next(self, now: i64) -> Option<Self> {
        if now >= self.start + self.count * STEP {
            return Some(Self::new(now));
        }
        let may_join = now < self.start + STEP && self.count < MAX_BURST;
        may_join.then_some(Self { count: self.count + 1, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::Burst;

    #[test]
    fn one_message_in_six_seconds_is_always_possible() {
        let mut burst = Burst::new(0);
        for step in 1..100 {
            burst = burst.next(step * 6000).expect("a new burst");
        }
        assert_eq!(burst.next(99 * 6000 + 5999).map(|burst| burst.count), Some(2));
    }

    #[test]
    fn a_burst_of_twenty_is_waited_off_for_two_minutes() {
        let mut burst = Burst::new(0);
        for _ in 1..20 {
            burst = burst.next(100).expect("within the burst");
        }
        assert_eq!(burst.next(6000), None);
        assert_eq!(burst.next(119_999), None);
        assert_eq!(burst.next(120_000), Some(Burst::new(120_000)));
    }

    #[test]
    fn a_burst_has_up_to_45_messages() {
        let mut burst = Burst::new(0);
        for _ in 1..45 {
            burst = burst.next(1).expect("within the burst");
        }
        assert_eq!(burst.next(1), None);
    }
}
