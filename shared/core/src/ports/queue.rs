//! The queues of work that is processed in the background.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::domain::{broadcast::BatchId, file::FileAddress, id::TenantId};

/// A job of the queue. It holds ids only; the rows are read when it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case")]
pub enum Job {
    /// Process a batch of a broadcast.
    #[serde(rename = "broadcast_piece")]
    BroadcastBatch(BatchId),
}

impl Job {
    /// The tenant of the job. Jobs of one tenant run on one worker at a time, so that a channel's rate limit
    /// holds.
    #[must_use]
    pub fn tenant(&self) -> &TenantId {
        match self {
            Self::BroadcastBatch(id) => &id.tenant,
        }
    }
}

/// The queue failed. Some of the jobs may be in it.
#[derive(Debug, thiserror::Error)]
#[error("the queue is unavailable: {0}")]
pub struct QueueError(pub String);

/// The job queue. It delivers each job to a worker at least once.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Enqueues jobs.
    ///
    /// # Errors
    /// When it is unknown whether all of them are in the queue.
    async fn put(&self, jobs: &[Job]) -> Result<(), QueueError>;
}

/// The queue of files to fetch. It delivers each to a worker at least once, in any order.
#[async_trait]
pub trait FetchQueue: Send + Sync {
    /// Enqueues files to fetch.
    ///
    /// # Errors
    /// When it is unknown whether all of them are in the queue.
    async fn want(&self, files: &[FileAddress]) -> Result<(), QueueError>;
}
