//! Defects of what is counted, what rings and what is shown.

use serde_json::{Value, json};

use super::seed::{Defect, remove, set};

const TELLS: &str = "there are few alarms, and each tells of its beginning and of its end";
const EXISTS: &str = "every alarm is on a metric that exists";
const RINGS: &str = "every alarm can ring, and is quiet when all is well";
const DEAD_MAN: &str = "a sweep that does not come to its end rings";
const FUNCTIONS: &str = "every function's errors and throttles ring";
const ASIDE: &str = "every dead-letter queue rings";
const TROUBLES: &str = "what must not go unnoticed rings";
const COUNTED: &str = "every function counts for this stack, whatever level it logs";
const SHOWN: &str = "the dashboard shows every metric";
const UNREAD: &str = "the dashboard shows what CloudWatch could not read of them";
const BUDGET: &str = "what the account costs is watched where that is wanted, and somebody is told";

pub(crate) const DEFECTS: &[Defect] = &[
    (TELLS, "an alarm that tells nobody", |t| {
        remove(t, "Resources/OutcomeUnknown/Properties", "AlarmActions");
    }),
    (TELLS, "an alarm that never says that it is over", |t| {
        remove(t, "Resources/OutcomeUnknown/Properties", "OKActions");
    }),
    (TELLS, "a topic that is missing where none is given", |t| {
        set(t, "Resources/AlarmTopic/Condition", &json!("HasEmail"));
    }),
    (TELLS, "an alarm for each function", |t| {
        let alarm = t.pointer("/Resources/OutcomeUnknown").cloned().unwrap_or_default();
        for number in 0..25 {
            set(t, &format!("Resources/Another{number}"), &alarm);
        }
    }),
    (EXISTS, "a metric that the code does not know", |t| {
        set(t, "Resources/OutcomeUnknown/Properties/MetricName", &json!("OutcomesUnknown"));
    }),
    (EXISTS, "a metric of every stack", |t| {
        set(t, "Resources/LowBalance/Properties/Namespace", &json!("Ventanilla"));
    }),
    (EXISTS, "throttles that stay red", |t| {
        set(t, "Resources/StoreThrottled/Properties/Namespace", &json!("AWS/DynamoDB"));
        set(t, "Resources/StoreThrottled/Properties/MetricName", &json!("WriteThrottleEvents"));
    }),
    (EXISTS, "requests that are turned away uncounted", |t| remove(t, "Resources", "ThrottledRequests")),
    (RINGS, "a share of a thousand calls", |t| {
        set(t, "Resources/ProviderSlow/Properties/ExtendedStatistic", &json!("p99"));
    }),
    (RINGS, "few calls that leave it is", |t| {
        set(t, "Resources/ProviderSlow/Properties/EvaluateLowSampleCountPercentile", &json!("ignore"));
    }),
    (RINGS, "more periods than there are", |t| {
        set(t, "Resources/OutcomeUnknown/Properties/DatapointsToAlarm", &json!(4));
    }),
    (RINGS, "red while nothing is sent", |t| {
        set(t, "Resources/OutcomeUnknown/Properties/TreatMissingData", &json!("breaching"));
    }),
    (RINGS, "a sum that leaves one out", |t| {
        set(t, "Resources/RequestErrors/Properties/Metrics/0/Expression", &json!("SUM([FILL(reply, 0)])"));
    }),
    (RINGS, "a sum of too many", |t| {
        let parts = "/Resources/RequestErrors/Properties/Metrics";
        let Some(parts) = t.pointer_mut(parts).and_then(Value::as_array_mut) else { return };
        let more: Vec<Value> = parts.iter().skip(1).cloned().collect();
        parts.extend(more);
    }),
    (RINGS, "a sum over two periods", |t| {
        set(t, "Resources/RequestErrors/Properties/Metrics/1/MetricStat/Period", &json!(300));
    }),
    (RINGS, "a search, which alarms do not take", |t| {
        let search = json!("SUM(SEARCH('reply send sendTemplate webhook inbox socket', 'Sum', 60))");
        set(t, "Resources/RequestErrors/Properties/Metrics/0/Expression", &search);
    }),
    (DEAD_MAN, "silence unheard", |t| remove(t, "Resources", "SweepSilent")),
    (DEAD_MAN, "silence that is taken for good news", |t| {
        set(t, "Resources/SweepSilent/Properties/TreatMissingData", &json!("notBreaching"));
    }),
    (DEAD_MAN, "calls instead of ends", |t| {
        set(t, "Resources/SweepSilent/Properties/MetricName", &json!("Sent"));
    }),
    (FUNCTIONS, "a webhook that crashes in silence", |t| {
        set(t, "Resources/RequestErrors/Properties/Metrics/4/MetricStat/Metric/Dimensions", &json!([]));
    }),
    (FUNCTIONS, "workers refused in silence", |t| remove(t, "Resources", "BackgroundThrottles")),
    (FUNCTIONS, "a function that nobody watches", |t| {
        let function = t.pointer("/Resources/Inbox").cloned().unwrap_or_default();
        set(t, "Resources/Another", &function);
    }),
    (ASIDE, "jobs that fail in silence", |t| {
        remove(t, "Resources/DeadLetters/Properties/Metrics/1/MetricStat/Metric", "Dimensions");
    }),
    (ASIDE, "another queue of failures", |t| {
        let queue = t.pointer("/Resources/PushDlq").cloned().unwrap_or_default();
        set(t, "Resources/AnotherDlq", &queue);
    }),
    (TROUBLES, "doubts that end unheard", |t| remove(t, "Resources", "OutcomeUnresolved")),
    (TROUBLES, "credentials refused unheard", |t| remove(t, "Resources", "ProviderAccess")),
    (TROUBLES, "an alarm at the first slip of a provider", |t| {
        set(t, "Resources/MessageSilent/Properties/Threshold", &json!(0));
    }),
    (TROUBLES, "an alarm that a slow trickle never rings", |t| {
        set(t, "Resources/MessageSilent/Properties/Period", &json!(300));
    }),
    (TROUBLES, "files lost unheard", |t| {
        let parts = "/Resources/InboundLost/Properties/Metrics";
        let parts = t.pointer_mut(parts).and_then(Value::as_array_mut);
        if let Some(parts) = parts {
            parts.retain(|part| part["Id"] != "files");
        }
    }),
    (TROUBLES, "failures of the gateway unheard", |t| remove(t, "Resources", "ApiServerErrors")),
    (TROUBLES, "a stream that nobody follows", |t| remove(t, "Resources", "StreamSilent")),
    (COUNTED, "counts that Lambda's filter takes away", |t| {
        set(t, "Globals/Function/LoggingConfig/ApplicationLogLevel", &json!({ "Ref": "LogLevel" }));
    }),
    (COUNTED, "a function that counts for itself", |t| {
        let variables = "Resources/Worker/Properties/Environment/Variables";
        set(t, &format!("{variables}/VENTANILLA_METRICS_NAMESPACE"), &json!("Worker"));
    }),
    (COUNTED, "nobody counts", |t| {
        remove(t, "Globals/Function/Environment/Variables", "VENTANILLA_METRICS_NAMESPACE");
    }),
    (COUNTED, "a log that is looked through for what the code counts", |t| {
        set(t, "Resources/ThrottledRequests/Properties/LogGroupName", &json!({ "Ref": "ReplyLogs" }));
    }),
    (SHOWN, "a metric that nobody sees", |t| {
        board(t, |text| text.replace("\"QueueAgeMs\"", "\"QueueAge\""));
    }),
    (SHOWN, "a dashboard that CloudWatch cannot read", |t| board(t, |text| text.replacen('{', "", 1))),
    (SHOWN, "no dashboard", |t| remove(t, "Resources", "Dashboard")),
    (UNREAD, "lines that CloudWatch dropped unseen", |t| {
        board(t, |text| text.replace("EMFValidationErrors", "EMFErrors"));
    }),
    (UNREAD, "lines of every stack", |t| {
        board(t, |text| text.replace("EMFParsingErrors\\\" ${AWS::StackName}", "EMFParsingErrors\\\""));
    }),
    (BUDGET, "a budget of nothing from the start", |t| remove(t, "Resources/Budget", "Condition")),
    (BUDGET, "a budget that tells nobody", |t| remove(t, "Rules", "HasBudget")),
    (BUDGET, "told when it is too late", |t| {
        let all = "Resources/Budget/Properties/NotificationsWithSubscribers";
        set(t, &format!("{all}/0/Notification/Threshold"), &json!(100));
    }),
    (BUDGET, "another address", |t| {
        let all = "Resources/Budget/Properties/NotificationsWithSubscribers";
        set(t, &format!("{all}/1/Subscribers/0/Address"), &json!("somebody@example.com"));
    }),
];

fn board(template: &mut Value, change: impl Fn(&str) -> String) {
    let path = "Resources/Dashboard/Properties/DashboardBody/Fn::Sub";
    let text = template.pointer(&format!("/{path}")).and_then(Value::as_str).map(change);
    set(template, path, &json!(text));
}
