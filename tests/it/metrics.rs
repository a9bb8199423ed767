//! What is counted: by which lines of the sources, and on the way of a message.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde_json::{Value, json};
use ventanilla::{
    metrics::{Metric, Metrics},
    ports::clock::Clock,
};
use ventanilla_sandbox::Fault as ProviderFault;

use crate::harness::{Stand, code, counting, sources};

/// What the lines of the sources, but for the tests in them, call what they count.
fn told_in_sources() -> BTreeSet<String> {
    let metric = Regex::new(r#"\bmetric = "([^"]*)""#).unwrap();
    let mut told = BTreeSet::new();
    for (_, text) in ["shared", "functions"].into_iter().flat_map(sources) {
        told.extend(metric.captures_iter(code(&text)).map(|found| found[1].to_owned()));
    }
    told
}

#[test]
fn the_metrics_in_the_code_are_the_listed_ones() {
    let known: BTreeSet<String> = Metric::ALL.into_iter().map(Metric::field).collect();
    assert_eq!(told_in_sources(), known);
}

/// The counts of everything that came together.
fn counts(metrics: &Metrics, stand: &Stand) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for line in metrics.take("r", stand.clock.now()) {
        let named = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap().clone();
        for name in named.iter().map(|it| it["Name"].as_str().unwrap()) {
            all.insert(name.to_owned(), line[name].clone());
        }
    }
    all
}

/// Everything of a test is on one thread, so what it counts is its own.
#[tokio::test]
async fn the_stages_of_a_message_are_counted() {
    let metrics = Metrics::of(Some("V".to_owned()));
    let _counting = counting(&metrics);
    let stand = Stand::start().await;
    let conversation = stand.customer_writes("+50212345678", "hola").await;
    assert_eq!(counts(&metrics, &stand), BTreeMap::from([("Received".to_owned(), json!(1))]));

    stand.reply(conversation, "hello").await;
    stand.running.sandbox.until_idle().await;
    let mut counted = counts(&metrics, &stand);
    assert!(counted.remove("ProviderMs").is_some_and(|millis| millis.is_u64()), "{counted:?}");
    let expected = ["Sent", "Accepted", "Delivered"].map(|name| (name.to_owned(), json!(1)));
    assert_eq!(counted, BTreeMap::from(expected));

    stand.provider_will(ProviderFault::Refuse { code: 131_026, http_status: None, details: None });
    stand.reply(conversation, "no").await;
    stand.provider_will(ProviderFault::Cut { accepted: false });
    stand.reply(conversation, "perhaps").await;
    let mut counted = counts(&metrics, &stand);
    counted.remove("ProviderMs");
    let expected = [("Sent", 2), ("Failed", 1), ("OutcomeUnknown", 1)];
    assert_eq!(counted, BTreeMap::from(expected.map(|(name, times)| (name.to_owned(), json!(times)))));

    stand.sweep().await;
    assert_eq!(counts(&metrics, &stand).get("SweepDone"), Some(&json!(1)));
}
