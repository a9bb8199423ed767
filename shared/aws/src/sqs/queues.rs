//! Amazon SQS. The job queue is a FIFO queue with a message group for each tenant: SQS gives the jobs of a
//! group to one worker at a time, so that this worker can enforce the channel's rate limit.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_sqs::{Client, error::ProvideErrorMetadata, types::SendMessageBatchRequestEntry};

use ventanilla_core::{
    domain::file::FileAddress,
    ports::{
        clock::Entropy,
        queue::{FetchQueue, Job, Queue, QueueError},
    },
};

/// Most messages in one call.
const BATCH: usize = 10;

/// A queue by its URL.
#[derive(Clone)]
pub struct Sqs {
    client: Client,
    url: String,
    entropy: Arc<dyn Entropy>,
}

impl Sqs {
    /// The queue at this URL.
    #[must_use]
    pub fn new(client: Client, url: String, entropy: Arc<dyn Entropy>) -> Self {
        Self { client, url, entropy }
    }

    fn entry(&self, place: usize, job: &Job) -> Result<SendMessageBatchRequestEntry, QueueError> {
        let body = serde_json::to_string(job).map_err(|error| QueueError(error.to_string()))?;
        // SQS drops a message that it had within five minutes: the id differs each time, because a repeated
        // job must run again.
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

async fn send(
    client: &Client,
    url: &str,
    entries: Vec<SendMessageBatchRequestEntry>,
) -> Result<(), QueueError> {
    let sent = client.send_message_batch().queue_url(url).set_entries(Some(entries)).send().await;
    let answer = sent.map_err(|error| QueueError(error.code().unwrap_or("no answer").to_owned()))?;
    match answer.failed().first() {
        Some(failed) => Err(QueueError(failed.code().to_owned())),
        None => Ok(()),
    }
}

#[async_trait]
impl Queue for Sqs {
    async fn put(&self, jobs: &[Job]) -> Result<(), QueueError> {
        for batch in jobs.chunks(BATCH) {
            let entries = batch.iter().enumerate().map(|(place, job)| self.entry(place, job));
            send(&self.client, &self.url, entries.collect::<Result<Vec<_>, _>>()?).await?;
        }
        Ok(())
    }
}

/// The queue of files to fetch: a standard queue, because they need no order. Each message names its tenant,
/// so that SQS prefers those of the others while one tenant has many, or slow ones (its "fair queues").
#[derive(Clone)]
pub struct FetchSqs {
    client: Client,
    url: String,
}

impl FetchSqs {
    /// The queue at this URL.
    #[must_use]
    pub fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }
}

#[async_trait]
impl FetchQueue for FetchSqs {
    async fn want(&self, files: &[FileAddress]) -> Result<(), QueueError> {
        for batch in files.chunks(BATCH) {
            let entries = batch.iter().enumerate().map(|(place, file)| {
                let failed = |error: &dyn std::fmt::Display| QueueError(error.to_string());
                let body = serde_json::to_string(file).map_err(|error| failed(&error))?;
                let entry = SendMessageBatchRequestEntry::builder().id(place.to_string()).message_body(body);
                let entry = entry.message_group_id(file.tenant.as_str());
                entry.build().map_err(|error| failed(&error))
            });
            send(&self.client, &self.url, entries.collect::<Result<Vec<_>, QueueError>>()?).await?;
        }
        Ok(())
    }
}
