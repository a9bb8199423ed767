//! What waits for somebody to come: customers' messages that nobody was there to hear.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    id::{ContactId, TenantId},
    log::Numbered,
    socket::SocketId,
    time::Timestamp,
};

/// Messages of one sender that wait at most; of more the oldest are dropped.
pub const MOST: usize = 100;

/// How long a message waits.
pub const LONGEST: Duration = Duration::from_hours(24);

/// How long one socket has the room to itself.
pub const LEASE: Duration = Duration::from_secs(30);

/// A message that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Who wrote it.
    pub sender: ContactId,
    /// What is to be told.
    #[serde(flatten)]
    pub told: Numbered,
}

impl Waiting {
    /// Whether it is still worth telling.
    #[must_use]
    pub fn is_kept(&self, now: Timestamp) -> bool {
        now < self.told.event.at.plus(LONGEST)
    }
}

/// The room in which messages of a tenant wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingRoom {
    /// Whose.
    pub tenant: TenantId,
    /// Who empties it just now, and until when they have it to themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emptied_by: Option<(SocketId, Timestamp)>,
    /// How many messages were dropped since somebody was told of it.
    #[serde(default)]
    pub dropped: u64,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

impl WaitingRoom {
    /// A room that nobody was in yet.
    #[must_use]
    pub fn empty(tenant: TenantId) -> Self {
        Self { tenant, emptied_by: None, dropped: 0, rev: 0 }
    }

    /// Whether somebody has it to themselves just now.
    #[must_use]
    pub fn is_being_emptied(&self, now: Timestamp) -> bool {
        self.emptied_by.as_ref().is_some_and(|(_, until)| now < *until)
    }

    /// Takes the room for a socket. Says whether it is theirs now.
    #[must_use]
    pub fn take(&mut self, socket: &SocketId, now: Timestamp) -> bool {
        let taken = self.emptied_by.as_ref().is_some_and(|(by, until)| by != socket && now < *until);
        if !taken {
            self.emptied_by = Some((socket.clone(), now.plus(LEASE)));
        }
        !taken
    }
}
