//! The frames that the server sends on a socket (facts: seed-apis.md 3.2, 3.3). `eventId` and `cursor` are
//! ours: a client that uses them loses nothing; the vendor's ignore them.

mod beside;
mod connection;
mod conversation;
mod frame;
mod marketing;
mod media;
mod message;
mod place;
mod reply_status;
mod status;
mod update;

pub use reply_status::{Unsent, error, reply_status};

use self::{
    connection::{Connected, MessagesDropped, Pong, Reconnect, ResyncRequired},
    conversation::{ConversationUpdated, WindowExpiring},
    frame::{Frame, tell, text},
    marketing::{ContactOptedIn, ContactOptedOut},
    media::MessageMedia,
    message::WhatsappMessage,
    status::MessageStatus,
    update::MessageUpdated,
};
#[cfg(feature = "schema")]
use self::{
    frame::EventFrame,
    reply_status::{FrameError, ReplyStatus},
};
#[cfg(feature = "schema")]
use super::commands;
#[cfg(feature = "schema")]
use crate::document::Schemas;
use ventanilla_core::{
    domain::{
        event::EventKind, frame::Frame as ClientFrame, id::MessageId, log::Cursor, message::Message,
        socket::Socket, update::UpdateKind,
    },
    usecases::live::{ConversationEvent, SocketEncoder},
};

/// The largest frame that the gateway certainly accepts, in bytes (facts: platform-limits.md 2.2).
const LARGEST: usize = 120_000;

/// How much of a too long text is sent, in characters: it is sent twice, and each may take several bytes.
const LONGEST_TEXT: usize = 8_000;

/// The encoder of this contract's frames.
#[derive(Debug, Clone, Copy)]
pub struct Frames;

impl SocketEncoder for Frames {
    fn hello(&self, socket: &Socket, end: Cursor) -> String {
        text(&Connected::of(socket, end))
    }

    fn frame(&self, event: &ConversationEvent) -> Option<String> {
        let text = match (&event.entry.event.kind, &event.message) {
            // It is sent together with its file, or with the outcome of the fetch.
            (EventKind::MessageReceived { file: Some(_), .. }, _) => return None,
            (kind, Some(message)) if kind.brings_message() && message.is_for_us() => came(event, message),
            // A client that answers messages must not answer these.
            (EventKind::MessageMedia { .. }, Some(message)) if !message.standby && !message.history => {
                tell(event, MessageMedia::of(event, message))
            }
            (
                EventKind::MessageAccepted { .. }
                | EventKind::MessageUnknown { .. }
                | EventKind::MessageUnresolved { .. }
                | EventKind::MessageSilent { .. }
                | EventKind::MessageRejected { .. }
                | EventKind::MessageStatus { .. },
                Some(message),
            ) => tell(event, MessageStatus::of(event, message)),
            (
                EventKind::ConversationCreated { .. }
                | EventKind::StatusChanged { .. }
                | EventKind::HandedOver { .. }
                | EventKind::Assigned { .. }
                | EventKind::ConversationRead { .. }
                | EventKind::WindowRefused { .. }
                | EventKind::MessageReceived { .. },
                _,
            ) => tell(event, ConversationUpdated::from(event)),
            (EventKind::OptedOut(choice), _) => tell(event, ContactOptedOut::of(event, choice)),
            (EventKind::OptedIn(choice), _) => tell(event, ContactOptedIn::of(event, choice)),
            (EventKind::WindowExpiring { expires_at, .. }, _) => {
                tell(event, WindowExpiring::of(event, *expires_at))
            }
            _ => return None,
        };
        Some(text)
    }

    fn resync(&self, end: Cursor) -> String {
        text(&ResyncRequired::from(end))
    }

    fn leave(&self, socket: &Socket) -> String {
        text(&Reconnect::from(socket))
    }

    fn unanswered(&self, frame: &ClientFrame, sent: Option<MessageId>) -> String {
        reply_status::unanswered(frame, sent)
    }

    fn dropped(&self, messages: u64) -> String {
        text(&Frame::from(MessagesDropped { count: messages }))
    }
}

/// The frame of a customer's message. An edit or a revocation is no message of its own: a client that
/// answers must not answer twice.
fn came(event: &ConversationEvent, message: &Message) -> String {
    match message.as_update().map(|update| update.change.kind()) {
        Some(change @ (UpdateKind::Edited | UpdateKind::Revoked)) => {
            tell(event, MessageUpdated::of(event, message, change))
        }
        _ => tell(event, WhatsappMessage::of(event, message)),
    }
}

/// The frame that answers a ping.
#[must_use]
pub fn pong() -> String {
    text(&Pong::default())
}

/// Adds the types of frames to the AsyncAPI document.
#[cfg(feature = "schema")]
pub(super) fn schemas(all: &mut Schemas) {
    commands::schemas(all);
    all.answer::<Connected>();
    all.answer::<EventFrame<WhatsappMessage>>();
    all.answer::<EventFrame<MessageUpdated>>();
    all.answer::<EventFrame<MessageMedia>>();
    all.answer::<EventFrame<MessageStatus>>();
    all.answer::<EventFrame<ConversationUpdated>>();
    all.answer::<EventFrame<ContactOptedOut>>();
    all.answer::<EventFrame<ContactOptedIn>>();
    all.answer::<EventFrame<WindowExpiring>>();
    all.answer::<ResyncRequired>();
    all.answer::<Frame<MessagesDropped>>();
    all.answer::<Reconnect>();
    all.answer::<Frame<ReplyStatus>>();
    all.answer::<Frame<FrameError>>();
    all.answer::<Pong>();
}
