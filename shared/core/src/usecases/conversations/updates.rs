//! What happened of late, for clients that ask again and again by the clock instead of following the log.

use std::time::Duration;

use crate::{
    domain::{event::EventKind, id::ConversationId, time::Timestamp},
    ports::inbox::{Extent, Happenings},
    usecases::Conversations,
};

/// How long an event may take from its name to its commit. What happened in that time is told again: so a client
/// that asks with the time it was told misses nothing.
pub const SETTLED: Duration = Duration::from_secs(3);

/// Most events that are looked through.
pub const LOOKED_THROUGH: u16 = 500;

impl Conversations {
    /// The time up to which everything is known that happened: what a client asks with the next time.
    #[must_use]
    pub fn settled_until(&self) -> Timestamp {
        let now = self.ctx.ids.now().millis();
        let settled = i64::try_from(SETTLED.as_millis()).map_or(now, |span| now - span);
        // To the second, like the clocks of those who ask.
        Timestamp::from_seconds(Timestamp::from_millis(settled).seconds())
    }
}

/// The conversations in which something happened that a list or a thread of messages shows, the latest first.
#[must_use]
pub fn changed(told: &Happenings) -> Vec<ConversationId> {
    let mut changed = Vec::new();
    for id in told.events.iter().filter_map(|event| shows(&event.kind)) {
        if !changed.contains(&id) {
            changed.push(id);
        }
    }
    changed
}

/// The time up to which a client was told all, who asked for what happened since another: what it asks with the next
/// time. Where more happened than was looked through, it is that of the last that was.
#[must_use]
pub fn told_until(told: &Happenings, since: Timestamp, settled: Timestamp) -> Timestamp {
    let Extent::Until(last) = told.extent else { return settled };
    // Should all of it be within one second, it goes on after that: asked again, it would be the same.
    let until = if last.seconds() > since.seconds() { last.seconds() } else { since.seconds() + 1 };
    settled.min(Timestamp::from_seconds(until))
}

/// Whether there is anything new in a conversation, which goes by any of these ids. Where more happened than was
/// looked through, there may be.
#[must_use]
pub fn news_of(told: &Happenings, ids: &[ConversationId]) -> News {
    let named = changed(told).iter().any(|id| ids.contains(id));
    if named || told.extent != Extent::Whole { News::Some } else { News::None }
}

/// Whether there is anything new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// There is, or there may be.
    Some,
    /// There is not.
    None,
}

/// The conversation that a client would show otherwise after this event. How a message fares on its way it does not
/// show.
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

    fn told(at: &[i64], extent: Extent) -> Happenings {
        let event = |seconds: &i64| Event {
            id: serde_json::from_str("\"1\"").unwrap(),
            tenant: "demo".parse().unwrap(),
            at: Timestamp::from_seconds(*seconds),
            kind: EventKind::ConversationCreated { conversation: "7".parse().unwrap() },
        };
        Happenings { events: at.iter().rev().map(event).collect(), extent }
    }

    #[test]
    fn who_was_told_a_part_asks_for_the_rest_and_gets_on() {
        let at = Timestamp::from_seconds;
        assert_eq!(told_until(&told(&[11, 12], Extent::Whole), at(10), at(50)), at(50));
        assert_eq!(told_until(&told(&[11, 12], Extent::Until(at(12))), at(10), at(50)), at(12));
        assert_eq!(told_until(&told(&[10, 10], Extent::Until(at(10))), at(10), at(50)), at(11));
        assert_eq!(told_until(&told(&[11, 60], Extent::Until(at(60))), at(10), at(50)), at(50));
        // What was looked through counts, whether it could be read or not.
        assert_eq!(told_until(&told(&[], Extent::Until(at(12))), at(10), at(50)), at(12));
    }
}
