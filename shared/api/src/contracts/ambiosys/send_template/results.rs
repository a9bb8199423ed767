//! The results of the recipients: of this call, of a new broadcast, or of a running one.

use super::outcome::{Outcome, Told};
use ventanilla_core::{
    domain::{
        broadcast::{Entry, Outcome as Kept, passes},
        idempotency::IdempotencyKey,
    },
    usecases::{
        broadcasts::{self, Standing},
        sending::{Answer, Individual, Replay, SendError},
    },
};

/// The results of a broadcast's recipients.
pub(super) fn kept(entries: &[Entry]) -> Vec<Told> {
    let told = |entry: &Entry| Told {
        given: entry.given.clone(),
        named_by: entry.named_by(),
        outcome: Outcome::from(&entry.outcome),
        replay: Replay::Original,
    };
    entries.iter().map(told).collect()
}

/// The results of all recipients, with the outcomes of those who were tried.
pub(super) fn told(entries: &[Entry], tried: Vec<Individual>) -> Vec<Told> {
    let mut told = kept(entries);
    let open = told.iter_mut().filter(|told| matches!(told.outcome, Outcome::Queued));
    for (told, individual) in open.zip(tried) {
        (told.outcome, told.replay) = match individual {
            Individual::Tried(Answer { outcome, replay, .. }) => {
                (outcome.map_or_else(|error| Outcome::Failed(error.into()), Outcome::from), replay)
            }
            Individual::WouldBeSent => (Outcome::WouldBeSent, Replay::Original),
            Individual::NotBegun => (Outcome::NotBegun, Replay::Original),
            Individual::BrokeOff => (Outcome::BrokeOff, Replay::Original),
        };
    }
    told
}

/// The broadcast's outcome of a recipient who was tried before it began. With a key, a second try returns
/// the result of the first.
pub(super) fn outcome_of(individual: &Individual, key: Option<&IdempotencyKey>) -> Kept {
    match individual {
        Individual::Tried(Answer { outcome: Ok(sent), .. }) => {
            Kept::Sent { message: sent.id, conversation: sent.conversation, wamid: sent.wamid.clone() }
        }
        Individual::Tried(Answer { outcome: Err(SendError::Unknown(id)), .. }) => {
            Kept::Unknown { message: Some(*id) }
        }
        Individual::Tried(Answer { outcome: Err(SendError::Rejected(rejection)), .. }) => {
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
    mut results: Vec<Told>,
    goes_on: &[bool],
    outcome: impl Fn() -> Outcome,
) -> Vec<Told> {
    for (told, _) in results.iter_mut().zip(goes_on).filter(|(_, goes_on)| **goes_on) {
        told.outcome = outcome();
    }
    results
}

/// The current result of a broadcast's recipient: a webhook may have changed it since the try.
pub(super) fn stands(now: &broadcasts::Told) -> Told {
    let entry = &now.entry;
    let outcome = match (&entry.outcome, now.standing, &now.rejection) {
        (
            Kept::Unknown { message: Some(id) } | Kept::Refused { message: Some(id), .. },
            Standing::Sent,
            _,
        ) => {
            let message = now.message.as_ref();
            Outcome::Sent {
                message: *id,
                conversation: message.map(|message| message.address.conversation),
                wamid: message.and_then(|message| message.wamid.clone()),
            }
        }
        (Kept::Unknown { .. }, Standing::Failed, Some(rejection)) => {
            Outcome::Failed(SendError::Rejected(rejection.clone()).into())
        }
        (outcome, ..) => Outcome::from(outcome),
    };
    Told { given: entry.given.clone(), named_by: entry.named_by(), outcome, replay: Replay::Original }
}
