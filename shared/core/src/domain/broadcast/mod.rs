//! A broadcast: one message to many recipients, processed in the background after its caller was answered.
//!
//! It is stored in batches, so that many workers can run at once and none holds a row for long. Each
//! recipient has an idempotency key of their own, so a batch may be started any number of times and sends to
//! each of them once.

mod batch;
mod named;
mod outcome;
mod refusal;

pub use batch::{
    BATCH_SIZE, Batch, BatchId, GoesOn, OWN_LIMIT, Own, RecipientEntry, mark_duplicates, split_into_batches,
};
pub use named::{EntryRecipient, NamedBy};
pub use outcome::{Dropped, EntryOutcome};
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

/// Most recipients of a call that is answered only after all of them were tried.
pub const MOST_AT_ONCE: usize = 100;

/// How long after its request a broadcast may still start to send to a recipient. Shorter than an
/// idempotency key is remembered; and a reminder for today is of no use a day later.
pub const VALID: Duration = Duration::from_hours(24);

/// How long the results of a broadcast can be read.
pub const KEPT: Duration = Duration::from_hours(30 * 24);

/// One message to many recipients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broadcast {
    /// The tenant that sends it.
    pub tenant: TenantId,
    /// Our id of the broadcast.
    pub id: BroadcastId,
    /// The message, the same for every recipient but for what their entry replaces.
    pub content: Content,
    /// The channel for recipients who are named by an address; `None` for the tenant's default one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
    /// Who sends it, where the caller or its key says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_by: Option<SentBy>,
    /// The idempotency key from which that of each recipient is derived.
    pub key: IdempotencyKey,
    /// When it was requested.
    pub created_at: Timestamp,
    /// How many recipients the request named, invalid and repeated ones included.
    pub total: usize,
    /// Whether it still runs.
    #[serde(flatten)]
    pub course: Course,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

/// Whether a broadcast still runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "course", rename_all = "snake_case")]
pub enum Course {
    /// It runs until every recipient was tried.
    Running,
    /// The caller cancelled it.
    Cancelled {
        /// When it was cancelled.
        at: Timestamp,
    },
    /// The provider rejected a message for a reason that holds for every other recipient as well.
    Stopped {
        /// The rejection that stopped it.
        rejection: Rejection,
    },
}

impl Broadcast {
    /// Why no further recipient is tried; `None` while it runs.
    #[must_use]
    pub fn expired_outcome(&self, now: Timestamp) -> Option<EntryOutcome> {
        match &self.course {
            Course::Cancelled { .. } => Some(EntryOutcome::Dropped { why: Dropped::Cancelled }),
            Course::Stopped { rejection } => {
                Some(EntryOutcome::Dropped { why: Dropped::Stopped { reason: rejection.reason } })
            }
            Course::Running if self.created_at.plus(VALID) <= now => {
                Some(EntryOutcome::Dropped { why: Dropped::Late })
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
    fn it_runs_for_a_day_unless_it_is_ended() {
        let at = |millis| Timestamp::from_millis(millis);
        let day = i64::try_from(VALID.as_millis()).unwrap();
        let mut running = broadcast(5);
        assert_eq!(running.expired_outcome(at(day + 4)), None);
        assert_eq!(running.expired_outcome(at(day + 5)), Some(EntryOutcome::Dropped { why: Dropped::Late }));
        running.course = Course::Cancelled { at: at(6) };
        assert_eq!(running.expired_outcome(at(7)), Some(EntryOutcome::Dropped { why: Dropped::Cancelled }));
    }
}
