//! What is counted, what rings, and what the dashboard shows.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use ventanilla::metrics::Metric;

use super::{
    Assertion,
    jobs::working_queues,
    operations::QUEUE,
    view::{at, failing, functions, items, resources, target, walk},
};

pub(crate) const ASSERTIONS: &[Assertion] = &[
    ("there are few alarms, and each tells of its beginning and of its end", alarms_tell),
    ("every alarm is on a metric that exists", metrics_exist),
    ("every alarm can ring, and is quiet when all is well", can_ring),
    ("a sweep that does not come to its end rings", dead_man),
    ("every function's errors and throttles ring", functions_ring),
    ("every dead-letter queue rings", dead_letters_ring),
    ("what must not go unnoticed rings", troubles_ring),
    ("every function counts for this stack, whatever level it logs", counted_at_any_level),
    ("the dashboard shows every metric", shown),
    ("the dashboard shows what CloudWatch could not read of them", unread_shown),
    ("what the account costs is watched where that is wanted, and somebody is told", budget),
];

const ALARM: &str = "AWS::CloudWatch::Alarm";

/// One for each cause, and no more than a person can know by heart.
const MOST_ALARMS: usize = 25;

/// Metrics that an alarm takes into its sum.
const MOST_PARTS: usize = 10;

/// Where our own counts are: of this stack only.
const OURS: &str = "Ventanilla/${AWS::StackName}";

/// What the access log is looked through for: only the gateway knows of it.
const OF_THE_GATEWAY: &str = "ApiThrottled";

/// Metrics of AWS that exist by default. Those of DynamoDB are left out: an alarm on them ignores missing
/// data, and throttles are reported only while there are any, so it would keep its state (AWS:
/// `PutMetricAlarm`).
const OF_AWS: &[(&str, &str)] = &[
    ("AWS/ApiGateway", "5xx"),
    ("AWS/ApiGateway", "ExecutionError"),
    ("AWS/Lambda", "ConcurrentExecutions"),
    ("AWS/Lambda", "Errors"),
    ("AWS/Lambda", "Invocations"),
    ("AWS/Lambda", "IteratorAge"),
    ("AWS/Lambda", "Throttles"),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage"),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
];

/// The troubles that must raise an alarm, and above how many within how many seconds.
const TROUBLES: &[(Metric, u64, u64)] = &[
    (Metric::OutcomeUnknown, 0, 300),
    (Metric::OutcomeUnresolved, 0, 300),
    (Metric::MessageSilent, 2, 3_600),
    (Metric::SignatureFailure, 5, 300),
    (Metric::CallbackFailed, 0, 300),
    (Metric::Unprocessable, 0, 300),
    (Metric::FileLost, 0, 300),
    (Metric::OfflineDropped, 0, 300),
    (Metric::LowBalance, 0, 300),
    (Metric::CredentialsRefused, 0, 300),
    (Metric::WrongApiVersion, 0, 300),
    (Metric::BroadcastStopped, 0, 300),
    (Metric::JobFailed, 0, 900),
    (Metric::FetchFailed, 0, 900),
    (Metric::FrameFailed, 0, 900),
    (Metric::PushFailed, 0, 900),
    (Metric::StoreThrottled, 0, 300),
    (Metric::Failed, 25, 900),
    (Metric::ProviderMs, 4_000, 300),
];

fn alarms_tell(template: &Value) -> Vec<String> {
    let topic = json!([{ "Fn::If": ["HasTopicArn", { "Ref": "AlarmTopicArn" }, { "Ref": "AlarmTopic" }] }]);
    let made = at(template, "Resources/AlarmTopic/Condition") == "MakesTopic"
        && at(template, "Conditions/MakesTopic") == &json!({ "Fn::Not": [{ "Condition": "HasTopicArn" }] });
    let tells = |alarm: &Value| {
        let alarm = at(alarm, "Properties");
        made && at(alarm, "AlarmActions") == &topic
            && at(alarm, "OKActions") == &topic
            && at(alarm, "AlarmDescription").is_string()
    };
    let found = resources(template, ALARM);
    let mut faults = failing(&found, tells, "does not tell when it begins, or when it is over");
    if found.len() > MOST_ALARMS {
        faults.push(format!("there are {} alarms", found.len()));
    }
    faults
}

/// The metrics that an alarm is on: its own, or those of its sum.
fn watched(alarm: &Value) -> Vec<&Value> {
    match items(at(alarm, "Metrics")) {
        [] => vec![alarm],
        parts => parts.iter().map(|part| at(part, "MetricStat/Metric")).filter(|it| !it.is_null()).collect(),
    }
}

fn of_alarms(template: &Value, holds: impl Fn(&Value) -> bool, fault: &str) -> Vec<String> {
    failing(&resources(template, ALARM), |alarm| holds(at(alarm, "Properties")), fault)
}

fn metrics_exist(template: &Value) -> Vec<String> {
    let ours: BTreeSet<String> = Metric::ALL.into_iter().map(Metric::name).collect();
    let filtered = |name: &str| {
        resources(template, "AWS::Logs::MetricFilter").iter().any(|(_, filter)| {
            let made = at(filter, "Properties/MetricTransformations/0");
            at(made, "MetricName") == name && at(made, "MetricNamespace/Fn::Sub") == OURS
        })
    };
    let exists = |metric: &&Value| {
        let name = at(metric, "MetricName").as_str().unwrap_or("");
        match at(metric, "Namespace").as_str() {
            Some(namespace) => OF_AWS.contains(&(namespace, name)),
            None => at(metric, "Namespace/Fn::Sub") == OURS && (ours.contains(name) || filtered(name)),
        }
    };
    of_alarms(template, |alarm| watched(alarm).iter().all(exists), "is on a metric that nobody tells")
}

/// A share of few calls says nothing about 99 of 100: with `ignore` such an alarm stays as it is (AWS: percentile-based
/// alarms and low data samples).
fn can_ring(template: &Value) -> Vec<String> {
    let holds = |alarm: &Value| {
        let percentile = at(alarm, "ExtendedStatistic").as_str();
        let judged = percentile
            .is_none_or(|it| it == "p90" && at(alarm, "EvaluateLowSampleCountPercentile") == "evaluate");
        let periods = at(alarm, "EvaluationPeriods").as_u64().unwrap_or(0);
        let wanted = at(alarm, "DatapointsToAlarm").as_u64().unwrap_or(periods);
        let when_missing = match at(alarm, "ComparisonOperator").as_str() {
            Some("GreaterThanThreshold") => "notBreaching",
            Some("LessThanThreshold") => "breaching",
            _ => return false,
        };
        judged
            && (1..=periods).contains(&wanted)
            && at(alarm, "Threshold").is_u64()
            && at(alarm, "TreatMissingData") == when_missing
            && sums_up(alarm)
    };
    of_alarms(template, holds, "can never ring, or rings for nothing")
}

/// Whether the sum of an alarm, if it is on one, is one that CloudWatch takes: of few metrics, over the same period, each
/// of which is in it.
fn sums_up(alarm: &Value) -> bool {
    let (totals, parts): (Vec<&Value>, Vec<&Value>) =
        items(at(alarm, "Metrics")).iter().partition(|it| at(it, "ReturnData") == true);
    let periods: BTreeSet<_> = parts.iter().map(|part| at(part, "MetricStat/Period").to_string()).collect();
    match totals.as_slice() {
        [] => at(alarm, "Period").is_u64() && at(alarm, "MetricName").is_string(),
        [total] => {
            let given = at(total, "Expression");
            let sum = given.as_str().or_else(|| at(given, "Fn::Sub").as_str()).unwrap_or("");
            let used = |part: &&Value| at(part, "Id").as_str().is_some_and(|id| sum.contains(id));
            periods.len() == 1
                && (1..=MOST_PARTS).contains(&parts.len())
                && parts.iter().all(used)
                && !sum.contains("SEARCH")
        }
        _ => false,
    }
}

/// It rings for want of news, so whatever keeps a sweep from its end, or us from hearing of it, rings.
fn dead_man(template: &Value) -> Vec<String> {
    let rings = ours(template, Metric::SweepDone).into_iter().any(|alarm| {
        at(alarm, "Statistic") == "Sum"
            && at(alarm, "Threshold") == 1
            && at(alarm, "Period").as_u64().is_some_and(|period| period <= 300)
            && at(alarm, "ComparisonOperator") == "LessThanThreshold"
            && at(alarm, "TreatMissingData") == "breaching"
    });
    if rings { Vec::new() } else { vec!["nobody hears that no sweep comes to its end".to_owned()] }
}

fn functions_ring(template: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let all = functions(template);
    for function in &all {
        for metric in ["Errors", "Throttles"] {
            let rings = alarms(template, metric).into_iter().any(|alarm| {
                watches(alarm, "FunctionName", function.name) && at(alarm, "Threshold") == 0 && rises(alarm)
            });
            if !rings {
                faults.push(format!("{metric} of {} ring nothing", function.name));
            }
        }
    }
    if all.is_empty() { vec!["there is no function".to_owned()] } else { faults }
}

/// A queue that a function works at may be full; any other holds what failed.
fn dead_letters_ring(template: &Value) -> Vec<String> {
    let working = working_queues(template);
    let silent = |(name, _): &(&str, &Value)| {
        let rings = alarms(template, "ApproximateNumberOfMessagesVisible")
            .into_iter()
            .any(|alarm| watches(alarm, "QueueName", name) && at(alarm, "Threshold") == 0 && rises(alarm));
        !working.contains(name) && !rings
    };
    let found = resources(template, QUEUE).into_iter().filter(silent);
    found.map(|(name, _)| format!("{name} fills in silence")).collect()
}

fn troubles_ring(template: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for (metric, above, seconds) in TROUBLES {
        let name = metric.name();
        let rings = ours(template, *metric).into_iter().any(|alarm| {
            let part = items(at(alarm, "Metrics"))
                .iter()
                .map(|part| at(part, "MetricStat"))
                .find(|part| at(part, "Metric/MetricName") == name.as_str());
            let period = part.map_or(at(alarm, "Period"), |part| at(part, "Period"));
            at(alarm, "Threshold") == *above && period == *seconds && rises(alarm)
        });
        if !rings {
            faults.push(format!("{name} rings nothing, or at another number"));
        }
    }
    for metric in ["5xx", "ExecutionError", "ConcurrentExecutions", "Invocations", OF_THE_GATEWAY] {
        if !alarms(template, metric).into_iter().any(rises) {
            faults.push(format!("{metric} rings nothing"));
        }
    }
    faults
}

/// Lambda's own filter takes lines without a level for INFO, and what is counted has none.
fn counted_at_any_level(template: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for function in functions(template) {
        let variables = at(&function.properties, "Environment/Variables");
        let counted = at(variables, "VENTANILLA_METRICS_NAMESPACE/Fn::Sub") == OURS
            && at(variables, "RUST_LOG/Ref") == "LogLevel"
            && at(&function.properties, "LoggingConfig/ApplicationLogLevel") == "TRACE";
        if !counted {
            faults.push(format!("{} counts for nobody, or only at some levels", function.name));
        }
    }
    // What the code says is counted by the code.
    let of_gateway = |filter: &Value| target(at(filter, "Properties/LogGroupName")) == Some("AccessLogs");
    faults.extend(failing(
        &resources(template, "AWS::Logs::MetricFilter"),
        of_gateway,
        "counts lines of the code",
    ));
    faults
}

/// The dashboard's text with something in place of what CloudFormation fills in.
fn board(text: &str) -> Option<Value> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        filled.push_str(before);
        filled.push_str("it");
        rest = after.split_once('}')?.1;
    }
    filled.push_str(rest);
    serde_json::from_str(&filled).ok()
}

fn shown(template: &Value) -> Vec<String> {
    let boards = resources(template, "AWS::CloudWatch::Dashboard");
    let [(_, body)] = boards.as_slice() else {
        return vec![format!("there are {} dashboards", boards.len())];
    };
    let text = at(body, "Properties/DashboardBody/Fn::Sub").as_str().unwrap_or("");
    let Some(board) = board(text) else { return vec!["the dashboard is no JSON".to_owned()] };
    let mut told = BTreeSet::new();
    walk(&board, &mut |value| told.extend(value.as_str().map(str::to_owned)));
    let missing = Metric::ALL.into_iter().map(Metric::name).filter(|name| !told.contains(name));
    missing.map(|name| format!("nobody sees {name}")).collect()
}

/// AWS counts these for each log group, two for each function: more than an alarm takes into its sum, and alarms take
/// no search.
fn unread_shown(template: &Value) -> Vec<String> {
    let boards = resources(template, "AWS::CloudWatch::Dashboard");
    let shows = |board: &Value| {
        let text = at(board, "Properties/DashboardBody/Fn::Sub").as_str().unwrap_or("");
        ["EMFParsingErrors", "EMFValidationErrors"].iter().all(|name| {
            text.contains(&format!(r#"{{AWS/Logs,LogGroupName}} MetricName=\"{name}\" ${{AWS::StackName}}'"#))
        })
    };
    failing(&boards, shows, "does not show lines that CloudWatch could not read")
}

/// Of what was spent, and of what will be, in per cent.
const NOTIFIED: [(&str, u64); 2] = [("ACTUAL", 80), ("FORECASTED", 100)];

fn budget(template: &Value) -> Vec<String> {
    let none = json!({ "Fn::Not": [{ "Fn::Equals": [{ "Ref": "MonthlyBudget" }, "0"] }] });
    let rule = at(template, "Rules/HasBudget");
    let somebody = json!({ "Fn::Not": [{ "Fn::Equals": [{ "Ref": "AlarmEmail" }, ""] }] });
    let chosen = at(template, "Parameters/MonthlyBudget/Default") == 0
        && at(template, "Conditions/HasBudget") == &none
        && at(rule, "RuleCondition") == &none
        && at(rule, "Assertions/0/Assert") == &somebody;
    let told = |budget: &Value, kind: &str, threshold: u64| {
        items(at(budget, "NotificationsWithSubscribers")).iter().any(|it| {
            at(it, "Notification/NotificationType") == kind
                && at(it, "Notification/Threshold") == threshold
                && at(it, "Notification/ComparisonOperator") == "GREATER_THAN"
                && at(it, "Subscribers/0/SubscriptionType") == "EMAIL"
                && target(at(it, "Subscribers/0/Address")) == Some("AlarmEmail")
        })
    };
    let holds = |resource: &Value| {
        let budget = at(resource, "Properties");
        chosen
            && at(resource, "Condition") == "HasBudget"
            && target(at(budget, "Budget/BudgetLimit/Amount")) == Some("MonthlyBudget")
            && at(budget, "Budget/TimeUnit") == "MONTHLY"
            && NOTIFIED.iter().all(|(kind, threshold)| told(budget, kind, *threshold))
    };
    failing(&resources(template, "AWS::Budgets::Budget"), holds, "is made unasked, or tells nobody")
}

/// The alarms on a metric of our own.
fn ours(template: &Value, metric: Metric) -> Vec<&Value> {
    let own = |alarm: &&Value| watched(alarm).iter().any(|it| at(it, "Namespace/Fn::Sub") == OURS);
    alarms(template, &metric.name()).into_iter().filter(own).collect()
}

/// The alarms on a metric, alone or as part of a sum.
pub(crate) fn alarms<'a>(template: &'a Value, metric: &str) -> Vec<&'a Value> {
    let on_metric = |alarm: &&Value| watched(alarm).iter().any(|it| at(it, "MetricName") == metric);
    let found = resources(template, ALARM).into_iter();
    found.map(|(_, alarm)| at(alarm, "Properties")).filter(on_metric).collect()
}

/// Whether an alarm is on this queue's, or this function's, own metric, alone or as part of a sum.
pub(crate) fn watches(alarm: &Value, dimension: &str, name: &str) -> bool {
    watched(alarm)
        .iter()
        .flat_map(|it| items(at(it, "Dimensions")))
        .any(|pair| at(pair, "Name") == dimension && target(at(pair, "Value")) == Some(name))
}

/// Whether an alarm rings above its threshold, and not for want of data.
pub(crate) fn rises(alarm: &Value) -> bool {
    at(alarm, "ComparisonOperator") == "GreaterThanThreshold"
        && at(alarm, "TreatMissingData") == "notBreaching"
}
