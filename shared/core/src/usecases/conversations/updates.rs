//! Recent updates, for clients that poll instead of following the log.

use std::time::Duration;

use crate::{
    domain::{event::EventKind, id::ConversationId, time::Timestamp},
    ports::inbox::{Completeness, Happenings},
    usecases::Conversations,
};

/// How long an event may take from its id to its commit. Polls overlap by that time, so that a client that
/// passes the time it was given misses nothing.
pub const SETTLED: Duration = Duration::from_secs(3);

/// Most events that one poll reads.
pub const LOOKED_THROUGH: u16 = 500;

impl Conversations {
    /// The time up to which all events are certainly committed: the `since` of the next poll.
    #[must_use]
    pub fn settled_until(&self) -> Timestamp {
        let now = self.ctx.ids.now().millis();
        let settled = i64::try_from(SETTLED.as_millis()).map_or(now, |span| now - span);
        // To the second, like the clocks of the polling clients.
        Timestamp::from_seconds(Timestamp::from_millis(settled).seconds())
    }
}

/// The conversations with an event that changes their list entry or messages, the latest first.
#[must_use]
pub fn changed(recent: &Happenings) -> Vec<ConversationId> {
    let mut changed = Vec::new();
    for id in recent.events.iter().filter_map(|event| shows(&event.kind)) {
        if !changed.contains(&id) {
            changed.push(id);
        }
    }
    changed
}

/// The time up to which the events since `since` were read: the `since` of the next poll. Where there were
/// too many, it is the time of the last one that was read.
#[must_use]
pub fn complete_until(recent: &Happenings, since: Timestamp, settled: Timestamp) -> Timestamp {
    let Completeness::Until(last) = recent.extent else { return settled };
    // If all of it is within one second, it continues after that second: repeated, the poll would return the
    // same.
    let until = if last.seconds() > since.seconds() { last.seconds() } else { since.seconds() + 1 };
    settled.min(Timestamp::from_seconds(until))
}

/// Whether a conversation with one of these ids has updates. Where there were too many events, it may have
/// some.
#[must_use]
pub fn updates_of(recent: &Happenings, ids: &[ConversationId]) -> HasUpdates {
    let named = changed(recent).iter().any(|id| ids.contains(id));
    if named || recent.extent != Completeness::Whole { HasUpdates::Some } else { HasUpdates::None }
}

/// Whether a conversation has updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HasUpdates {
    /// It has updates, or may have some.
    Some,
    /// It has no updates.
    None,
}

/// The conversation whose view changes with this event. Statuses of messages are not part of it.
fn shows(kind: &EventKind) -> Option<ConversationId> {
    match kind {
        EventKind::ConversationCreated { conversation }
        | EventKind::MessageReceived { conversation, .. }
        | EventKind::MessageAccepted { conversation, .. }
        | EventKind::MessageUnknown { conversation, .. }
        | EventKind::MessageMedia { conversation, .. }
        | EventKind::MessageUpdated { conversation, .. }
        | EventKind::MessageCall { conversation, .. }
        | EventKind::StatusChanged { conversation, .. }
        | EventKind::HandedOver { conversation, .. } => Some(*conversation),
        EventKind::MessageUnresolved { .. }
        | EventKind::MessageSilent { .. }
        | EventKind::MessageRejected { .. }
        | EventKind::MessageStatus { .. }
        | EventKind::MessagePayment { .. }
        | EventKind::Assigned { .. }
        | EventKind::ConversationRead { .. }
        | EventKind::WindowRefused { .. }
        | EventKind::WindowExpiring { .. }
        | EventKind::LowBalance { .. }
        | EventKind::TemplateChanged { .. }
        | EventKind::BroadcastProgressed { .. }
        | EventKind::LeadCreated { .. }
        | EventKind::LeadUpdated { .. }
        | EventKind::ContactUpdated { .. }
        | EventKind::OptedOut(_)
        | EventKind::OptedIn(_)
        | EventKind::ContactMerged { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::Event;

    fn happenings(at: &[i64], extent: Completeness) -> Happenings {
        let event = |seconds: &i64| Event {
            id: serde_json::from_str("\"1\"").unwrap(),
            tenant: "demo".parse().unwrap(),
            at: Timestamp::from_seconds(*seconds),
            kind: EventKind::ConversationCreated { conversation: "7".parse().unwrap() },
        };
        Happenings { events: at.iter().rev().map(event).collect(), extent }
    }

    #[test]
    fn a_client_that_got_a_part_polls_for_the_rest_and_makes_progress() {
        let at = Timestamp::from_seconds;
        assert_eq!(complete_until(&happenings(&[11, 12], Completeness::Whole), at(10), at(50)), at(50));
        assert_eq!(
            complete_until(&happenings(&[11, 12], Completeness::Until(at(12))), at(10), at(50)),
            at(12)
        );
        assert_eq!(
            complete_until(&happenings(&[10, 10], Completeness::Until(at(10))), at(10), at(50)),
            at(11)
        );
        assert_eq!(
            complete_until(&happenings(&[11, 60], Completeness::Until(at(60))), at(10), at(50)),
            at(50)
        );
        // Events that were read count, whether they could be decoded or not.
        assert_eq!(complete_until(&happenings(&[], Completeness::Until(at(12))), at(10), at(50)), at(12));
    }
}
