//! Logs: JSON lines, one per event, filtered by `RUST_LOG`.
//!
//! Never in a log: tokens, message texts, full phone numbers, tickets, signatures. Ids are fine.
//! What an alarm counts carries the field `metric`.

use tracing_subscriber::{EnvFilter, fmt};

/// Libraries that write whole requests and answers, and with them texts and tokens, when asked for everything.
const WORDY: [&str; 7] =
    ["aws_smithy_runtime", "aws_sigv4", "hyper", "lambda_runtime", "lambda_http", "reqwest", "tungstenite"];

/// What `RUST_LOG` asks for, or else `usual`; never the detail in which libraries write contents down.
fn filter(usual: &str) -> EnvFilter {
    let asked = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    let pinned = WORDY.iter().filter_map(|name| format!("{name}=warn").parse().ok());
    pinned.fold(asked, EnvFilter::add_directive)
}

/// Starts logging for a function: JSON on standard output, which Lambda takes line by line.
pub fn json() {
    fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false)
        .with_env_filter(filter("info"))
        .init();
}

/// What a person at a terminal wants to see: our own news, and trouble of anybody else.
const LOCAL: &str = "warn,dynoxide=error,ventanilla=info,ventanilla_local=info,reply=info,send=info,send_template=info,\
     sync_templates=info,webhook=info,inbox=info,reconcile=info,worker=info,push=info,socket=info";

/// Starts logging for a person at a terminal: plain lines, each written in one piece to what `lines` opens.
pub fn plain<W: std::io::Write + 'static>(lines: fn() -> W) {
    fmt().with_writer(lines).with_target(false).with_env_filter(filter(LOCAL)).init();
}
