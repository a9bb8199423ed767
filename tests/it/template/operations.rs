//! What an operator lives by: logs that expire, queues that keep failures.

use serde_json::Value;

use super::{
    Assertion,
    data::is_our_key,
    view::{at, failing, functions, intervals, items, resources, target},
};

pub(crate) const ASSERTIONS: &[Assertion] = &[
    ("logs expire and are encrypted with our key", logs),
    ("access logs are kept for 90 days", access_logs),
    ("queues are encrypted and refuse plain text connections", queues),
    ("failed sweeps are kept in a queue", failed_sweeps),
    ("templates are synced every day, and leave calls for others", sync_rhythm),
];

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
