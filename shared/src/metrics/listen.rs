//! The `tracing` layer that collects metrics from events.

use std::{fmt, sync::PoisonError};

use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    filter::filter_fn,
    layer::{Context, Filter},
    registry::LookupSpan,
};

use super::{Metric, Metrics};

impl Metrics {
    /// The layer that collects from events of every level; `None` where metrics are off.
    #[must_use]
    pub fn layer<S>(&self) -> Option<impl Layer<S> + use<S>>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        self.namespace.as_ref()?;
        Some(Listener(self.clone()).with_filter(counted()))
    }
}

fn counted<S>() -> impl Filter<S> {
    filter_fn(|callsite| callsite.is_event() && callsite.fields().field("metric").is_some())
}

struct Listener(Metrics);

impl<S: Subscriber> Layer<S> for Listener {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = MetricFields::default();
        event.record(&mut fields);
        let Some(metric) = fields.metric else { return };
        let mut collected = self.0.collected.lock().unwrap_or_else(PoisonError::into_inner);
        collected.add(metric, fields.value.unwrap_or(1));
        collected.tenant.and(fields.tenant);
        collected.channel.and(fields.channel);
    }
}

/// The metric fields of an event.
#[derive(Default)]
struct MetricFields {
    metric: Option<Metric>,
    value: Option<u64>,
    tenant: Option<String>,
    channel: Option<String>,
}

impl Visit for MetricFields {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "metric" => self.metric = Metric::of(value),
            "tenant" => self.tenant = Some(value.to_owned()),
            "channel" => self.channel = Some(value.to_owned()),
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "value" {
            self.value = Some(value);
        }
    }

    /// Fields that are only displayable arrive here.
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "tenant" => self.tenant = Some(format!("{value:?}")),
            "channel" => self.channel = Some(format!("{value:?}")),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tracing_subscriber::{filter::LevelFilter, fmt, layer::SubscriberExt};

    use super::*;
    use ventanilla_core::domain::time::Timestamp;

    fn now() -> Timestamp {
        Timestamp::from_millis(1_000)
    }

    fn heard(namespace: Option<&str>, work: impl FnOnce()) -> Vec<serde_json::Value> {
        let metrics = Metrics::of(namespace.map(str::to_owned));
        let quiet = fmt::layer().with_writer(std::io::sink).with_filter(LevelFilter::ERROR);
        let subscriber = tracing_subscriber::registry().with(quiet).with(metrics.layer());
        tracing::subscriber::with_default(subscriber, work);
        metrics.take("r-1", now())
    }

    #[test]
    fn metrics_are_collected_below_the_logged_level() {
        let lines = heard(Some("V"), || {
            tracing::debug!(metric = "sent", tenant = "acme", channel = %7, "to a provider");
            tracing::debug!(metric = "sent", value = 2_u64, "two more");
            tracing::warn!(tenant = "globex", "what is not counted");
            tracing::trace!(metric = "provider_ms", value = 210_u64, tenant = %"acme");
        });
        let [line] = lines.as_slice() else { panic!("{lines:?}") };
        assert_eq!((&line["Sent"], &line["ProviderMs"]), (&json!(3), &json!(210)));
        assert_eq!((&line["tenant"], &line["channel"]), (&json!("acme"), &json!("7")));
    }

    #[test]
    fn each_invocation_prints_its_own_metrics() {
        let metrics = Metrics::of(Some("V".to_owned()));
        let subscriber = tracing_subscriber::registry().with(metrics.layer());
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(metric = "received", tenant = "acme");
            assert_eq!(metrics.take("r-1", now()).len(), 1);
            tracing::info!(metric = "received", tenant = "globex");
        });
        let lines = metrics.take("r-2", now());
        assert_eq!((&lines[0]["Received"], &lines[0]["tenant"]), (&json!(1), &json!("globex")));
        assert_eq!(metrics.take("r-3", now()), Vec::<serde_json::Value>::new());
    }

    #[test]
    fn without_a_namespace_nothing_is_counted() {
        assert_eq!(heard(None, || tracing::info!(metric = "sent")), Vec::<serde_json::Value>::new());
    }
}
