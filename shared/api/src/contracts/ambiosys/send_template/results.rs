//! What is said of each recipient: as they were tried, as a broadcast keeps them, as they stand by now.

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

/// What is said of each recipient of a broadcast.
pub(super) fn kept(entries: &[Entry]) -> Vec<Told> {
    let told = |entry: &Entry| Told {
        given: entry.given.clone(),
        named_by: entry.named_by(),
        outcome: Outcome::from(&entry.outcome),
        replay: Replay::Original,
    };
    entries.iter().map(told).collect()
}

/// What is said of each recipient, those who could be tried having ended like this.
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

/// What a broadcast keeps of a recipient who was tried before it began. With a key a second try tells what the
/// first came to.
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
        // The store failed before it was sent, somebody is at it under the same key, or it was not begun.
        Individual::BrokeOff | Individual::Tried(_) | Individual::WouldBeSent | Individual::NotBegun => {
            Kept::fresh()
        }
    }
}

/// What is told when this becomes of those with whom the broadcast goes on: whatever they were told else,
/// they may get the message.
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

/// How a recipient of a broadcast stands by now: a callback may have said otherwise since they were tried.
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
