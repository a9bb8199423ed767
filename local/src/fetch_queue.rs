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
const AT_ONCE: usize = 4;

/// How long the function may take.
const PATIENCE: Duration = Duration::from_mins(5);

/// The way into the queue.
#[derive(Clone)]
pub struct LocalFetches(UnboundedSender<FileAddress>);

/// The other end of it.
pub struct WantedFiles(UnboundedReceiver<FileAddress>);

/// A queue that nobody works at yet.
#[must_use]
pub fn queue() -> (LocalFetches, WantedFiles) {
    let (sender, receiver) = unbounded_channel();
    (LocalFetches(sender), WantedFiles(receiver))
}

#[async_trait]
impl FetchQueue for LocalFetches {
    async fn want(&self, files: &[FileAddress]) -> Result<(), QueueError> {
        for file in files {
            self.0.send(file.clone()).map_err(|_| QueueError("nobody is at work".to_owned()))?;
        }
        Ok(())
    }
}

/// Works at a queue until it is aborted.
pub async fn serve(app: App, mut files: WantedFiles) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    while let Some(file) = files.0.recv().await {
        // It is never closed.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let app = app.clone();
        tokio::spawn(async move {
            let deadline = Deadline(app.clock.now().plus(PATIENCE));
            fetch::handle(&app, event(&file), deadline).await;
            drop(place);
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
