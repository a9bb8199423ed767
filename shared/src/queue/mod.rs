//! The queue of Amazon SQS, and what stands in where there is none.

mod sqs;

pub use sqs::{FetchSqs, Sqs};

use async_trait::async_trait;

use crate::{
    domain::file::FileAddress,
    port::queue::{FetchQueue, Job, Queue, QueueError},
};

/// No queue: functions that put nothing into one have none.
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
