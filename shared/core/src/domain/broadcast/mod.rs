//! A broadcast: one message to many, which goes on after its caller was answered.
//!
//! It is kept in pieces, so that many can be at work and none holds a row for long. Each recipient has an
//! idempotency key of their own, so a piece may be begun any number of times and sends to each of them once.

mod named;
mod outcome;
mod piece;
mod refusal;

pub use named::{EntryRecipient, NamedBy};
pub use outcome::{Dropped, Outcome};
pub use piece::{Entry, GoesOn, OWN_LIMIT, Own, PIECE, Piece, PieceId, mark_duplicates, pieces};
pub use refusal::{concerns_all, passes};

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    content::Content,
    id::{BroadcastId, ChannelId, TenantId},
    idempotency::IdempotencyKey,
    rejection::Rejection,
    sent_by::SentBy,
    time::Timestamp,
};

/// Most recipients of one call.
pub const MOST_RECIPIENTS: usize = 1000;

/// Most recipients of a call that is answered when they all have been tried.
pub const MOST_AT_ONCE: usize = 100;

/// How long after it was asked for a broadcast is still begun for anybody: shorter than a key is remembered,
/// and who wanted to be reminded of today wants no message the day after.
pub const VALID: Duration = Duration::from_hours(24);

/// How long what became of a broadcast can be read.
pub const KEPT: Duration = Duration::from_hours(30 * 24);

/// One message to many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broadcast {
    /// Whose it is.
    pub tenant: TenantId,
    /// Which.
    pub id: BroadcastId,
    /// What is sent.
    pub content: Content,
    /// The channel for recipients who are named by an address; none is the tenant's default one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
    /// Who sends it, where the caller or its key says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_by: Option<SentBy>,
    /// What the key of each recipient is made of.
    pub key: IdempotencyKey,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// How many recipients were named, wrong and repeated ones included.
    pub total: usize,
    /// Where it stands as a whole.
    #[serde(flatten)]
    pub course: Course,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

/// Whether a broadcast goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "course", rename_all = "snake_case")]
pub enum Course {
    /// It goes on until everybody was tried.
    Running,
    /// Its caller changed their mind.
    Cancelled {
        /// When.
        at: Timestamp,
    },
    /// The provider refused in a way that everybody else would meet as well.
    Stopped {
        /// How.
        rejection: Rejection,
    },
}

impl Broadcast {
    /// Why nobody further is tried; none while it goes on.
    #[must_use]
    pub fn over(&self, now: Timestamp) -> Option<Outcome> {
        match &self.course {
            Course::Cancelled { .. } => Some(Outcome::Dropped { why: Dropped::Cancelled }),
            Course::Stopped { rejection } => {
                Some(Outcome::Dropped { why: Dropped::Stopped { reason: rejection.reason } })
            }
            Course::Running if self.created_at.plus(VALID) <= now => {
                Some(Outcome::Dropped { why: Dropped::Late })
            }
            Course::Running => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn broadcast(at: i64) -> Broadcast {
        let id = "7".parse().unwrap();
        Broadcast {
            tenant: "demo".parse().unwrap(),
            id,
            content: Content::plain("x".to_owned().try_into().unwrap()),
            channel: None,
            sent_by: None,
            key: IdempotencyKey::of_broadcast(id),
            created_at: Timestamp::from_millis(at),
            total: 120,
            course: Course::Running,
            rev: 0,
        }
    }

    #[test]
    fn it_goes_on_for_a_day_unless_somebody_ends_it() {
        let at = |millis| Timestamp::from_millis(millis);
        let day = i64::try_from(VALID.as_millis()).unwrap();
        let mut running = broadcast(5);
        assert_eq!(running.over(at(day + 4)), None);
        assert_eq!(running.over(at(day + 5)), Some(Outcome::Dropped { why: Dropped::Late }));
        running.course = Course::Cancelled { at: at(6) };
        assert_eq!(running.over(at(7)), Some(Outcome::Dropped { why: Dropped::Cancelled }));
    }
}
