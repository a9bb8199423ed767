//! What an operator lives by: logs that expire, queues that keep failures, alarms that ring.

use serde_json::Value;

use super::{
    Assertion,
    data::is_our_key,
    jobs::working_queues,
    view::{Function, at, failing, functions, intervals, items, resources, target},
};

pub(crate) const ASSERTIONS: &[Assertion] = &[
    ("logs expire and are encrypted with our key", logs),
    ("access logs are kept for 90 days", access_logs),
    ("queues are encrypted and refuse plain text connections", queues),
    ("failed sweeps are kept in a queue", failed_sweeps),
    ("every dead-letter queue has a depth alarm", depth_alarms),
    ("templates are synced every day, and leave calls for others", sync_rhythm),
    ("every function has alarms for errors, throttles and slowness", function_alarms),
    ("what only the log tells is counted and rings", counted),
    ("failures of the APIs and the table ring", platform_alarms),
    ("every alarm tells somebody", alarms_tell),
];

const ALARM: &str = "AWS::CloudWatch::Alarm";
/// The type of a queue.
pub(crate) const QUEUE: &str = "AWS::SQS::Queue";

fn logs(template: &Value) -> Vec<String> {
    let holds = |group: &Value| {
        let days = at(group, "Properties/RetentionInDays");
        let chosen = at(days, "Ref") == "LogRetentionDays";
        (days.is_u64() || (chosen && at(template, "Parameters/LogRetentionDays/Default").is_u64()))
            && is_our_key(template, at(group, "Properties/KmsKeyId"))
    };
    failing(&resources(template, "AWS::Logs::LogGroup"), holds, "never expires or uses another key")
}

fn access_logs(template: &Value) -> Vec<String> {
    let holds = |api: &Value| {
        let group = target(at(api, "Properties/AccessLogSettings/DestinationArn")).unwrap_or("");
        at(template, &format!("Resources/{group}/Properties/RetentionInDays")) == 90
    };
    let fault = "keeps no access log for 90 days";
    let mut faults = failing(&resources(template, "AWS::Serverless::HttpApi"), holds, fault);
    faults.extend(failing(&resources(template, "AWS::ApiGatewayV2::Stage"), holds, fault));
    faults
}

fn queues(template: &Value) -> Vec<String> {
    let found = resources(template, QUEUE);
    let encrypted = |queue: &Value| is_our_key(template, at(queue, "Properties/KmsMasterKeyId"));
    let mut faults = failing(&found, encrypted, "is not encrypted with our key");
    for (name, _) in found {
        let guarded = resources(template, "AWS::SQS::QueuePolicy").iter().any(|(_, policy)| {
            let named = |queue: &Value| target(queue) == Some(name);
            items(at(policy, "Properties/Queues")).iter().any(named)
                && items(at(policy, "Properties/PolicyDocument/Statement")).iter().any(denies_plain_text)
        });
        if !guarded {
            faults.push(format!("{name} accepts connections without TLS"));
        }
    }
    faults
}

fn denies_plain_text(statement: &Value) -> bool {
    at(statement, "Effect") == "Deny"
        && at(statement, "Action") == "sqs:*"
        && at(statement, "Principal") == "*"
        && at(statement, "Condition/Bool/aws:SecureTransport") == "false"
}

/// A schedule hands over and forgets: its own queue sees what it could not hand over, the function's
/// destination what failed afterwards. Both are needed.
fn failed_sweeps(template: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for function in functions(template) {
        for (name, event) in function.events("ScheduleV2") {
            let after = at(&function.properties, "EventInvokeConfig/DestinationConfig/OnFailure/Destination");
            let kept = [at(event, "DeadLetterConfig/Arn"), after]
                .iter()
                .all(|queue| target(queue).is_some_and(|queue| is_long_lived_queue(template, queue)));
            if !kept {
                faults.push(format!("{} {name} loses its failures", function.name));
            }
        }
    }
    faults
}

/// Whether this is a queue that keeps what is in it for as long as a queue can.
pub(crate) fn is_long_lived_queue(template: &Value, name: &str) -> bool {
    resources(template, QUEUE).iter().any(|(queue, resource)| {
        *queue == name && at(resource, "Properties/MessageRetentionPeriod") == 1_209_600
    })
}

/// Webhooks tell most changes of templates, but not all, and not all providers. An account has 200 calls for
/// lists in an hour (facts: meta.md 8.6), and a list may have dozens of pages.
fn sync_rhythm(template: &Value) -> Vec<String> {
    let mut all = Vec::new();
    for function in functions(template) {
        if function.crate_name() == "sync-templates" {
            let schedules = function.events("ScheduleV2");
            all.extend(schedules.into_iter().flat_map(|(_, event)| intervals(template, event)));
        }
    }
    let default = at(template, "Parameters/TemplateSyncSchedule/Default");
    if all.is_empty() || !all.iter().all(|interval| (15 * 60..=24 * 60 * 60).contains(interval)) {
        vec![format!("templates may be synced every {all:?} seconds")]
    } else if default != "rate(1 hour)" {
        vec![format!("templates are synced at {default} unless told otherwise")]
    } else {
        Vec::new()
    }
}

/// A queue that a function works at may be full; any other holds what failed.
fn depth_alarms(template: &Value) -> Vec<String> {
    let working = working_queues(template);
    let rings = |name: &str| {
        alarms(template, "ApproximateNumberOfMessagesVisible")
            .iter()
            .any(|alarm| watches(alarm, "QueueName", name) && at(alarm, "Threshold") == 0 && rises(alarm))
    };
    let silent = |(name, _): &(&str, &Value)| !working.contains(name) && !rings(name);
    let found = resources(template, QUEUE);
    found.into_iter().filter(silent).map(|(name, _)| format!("{name} fills in silence")).collect()
}

fn function_alarms(template: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for function in functions(template) {
        for (metric, threshold) in [("Errors", 0), ("Throttles", 0), ("Duration", four_fifths(&function))] {
            let rings = alarms(template, metric).iter().any(|alarm| {
                watches(alarm, "FunctionName", function.name)
                    && at(alarm, "Threshold") == threshold
                    && (metric != "Duration" || at(alarm, "ExtendedStatistic") == "p99")
                    && rises(alarm)
            });
            if !rings {
                faults.push(format!("{} has no alarm for {metric} above {threshold}", function.name));
            }
        }
    }
    faults
}

fn four_fifths(function: &Function<'_>) -> u64 {
    at(&function.properties, "Timeout").as_u64().unwrap_or(0) * 800
}

/// Where the counts are: of this stack only.
const COUNTS: &str = "Ventanilla/${AWS::StackName}";

/// A counted line: who logs it, its field `metric`, the metric made of it, and above how many within how
/// many seconds an alarm rings.
const COUNTED: &[(&str, &str, &str, u64, u64)] = &[
    ("reply", "outcome_unknown", "OutcomeUnknown", 0, 300),
    ("send", "outcome_unknown", "OutcomeUnknown", 0, 300),
    ("send-template", "outcome_unknown", "OutcomeUnknown", 0, 300),
    ("worker", "outcome_unknown", "OutcomeUnknown", 0, 300),
    ("socket", "outcome_unknown", "OutcomeUnknown", 0, 300),
    ("reconcile", "outcome_unknown", "OutcomeUnknown", 0, 300),
    ("reconcile", "outcome_unresolved", "OutcomeUnresolved", 0, 300),
    ("reconcile", "message_silent", "MessageSilent", 2, 3_600),
    ("reply", "low_balance", "LowBalance", 0, 300),
    ("send", "low_balance", "LowBalance", 0, 300),
    ("send-template", "low_balance", "LowBalance", 0, 300),
    ("worker", "low_balance", "LowBalance", 0, 300),
    ("socket", "low_balance", "LowBalance", 0, 300),
    ("reconcile", "low_balance", "LowBalance", 0, 300),
    ("reply", "wrong_api_version", "WrongApiVersion", 0, 300),
    ("send", "wrong_api_version", "WrongApiVersion", 0, 300),
    ("send-template", "wrong_api_version", "WrongApiVersion", 0, 300),
    ("worker", "wrong_api_version", "WrongApiVersion", 0, 300),
    ("socket", "wrong_api_version", "WrongApiVersion", 0, 300),
    ("reconcile", "wrong_api_version", "WrongApiVersion", 0, 300),
    ("worker", "job_failed", "JobFailed", 2, 900),
    ("worker", "broadcast_stopped", "BroadcastStopped", 0, 300),
    ("fetch", "file_lost", "FileLost", 0, 300),
    ("reconcile", "file_lost", "FileLost", 0, 300),
    ("fetch", "fetch_failed", "FetchFailed", 2, 900),
    ("socket", "frame_failed", "FrameFailed", 0, 300),
    ("reconcile", "frame_failed", "FrameFailed", 0, 300),
    ("push", "push_failed", "PushFailed", 0, 300),
    ("push", "offline_dropped", "OfflineDropped", 0, 300),
    ("webhook", "signature_failure", "SignatureFailure", 5, 300),
    ("webhook", "unprocessable", "Unprocessable", 0, 300),
    ("webhook", "callback_failed", "CallbackFailed", 0, 300),
    ("send-template", "template_sync_failed", "TemplateSyncFailed", 2, 10_800),
    ("sync-templates", "template_sync_failed", "TemplateSyncFailed", 2, 10_800),
];

fn counted(template: &Value) -> Vec<String> {
    let filters = resources(template, "AWS::Logs::MetricFilter");
    let mut faults = Vec::new();
    for (who, line, metric, above, seconds) in COUNTED {
        let log =
            functions(template).iter().find(|function| function.crate_name() == *who).and_then(|function| {
                target(at(&function.properties, "LoggingConfig/LogGroup")).map(str::to_owned)
            });
        let filtered = filters.iter().any(|(_, filter)| {
            let filter = at(filter, "Properties");
            let pattern = at(filter, "FilterPattern").as_str().unwrap_or("");
            log.is_some()
                && target(at(filter, "LogGroupName")) == log.as_deref()
                && at(filter, "MetricTransformations/0/MetricNamespace/Fn::Sub") == COUNTS
                && at(filter, "MetricTransformations/0/MetricName") == *metric
                && at(filter, "MetricTransformations/0/DefaultValue") == 0
                && pattern.contains(&format!("$.metric = \"{line}\""))
                && pattern.contains(&format!("$.fields.metric = \"{line}\""))
        });
        let rings = alarms(template, metric).iter().any(|alarm| {
            at(alarm, "Namespace/Fn::Sub") == COUNTS
                && at(alarm, "Statistic") == "Sum"
                && at(alarm, "Threshold") == *above
                && at(alarm, "Period") == *seconds
                && rises(alarm)
        });
        if !filtered || !rings {
            faults.push(format!("{line} of {who} is not counted or rings nothing"));
        }
    }
    faults
}

fn platform_alarms(template: &Value) -> Vec<String> {
    ["5xx", "ExecutionError", "ReadThrottleEvents", "WriteThrottleEvents", "SystemErrors"]
        .into_iter()
        .filter(|metric| !alarms(template, metric).iter().any(|alarm| rises(alarm)))
        .map(|metric| format!("{metric} rings nothing"))
        .collect()
}

fn alarms_tell(template: &Value) -> Vec<String> {
    let topics = |alarm: &Value| {
        let actions = at(alarm, "Properties/AlarmActions");
        at(actions, "Fn::If/0") == "HasAlarmTarget" && !items(at(actions, "Fn::If/1")).is_empty()
    };
    failing(&resources(template, ALARM), topics, "tells nobody")
}

/// The alarms on a metric, alone or as part of a sum.
pub(crate) fn alarms<'a>(template: &'a Value, metric: &str) -> Vec<&'a Value> {
    let on_metric = |alarm: &&Value| {
        at(alarm, "MetricName") == metric
            || items(at(alarm, "Metrics"))
                .iter()
                .any(|part| at(part, "MetricStat/Metric/MetricName") == metric)
    };
    let found = resources(template, ALARM).into_iter();
    found.map(|(_, alarm)| at(alarm, "Properties")).filter(on_metric).collect()
}

/// Whether an alarm is on this queue's, or this function's, own metric.
pub(crate) fn watches(alarm: &Value, dimension: &str, name: &str) -> bool {
    items(at(alarm, "Dimensions"))
        .iter()
        .any(|pair| at(pair, "Name") == dimension && target(at(pair, "Value")) == Some(name))
}

/// Whether an alarm rings above its threshold, and not for want of data.
pub(crate) fn rises(alarm: &Value) -> bool {
    at(alarm, "ComparisonOperator") == "GreaterThanThreshold"
        && at(alarm, "TreatMissingData") == "notBreaching"
}
