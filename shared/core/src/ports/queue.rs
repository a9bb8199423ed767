//! The queue: work that goes on after its caller was answered.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::domain::{broadcast::PieceId, file::FileAddress, id::TenantId};

/// Something to do. It names things; what they hold is read when it is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case")]
pub enum Job {
    /// A piece of a broadcast.
    BroadcastPiece(PieceId),
}

impl Job {
    /// Whose it is. Jobs of one tenant are at one worker at a time, so that the pace of a channel holds.
    #[must_use]
    pub fn tenant(&self) -> &TenantId {
        match self {
            Self::BroadcastPiece(id) => &id.tenant,
        }
    }
}

/// The queue failed us. Some of the jobs may be in it.
#[derive(Debug, thiserror::Error)]
#[error("the queue is unavailable: {0}")]
pub struct QueueError(pub String);

/// Takes jobs and gives each to a worker at least once.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Puts jobs in.
    ///
    /// # Errors
    /// When it is open whether all of them are in.
    async fn put(&self, jobs: &[Job]) -> Result<(), QueueError>;
}

/// Takes files that are to be fetched and gives each to a fetcher at least once, in any order.
#[async_trait]
pub trait FetchQueue: Send + Sync {
    /// Puts files in.
    ///
    /// # Errors
    /// When it is open whether all of them are in.
    async fn want(&self, files: &[FileAddress]) -> Result<(), QueueError>;
}
