//! What an operator may set.

use std::time::Duration;

/// Settings of the core, the same for all tenants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How long callbacks are kept as they came.
    pub raw_kept: Duration,
    /// How long files are kept.
    pub files_kept: Duration,
    /// How long a customer's message waits for its file before listeners are told without it.
    pub file_patience: Duration,
    /// How long after the provider took a message its first status is waited for. Then the message
    /// counts as silent, and is reported.
    pub status_patience: Duration,
    /// Words with which a customer stops marketing, each a message of its own.
    pub stop_words: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            raw_kept: Duration::from_hours(30 * 24),
            files_kept: Duration::from_hours(90 * 24),
            file_patience: Duration::from_secs(10),
            status_patience: Duration::from_mins(30),
            stop_words: ["stop", "baja", "alto", "unsubscribe"].map(str::to_owned).into(),
        }
    }
}
