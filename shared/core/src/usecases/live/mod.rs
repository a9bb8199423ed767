//! Sockets: opened and closed, brought up to date, told what happens.

pub(crate) mod catch_up;
pub(crate) mod connect;
pub(crate) mod disconnect;
mod event_context;
pub(crate) mod offline_queue;
pub(crate) mod ordering;
pub(crate) mod push;
pub(crate) mod tickets;
pub(crate) mod writer;

pub use connect::{Entry, Refused};
pub(crate) use disconnect::Left;
pub use event_context::Scene;
pub use ordering::Deals;
pub(crate) use ordering::Overdue;

use crate::domain::{frame::Frame, id::MessageId, log::Cursor, socket::Socket};

/// How things are said on a socket.
pub trait Tongue: Send + Sync {
    /// The first frame: the socket is open, and the log goes this far.
    fn hello(&self, socket: &Socket, end: Cursor) -> String;

    /// What happened; none for what is not told on sockets.
    fn frame(&self, scene: &Scene) -> Option<String>;

    /// What was missed is not kept any more; the log goes this far.
    fn resync(&self, end: Cursor) -> String;

    /// The gateway will end the socket soon: its client had better come again.
    fn leave(&self, socket: &Socket) -> String;

    /// Nobody is at work any more at what came over the socket. `sent` is the message that was begun with it, whose
    /// end is on record; without one, nothing was sent.
    fn unanswered(&self, frame: &Frame, sent: Option<MessageId>) -> String;

    /// So many messages that waited were dropped.
    fn dropped(&self, messages: u64) -> String;
}
