//! The queues of Amazon SQS.

mod queues;

pub use queues::{FetchSqs, Sqs};

use ventanilla_core::domain::time::Timestamp;

/// The attribute of an SQS message with its send time, in milliseconds.
pub const SENT_AT: &str = "SentTimestamp";

/// Measures how long a message was queued; `sent_at` is its [`SENT_AT`].
pub fn waited(sent_at: Option<&String>, now: Timestamp) {
    let sent_at = sent_at.and_then(|text| text.parse().ok()).map(Timestamp::from_millis);
    if let Some(sent_at) = sent_at {
        let millis = u64::try_from(sent_at.until(now).as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(metric = "queue_age_ms", value = millis, "a queue message was received");
    }
}
