//! Logs: JSON lines, one per event, filtered by `RUST_LOG`: a level, or `target=level` for the targets with
//! this prefix, comma separated (`info,ventanilla_core::usecases=debug`). The longest matching target
//! decides. An invalid part counts as absent.
//!
//! Never in a log: tokens, message texts, full phone numbers, tickets, signatures. Ids are fine. Counted
//! events carry the field `metric` ([`crate::metrics`]).

use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::{config::env, metrics::Metrics};

/// Libraries that log whole requests and responses, with texts and tokens, at their lowest level.
const WORDY: [&str; 7] =
    ["aws_smithy_runtime", "aws_sigv4", "hyper", "lambda_runtime", "lambda_http", "reqwest", "tungstenite"];

/// The filter in `asked`, else `usual`; never the level at which libraries log contents.
fn filter(asked: Option<&str>, usual: &str) -> Targets {
    let read = |text: &str| text.parse::<Targets>().ok();
    let wanted = asked.and_then(read).or_else(|| read(usual)).unwrap_or_default();
    wanted.with_targets(WORDY.map(|name| (name, LevelFilter::WARN)))
}

/// The filter in the environment.
fn asked() -> Option<String> {
    env::optional("RUST_LOG")
}

/// Starts logging for a function: JSON on standard output, which Lambda reads line by line, with all spans,
/// because the outermost has the request id. Returns the collected metrics.
#[must_use]
pub fn json() -> Metrics {
    let metrics = Metrics::from_env();
    let lines = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(true)
        .with_target(false)
        .with_filter(filter(asked().as_deref(), "info"));
    tracing_subscriber::registry().with(lines).with(metrics.layer()).init();
    metrics
}

/// The filter for a person at a terminal: our own messages except for each request, and problems of other
/// crates.
const LOCAL: &str = "warn,dynoxide=error,ventanilla=info,ventanilla_api::common::request=warn,ventanilla_local=info,reply=info,send=info,send_template=info,\
     sync_templates=info,webhook=info,inbox=info,reconcile=info,worker=info,push=info,socket=info";

/// Starts logging for a person at a terminal: plain lines, each written in one piece to what `lines` opens.
pub fn plain<W: std::io::Write + 'static>(lines: fn() -> W) {
    let lines = fmt::layer().with_writer(lines).with_target(false);
    tracing_subscriber::registry().with(lines.with_filter(filter(asked().as_deref(), LOCAL))).init();
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    /// Whether a filter lets through what `target` says at `level`.
    fn logs(asked: Option<&str>, usual: &str, target: &str, level: Level) -> bool {
        filter(asked, usual).would_enable(target, &level)
    }

    #[test]
    fn a_level_is_for_all_and_of_targets_the_longest_decides() {
        for given in ["debug", "DEBUG"] {
            assert!(logs(Some(given), "info", "ventanilla_core::usecases", Level::DEBUG));
            assert!(!logs(Some(given), "info", "ventanilla_core::usecases", Level::TRACE));
        }
        let mixed = Some("warn,ventanilla=off,ventanilla_core::usecases=debug");
        for (target, level, heard) in [
            ("reply", Level::WARN, true),
            ("reply", Level::INFO, false),
            ("ventanilla_aws::dynamodb", Level::ERROR, false),
            ("ventanilla_core::usecases::sending", Level::DEBUG, true),
        ] {
            assert_eq!(logs(mixed, "info", target, level), heard, "{target} {level}");
        }
    }

    #[test]
    fn an_invalid_or_absent_filter_counts_as_the_default() {
        for given in [None, Some("ventanilla=loud"), Some("a=b=c")] {
            assert!(logs(given, "info", "ventanilla", Level::INFO), "{given:?}");
            assert!(!logs(given, "info", "ventanilla", Level::DEBUG), "{given:?}");
        }
    }

    #[test]
    fn no_library_logs_contents_at_any_level() {
        for library in WORDY {
            for given in ["trace".to_owned(), format!("{library}=trace")] {
                assert!(logs(Some(&given), "info", library, Level::WARN), "{given}");
                assert!(!logs(Some(&given), "info", library, Level::INFO), "{given}");
            }
        }
    }

    #[test]
    fn a_person_sees_our_messages_and_not_each_request() {
        assert!(logs(None, LOCAL, "ventanilla_core::usecases", Level::INFO));
        assert!(logs(None, LOCAL, "worker", Level::INFO));
        assert!(!logs(None, LOCAL, "ventanilla_api::common::request", Level::INFO));
        assert!(!logs(None, LOCAL, "rustls", Level::INFO));
        assert!(!logs(None, LOCAL, "dynoxide", Level::WARN));
    }
}
