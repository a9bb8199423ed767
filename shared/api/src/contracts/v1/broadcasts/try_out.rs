//! The result of a dry run of a broadcast.

use serde::Serialize;

use super::recipient::{NamedRecipient, RecipientError};
use crate::common::{Failure, Missing};
use ventanilla_core::{
    domain::broadcast::RecipientEntry,
    usecases::sending::{Individual, SendError, SendOutcome},
};

/// The answer to a dry run.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(super) struct BroadcastTried {
    #[cfg_attr(feature = "schema", schemars(extend("const" = true)))]
    dry_run: bool,
    counts: TriedCounts,
    data: Vec<TriedRecipient>,
}

/// How many would be sent to, and how many would not.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
struct TriedCounts {
    /// All that the request named.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1000)))]
    total: usize,
    would_be_sent: usize,
    failed: usize,
}

/// A recipient, and what would become of them.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
struct TriedRecipient {
    #[serde(flatten)]
    named: NamedRecipient,
    outcome: TriedOutcome,
    /// Why they would get nothing; else null.
    error: Option<RecipientError>,
}

/// What would become of a recipient.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum TriedOutcome {
    /// They would be sent to, as far as can be told.
    WouldBeSent,
    /// They would get nothing.
    Failed,
}

impl BroadcastTried {
    /// The result for all recipients; `tried` belongs to the valid ones.
    pub(super) fn of(entries: &[RecipientEntry], tried: &[Individual]) -> Self {
        let mut tried = tried.iter();
        let one = |entry: &RecipientEntry| {
            let error = if entry.outcome.is_open() {
                tried.next().and_then(refused)
            } else {
                RecipientError::of(entry)
            };
            TriedRecipient::of(entry, error)
        };
        let data: Vec<TriedRecipient> = entries.iter().map(one).collect();
        let failed = data.iter().filter(|it| it.outcome == TriedOutcome::Failed).count();
        let counts = TriedCounts { total: data.len(), would_be_sent: data.len() - failed, failed };
        Self { dry_run: true, counts, data }
    }
}

impl TriedRecipient {
    fn of(entry: &RecipientEntry, error: Option<RecipientError>) -> Self {
        let outcome = if error.is_some() { TriedOutcome::Failed } else { TriedOutcome::WouldBeSent };
        Self { named: NamedRecipient::of(entry).0, outcome, error }
    }
}

/// Why nothing would be sent to a recipient.
fn refused(individual: &Individual) -> Option<RecipientError> {
    let Individual::Tried(SendOutcome { outcome: Err(error), .. }) = individual else { return None };
    Some(match error {
        SendError::Rejected(rejection) => RecipientError::of_rejection(rejection),
        SendError::ConversationNotFound => {
            let code = Failure::NotFound(Missing::Conversation).code();
            RecipientError::plain(code, "there is no such conversation")
        }
        _ => RecipientError::plain(Failure::NoChannel.code(), "Not found"),
    })
}
