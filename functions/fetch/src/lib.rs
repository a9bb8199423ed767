//! Downloads the files that customers sent from their provider, and stores them.

use std::sync::Arc;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use ventanilla::{
    aws::sqs::{SENT_AT, waited},
    domain::file::FileAddress,
    ports::{
        clock::{Clock, Deadline},
        files::FileStore,
    },
    usecases::{MediaFetch, Ports},
};

/// What this function works with.
pub struct FetchFunction {
    media_fetch: MediaFetch,
    clock: Arc<dyn Clock>,
}

impl FetchFunction {
    /// Builds it of these ports.
    #[must_use]
    pub fn new(ports: &Ports, bucket: &Arc<dyn FileStore>) -> Self {
        Self { media_fetch: MediaFetch::new(ports, bucket), clock: Arc::clone(ports.ctx.ids.clock()) }
    }
}

/// Fetches the files of a batch, one after the other: each may have the largest size. A failed one is
/// deleted from the queue, because it is stored in the table: the sweep queues it again. A message that
/// cannot be decoded is retried by the queue, and ends in its dead-letter queue.
pub async fn handle(function: &FetchFunction, event: SqsEvent, deadline: Deadline) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for message in event.records {
        waited(message.attributes.get(SENT_AT), function.clock.now());
        match serde_json::from_str::<FileAddress>(message.body.as_deref().unwrap_or_default()) {
            Ok(file) => fetch(&function.media_fetch, &file, deadline).await,
            Err(error) => {
                tracing::error!(metric = "fetch_failed", %error, "a queue message cannot be decoded");
                let mut failure = BatchItemFailure::default();
                failure.item_identifier = message.message_id.unwrap_or_default();
                response.batch_item_failures.push(failure);
            }
        }
    }
    response
}

async fn fetch(media_fetch: &MediaFetch, file: &FileAddress, deadline: Deadline) {
    match media_fetch.fetch(file, deadline).await {
        Ok(fetched) => {
            tracing::info!(tenant = %file.tenant, file = %file.id, ?fetched, "a file was processed");
        }
        Err(error) => {
            tracing::error!(metric = "fetch_failed", tenant = %file.tenant, file = %file.id, %error,
                "a file could not be processed; the sweep queues it again");
        }
    }
}
