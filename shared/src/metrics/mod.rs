//! What is counted and measured, for alarms and the dashboard.
//!
//! Code reports by an event of `tracing` with the field `metric`, where it also says in words what happened; a
//! `value` other than one, `tenant` and `channel` are fields as well. [`Metrics`] hears these events whatever level
//! is logged, and [`Metrics::print`] gives what came together as one line, past `tracing`, in CloudWatch's embedded
//! metric format.

mod emf;
mod listen;

use std::{
    collections::BTreeMap,
    io::Write,
    sync::{Arc, Mutex, PoisonError},
};

use crate::config::env;
use ventanilla_core::{domain::time::Timestamp, ports::clock::Clock};

/// Where CloudWatch keeps our metrics. Without it nothing is counted.
const NAMESPACE: &str = "VENTANILLA_METRICS_NAMESPACE";

/// Everything that is counted or measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// Messages of customers that were taken in.
    Received,
    /// Messages that were to be handed to a provider.
    Sent,
    /// Of these: taken by the provider.
    Accepted,
    /// Messages that reached a device.
    Delivered,
    /// Messages that the provider refused, or took and then reported as failed.
    Failed,
    /// Messages of which it is open whether the provider took them.
    OutcomeUnknown,
    /// Of these: left to a person, for nothing settled them.
    OutcomeUnresolved,
    /// Messages that the provider took and never reported on.
    MessageSilent,
    /// Messages that were sent again and turned out to have been taken both times.
    TakenTwice,
    /// How long a provider took to answer a send.
    ProviderMs,
    /// How long a job or a file waited in its queue.
    QueueAgeMs,
    /// Sweeps that came to their end.
    SweepDone,
    /// Callbacks with a wrong signature or secret.
    SignatureFailure,
    /// Callbacks that could not be kept.
    CallbackFailed,
    /// Parts of callbacks that are only kept as they came.
    Unprocessable,
    /// Parts of callbacks for a number that is no channel.
    UnknownNumber,
    /// Sends refused because an account has no money left.
    LowBalance,
    /// Sends refused because a provider does not take our credentials, or there are none.
    CredentialsRefused,
    /// Sends refused because a number is on another of Kaleyra's APIs.
    WrongApiVersion,
    /// Lists of templates that could not be read.
    TemplateSyncFailed,
    /// Broadcasts stopped, because everybody else would have been refused as well.
    BroadcastStopped,
    /// Pieces of broadcasts that could not be carried out.
    JobFailed,
    /// Files that could not be looked after.
    FetchFailed,
    /// Files of customers that never will be had.
    FileLost,
    /// Frames of sockets that could not be carried out.
    FrameFailed,
    /// Events that could not be numbered or told.
    PushFailed,
    /// Messages that waited for a socket and were dropped.
    OfflineDropped,
    /// Calls that the table refused for lack of capacity.
    StoreThrottled,
}

/// What a metric's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// How many; those of an invocation are summed up.
    Count,
    /// How long; each is kept, for percentiles.
    Milliseconds,
}

impl Metric {
    /// All of them.
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

    /// What it is called at CloudWatch.
    #[must_use]
    pub fn name(self) -> String {
        format!("{self:?}")
    }

    /// What events call it.
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

/// Whose the counts are: told only where all are of the same.
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

/// What came together since it was last printed.
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

/// Collects what a process counts. An environment of Lambda deals with one invocation at a time, so all that came
/// together since the last one ended is of this one.
#[derive(Debug, Clone)]
pub struct Metrics {
    namespace: Option<String>,
    collected: Arc<Mutex<Collected>>,
}

impl Metrics {
    /// For the namespace that `VENTANILLA_METRICS_NAMESPACE` names; without it nothing is collected.
    #[must_use]
    pub fn from_env() -> Self {
        Self::of(env::optional(NAMESPACE))
    }

    /// For a namespace, or for none.
    #[must_use]
    pub fn of(namespace: Option<String>) -> Self {
        Self { namespace, collected: Arc::default() }
    }

    /// Prints what came together to standard output, unless there is nothing.
    pub fn print(&self, request: &str, clock: &dyn Clock) {
        let lines = self.take(request, clock.now());
        let mut all = String::new();
        for line in lines {
            all.push_str(&line.to_string());
            all.push('\n');
        }
        if let Err(error) = std::io::stdout().lock().write_all(all.as_bytes()) {
            tracing::warn!(%error, "what was counted cannot be printed");
        }
    }

    /// What came together since it was last asked, as lines of the invocation with this request id.
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
    fn an_owner_is_told_only_where_there_is_one() {
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
