//! Live sockets: opened and closed, caught up, and pushed to.

pub(crate) mod catch_up;
pub(crate) mod connect;
pub(crate) mod disconnect;
mod event_context;
pub(crate) mod offline_queue;
pub(crate) mod ordering;
pub(crate) mod push;
pub(crate) mod tickets;
pub(crate) mod writer;

pub use connect::{ConnectError, ConnectRequest};
pub(crate) use disconnect::DisconnectOutcome;
pub use event_context::ConversationEvent;
pub(crate) use ordering::Overdue;
pub use ordering::{FrameHandler, FrameNotHandled, OrderError};

use crate::domain::{frame::Frame, id::MessageId, log::Cursor, socket::Socket};

/// Encodes the frames of a socket.
pub trait SocketEncoder: Send + Sync {
    /// The first frame: the socket is open, and the log ends here.
    fn hello(&self, socket: &Socket, end: Cursor) -> String;

    /// The frame of an event; `None` for events that sockets do not get.
    fn frame(&self, event: &ConversationEvent) -> Option<String>;

    /// The frame after a gap: missed events have expired; the log ends here.
    fn resync(&self, end: Cursor) -> String;

    /// The frame before the gateway closes the socket: the client should reconnect.
    fn leave(&self, socket: &Socket) -> String;

    /// The frame for a frame of the client's that is no longer being processed. `sent` is the message that
    /// it started, whose outcome is stored; without one, nothing was sent.
    fn unanswered(&self, frame: &Frame, sent: Option<MessageId>) -> String;

    /// The frame for queued messages that were dropped, with their number.
    fn dropped(&self, messages: u64) -> String;
}
