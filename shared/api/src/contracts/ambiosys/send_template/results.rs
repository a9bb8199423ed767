//! The results of the recipients: of this call, of a new broadcast, or of a running one.

use super::outcome::{Outcome, RecipientResult};
use crate::common::Failure;
use ventanilla_core::{
    domain::{
        broadcast::{EntryOutcome as Kept, RecipientEntry, passes},
        idempotency::IdempotencyKey,
    },
    usecases::{
        broadcasts::{self, RecipientState},
        sending::{Individual, Replay, SendError, SendOutcome},
    },
};

/// The results of a broadcast's recipients.
pub(super) fn queued_results(entries: &[RecipientEntry]) -> Vec<RecipientResult> {
    let queued = |entry: &RecipientEntry| RecipientResult {
        given: entry.given.clone(),
        named_by: entry.named_by(),
        outcome: Outcome::from(&entry.outcome),
        replay: Replay::Original,
    };
    entries.iter().map(queued).collect()
}

/// The results of all recipients, with the outcomes of those who were tried.
pub(super) fn sent_results(entries: &[RecipientEntry], tried: Vec<Individual>) -> Vec<RecipientResult> {
    let mut results = queued_results(entries);
    let open = results.iter_mut().filter(|result| matches!(result.outcome, Outcome::Queued));
    for (result, individual) in open.zip(tried) {
        (result.outcome, result.replay) = match individual {
            Individual::Tried(SendOutcome { outcome, replay, .. }) => {
                (outcome.map_or_else(|error| Outcome::Failed(error.into()), Outcome::from), replay)
            }
            Individual::WouldBeSent => (Outcome::WouldBeSent, Replay::Original),
            Individual::NotBegun => (Outcome::NotBegun, Replay::Original),
            Individual::BrokeOff => (Outcome::BrokeOff, Replay::Original),
        };
    }
    results
}

/// The broadcast's outcome of a recipient who was tried before it began. With a key, a second try returns
/// the result of the first.
pub(super) fn outcome_of(individual: &Individual, key: Option<&IdempotencyKey>) -> Kept {
    match individual {
        Individual::Tried(SendOutcome { outcome: Ok(sent), .. }) => {
            Kept::Sent { message: sent.id, conversation: sent.conversation, wamid: sent.wamid.clone() }
        }
        Individual::Tried(SendOutcome { outcome: Err(SendError::Unknown(id)), .. }) => {
            Kept::Unknown { message: Some(*id) }
        }
        Individual::Tried(SendOutcome { outcome: Err(SendError::Rejected(rejection)), .. }) => {
            if passes(rejection) {
                return Kept::fresh().refused_again(rejection.clone());
            }
            Kept::Refused { message: None, rejection: rejection.clone() }
        }
        Individual::BrokeOff if key.is_none() => Kept::Unknown { message: None },
        // The store failed before it was sent, another request with the key is running, or it was not tried.
        Individual::BrokeOff | Individual::Tried(_) | Individual::WouldBeSent | Individual::NotBegun => {
            Kept::fresh()
        }
    }
}

/// Sets the outcome of the recipients with whom the broadcast continues: they may still get the message,
/// whatever their result was.
pub(super) fn left_over(
    mut results: Vec<RecipientResult>,
    goes_on: &[bool],
    outcome: impl Fn() -> Outcome,
) -> Vec<RecipientResult> {
    for (result, _) in results.iter_mut().zip(goes_on).filter(|(_, goes_on)| **goes_on) {
        result.outcome = outcome();
    }
    results
}

/// The current result of a broadcast's recipient: a webhook may have changed it since the try.
pub(super) fn progress_result(now: &broadcasts::RecipientProgress) -> RecipientResult {
    let entry = &now.entry;
    let outcome = match (&entry.outcome, now.state, &now.rejection) {
        (
            Kept::Unknown { message: Some(id) } | Kept::Refused { message: Some(id), .. },
            RecipientState::Sent,
            _,
        ) => {
            let message = now.message.as_ref();
            Outcome::Sent {
                message: *id,
                conversation: message.map(|message| message.address.conversation),
                wamid: message.and_then(|message| message.wamid.clone()),
            }
        }
        (Kept::Unknown { .. }, RecipientState::Failed, Some(rejection)) => {
            Outcome::Failed(Failure::Rejected(rejection.clone()))
        }
        (outcome, ..) => Outcome::from(outcome),
    };
    RecipientResult {
        given: entry.given.clone(),
        named_by: entry.named_by(),
        outcome,
        replay: Replay::Original,
    }
}
