//! CloudWatch's embedded metric format: a log line from which CloudWatch extracts metrics. `_aws` is an
//! object at the root, a metric's values are a number or an array of at most 100 numbers, and a line without
//! dimensions counts for the whole namespace. A field that is no dimension is a property, which costs
//! nothing and can be searched for (AWS: Embedded metric format specification).

use serde_json::{Map, Value, json};

use super::{Collected, Metric, Owner, Unit};
use ventanilla_core::domain::time::Timestamp;

/// Most values of a metric in one line.
const MOST_VALUES: usize = 100;

/// The line of the collected values, and further ones where a metric has more values than fit. Empty where
/// nothing was counted.
pub(super) fn lines(namespace: &str, request: &str, now: Timestamp, collected: &Collected) -> Vec<Value> {
    let longest = collected.values.values().map(Vec::len).max().unwrap_or_default();
    (0..longest.div_ceil(MOST_VALUES))
        .map(|part| {
            let values = collected.values.iter().filter_map(|(metric, values)| {
                let chunk = values.chunks(MOST_VALUES).nth(part)?;
                Some((*metric, chunk))
            });
            line(namespace, request, now, values.collect(), collected)
        })
        .collect()
}

fn line(
    namespace: &str,
    request: &str,
    now: Timestamp,
    values: Vec<(Metric, &[u64])>,
    collected: &Collected,
) -> Value {
    let metrics: Vec<Value> =
        values.iter().map(|(metric, _)| json!({ "Name": metric.name(), "Unit": unit(*metric) })).collect();
    let directive = json!({ "Namespace": namespace, "Dimensions": [[]], "Metrics": metrics });
    let mut line = Map::new();
    line.insert("_aws".to_owned(), json!({ "Timestamp": now.millis(), "CloudWatchMetrics": [directive] }));
    for (metric, values) in values {
        let value = if let [only] = values { json!(only) } else { json!(values) };
        line.insert(metric.name(), value);
    }
    for (name, owner) in [("tenant", &collected.tenant), ("channel", &collected.channel)] {
        if let Owner::One(owner) = owner {
            line.insert(name.to_owned(), json!(owner));
        }
    }
    line.insert("request_id".to_owned(), json!(request));
    Value::Object(line)
}

fn unit(metric: Metric) -> &'static str {
    match metric.unit() {
        Unit::Count => "Count",
        Unit::Milliseconds => "Milliseconds",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_millis(1_796_029_200_000)
    }

    #[test]
    fn a_line_has_cloudwatchs_format() {
        let mut collected = Collected::default();
        collected.add(Metric::Sent, 1);
        collected.add(Metric::Sent, 2);
        collected.add(Metric::ProviderMs, 210);
        collected.add(Metric::ProviderMs, 190);
        collected.tenant.and(Some("acme".to_owned()));
        let expected = json!({
            "_aws": {
                "Timestamp": 1_796_029_200_000_i64,
                "CloudWatchMetrics": [{
                    "Namespace": "Ventanilla/test",
                    "Dimensions": [[]],
                    "Metrics": [
                        { "Name": "Sent", "Unit": "Count" },
                        { "Name": "ProviderMs", "Unit": "Milliseconds" },
                    ],
                }],
            },
            "Sent": 3,
            "ProviderMs": [210, 190],
            "tenant": "acme",
            "request_id": "r-1",
        });
        assert_eq!(lines("Ventanilla/test", "r-1", now(), &collected), [expected]);
    }

    #[test]
    fn nothing_makes_no_line() {
        assert_eq!(lines("Ventanilla/test", "r-1", now(), &Collected::default()), Vec::<Value>::new());
    }

    #[test]
    fn a_line_keeps_cloudwatchs_limit_and_no_value_is_lost_or_repeated() {
        let mut collected = Collected::default();
        collected.add(Metric::Sent, 250);
        (0..250).for_each(|millis| collected.add(Metric::ProviderMs, millis));
        let lines = lines("Ventanilla/test", "r-1", now(), &collected);
        let parts: Vec<Vec<u64>> =
            lines.iter().map(|line| serde_json::from_value(line["ProviderMs"].clone()).unwrap()).collect();
        assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [100, 100, 50]);
        assert_eq!(parts.concat(), (0..250).collect::<Vec<u64>>());
        let sent: Vec<&Value> = lines.iter().filter_map(|line| line.get("Sent")).collect();
        assert_eq!(sent, [&json!(250)]);
        // Each names just the metrics that it has.
        for line in &lines {
            let named = &line["_aws"]["CloudWatchMetrics"][0]["Metrics"];
            let named = named.as_array().unwrap().iter().map(|it| it["Name"].as_str().unwrap());
            assert!(named.clone().all(|name| line.get(name).is_some()), "{line}");
            assert_eq!(named.count() + 2, line.as_object().unwrap().len(), "{line}");
        }
    }
}
