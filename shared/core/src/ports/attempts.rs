//! Reads of attempts, and what is due.

use async_trait::async_trait;

use super::store::StoreError;
use crate::domain::{
    attempt::Attempt,
    broadcast::Piece,
    file::MediaFile,
    frame::Frame,
    id::{MessageId, TenantId},
    idempotency::{HashedKey, KeyRecord},
    message::{Message, MessageAddress},
    socket::Socket,
    time::Timestamp,
    window::WindowWatch,
};

/// Something whose time to be looked at has come.
#[derive(Debug, Clone)]
pub enum Due {
    /// An attempt that is not settled.
    Attempt(Box<Attempt>),
    /// A message of which nothing was heard since the provider took it.
    Silent(Box<Message>),
    /// A piece of a broadcast that nobody was done with.
    Piece(Box<Piece>),
    /// A window that may be about to close.
    Window(Box<WindowWatch>),
    /// A socket whose time is nearly over, or that could not be closed.
    Socket(Box<Socket>),
    /// What came over a socket, and nobody was done with.
    Frame(Box<Frame>),
    /// A file that nobody is known to be fetching.
    File(Box<MediaFile>),
}

impl Due {
    /// Since when it is due.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        match self {
            Self::Attempt(attempt) => attempt.due_at(),
            Self::Silent(message) => message.status_due,
            Self::Piece(piece) => piece.due_at,
            Self::Window(watch) => Some(watch.due_at),
            Self::Socket(socket) => socket.due_at,
            Self::Frame(frame) => Some(frame.due_at()),
            Self::File(file) => file.due_at(),
        }
    }
}

/// Reads of attempts.
#[async_trait]
pub trait AttemptReads: Send + Sync {
    /// The attempt that made this message.
    async fn attempt(&self, tenant: &TenantId, id: MessageId) -> Result<Option<Attempt>, StoreError>;

    /// Where the message with this id lies or will lie, whoever sent it.
    async fn address(&self, tenant: &TenantId, id: MessageId) -> Result<Option<MessageAddress>, StoreError>;
}

/// Reads of idempotency keys.
#[async_trait]
pub trait KeyReads: Send + Sync {
    /// What an idempotency key stands for; expired records are given too.
    async fn key(&self, tenant: &TenantId, key: &HashedKey) -> Result<Option<KeyRecord>, StoreError>;

    /// What each of several keys stands for; those that stand for nothing are left out.
    async fn keys(&self, tenant: &TenantId, keys: &[HashedKey]) -> Result<Vec<KeyRecord>, StoreError>;
}

/// Lists of what is due.
#[async_trait]
pub trait DueReads: Send + Sync {
    /// What is due, the longest overdue first; up to `limit` of each of a few parts. May lag behind the
    /// writes by a moment.
    async fn due(&self, now: Timestamp, limit: u16) -> Result<Vec<Due>, StoreError>;
}

/// All that is read to send each message once.
pub trait Attempts: AttemptReads + KeyReads + DueReads {}

impl<T: AttemptReads + KeyReads + DueReads> Attempts for T {}
