//! Frames from sockets, which are processed in the order in which they arrived.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    id::TenantId,
    idempotency::IdempotencyKey,
    socket::{Grant, SocketId},
    time::Timestamp,
};

/// How long a frame is delayed. The gateway invokes the function for each frame separately, so an earlier
/// frame's function may start after a later one's, by about this much at most.
pub const HELD: Duration = Duration::from_millis(150);

/// How long one invocation may hold a socket's frames: longer than any may run.
pub const FRAME_LEASE: Duration = Duration::from_secs(28);

/// How long after its arrival an unprocessed frame is picked up by the sweep: no invocation for it is alive
/// any more.
pub const LOOKED_FOR_AFTER: Duration = Duration::from_mins(1);

/// How long an unprocessed frame is kept.
pub const KEPT: Duration = Duration::from_hours(24);

/// The operation under which the idempotency key of a frame is stored.
pub const OPERATION: &str = "socket reply";

/// One frame of a socket, as it was received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// The tenant of the socket.
    pub tenant: TenantId,
    /// The connection that it arrived on.
    pub socket: SocketId,
    /// When the gateway received it.
    pub came_at: Timestamp,
    /// The id that the gateway gave it.
    pub name: String,
    /// The text of the frame.
    pub body: String,
    /// The permissions that it is processed with, even after the socket closed; `None` for frames from
    /// before this was stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<Grant>,
}

impl Frame {
    /// The idempotency key that keeps it from being processed twice.
    #[must_use]
    pub fn key(&self) -> IdempotencyKey {
        IdempotencyKey::of_frame(&self.socket, &self.name)
    }

    /// When the sweep looks at it.
    #[must_use]
    pub fn due_at(&self) -> Timestamp {
        self.came_at.plus(LOOKED_FOR_AFTER)
    }
}

/// The lock on the frames of a socket: one invocation at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameLease {
    /// The tenant of the socket.
    pub tenant: TenantId,
    /// The connection whose frames it locks.
    pub socket: SocketId,
    /// Until when an invocation holds it; `None` while it is free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_until: Option<Timestamp>,
    /// When the row may be deleted.
    pub expires_at: Timestamp,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

impl FrameLease {
    /// A free lock, for a socket without frames so far.
    #[must_use]
    pub fn free(tenant: TenantId, socket: SocketId, now: Timestamp) -> Self {
        Self { tenant, socket, taken_until: None, expires_at: now.plus(KEPT), rev: 0 }
    }

    /// Takes the lock; returns whether it was free.
    #[must_use]
    pub fn acquire(&mut self, now: Timestamp) -> bool {
        let free = self.taken_until.is_none_or(|until| until <= now);
        if free {
            self.taken_until = Some(now.plus(FRAME_LEASE));
        }
        free
    }
}
