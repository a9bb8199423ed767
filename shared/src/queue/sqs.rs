//! Amazon SQS. The queue is a FIFO one with a message group for each tenant: SQS gives the jobs of a group to
//! one worker at a time, which is what lets that worker keep to the pace of the channel.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_sqs::{Client, error::ProvideErrorMetadata, types::SendMessageBatchRequestEntry};

use crate::port::{
    clock::Entropy,
    queue::{Job, Queue, QueueError},
};

/// Most messages in one call.
const BATCH: usize = 10;

/// A queue by its address.
#[derive(Clone)]
pub struct Sqs {
    client: Client,
    url: String,
    entropy: Arc<dyn Entropy>,
}

impl Sqs {
    /// The queue at this address.
    #[must_use]
    pub fn new(client: Client, url: String, entropy: Arc<dyn Entropy>) -> Self {
        Self { client, url, entropy }
    }

    fn entry(&self, place: usize, job: &Job) -> Result<SendMessageBatchRequestEntry, QueueError> {
        let body = serde_json::to_string(job).map_err(|error| QueueError(error.to_string()))?;
        // SQS forgets a message that it had within five minutes: a job that comes again is to be done again.
        let once = format!("{:016x}{:016x}", self.entropy.next_u64(), self.entropy.next_u64());
        SendMessageBatchRequestEntry::builder()
            .id(place.to_string())
            .message_body(body)
            .message_group_id(job.tenant().as_str())
            .message_deduplication_id(once)
            .build()
            .map_err(|error| QueueError(error.to_string()))
    }
}

#[async_trait]
impl Queue for Sqs {
    async fn put(&self, jobs: &[Job]) -> Result<(), QueueError> {
        for batch in jobs.chunks(BATCH) {
            let entries = batch.iter().enumerate().map(|(place, job)| self.entry(place, job));
            let entries = entries.collect::<Result<Vec<_>, _>>()?;
            let sent =
                self.client.send_message_batch().queue_url(&self.url).set_entries(Some(entries)).send().await;
            let answer = sent.map_err(|error| QueueError(error.code().unwrap_or("no answer").to_owned()))?;
            if let Some(failed) = answer.failed().first() {
                return Err(QueueError(failed.code().to_owned()));
            }
        }
        Ok(())
    }
}
