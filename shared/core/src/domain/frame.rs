//! What came over a socket and has to be dealt with in the order in which it came.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    id::TenantId,
    idempotency::IdempotencyKey,
    socket::{Grant, SocketId},
    time::Timestamp,
};

/// How long a frame is held back: the gateway runs the function for each frame by itself, so the function of an
/// earlier frame may begin after that of a later one, by about this much at most.
pub const HELD: Duration = Duration::from_millis(150);

/// How long one call has a socket's lane to itself: longer than any call may take.
pub const LANE_LEASE: Duration = Duration::from_secs(28);

/// How long after it came a frame is looked for that nobody was done with: no call for it is alive any more.
pub const LOOKED_FOR_AFTER: Duration = Duration::from_mins(1);

/// How long what came is kept, should nobody deal with it.
pub const KEPT: Duration = Duration::from_hours(24);

/// What the key of a frame is for.
pub const OPERATION: &str = "socket reply";

/// A frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Whose socket it came over.
    pub tenant: TenantId,
    /// Which.
    pub socket: SocketId,
    /// When the gateway had it.
    pub came_at: Timestamp,
    /// The gateway's name for it.
    pub name: String,
    /// What it says.
    pub body: String,
    /// By whose right it is carried out, whatever becomes of the socket; not known of frames that were written down
    /// before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<Grant>,
}

impl Frame {
    /// What makes sure that nothing is sent twice for it.
    #[must_use]
    pub fn key(&self) -> IdempotencyKey {
        IdempotencyKey::of_frame(&self.socket, &self.name)
    }

    /// When somebody looks whether it was dealt with.
    #[must_use]
    pub fn due_at(&self) -> Timestamp {
        self.came_at.plus(LOOKED_FOR_AFTER)
    }
}

/// Who deals with the frames of a socket: one at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lane {
    /// Whose socket it is.
    pub tenant: TenantId,
    /// Which.
    pub socket: SocketId,
    /// Until when somebody has it to themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_until: Option<Timestamp>,
    /// When it can be forgotten.
    pub expires_at: Timestamp,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

impl Lane {
    /// That of a socket over which nothing came yet.
    #[must_use]
    pub fn free(tenant: TenantId, socket: SocketId, now: Timestamp) -> Self {
        Self { tenant, socket, taken_until: None, expires_at: now.plus(KEPT), rev: 0 }
    }

    /// Takes it. Says whether it was free.
    #[must_use]
    pub fn take(&mut self, now: Timestamp) -> bool {
        let free = self.taken_until.is_none_or(|until| until <= now);
        if free {
            self.taken_until = Some(now.plus(LANE_LEASE));
        }
        free
    }
}
