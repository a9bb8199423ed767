//! Commits the outcome of an attempt, whether the sender, a webhook or the sweep learned it.
//!
//! Optimistic locking: every step reads, decides and writes under the condition that nothing changed in
//! between; on a conflict it starts over. So any two of these can race, and the outcome is that of one of
//! them.

mod accepted;
mod commit;
mod rejected;
mod unknown;

use std::sync::Arc;

use crate::{
    domain::{
        attempt::Attempt,
        conversation::{Conversation, Happening},
        delivery::FactKind,
        event::EventKind,
        message::Message,
        message_lookup::Unparked,
        time::Timestamp,
    },
    ports::{
        attempts::AttemptRecords,
        store::{Record, Write},
    },
    usecases::{Context, Conversations, Ports, Templates, Updates},
};

pub(crate) use commit::log_unstored_addresses;

/// An attempt with its conversation, as last read.
pub(crate) struct Case {
    pub(crate) attempt: Attempt,
    pub(crate) conversation: Option<Conversation>,
}

/// The event of a status that the provider reported.
pub(crate) fn reported(message: &Message, status: FactKind) -> EventKind {
    EventKind::MessageStatus {
        conversation: message.address.conversation,
        message: message.address.id,
        message_at: message.address.at,
        status,
    }
}

/// Commits the outcomes of attempts: accepted, rejected or unknown.
#[derive(Clone)]
pub struct Outcomes {
    pub(crate) ctx: Arc<Context>,
    pub(crate) attempts: Arc<dyn AttemptRecords>,
    pub(crate) conversations: Conversations,
    pub(crate) templates: Templates,
    pub(crate) updates: Updates,
}

impl Outcomes {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            attempts: Arc::clone(&ports.attempts),
            conversations: Conversations::new(ports),
            templates: Templates::new(ports),
            updates: Updates::new(ports),
        }
    }
}

impl Outcomes {
    /// The events and rows of what was parked for a message.
    pub(crate) fn unparked(&self, message: &Message, waited: Unparked) -> Vec<Write> {
        let event =
            |status| Write::Put(Record::Event(self.ctx.event(&message.tenant, reported(message, status))));
        let sources = waited.sources.into_iter().map(Record::Source).map(Write::Put);
        waited.statuses.into_iter().map(event).chain(sources).collect()
    }

    /// Corrects the window of a conversation when the provider rejected a message of `sent_at` because it
    /// was closed.
    pub(crate) fn window_correction(&self, mut place: Conversation, sent_at: Timestamp) -> [Write; 2] {
        place.apply(&Happening::WindowRefused { sent_at });
        let event = self.ctx.event(&place.tenant, window_refused(&place));
        [Write::Put(Record::Event(event)), Write::Put(Record::Conversation(place))]
    }
}

/// The event of a window that the provider reported as closed.
fn window_refused(place: &Conversation) -> EventKind {
    EventKind::WindowRefused { conversation: place.id, channel: place.channel }
}

macro_rules! about {
    ($visible:vis $name:ident, $kind:ident) => {
        $visible fn $name(message: &Message) -> EventKind {
            EventKind::$kind {
                conversation: message.address.conversation,
                message: message.address.id,
                message_at: message.address.at,
            }
        }
    };
}
about!(accepted, MessageAccepted);
about!(unknown, MessageUnknown);
about!(rejected, MessageRejected);
about!(unresolved, MessageUnresolved);
about!(pub(crate) silent, MessageSilent);
about!(pub(crate) paid, MessagePayment);
about!(pub(crate) call_changed, MessageCall);
