//! Sockets: who is there, and the way to them.

use async_trait::async_trait;

use super::store::StoreError;
use crate::domain::{
    frame::{Frame, Lane},
    id::{ContactId, TenantId},
    socket::{Opened, Socket, SocketId, Ticket, TicketHash},
    waiting::{Waiting, WaitingRoom},
};

/// Reads of sockets.
#[async_trait]
pub trait SocketReads: Send + Sync {
    /// What is known of the socket of this name, from its opening until the gateway can have nothing more of it.
    async fn opened(&self, id: &SocketId) -> Result<Option<Opened>, StoreError>;

    /// The socket of this name, until it ends.
    async fn socket(&self, id: &SocketId) -> Result<Option<Socket>, StoreError> {
        Ok(self.opened(id).await?.and_then(|opened| opened.socket))
    }

    /// A socket as it is now, by its tenant and name; none when it ended.
    async fn current(&self, it: &Socket) -> Result<Option<Socket>, StoreError>;

    /// All sockets of a tenant, as they are now.
    async fn sockets(&self, tenant: &TenantId) -> Result<Vec<Socket>, StoreError>;
}

/// Reads of tickets.
#[async_trait]
pub trait TicketReads: Send + Sync {
    /// A ticket.
    async fn ticket(&self, hash: &TicketHash) -> Result<Option<Ticket>, StoreError>;
}

/// Reads of what came over sockets.
#[async_trait]
pub trait FrameReads: Send + Sync {
    /// The first that came over a socket of what nobody is done with.
    async fn first_frame(&self, tenant: &TenantId, socket: &SocketId) -> Result<Option<Frame>, StoreError>;

    /// A frame, while nobody is done with it.
    async fn frame(&self, it: &Frame) -> Result<Option<Frame>, StoreError>;
}

/// Reads of who deals with what came over sockets.
#[async_trait]
pub trait LaneReads: Send + Sync {
    /// Who deals with what came over a socket.
    async fn lane(&self, tenant: &TenantId, socket: &SocketId) -> Result<Option<Lane>, StoreError>;
}

/// Reads of the offline queue.
#[async_trait]
pub trait WaitingReads: Send + Sync {
    /// What of one sender is in it.
    async fn waiting_of(&self, tenant: &TenantId, sender: ContactId) -> Result<Vec<Waiting>, StoreError>;

    /// Everything that is in it.
    async fn waiting(&self, tenant: &TenantId) -> Result<Vec<Waiting>, StoreError>;
}

/// Reads of the offline queue as a whole.
#[async_trait]
pub trait WaitingRoomReads: Send + Sync {
    /// The offline queue as a whole.
    async fn waiting_room(&self, tenant: &TenantId) -> Result<Option<WaitingRoom>, StoreError>;
}

/// Reads of sockets, tickets and the offline queue. They are written through the store.
pub trait Sockets:
    SocketReads + TicketReads + FrameReads + LaneReads + WaitingReads + WaitingRoomReads
{
}

impl<T: SocketReads + TicketReads + FrameReads + LaneReads + WaitingReads + WaitingRoomReads> Sockets for T {}

/// A frame did not reach its socket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// There is no such socket any more, or not yet.
    #[error("there is no such socket")]
    Gone,
    /// It is there and takes nothing.
    #[error("it takes nothing")]
    Slow,
    /// The gateway takes nothing, or not now: no fault of the socket's.
    #[error("the gateway could not be asked: {0}")]
    Failed(String),
}

/// The way to open sockets.
#[async_trait]
pub trait Posts: Send + Sync {
    /// Hands one frame over.
    ///
    /// # Errors
    /// When it is not certain that the socket has it.
    async fn post(&self, socket: &SocketId, frame: &str) -> Result<(), PostError>;

    /// Closes a socket. One that is closed already is fine.
    ///
    /// # Errors
    /// When it may be open still.
    async fn close(&self, socket: &SocketId) -> Result<(), PostError>;
}
