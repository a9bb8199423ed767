//! Processing in the background, as a broadcast.

use super::{
    Ended,
    outcome::Outcome,
    results::{left_over, outcome_of, progress_result, queued_results, sent_results},
};
use crate::common::Failure;
use ventanilla_core::{
    ports::clock::Deadline,
    usecases::{
        Broadcasts,
        broadcasts::{BeginError, Begun, BroadcastRequest},
        sending::{Individual, Replay},
    },
};

/// Begins a broadcast, which runs in the background.
pub(super) async fn begin(
    broadcasts: &Broadcasts,
    request: BroadcastRequest,
    deadline: Deadline,
) -> Result<Ended, Failure> {
    match broadcasts.begin_broadcast(request, deadline).await {
        Ok(begun) => going_on(broadcasts, begun).await,
        Err(BeginError::Not(error)) => Err(error.into()),
        Err(BeginError::Doubtful(job, error)) => {
            tracing::error!(%error, broadcast = %job, "it is unknown whether a broadcast was begun");
            Ok(Ended::Open(job))
        }
    }
}

/// Some recipients were not tried: they continue as a broadcast that also stores the other outcomes. If it
/// cannot be stored, they are reported as not tried; if that is unknown, as unknown.
pub(super) async fn overflowing(
    broadcasts: &Broadcasts,
    mut request: BroadcastRequest,
    deadline: Deadline,
    sent: Vec<Individual>,
) -> Result<Ended, Failure> {
    let (asked, key) = (request.entries.clone(), request.key.clone());
    let open = request.entries.iter_mut().filter(|entry| entry.outcome.is_open());
    for (entry, individual) in open.zip(&sent) {
        entry.outcome = outcome_of(individual, key.as_ref());
    }
    let goes_on: Vec<bool> = request.entries.iter().map(|entry| entry.outcome.is_open()).collect();
    let results = sent_results(&asked, sent);
    match broadcasts.begin_broadcast(request, deadline).await {
        Ok(Begun::New(broadcast, _)) => Ok(Ended::GoesOn(
            left_over(results, &goes_on, || Outcome::Queued),
            broadcast.id,
            Replay::Original,
        )),
        Ok(earlier) => going_on(broadcasts, earlier).await,
        Err(BeginError::Doubtful(job, error)) => {
            tracing::error!(%error, broadcast = %job, "it is unknown whether the remaining recipients are processed");
            Ok(Ended::GoesOn(left_over(results, &goes_on, || Outcome::BrokeOff), job, Replay::Original))
        }
        Err(BeginError::Not(error)) => {
            tracing::error!(%error, "the remaining recipients could not be stored; they are reported as not begun");
            Ok(Ended::Each(results))
        }
    }
}

/// The result of a broadcast; for an earlier one, the current state of each recipient.
pub(super) async fn going_on(broadcasts: &Broadcasts, begun: Begun) -> Result<Ended, Failure> {
    let (broadcast, entries) = match begun {
        Begun::New(broadcast, entries) => {
            return Ok(Ended::GoesOn(queued_results(&entries), broadcast.id, Replay::Original));
        }
        Begun::Earlier(broadcast, entries) => (broadcast, entries),
    };
    let found =
        broadcasts.broadcast_recipients(&broadcast.tenant, broadcast.id, None, 0, entries.len()).await?;
    let results = found.unwrap_or_default().iter().map(progress_result).collect();
    Ok(Ended::GoesOn(results, broadcast.id, Replay::Replayed))
}
