//! Reads of attempts, of idempotency keys, and of due work.

use async_trait::async_trait;

use super::store::StoreError;
use crate::domain::{
    attempt::Attempt,
    broadcast::Batch,
    file::MediaFile,
    frame::Frame,
    id::{MessageId, TenantId},
    idempotency::{HashedKey, KeyRecord},
    message::{Message, MessageAddress},
    socket::Socket,
    time::Timestamp,
    window::WindowWatch,
};

/// Work that is due for the sweep.
#[derive(Debug, Clone)]
pub enum Due {
    /// An attempt whose outcome is not known.
    Attempt(Box<Attempt>),
    /// A message without any status since the provider accepted it.
    Silent(Box<Message>),
    /// A batch of a broadcast that no worker finished.
    Piece(Box<Batch>),
    /// A window that may close within the hour.
    Window(Box<WindowWatch>),
    /// A socket that is about to reach its longest time, or that could not be closed.
    Socket(Box<Socket>),
    /// A frame of a socket that was not processed.
    Frame(Box<Frame>),
    /// A file that no worker is known to fetch.
    File(Box<MediaFile>),
}

impl Due {
    /// When it became due; `None` for work that is done.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        match self {
            Self::Attempt(attempt) => attempt.due_at(),
            Self::Silent(message) => message.status_due,
            Self::Piece(batch) => batch.due_at,
            Self::Window(watch) => Some(watch.due_at),
            Self::Socket(socket) => socket.due_at,
            Self::Frame(frame) => Some(frame.due_at()),
            Self::File(file) => file.due_at(),
        }
    }
}

/// Reads of attempts by message id.
#[async_trait]
pub trait AttemptReads: Send + Sync {
    /// The attempt to send this message; `None` where there is none.
    async fn attempt(&self, tenant: &TenantId, id: MessageId) -> Result<Option<Attempt>, StoreError>;

    /// The key of the message with this id, whoever sent it; for an attempt also before the message exists.
    async fn address(&self, tenant: &TenantId, id: MessageId) -> Result<Option<MessageAddress>, StoreError>;
}

/// Reads of idempotency keys.
#[async_trait]
pub trait KeyReads: Send + Sync {
    /// The stored result of an idempotency key; expired records are returned too.
    async fn key(&self, tenant: &TenantId, key: &HashedKey) -> Result<Option<KeyRecord>, StoreError>;

    /// The stored results of several keys; unknown keys are left out.
    async fn keys(&self, tenant: &TenantId, keys: &[HashedKey]) -> Result<Vec<KeyRecord>, StoreError>;
}

/// Reads of due work.
#[async_trait]
pub trait DueReads: Send + Sync {
    /// The due work, the longest overdue first; up to `limit` from each shard. May lag behind the writes by
    /// a moment.
    async fn due(&self, now: Timestamp, limit: u16) -> Result<Vec<Due>, StoreError>;
}

/// All reads that sending each message once needs.
pub trait AttemptRecords: AttemptReads + KeyReads + DueReads {}

impl<T: AttemptReads + KeyReads + DueReads> AttemptRecords for T {}
