//! The count of a customer's unread messages, whatever the order of messages and answers.

use super::Conversation;
use crate::domain::time::Timestamp;

/// Times of unread messages stored per conversation. Of more, the oldest are only counted.
const REMEMBERED: usize = 100;

impl Conversation {
    /// Counts a customer's message of this time as unread.
    pub(super) fn count_unread(&mut self, at: Timestamp) {
        self.unread = self.unread.saturating_add(1);
        let place = self.unread_at.partition_point(|known| *known <= at);
        self.unread_at.insert(place, at);
        if self.unread_at.len() > REMEMBERED {
            self.unread_at.remove(0);
        }
    }

    /// Keeps as unread only those for which `newer` holds, which must hold for all after the first one.
    pub(super) fn keep_unread(&mut self, newer: impl Fn(Timestamp) -> bool) {
        let count = |times: &[Timestamp]| u64::try_from(times.len()).unwrap_or(u64::MAX);
        // Those whose times are not remembered are older than all others.
        let older = self.unread.saturating_sub(count(&self.unread_at));
        let newest_of_older = match self.unread_at.len() {
            // An old row has only the time of the customer's latest message.
            0 => self.last_inbound_at,
            REMEMBERED => self.unread_at.first().copied(),
            _ => None,
        };
        let older = if newest_of_older.is_some_and(&newer) { older } else { 0 };
        self.unread_at.retain(|at| newer(*at));
        self.unread = older.saturating_add(count(&self.unread_at));
    }

    /// Marks every message as read.
    pub(super) fn forget_unread(&mut self) {
        self.unread = 0;
        self.unread_at.clear();
    }

    /// Merges the unread messages of another conversation.
    pub(super) fn join_unread(&mut self, other: &mut Self) {
        let all = self.unread.saturating_add(other.unread);
        for at in std::mem::take(&mut other.unread_at) {
            self.count_unread(at);
        }
        self.unread = all;
        other.unread = 0;
    }
}
