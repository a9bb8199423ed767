//! Replaces SQS on one machine: in memory, with a group for each tenant and a worker for each group, which gets the
//! same events as from Lambda. The sweep enqueues again what is lost with the process, because all work is on record.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinSet,
};
use ventanilla::{
    domain::id::TenantId,
    ports::{
        clock::{Clock, Deadline},
        queue::{Job, Queue, QueueError},
    },
};
use worker::WorkerFunction;

/// The most messages in one event.
const BATCH: usize = 10;

/// The worker's timeout for a batch.
const TIMEOUT: Duration = Duration::from_secs(50);

/// The delay before a failed message is retried.
const RETRY_DELAY: Duration = Duration::from_secs(5);

/// How often a message is delivered before the queue drops it.
const MAX_RECEIVES: u32 = 5;

/// A job in the queue, and how often it was delivered to the worker.
struct Message {
    job: Job,
    receive_count: u32,
}

/// The sending end of the queue.
#[derive(Clone)]
pub struct LocalJobQueue(UnboundedSender<Message>);

/// The receiving end of the queue.
pub struct JobReceiver(UnboundedReceiver<Message>);

/// A queue without a worker.
#[must_use]
pub fn channel() -> (LocalJobQueue, JobReceiver) {
    let (sender, receiver) = unbounded_channel();
    (LocalJobQueue(sender), JobReceiver(receiver))
}

#[async_trait]
impl Queue for LocalJobQueue {
    async fn put(&self, jobs: &[Job]) -> Result<(), QueueError> {
        for job in jobs {
            let message = Message { job: job.clone(), receive_count: 0 };
            self.0.send(message).map_err(|_| QueueError("the worker has stopped".to_owned()))?;
        }
        Ok(())
    }
}

/// Processes the jobs of a queue until it is aborted.
pub async fn run(
    function: Arc<WorkerFunction>,
    clock: Arc<dyn Clock>,
    queue: LocalJobQueue,
    mut jobs: JobReceiver,
) {
    let mut waiting: BTreeMap<TenantId, VecDeque<Message>> = BTreeMap::new();
    let mut busy: BTreeSet<TenantId> = BTreeSet::new();
    let mut running: JoinSet<TenantId> = JoinSet::new();
    loop {
        tokio::select! {
            message = jobs.0.recv() => {
                // The channel never closes: this function holds a sender for retries.
                let Some(message) = message else { return };
                waiting.entry(message.job.tenant().clone()).or_default().push_back(message);
            }
            Some(ended) = running.join_next() => {
                if let Ok(tenant) = ended {
                    busy.remove(&tenant);
                }
            }
        }
        for (tenant, messages) in &mut waiting {
            if !messages.is_empty() && busy.insert(tenant.clone()) {
                let batch: Vec<Message> = messages.drain(..messages.len().min(BATCH)).collect();
                let deadline = Deadline(clock.now().plus(TIMEOUT));
                running.spawn(work(function.clone(), queue.clone(), tenant.clone(), batch, deadline));
            }
        }
    }
}

/// Passes a batch to the worker; failed messages are retried later, alone.
async fn work(
    function: Arc<WorkerFunction>,
    queue: LocalJobQueue,
    tenant: TenantId,
    batch: Vec<Message>,
    deadline: Deadline,
) -> TenantId {
    let mut event = SqsEvent::default();
    for (index, message) in batch.iter().enumerate() {
        let mut record = SqsMessage::default();
        record.message_id = Some(index.to_string());
        record.body = serde_json::to_string(&message.job).ok();
        event.records.push(record);
    }
    // A panic of the worker must not stop this group.
    let worked = tokio::spawn(async move { worker::handle(&function, event, deadline).await }).await;
    let failed: BTreeSet<usize> = match worked {
        Ok(response) => {
            let ids = response.batch_item_failures.into_iter();
            ids.filter_map(|failure| failure.item_identifier.parse().ok()).collect()
        }
        Err(_) => (0..batch.len()).collect(),
    };
    let retries = batch.into_iter().enumerate().filter(|(index, _)| failed.contains(index));
    for (_, message) in retries {
        let receive_count = message.receive_count + 1;
        if receive_count >= MAX_RECEIVES {
            tracing::error!(%tenant, "a job failed too often; the sweep will enqueue it again");
            continue;
        }
        let queue = queue.clone();
        tokio::spawn(async move {
            tokio::time::sleep(RETRY_DELAY).await;
            // The receiver is gone only when the server has stopped.
            let _ = queue.0.send(Message { receive_count, ..message });
        });
    }
    tenant
}
