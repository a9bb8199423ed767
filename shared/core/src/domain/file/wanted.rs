//! A file that is to be fetched: who is at it, when it is tried again, and when its time is over.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ContentHash;
use crate::domain::{event::Telling, id::ChannelId, time::Timestamp};

/// How long a provider keeps what a customer sent under its id (facts: meta.md 7). Of links Kaleyra documents
/// nothing; they are asked for as long.
pub const LIFE_AT_PROVIDER: Duration = Duration::from_hours(7 * 24);

/// How long whoever fetches a file has it to themselves: longer than the function may run.
const LEASE: Duration = Duration::from_mins(6);

/// How soon the sweep looks after a file of which nobody is known to be fetching it.
const PATIENCE: Duration = Duration::from_mins(2);

/// How soon the sweep tells those who wait for a message with a file, should nobody else do it.
const FIRST_WORD: Duration = Duration::from_secs(20);

/// The first wait after a failed fetch; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(30);

/// The longest of these waits.
const LONGEST_WAIT: Duration = Duration::from_hours(6);

/// How long before the provider's time is over a file is tried for the last time.
const LAST_TRY: Duration = Duration::from_mins(15);

/// A file that is at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// The channel that it came through.
    pub channel: ChannelId,
    /// Where it is.
    pub whence: Whence,
    /// The hash that the provider told with the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promised: Option<ContentHash>,
    /// Until when the provider has it.
    pub until: Timestamp,
    /// Which telling of it comes next.
    #[serde(default)]
    pub telling: Telling,
    /// How often it was tried.
    pub tries: u32,
    /// When the sweep looks after it.
    pub due_at: Timestamp,
    /// Before when it is not tried again, whoever asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// How often the sweep put it into the queue since it was tried last.
    #[serde(default)]
    pub queued: u32,
    /// Until when somebody has it to themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_until: Option<Timestamp>,
}

/// Where a provider has a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whence {
    /// Under this id, which is asked for an address.
    MediaId(String),
    /// At this address, which anybody may open.
    Link(String),
}

/// What came of claiming a file to fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Whoever claimed it has it to themselves for a while.
    Taken,
    /// Somebody else has it, or it is not to be tried again yet.
    NotNow,
    /// The provider has forgotten it.
    Over,
}

impl Wanted {
    /// One that was just heard of.
    pub(super) fn new(
        channel: ChannelId,
        whence: Whence,
        promised: Option<ContentHash>,
        until: Timestamp,
        telling: Telling,
        now: Timestamp,
    ) -> Self {
        Self {
            channel,
            whence,
            promised,
            until,
            telling,
            tries: 0,
            due_at: now.plus(match telling {
                Telling::First => FIRST_WORD,
                Telling::Further => PATIENCE,
            }),
            not_before: None,
            queued: 0,
            lease_until: None,
        }
    }

    /// Whether somebody has it to themselves.
    #[must_use]
    pub fn is_leased(&self, now: Timestamp) -> bool {
        self.lease_until.is_some_and(|until| until > now)
    }

    /// Takes it to fetch, unless somebody else has it: who began in time may end when the provider's time is over.
    pub fn claim(&mut self, now: Timestamp) -> Claim {
        if self.is_leased(now) {
            return Claim::NotNow;
        }
        if self.until <= now {
            return Claim::Over;
        }
        if self.not_before.is_some_and(|at| at > now) {
            return Claim::NotNow;
        }
        self.tries += 1;
        self.queued = 0;
        let until = now.plus(LEASE);
        self.lease_until = Some(until);
        self.due_at = match self.telling {
            Telling::First => now.plus(FIRST_WORD),
            Telling::Further => until,
        };
        Claim::Taken
    }

    /// It is told now how it stands with the file: which telling that is. Whoever is at it is not looked after any more
    /// before their time is over.
    pub fn told(&mut self, now: Timestamp) -> Telling {
        if let Some(until) = self.lease_until.filter(|_| self.is_leased(now)) {
            self.due_at = until;
        }
        std::mem::take(&mut self.telling)
    }

    /// It could not be fetched: it is tried again later.
    pub fn failed(&mut self, now: Timestamp) {
        let doublings = self.tries.saturating_sub(1).min(16);
        let wait = FIRST_WAIT.saturating_mul(1 << doublings).min(LONGEST_WAIT);
        self.due_at = self.in_time(now, wait);
        self.not_before = Some(self.due_at);
        self.lease_until = None;
    }

    /// It was put into the queue once more. A queue that is not through with it yet gets it ever more rarely.
    pub fn queued_again(&mut self, now: Timestamp) {
        let wait = PATIENCE.saturating_mul(1 << self.queued.min(16)).min(LONGEST_WAIT);
        self.queued += 1;
        self.due_at = self.in_time(now, wait);
    }

    /// After a wait, but once more before the provider has it no longer.
    fn in_time(&self, now: Timestamp, wait: Duration) -> Timestamp {
        let left = now.until(self.until).saturating_sub(LAST_TRY);
        now.plus(if left.is_zero() { wait } else { wait.min(left) })
    }

    /// Whether the provider has forgotten it, and nobody is at it any more who began in time.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.until <= now && !self.is_leased(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> Wanted {
        Wanted {
            channel: "1".parse().unwrap(),
            whence: Whence::MediaId("77".to_owned()),
            promised: None,
            until: Timestamp::from_seconds(LIFE_AT_PROVIDER.as_secs().cast_signed()),
            telling: Telling::First,
            tries: 0,
            due_at: Timestamp::from_seconds(120),
            not_before: None,
            queued: 0,
            lease_until: None,
        }
    }

    #[test]
    fn one_at_a_time_fetches_and_a_dead_one_is_followed_by_another() {
        let (mut file, now) = (wanted(), Timestamp::from_seconds(1));
        assert_eq!(file.claim(now), Claim::Taken);
        assert_eq!(file.claim(now.plus(LEASE.saturating_sub(Duration::from_secs(1)))), Claim::NotNow);
        // Those who wait hear of it sooner than somebody else is at it.
        assert_eq!(file.due_at, now.plus(FIRST_WORD));
        assert_eq!((file.told(now), file.due_at), (Telling::First, now.plus(LEASE)));
        assert_eq!((file.told(now.plus(LEASE)), file.due_at), (Telling::Further, now.plus(LEASE)));
        assert_eq!(file.claim(now.plus(LEASE)), Claim::Taken);
        assert_eq!(file.tries, 2);
    }

    #[test]
    fn who_began_in_time_may_end_after_it() {
        let mut file = wanted();
        let edge = Timestamp::from_millis(file.until.millis() - 1000);
        assert_eq!(file.claim(edge), Claim::Taken);
        let over = file.until.plus(Duration::from_secs(1));
        assert_eq!((file.claim(over), file.is_over(over)), (Claim::NotNow, false));
        let dead = edge.plus(LEASE);
        assert_eq!((file.claim(dead), file.is_over(dead)), (Claim::Over, true));
    }

    #[test]
    fn what_failed_waits_for_its_time_though_it_is_in_the_queue_twice() {
        let (mut file, now) = (wanted(), Timestamp::from_seconds(0));
        assert_eq!(file.claim(now), Claim::Taken);
        file.failed(now);
        assert_eq!(file.claim(now.plus(Duration::from_secs(29))), Claim::NotNow);
        assert_eq!(file.claim(now.plus(Duration::from_secs(30))), Claim::Taken);
    }

    #[test]
    fn a_queue_that_is_behind_gets_a_file_ever_more_rarely() {
        let (mut file, mut now) = (wanted(), Timestamp::from_seconds(120));
        let mut waits = Vec::new();
        for _ in 0..9 {
            file.queued_again(now);
            waits.push(now.until(file.due_at).as_secs() / 60);
            now = file.due_at;
        }
        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 360]);
        assert_eq!(file.claim(now), Claim::Taken);
        file.queued_again(now);
        assert_eq!(now.until(file.due_at), PATIENCE);
    }

    #[test]
    fn waits_grow_and_end_with_the_life_of_the_id() {
        let (mut file, mut now) = (wanted(), Timestamp::from_seconds(0));
        let mut waits = Vec::new();
        while !file.is_over(now) {
            assert_eq!(file.claim(now), Claim::Taken);
            file.failed(now);
            waits.push(now.until(file.due_at).as_secs());
            now = file.due_at;
        }
        assert_eq!(waits[..4], [30, 60, 120, 240]);
        assert_eq!(waits.iter().max(), Some(&LONGEST_WAIT.as_secs()));
        assert!(waits.len() < 50, "{}", waits.len());
    }
}
