//! Fetches what customers sent from where the provider has it, and keeps it.

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use ventanilla::{
    api::app::App,
    aws::sqs::{SENT_AT, waited},
    domain::file::FileAddress,
    ports::clock::Deadline,
};

/// Fetches the files of a batch, one after the other: each may be as large as there are. One that fails is done
/// with here, because it is on record: the sweep brings it back. What cannot be read comes again from the queue,
/// and in the end is put aside there.
pub async fn handle(app: &App, event: SqsEvent, deadline: Deadline) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for message in event.records {
        waited(message.attributes.get(SENT_AT), app.clock.now());
        match serde_json::from_str::<FileAddress>(message.body.as_deref().unwrap_or_default()) {
            Ok(file) => fetch(app, &file, deadline).await,
            Err(error) => {
                tracing::error!(metric = "fetch_failed", %error, "a message of the queue cannot be read");
                let mut failure = BatchItemFailure::default();
                failure.item_identifier = message.message_id.unwrap_or_default();
                response.batch_item_failures.push(failure);
            }
        }
    }
    response
}

async fn fetch(app: &App, file: &FileAddress, deadline: Deadline) {
    match app.core.media_fetch.fetch(file, deadline).await {
        Ok(fetched) => {
            tracing::info!(tenant = %file.tenant, file = %file.id, ?fetched, "a file was looked after");
        }
        Err(error) => {
            tracing::error!(metric = "fetch_failed", tenant = %file.tenant, file = %file.id, %error,
                "a file could not be looked after; the sweep brings it back");
        }
    }
}
