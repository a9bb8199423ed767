//! What stands in for the queue of files that are to be fetched, and for Lambda behind it: in memory, a few at a
//! time, each handed to the function as Lambda would. What is lost with the process the sweep puts in again.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use tokio::sync::{
    Semaphore,
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};
use ventanilla::{
    assembly::App,
    domain::file::FileAddress,
    port::{
        clock::Deadline,
        queue::{FetchQueue, QueueError},
    },
};

/// How many files are fetched at a time.
const CONCURRENCY: usize = 4;

/// How long the function may take.
const TIMEOUT: Duration = Duration::from_mins(5);

/// The way into the queue.
#[derive(Clone)]
pub struct LocalFetchQueue(UnboundedSender<FileAddress>);

/// The other end of it.
pub struct FetchReceiver(UnboundedReceiver<FileAddress>);

/// A queue that nobody works at yet.
#[must_use]
pub fn channel() -> (LocalFetchQueue, FetchReceiver) {
    let (sender, receiver) = unbounded_channel();
    (LocalFetchQueue(sender), FetchReceiver(receiver))
}

#[async_trait]
impl FetchQueue for LocalFetchQueue {
    async fn want(&self, files: &[FileAddress]) -> Result<(), QueueError> {
        for file in files {
            self.0.send(file.clone()).map_err(|_| QueueError("nobody is at work".to_owned()))?;
        }
        Ok(())
    }
}

/// Works at a queue until it is aborted.
pub async fn run(app: App, mut files: FetchReceiver) {
    let permits = Arc::new(Semaphore::new(CONCURRENCY));
    while let Some(file) = files.0.recv().await {
        // It is never closed.
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
        let app = app.clone();
        tokio::spawn(async move {
            let deadline = Deadline(app.clock.now().plus(TIMEOUT));
            fetch::handle(&app, event(&file), deadline).await;
            drop(permit);
        });
    }
}

/// What Lambda is given of one file.
fn event(file: &FileAddress) -> SqsEvent {
    let mut record = SqsMessage::default();
    record.message_id = Some("0".to_owned());
    record.body = serde_json::to_string(file).ok();
    let mut event = SqsEvent::default();
    event.records.push(record);
    event
}
