//! Metrics, for alarms and the dashboard.
//!
//! Code reports a metric by a `tracing` event with the field `metric`, whose message says what happened; a
//! `value` other than one, `tenant` and `channel` are fields as well. [`Metrics`] collects these events
//! whatever level is logged, and [`Metrics::print`] prints the collected values as one line, past `tracing`,
//! in CloudWatch's embedded metric format.

mod emf;
mod listen;

use std::{
    collections::BTreeMap,
    io::Write,
    sync::{Arc, Mutex, PoisonError},
};

use crate::config::env;
use ventanilla_core::{domain::time::Timestamp, ports::clock::Clock};

/// The CloudWatch namespace of our metrics. Without it nothing is collected.
const NAMESPACE: &str = "VENTANILLA_METRICS_NAMESPACE";

/// The metrics of the functions; each name is also a field of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// Customers' messages that were ingested.
    Received,
    /// Calls of a provider to send a message.
    Sent,
    /// Of these: accepted by the provider.
    Accepted,
    /// Messages that were delivered.
    Delivered,
    /// Messages that the provider rejected, or accepted and then reported as failed.
    Failed,
    /// Messages with an unknown outcome.
    OutcomeUnknown,
    /// Of these: left to a person, because nothing resolved them.
    OutcomeUnresolved,
    /// Messages that the provider accepted and never reported on.
    MessageSilent,
    /// Retried messages that the provider had accepted both times.
    TakenTwice,
    /// Time of a send call at a provider.
    ProviderMs,
    /// Time that a job or a file waited in its queue.
    QueueAgeMs,
    /// Sweeps that finished; an alarm asks for one every few minutes.
    SweepDone,
    /// Webhooks with a wrong signature or secret.
    SignatureFailure,
    /// Webhooks that could not be stored.
    CallbackFailed,
    /// Items of webhooks that are only archived.
    Unprocessable,
    /// Items of webhooks for a number without a channel.
    UnknownNumber,
    /// Sends that were rejected because an account has no money left.
    LowBalance,
    /// Sends that were rejected for the channel's credentials, or for want of any.
    CredentialsRefused,
    /// Sends that were rejected because a number is on the other of Kaleyra's APIs.
    WrongApiVersion,
    /// Lists of templates that could not be read.
    TemplateSyncFailed,
    /// Broadcasts that were stopped, because every other recipient would have been rejected as well.
    BroadcastStopped,
    /// Batches of broadcasts that could not be run.
    JobFailed,
    /// Files whose fetch could not be processed.
    FetchFailed,
    /// Customers' files that will never be stored.
    FileLost,
    /// Frames of sockets that could not be processed.
    FrameFailed,
    /// Events that could not be numbered or pushed.
    PushFailed,
    /// Messages that were dropped from the offline queue.
    OfflineDropped,
    /// Calls that the table throttled.
    StoreThrottled,
}

/// The unit of a metric's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// A number; those of an invocation are added up.
    Count,
    /// A time; each value is kept, for percentiles.
    Milliseconds,
}

impl Metric {
    /// Every metric, in the order of their declaration.
    pub const ALL: [Self; 28] = [
        Self::Received,
        Self::Sent,
        Self::Accepted,
        Self::Delivered,
        Self::Failed,
        Self::OutcomeUnknown,
        Self::OutcomeUnresolved,
        Self::MessageSilent,
        Self::TakenTwice,
        Self::ProviderMs,
        Self::QueueAgeMs,
        Self::SweepDone,
        Self::SignatureFailure,
        Self::CallbackFailed,
        Self::Unprocessable,
        Self::UnknownNumber,
        Self::LowBalance,
        Self::CredentialsRefused,
        Self::WrongApiVersion,
        Self::TemplateSyncFailed,
        Self::BroadcastStopped,
        Self::JobFailed,
        Self::FetchFailed,
        Self::FileLost,
        Self::FrameFailed,
        Self::PushFailed,
        Self::OfflineDropped,
        Self::StoreThrottled,
    ];

    /// Its name at CloudWatch.
    #[must_use]
    pub fn name(self) -> String {
        format!("{self:?}")
    }

    /// Its name in the field `metric` of events.
    #[must_use]
    pub fn field(self) -> String {
        let mut field = String::new();
        for letter in self.name().chars() {
            if letter.is_ascii_uppercase() && !field.is_empty() {
                field.push('_');
            }
            field.push(letter.to_ascii_lowercase());
        }
        field
    }

    fn of(field: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.field() == field)
    }

    fn unit(self) -> Unit {
        match self {
            Self::ProviderMs | Self::QueueAgeMs => Unit::Milliseconds,
            _ => Unit::Count,
        }
    }
}

/// The tenant or channel of the counts: named only where all have the same.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
enum Owner {
    #[default]
    Nobody,
    One(String),
    Several,
}

impl Owner {
    fn and(&mut self, other: Option<String>) {
        let Some(other) = other else { return };
        *self = match std::mem::take(self) {
            Self::Nobody => Self::One(other),
            Self::One(known) if known == other => Self::One(known),
            _ => Self::Several,
        };
    }
}

/// The values collected since the last print.
#[derive(Debug, Default)]
struct Collected {
    values: BTreeMap<Metric, Vec<u64>>,
    tenant: Owner,
    channel: Owner,
}

impl Collected {
    fn add(&mut self, metric: Metric, value: u64) {
        let values = self.values.entry(metric).or_default();
        match (metric.unit(), values.as_mut_slice()) {
            (Unit::Count, [sum]) => *sum = sum.saturating_add(value),
            _ => values.push(value),
        }
    }
}

/// Collects the metrics of a process. An execution environment of Lambda handles one invocation at a time,
/// so everything collected since the last one ended belongs to this one.
#[derive(Debug, Clone)]
pub struct Metrics {
    namespace: Option<String>,
    collected: Arc<Mutex<Collected>>,
}

impl Metrics {
    /// Collects for the namespace in `VENTANILLA_METRICS_NAMESPACE`; without it nothing is collected.
    #[must_use]
    pub fn from_env() -> Self {
        Self::of(env::optional(NAMESPACE))
    }

    /// Collects for a namespace, or nothing for `None`.
    #[must_use]
    pub fn of(namespace: Option<String>) -> Self {
        Self { namespace, collected: Arc::default() }
    }

    /// Prints the collected values to standard output, unless there are none.
    pub fn print(&self, request: &str, clock: &dyn Clock) {
        let lines = self.take(request, clock.now());
        let mut all = String::new();
        for line in lines {
            all.push_str(&line.to_string());
            all.push('\n');
        }
        if let Err(error) = std::io::stdout().lock().write_all(all.as_bytes()) {
            tracing::warn!(%error, "the metrics could not be printed");
        }
    }

    /// The values collected since the last call, as lines of the invocation with this request id.
    #[must_use]
    pub fn take(&self, request: &str, now: Timestamp) -> Vec<serde_json::Value> {
        let Some(namespace) = &self.namespace else { return Vec::new() };
        let mut collected = self.collected.lock().unwrap_or_else(PoisonError::into_inner);
        emf::lines(namespace, request, now, &std::mem::take(&mut collected))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_and_cloudwatch_call_a_metric_alike() {
        assert_eq!(Metric::ProviderMs.field(), "provider_ms");
        assert_eq!(Metric::ProviderMs.name(), "ProviderMs");
        for metric in Metric::ALL {
            assert_eq!(Metric::of(&metric.field()), Some(metric));
        }
        assert_eq!(Metric::of("what_nobody_counts"), None);
    }

    #[test]
    fn an_owner_is_named_only_where_there_is_one() {
        let mut owner = Owner::default();
        owner.and(None);
        assert_eq!(owner, Owner::Nobody);
        owner.and(Some("acme".to_owned()));
        owner.and(None);
        owner.and(Some("acme".to_owned()));
        assert_eq!(owner, Owner::One("acme".to_owned()));
        owner.and(Some("globex".to_owned()));
        assert_eq!(owner, Owner::Several);
        owner.and(Some("acme".to_owned()));
        assert_eq!(owner, Owner::Several);
    }
}
