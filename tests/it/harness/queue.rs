//! A queue that holds what is put into it until a test takes it out.

use std::sync::Mutex;

use async_trait::async_trait;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use ventanilla::ports::queue::{Job, Queue, QueueError};

/// A job queue that holds its jobs until a test takes them out.
#[derive(Default)]
pub(crate) struct HeldQueue {
    jobs: Mutex<Vec<Job>>,
    broken: Mutex<bool>,
}

impl HeldQueue {
    /// Takes out what is in it.
    pub(crate) fn take(&self) -> Vec<Job> {
        std::mem::take(&mut self.jobs.lock().unwrap())
    }

    /// From now on nothing can be put in.
    pub(crate) fn breaks(&self) {
        *self.broken.lock().unwrap() = true;
    }
}

#[async_trait]
impl Queue for HeldQueue {
    async fn put(&self, jobs: &[Job]) -> Result<(), QueueError> {
        if *self.broken.lock().unwrap() {
            return Err(QueueError("broken by the test".to_owned()));
        }
        self.jobs.lock().unwrap().extend_from_slice(jobs);
        Ok(())
    }
}

/// What a worker is given: the id of a message is the place of its job.
pub(crate) fn event(jobs: &[Job]) -> SqsEvent {
    let mut event = SqsEvent::default();
    for (place, job) in jobs.iter().enumerate() {
        let mut record = SqsMessage::default();
        record.message_id = Some(place.to_string());
        record.body = serde_json::to_string(job).ok();
        event.records.push(record);
    }
    event
}
