//! Runs the jobs of the queue.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use tokio::task::JoinSet;
use tracing::Instrument;
use ventanilla::{
    aws::sqs::{SENT_AT, waited},
    domain::{id::TenantId, time::Timestamp},
    ports::{
        clock::{Clock, Deadline},
        files::FileStore,
        queue::{Job, Queue},
        store::StoreError,
    },
    usecases::{
        BatchRunner, Channels, Ports,
        broadcasts::Carried,
        channels::ChannelError,
        requeue::RequeueError,
        sending::{OnCommonRejection, RateLimiter},
    },
};

/// The time limit of a batch with jobs of several tenants: none of them waits long for another. Unfinished
/// jobs are queued again.
const SHARED: Duration = Duration::from_secs(15);

/// What this function works with.
pub struct WorkerFunction {
    batches: BatchRunner,
    channels: Channels,
    clock: Arc<dyn Clock>,
}

impl WorkerFunction {
    /// Builds it of these ports.
    #[must_use]
    pub fn new(ports: &Ports, bucket: &Arc<dyn FileStore>, queue: &Arc<dyn Queue>) -> Self {
        Self {
            batches: BatchRunner::new(ports, bucket, queue),
            channels: Channels::new(ports),
            clock: Arc::clone(ports.ctx.ids.clock()),
        }
    }
}

/// Runs a batch of jobs concurrently; those of a tenant share the rate limiter of its channel. A failed job
/// is deleted from the queue, because it is stored in the table: the sweep enqueues it again, and meanwhile
/// it does not block later ones. A message that cannot be decoded, or whose job panics, is retried by the
/// queue.
pub async fn handle(function: &WorkerFunction, event: SqsEvent, deadline: Deadline) -> SqsBatchResponse {
    let (jobs, mut open) = jobs(function.clock.now(), event);
    let tenants: BTreeSet<&str> = jobs.values().map(|job| job.tenant().as_str()).collect();
    let soon = function.clock.now().plus(SHARED);
    let deadline = if tenants.len() > 1 { Deadline(deadline.0.min(soon)) } else { deadline };
    let mut rate_limiters: HashMap<TenantId, Arc<RateLimiter>> = HashMap::new();
    let mut running = JoinSet::new();
    for (id, job) in jobs {
        let limiter = rate_limiter(&function.channels, &mut rate_limiters, job.tenant()).await;
        let (batches, span) = (function.batches.clone(), tracing::info_span!("job", message = id));
        let work = async move {
            let carried = match limiter {
                Ok(limiter) => run_job(&batches, &job, &limiter, deadline).await,
                Err(error) => Err(error.into()),
            };
            (id, carried)
        };
        running.spawn(work.instrument(span));
    }
    while let Some(ended) = running.join_next().await {
        match ended {
            Ok((id, carried)) => {
                open.remove(&id);
                match carried {
                    Ok(Carried::Done | Carried::Left) => {}
                    Ok(Carried::Stuck) => {
                        tracing::error!(
                            metric = "job_failed",
                            message = id,
                            "a batch made no progress too often in a row; the sweep continues it"
                        );
                    }
                    Err(error) => {
                        tracing::error!(metric = "job_failed", message = id, %error,
                            "a job failed; the sweep enqueues it again");
                    }
                }
            }
            Err(error) => tracing::error!(%error, "a job was interrupted; it is retried"),
        }
    }
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = open.into_iter().map(failed).collect();
    response
}

/// The jobs of a batch by the ids of their messages, each job once, and the ids of all messages that are not
/// done, including those that cannot be decoded.
fn jobs(now: Timestamp, event: SqsEvent) -> (BTreeMap<String, Job>, BTreeSet<String>) {
    let (mut jobs, mut open) = (BTreeMap::new(), BTreeSet::new());
    for message in event.records {
        waited(message.attributes.get(SENT_AT), now);
        let read = serde_json::from_str::<Job>(message.body.as_deref().unwrap_or_default());
        let id = message.message_id.unwrap_or_default();
        match read {
            Ok(job) if jobs.values().any(|known| *known == job) => continue,
            Ok(job) => {
                jobs.insert(id.clone(), job);
            }
            Err(error) => {
                tracing::error!(metric = "job_failed", message = id, %error, "a queue message cannot be decoded");
            }
        }
        open.insert(id);
    }
    (jobs, open)
}

async fn run_job(
    batches: &BatchRunner,
    job: &Job,
    rate_limiter: &Arc<RateLimiter>,
    deadline: Deadline,
) -> Result<Carried, RequeueError> {
    match job {
        Job::BroadcastBatch(id) => batches.run_batch(id, rate_limiter, deadline).await,
    }
}

/// The rate limiter of a tenant's channel, the same for all of its jobs. Without a channel every recipient
/// is rejected, at any rate.
async fn rate_limiter(
    channels: &Channels,
    rate_limiters: &mut HashMap<TenantId, Arc<RateLimiter>>,
    tenant: &TenantId,
) -> Result<Arc<RateLimiter>, StoreError> {
    if let Some(known) = rate_limiters.get(tenant) {
        return Ok(Arc::clone(known));
    }
    let gap = match channels.default_channel(tenant).await {
        Ok(channel) => channel.send_interval(),
        Err(ChannelError::NotFound) => Duration::ZERO,
        Err(ChannelError::Store(error)) => return Err(error),
    };
    Ok(Arc::clone(
        rate_limiters
            .entry(tenant.clone())
            .or_insert(Arc::new(RateLimiter::new(gap, OnCommonRejection::Halt))),
    ))
}

fn failed(id: String) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = id;
    failure
}
