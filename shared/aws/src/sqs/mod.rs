//! The queues of Amazon SQS, and a stand-in for functions without one.

mod queues;

pub use queues::{FetchSqs, Sqs};

use async_trait::async_trait;

use ventanilla_core::{
    domain::{file::FileAddress, time::Timestamp},
    ports::queue::{FetchQueue, Job, Queue, QueueError},
};

/// No queue, for functions that enqueue nothing.
#[derive(Debug, Clone, Copy)]
pub struct NoQueue;

#[async_trait]
impl Queue for NoQueue {
    async fn put(&self, _: &[Job]) -> Result<(), QueueError> {
        Err(QueueError("VENTANILLA_QUEUE_URL is not set".to_owned()))
    }
}

#[async_trait]
impl FetchQueue for NoQueue {
    async fn want(&self, _: &[FileAddress]) -> Result<(), QueueError> {
        Err(QueueError("VENTANILLA_FETCH_QUEUE_URL is not set".to_owned()))
    }
}

/// The attribute of an SQS message with its send time, in milliseconds.
pub const SENT_AT: &str = "SentTimestamp";

/// Measures how long a message was queued; `sent_at` is its [`SENT_AT`].
pub fn waited(sent_at: Option<&String>, now: Timestamp) {
    let sent_at = sent_at.and_then(|text| text.parse().ok()).map(Timestamp::from_millis);
    if let Some(sent_at) = sent_at {
        let millis = u64::try_from(sent_at.until(now).as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(metric = "queue_age_ms", value = millis, "a queue message was received");
    }
}
