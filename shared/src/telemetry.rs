//! Logs: JSON lines, one per event, filtered by `RUST_LOG`.
//!
//! Never in a log: tokens, message texts, full phone numbers, tickets, signatures. Ids are fine.
//! What is counted carries the field `metric` ([`crate::metrics`]).

use tracing_subscriber::{EnvFilter, Layer, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::metrics::Metrics;

/// Libraries that write whole requests and answers, and with them texts and tokens, when asked for everything.
const WORDY: [&str; 7] =
    ["aws_smithy_runtime", "aws_sigv4", "hyper", "lambda_runtime", "lambda_http", "reqwest", "tungstenite"];

/// What `RUST_LOG` asks for, or else `usual`; never the detail in which libraries write contents down.
fn filter(usual: &str) -> EnvFilter {
    let asked = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    let pinned = WORDY.iter().filter_map(|name| format!("{name}=warn").parse().ok());
    pinned.fold(asked, EnvFilter::add_directive)
}

/// Starts logging for a function: JSON on standard output, which Lambda takes line by line, with all spans, for the
/// outermost has the request's id. Gives what is counted meanwhile.
#[must_use]
pub fn json() -> Metrics {
    let metrics = Metrics::from_env();
    let lines = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(true)
        .with_target(false)
        .with_filter(filter("info"));
    tracing_subscriber::registry().with(lines).with(metrics.layer()).init();
    metrics
}

/// What a person at a terminal wants to see: our own news but not each request, and trouble of anybody else.
const LOCAL: &str = "warn,dynoxide=error,ventanilla=info,ventanilla::api::common::request=warn,ventanilla_local=info,reply=info,send=info,send_template=info,\
     sync_templates=info,webhook=info,inbox=info,reconcile=info,worker=info,push=info,socket=info";

/// Starts logging for a person at a terminal: plain lines, each written in one piece to what `lines` opens.
pub fn plain<W: std::io::Write + 'static>(lines: fn() -> W) {
    fmt().with_writer(lines).with_target(false).with_env_filter(filter(LOCAL)).init();
}
