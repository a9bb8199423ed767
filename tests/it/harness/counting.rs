//! Hearing what is counted on a test's thread.

use tracing::{
    Dispatch,
    subscriber::{DefaultGuard, NoSubscriber, set_default},
};
use tracing_subscriber::layer::SubscriberExt;
use ventanilla::metrics::Metrics;

/// Hears it until this is dropped.
pub(crate) struct Counting {
    _heard: DefaultGuard,
    _second: Dispatch,
}

/// Has `metrics` hear what is counted on this thread.
pub(crate) fn counting(metrics: &Metrics) -> Counting {
    let heard = set_default(tracing_subscriber::registry().with(metrics.layer()));
    // With one subscriber only, `tracing` asks the thread that comes to an event first whether it is
    // enabled, and keeps the answer for all threads: a test on another thread would disable it for all.
    Counting { _heard: heard, _second: Dispatch::new(NoSubscriber::default()) }
}
