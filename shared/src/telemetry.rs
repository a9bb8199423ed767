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

/// What a person at a terminal wants to see: our own news, and trouble of anybody else.
const LOCAL: &str =
    "warn,dynoxide=error,ventanilla=info,reply=info,send=info,webhook=info,inbox=info,reconcile=info";

/// Starts logging for a person at a terminal: plain lines on standard error.
pub fn plain() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(LOCAL));
    fmt().with_writer(std::io::stderr).with_target(false).with_env_filter(filter).init();
}
