//! The fetch of a file from its provider: leases, retries, and when to give up.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ContentHash;
use crate::domain::{event::Telling, id::ChannelId, time::Timestamp};

/// How long a provider keeps what a customer sent under its id (facts: meta.md 7). Kaleyra documents no
/// limit for URLs; they are tried for as long.
pub const LIFE_AT_PROVIDER: Duration = Duration::from_hours(7 * 24);

/// How long a worker holds a file that it fetches: longer than the function may run.
const LEASE: Duration = Duration::from_mins(6);

/// How soon the sweep processes a file that no worker is known to fetch.
const PATIENCE: Duration = Duration::from_mins(2);

/// How soon the sweep emits the event for a message whose file is late, unless a worker did.
const FIRST_WORD: Duration = Duration::from_secs(20);

/// The first wait after a failed fetch; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(30);

/// The longest of these waits.
const LONGEST_WAIT: Duration = Duration::from_hours(6);

/// The last retry comes this long before the provider deletes the file.
const LAST_TRY: Duration = Duration::from_mins(15);

/// A file that is still at the provider, and the state of its fetch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchState {
    /// The channel that it came through.
    pub channel: ChannelId,
    /// The provider's media id or URL of it.
    #[serde(rename = "whence")]
    pub origin: MediaOrigin,
    /// The hash that the provider announced with the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promised: Option<ContentHash>,
    /// When the provider deletes it.
    pub until: Timestamp,
    /// Whether the next event about it is the first one.
    #[serde(default)]
    pub telling: Telling,
    /// How often a fetch was tried.
    pub tries: u32,
    /// When the sweep processes it next.
    pub due_at: Timestamp,
    /// No retry before this time, whoever asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// How often the sweep put it into the queue since the last try.
    #[serde(default)]
    pub queued: u32,
    /// Until when a worker holds it; `None` while none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_until: Option<Timestamp>,
}

/// Where a file is at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaOrigin {
    /// A media id, which the provider exchanges for a URL.
    MediaId(String),
    /// A public URL, which needs no credentials.
    Link(String),
}

/// The result of claiming a file to fetch it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchClaim {
    /// The caller holds the lease and may fetch.
    Taken,
    /// Another worker holds the lease, or the next retry is not due yet.
    NotNow,
    /// The provider has deleted it.
    Over,
}

impl FetchState {
    /// The fetch of a file whose message just arrived.
    pub(super) fn new(
        channel: ChannelId,
        origin: MediaOrigin,
        promised: Option<ContentHash>,
        until: Timestamp,
        telling: Telling,
        now: Timestamp,
    ) -> Self {
        Self {
            channel,
            origin,
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

    /// Whether a worker holds it.
    #[must_use]
    pub fn is_leased(&self, now: Timestamp) -> bool {
        self.lease_until.is_some_and(|until| until > now)
    }

    /// Claims it for a fetch, unless another worker holds it. A worker that started in time may finish after
    /// the provider's deadline.
    pub fn claim(&mut self, now: Timestamp) -> FetchClaim {
        if self.is_leased(now) {
            return FetchClaim::NotNow;
        }
        if self.until <= now {
            return FetchClaim::Over;
        }
        if self.not_before.is_some_and(|at| at > now) {
            return FetchClaim::NotNow;
        }
        self.tries += 1;
        self.queued = 0;
        let until = now.plus(LEASE);
        self.lease_until = Some(until);
        self.due_at = match self.telling {
            Telling::First => now.plus(FIRST_WORD),
            Telling::Further => until,
        };
        FetchClaim::Taken
    }

    /// Records that an event about the file is written, and returns which one. The sweep leaves it to the
    /// worker until the lease ends.
    pub fn announce(&mut self, now: Timestamp) -> Telling {
        if let Some(until) = self.lease_until.filter(|_| self.is_leased(now)) {
            self.due_at = until;
        }
        std::mem::take(&mut self.telling)
    }

    /// Records a failed fetch and schedules the retry.
    pub fn failed(&mut self, now: Timestamp) {
        let doublings = self.tries.saturating_sub(1).min(16);
        let wait = FIRST_WAIT.saturating_mul(1 << doublings).min(LONGEST_WAIT);
        self.due_at = self.in_time(now, wait);
        self.not_before = Some(self.due_at);
        self.lease_until = None;
    }

    /// Records that it was put into the queue again. While the queue does not get to it, that happens ever
    /// more rarely.
    pub fn queued_again(&mut self, now: Timestamp) {
        let wait = PATIENCE.saturating_mul(1 << self.queued.min(16)).min(LONGEST_WAIT);
        self.queued += 1;
        self.due_at = self.in_time(now, wait);
    }

    /// The time after a wait, but early enough for one more try before the provider deletes it.
    fn in_time(&self, now: Timestamp, wait: Duration) -> Timestamp {
        let left = now.until(self.until).saturating_sub(LAST_TRY);
        now.plus(if left.is_zero() { wait } else { wait.min(left) })
    }

    /// Whether the provider has deleted it, and no worker that started in time holds it any more.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.until <= now && !self.is_leased(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetch_state() -> FetchState {
        FetchState {
            channel: "1".parse().unwrap(),
            origin: MediaOrigin::MediaId("77".to_owned()),
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
    fn one_worker_at_a_time_fetches_and_a_dead_one_is_replaced() {
        let (mut file, now) = (fetch_state(), Timestamp::from_seconds(1));
        assert_eq!(file.claim(now), FetchClaim::Taken);
        assert_eq!(file.claim(now.plus(LEASE.saturating_sub(Duration::from_secs(1)))), FetchClaim::NotNow);
        // Clients that wait get the event before another worker can claim it.
        assert_eq!(file.due_at, now.plus(FIRST_WORD));
        assert_eq!((file.announce(now), file.due_at), (Telling::First, now.plus(LEASE)));
        assert_eq!((file.announce(now.plus(LEASE)), file.due_at), (Telling::Further, now.plus(LEASE)));
        assert_eq!(file.claim(now.plus(LEASE)), FetchClaim::Taken);
        assert_eq!(file.tries, 2);
    }

    #[test]
    fn a_worker_that_began_in_time_may_finish_late() {
        let mut file = fetch_state();
        let edge = Timestamp::from_millis(file.until.millis() - 1000);
        assert_eq!(file.claim(edge), FetchClaim::Taken);
        let over = file.until.plus(Duration::from_secs(1));
        assert_eq!((file.claim(over), file.is_over(over)), (FetchClaim::NotNow, false));
        let dead = edge.plus(LEASE);
        assert_eq!((file.claim(dead), file.is_over(dead)), (FetchClaim::Over, true));
    }

    #[test]
    fn a_failed_fetch_waits_for_its_retry_though_it_is_queued_twice() {
        let (mut file, now) = (fetch_state(), Timestamp::from_seconds(0));
        assert_eq!(file.claim(now), FetchClaim::Taken);
        file.failed(now);
        assert_eq!(file.claim(now.plus(Duration::from_secs(29))), FetchClaim::NotNow);
        assert_eq!(file.claim(now.plus(Duration::from_secs(30))), FetchClaim::Taken);
    }

    #[test]
    fn a_queue_that_is_behind_gets_a_file_ever_more_rarely() {
        let (mut file, mut now) = (fetch_state(), Timestamp::from_seconds(120));
        let mut waits = Vec::new();
        for _ in 0..9 {
            file.queued_again(now);
            waits.push(now.until(file.due_at).as_secs() / 60);
            now = file.due_at;
        }
        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 360]);
        assert_eq!(file.claim(now), FetchClaim::Taken);
        file.queued_again(now);
        assert_eq!(now.until(file.due_at), PATIENCE);
    }

    #[test]
    fn waits_grow_and_end_with_the_life_of_the_id() {
        let (mut file, mut now) = (fetch_state(), Timestamp::from_seconds(0));
        let mut waits = Vec::new();
        while !file.is_over(now) {
            assert_eq!(file.claim(now), FetchClaim::Taken);
            file.failed(now);
            waits.push(now.until(file.due_at).as_secs());
            now = file.due_at;
        }
        assert_eq!(waits[..4], [30, 60, 120, 240]);
        assert_eq!(waits.iter().max(), Some(&LONGEST_WAIT.as_secs()));
        assert!(waits.len() < 50, "{}", waits.len());
    }
}
