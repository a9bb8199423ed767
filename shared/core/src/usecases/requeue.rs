//! The error of putting stored work back into its queue.

use crate::ports::{queue::QueueError, store::StoreError};

/// Why work was not queued again. It stays stored and due, so a later sweep queues it.
#[derive(Debug, thiserror::Error)]
pub enum RequeueError {
    /// The store failed; the next sweep tries again.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The queue did not accept it.
    #[error(transparent)]
    Queue(#[from] QueueError),
}
