//! Logs: JSON lines, one per event, filtered by `RUST_LOG`.
//!
//! Never in a log: tokens, message texts, full phone numbers, tickets, signatures. Ids are fine.
//! What an alarm counts carries the field `metric`.

use tracing_subscriber::{EnvFilter, fmt};

/// Starts logging for a function: JSON on standard output, which Lambda takes line by line.
pub fn json() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false)
        .with_env_filter(filter)
        .init();
}

/// Starts logging for a person at a terminal: plain lines on standard error.
pub fn plain() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,ventanilla=info"));
    fmt().with_writer(std::io::stderr).with_target(false).with_env_filter(filter).init();
}
