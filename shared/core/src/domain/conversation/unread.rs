//! The count of a customer's unread messages, whatever the order of messages and answers.

use std::mem;

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;

/// Times of unread messages stored per conversation. Of more, the oldest are only counted.
const REMEMBERED: usize = 100;

/// A customer's messages that nobody has read or answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadMessages {
    /// Number of unread messages.
    #[serde(rename = "unread")]
    pub count: u64,
    /// The times of the latest of these, up to 100.
    #[serde(rename = "unread_at", default, skip_serializing_if = "Vec::is_empty")]
    times: Vec<Timestamp>,
}

impl UnreadMessages {
    /// Counts a customer's message of this time as unread.
    pub(super) fn add(&mut self, at: Timestamp) {
        self.count = self.count.saturating_add(1);
        let place = self.times.partition_point(|known| *known <= at);
        self.times.insert(place, at);
        if self.times.len() > REMEMBERED {
            self.times.remove(0);
        }
    }

    /// Keeps only the messages for which `newer` holds; it must hold for all after the first one.
    /// `last_inbound_at` is the time of the customer's latest message: an old row has no other.
    pub(super) fn keep(&mut self, last_inbound_at: Option<Timestamp>, newer: impl Fn(Timestamp) -> bool) {
        let count = |times: &[Timestamp]| u64::try_from(times.len()).unwrap_or(u64::MAX);
        // Those whose times are not remembered are older than all others.
        let older = self.count.saturating_sub(count(&self.times));
        let newest_of_older = match self.times.len() {
            0 => last_inbound_at,
            REMEMBERED => self.times.first().copied(),
            _ => None,
        };
        let older = if newest_of_older.is_some_and(&newer) { older } else { 0 };
        self.times.retain(|at| newer(*at));
        self.count = older.saturating_add(count(&self.times));
    }

    /// Merges the unread messages of another conversation, and leaves none there.
    pub(super) fn join(&mut self, other: &mut Self) {
        let other = mem::take(other);
        let all = self.count.saturating_add(other.count);
        for at in other.times {
            self.add(at);
        }
        self.count = all;
    }
}
