//! Reads of sockets and of the offline queue, and the push to open sockets.

use async_trait::async_trait;

use super::store::StoreError;
use crate::domain::{
    frame::{Frame, FrameLease},
    id::{ContactId, TenantId},
    offline_queue::{OfflineQueueHead, QueuedMessage},
    socket::{KnownSocket, Socket, SocketId, Ticket, TicketHash},
};

/// Reads of sockets by connection id or tenant.
#[async_trait]
pub trait SocketReads: Send + Sync {
    /// The stored state of a connection, from its opening until the gateway can send nothing more of it.
    async fn opened(&self, id: &SocketId) -> Result<Option<KnownSocket>, StoreError>;

    /// The open socket of this connection; `None` when it closed.
    async fn socket(&self, id: &SocketId) -> Result<Option<Socket>, StoreError> {
        Ok(self.opened(id).await?.and_then(|opened| opened.socket))
    }

    /// A socket as it is now; `None` when it closed.
    async fn current(&self, it: &Socket) -> Result<Option<Socket>, StoreError>;

    /// All sockets of a tenant, as they are now.
    async fn sockets(&self, tenant: &TenantId) -> Result<Vec<Socket>, StoreError>;
}

/// Reads of socket tickets.
#[async_trait]
pub trait TicketReads: Send + Sync {
    /// The ticket with this hash, used or not.
    async fn ticket(&self, hash: &TicketHash) -> Result<Option<Ticket>, StoreError>;
}

/// Reads of unprocessed frames.
#[async_trait]
pub trait FrameReads: Send + Sync {
    /// The first unprocessed frame of a socket.
    async fn first_frame(&self, tenant: &TenantId, socket: &SocketId) -> Result<Option<Frame>, StoreError>;

    /// A frame, unless it is processed.
    async fn frame(&self, it: &Frame) -> Result<Option<Frame>, StoreError>;
}

/// Reads of the locks on sockets' frames.
#[async_trait]
pub trait FrameLeaseReads: Send + Sync {
    /// The lock on a socket's frames; `None` before its first frame.
    async fn frame_lease(
        &self,
        tenant: &TenantId,
        socket: &SocketId,
    ) -> Result<Option<FrameLease>, StoreError>;
}

/// Reads of the offline queue.
#[async_trait]
pub trait QueuedMessageReads: Send + Sync {
    /// The queued messages of one sender.
    async fn queued_messages_of(
        &self,
        tenant: &TenantId,
        sender: ContactId,
    ) -> Result<Vec<QueuedMessage>, StoreError>;

    /// All queued messages of the tenant.
    async fn queued_messages(&self, tenant: &TenantId) -> Result<Vec<QueuedMessage>, StoreError>;
}

/// Reads of the state of the offline queue.
#[async_trait]
pub trait OfflineQueueHeadReads: Send + Sync {
    /// The state of a tenant's offline queue; `None` before its first use.
    async fn offline_queue_head(&self, tenant: &TenantId) -> Result<Option<OfflineQueueHead>, StoreError>;
}

/// Reads of sockets, tickets and the offline queue. They are written through the store.
pub trait SocketRecords:
    SocketReads + TicketReads + FrameReads + FrameLeaseReads + QueuedMessageReads + OfflineQueueHeadReads
{
}

impl<T: SocketReads + TicketReads + FrameReads + FrameLeaseReads + QueuedMessageReads + OfflineQueueHeadReads>
    SocketRecords for T
{
}

/// A frame was not delivered to its socket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// There is no such connection any more, or not yet.
    #[error("there is no such socket")]
    Gone,
    /// The connection is open but accepts nothing.
    #[error("it accepts nothing")]
    Slow,
    /// The gateway fails, or is throttled: no fault of the connection's.
    #[error("the gateway could not be asked: {0}")]
    Failed(String),
}

/// The push to open sockets.
#[async_trait]
pub trait Connections: Send + Sync {
    /// Sends one frame.
    ///
    /// # Errors
    /// When it is not certain that the client got it.
    async fn send_frame(&self, socket: &SocketId, frame: &str) -> Result<(), PushError>;

    /// Closes a socket. A closed one is fine.
    ///
    /// # Errors
    /// When it may still be open.
    async fn close(&self, socket: &SocketId) -> Result<(), PushError>;
}
