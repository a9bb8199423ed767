//! Replaces the queue of files to fetch, and Lambda behind it: in memory, with a few files at a time, each passed to
//! the function as Lambda would. The sweep enqueues again what is lost with the process.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use fetch::FetchFunction;
use tokio::sync::{
    Semaphore,
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};
use ventanilla::{
    domain::file::FileAddress,
    ports::{
        clock::{Clock, Deadline},
        queue::{FetchQueue, QueueError},
    },
};

/// How many files are fetched at a time.
const CONCURRENCY: usize = 4;

/// The function's timeout for one file.
const TIMEOUT: Duration = Duration::from_mins(5);

/// The sending end of the queue.
#[derive(Clone)]
pub struct LocalFetchQueue(UnboundedSender<FileAddress>);

/// The receiving end of the queue.
pub struct FetchReceiver(UnboundedReceiver<FileAddress>);

/// A queue without a worker.
#[must_use]
pub fn channel() -> (LocalFetchQueue, FetchReceiver) {
    let (sender, receiver) = unbounded_channel();
    (LocalFetchQueue(sender), FetchReceiver(receiver))
}

#[async_trait]
impl FetchQueue for LocalFetchQueue {
    async fn want(&self, files: &[FileAddress]) -> Result<(), QueueError> {
        for file in files {
            self.0.send(file.clone()).map_err(|_| QueueError("the worker has stopped".to_owned()))?;
        }
        Ok(())
    }
}

/// Fetches the files of a queue until it is aborted.
pub async fn run(function: Arc<FetchFunction>, clock: Arc<dyn Clock>, mut files: FetchReceiver) {
    let permits = Arc::new(Semaphore::new(CONCURRENCY));
    while let Some(file) = files.0.recv().await {
        // The semaphore is never closed.
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
        let (function, deadline) = (function.clone(), Deadline(clock.now().plus(TIMEOUT)));
        tokio::spawn(async move {
            fetch::handle(&function, event(&file), deadline).await;
            drop(permit);
        });
    }
}

/// The event that Lambda passes for one file.
fn event(file: &FileAddress) -> SqsEvent {
    let mut record = SqsMessage::default();
    record.message_id = Some("0".to_owned());
    record.body = serde_json::to_string(file).ok();
    let mut event = SqsEvent::default();
    event.records.push(record);
    event
}
