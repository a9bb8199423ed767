//! The rate limit of template list calls per account.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::{id::TemplateAccountId, time::Timestamp};

/// Calls that can be made at once after a time without any.
const BURST: u64 = 100;

/// Calls that are refilled in an hour. So any 60 minutes see at most 190: an account has 200, over all its
/// clients (facts: meta.md 8.6).
const REFILL: u64 = 90;

/// The time to refill one call.
const ONE: Duration = Duration::from_secs(3600 / REFILL);

/// The time to refill all of them.
const ALL: Duration = Duration::from_secs(3600 / REFILL * BURST);

/// A fuller deficit means that a clock was wrong by an hour.
const WRONG: Duration = Duration::from_secs(3600 / REFILL * BURST + 3600);

/// The calls that may still be made for an account, shared by all tenants with a channel in it, because the
/// provider counts by account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallBudget {
    /// The account at the provider.
    pub account: TemplateAccountId,
    /// When all calls will be refilled, if none is made until then.
    pub full_at: Timestamp,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

impl CallBudget {
    /// The budget of an account for which no call was made yet.
    #[must_use]
    pub fn untouched(account: TemplateAccountId, now: Timestamp) -> Self {
        Self { account, full_at: now, rev: 0 }
    }

    /// Takes `calls` from the budget: all of them or none. A number above the maximum counts as the maximum.
    /// While a clock is behind, nothing is refilled. After a clock that was wrong by more than an hour, the
    /// budget restarts with a single call.
    ///
    /// # Errors
    /// How long it takes until there are enough, when there are not now.
    pub fn reserve_calls(&mut self, calls: u32, now: Timestamp) -> Result<(), Duration> {
        let out = now.until(self.full_at);
        let out = if out > WRONG { ALL.saturating_sub(ONE) } else { out };
        let with_this = out.saturating_add(ONE.saturating_mul(calls).min(ALL));
        if with_this > ALL {
            return Err(with_this.saturating_sub(ALL));
        }
        self.full_at = now.plus(with_this);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_seconds(1_772_533_800 + second)
    }

    fn untouched() -> CallBudget {
        CallBudget::untouched("2001".to_owned().try_into().unwrap(), second(0))
    }

    fn emptied() -> CallBudget {
        let mut budget = untouched();
        while budget.reserve_calls(1, second(0)).is_ok() {}
        budget
    }

    #[test]
    fn no_hour_wherever_it_begins_sees_more_calls_than_an_account_has() {
        let mut budget = untouched();
        // The greediest client: a try in every second for three hours.
        let made: Vec<i64> =
            (0..3 * 3600).filter(|at| budget.reserve_calls(1, second(*at)).is_ok()).collect();
        let within = |from: i64| made.iter().filter(|at| (from..from + 3600).contains(*at)).count();
        assert!((0..2 * 3600).all(|from| within(from) <= 190));
        assert!((180..=190).contains(&made.iter().filter(|at| **at < 3600).count()));
        assert!((85..=91).contains(&within(3600)), "later as many as come back: {}", within(3600));
    }

    #[test]
    fn a_hundred_calls_can_be_made_at_once_and_again_after_a_rest() {
        let mut budget = untouched();
        for moment in [0, 2 * 3600] {
            let at_once = (0..200).filter(|_| budget.reserve_calls(1, second(moment)).is_ok()).count();
            assert_eq!(at_once, 100, "{moment}");
        }
    }

    #[test]
    fn a_list_of_many_pages_gets_all_its_calls_or_none() {
        let mut budget = untouched();
        assert_eq!(budget.reserve_calls(95, second(0)), Ok(()));
        assert_eq!(budget.reserve_calls(10, second(0)), Err(Duration::from_secs(200)));
        assert_eq!(budget.reserve_calls(5, second(0)), Ok(()));
        assert_eq!(budget.reserve_calls(10, second(400)), Ok(()));
        // As many as there can ever be.
        assert_eq!(untouched().reserve_calls(500, second(0)), Ok(()));
    }

    #[test]
    fn after_the_returned_wait_one_call_is_allowed() {
        let mut budget = emptied();
        assert_eq!(budget.reserve_calls(1, second(0)), Err(Duration::from_secs(40)));
        assert_eq!(budget.reserve_calls(1, second(15)), Err(Duration::from_secs(25)));
        assert_eq!(budget.reserve_calls(1, second(40)), Ok(()));
        assert_eq!(budget.reserve_calls(1, second(40)), Err(Duration::from_secs(40)));
    }

    #[test]
    fn a_clock_that_goes_back_refills_no_calls() {
        let mut budget = emptied();
        assert_eq!(budget.reserve_calls(1, second(-1000)), Err(Duration::from_secs(1040)));
        assert_eq!(budget.reserve_calls(1, second(40)), Ok(()));
        // With some left, these can be had, and no more.
        let mut some = untouched();
        assert_eq!(some.reserve_calls(1, second(0)), Ok(()));
        assert_eq!((0..200).filter(|_| some.reserve_calls(1, second(-40)).is_ok()).count(), 98);
    }

    #[test]
    fn one_clock_that_was_far_ahead_does_not_end_all_calls() {
        let mut budget = untouched();
        assert_eq!(budget.reserve_calls(1, second(1_000_000)), Ok(()));
        assert_eq!(budget.reserve_calls(1, second(0)), Ok(()));
        assert_eq!(budget.reserve_calls(1, second(0)), Err(Duration::from_secs(40)));
        assert_eq!(budget.reserve_calls(1, second(40)), Ok(()));
    }
}
