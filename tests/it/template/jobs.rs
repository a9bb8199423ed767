//! The queue of jobs: the functions that enqueue, the worker, and the fate of a failed job.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use ventanilla::domain::broadcast::VALID;

use super::{
    Assertion,
    alarms::{alarms, rises, watches},
    iam::{differences, of_everyone},
    operations::{QUEUE, is_long_lived_queue},
    view::{Function, at, failing, functions, items, number, resources, target, usual},
};

pub(crate) const ASSERTIONS: &[Assertion] = &[
    ("jobs wait in one queue, in turn and each on its own", in_turn),
    ("a job is given to nobody else while a worker may be at it", hidden),
    ("a job outlasts the day in which it can be begun", outlasts),
    ("a job that comes again and again is put aside", put_aside),
    ("jobs are taken ten at a time and fail one by one", one_by_one),
    ("no more workers are called than may run", within_the_share),
    ("a new account has room for what the queues call", room_for_all),
    ("a worker may put jobs back for as long as they are good", may_loop),
    ("who puts jobs into the queue is told where it is, and nobody else", told_the_queue),
    ("every grant on a queue equals the list", grants_equal_the_list),
    ("a queue that does not move rings", standstill_rings),
];

const MAPPING: &str = "AWS::Lambda::EventSourceMapping";

/// The mappings of streams, or those of queues, which are all others.
pub(crate) fn mappings(template: &Value, of_streams: bool) -> Vec<(&str, &Value)> {
    let streams =
        |mapping: &Value| at(usual(at(mapping, "Properties/EventSourceArn")), "Fn::GetAtt/1") == "StreamArn";
    let found = resources(template, MAPPING).into_iter();
    found.filter(|(_, mapping)| streams(mapping) == of_streams).collect()
}

/// Who puts jobs in: who begins broadcasts, who finds one that was left lying, and who is not done with one.
const PUTS: [&str; 3] = ["reconcile", "send-template", "worker"];

/// Function or role, queue, actions in alphabetical order. For the queue of failed runs SAM grants Lambda by
/// itself, and for that queue only; for records of a stream it does not.
const GRANTS: &[(&str, &str, &str)] = &[
    ("send-template", "Jobs", "SendMessage"),
    ("reconcile", "Jobs", "SendMessage"),
    ("webhook", "Fetches", "SendMessage"),
    ("reconcile", "Fetches", "SendMessage"),
    ("fetch", "Fetches", "DeleteMessage GetQueueAttributes ReceiveMessage"),
    ("worker", "Jobs", "SendMessage"),
    ("worker", "Jobs", "DeleteMessage GetQueueAttributes ReceiveMessage"),
    ("push", "PushDlq", "SendMessage"),
    ("ReconcileScheduleRole", "ReconcileDlq", "SendMessage"),
    ("SyncTemplatesScheduleRole", "SyncTemplatesDlq", "SendMessage"),
];

/// The queues that functions work at.
pub(crate) fn working_queues(template: &Value) -> BTreeSet<&str> {
    let mappings = mappings(template, false).into_iter();
    mappings.filter_map(|(_, mapping)| target(at(mapping, "Properties/EventSourceArn"))).collect()
}

/// The mappings of queues of jobs: all but that of files, which has a page of its own.
fn of_jobs(template: &Value) -> Vec<(&str, &Value)> {
    let fetches = |mapping: &Value| worker(template, mapping, |function| function.crate_name() == FETCHES);
    mappings(template, false).into_iter().filter(|(_, mapping)| !fetches(mapping)).collect()
}

/// Who works at the queue of files.
pub(crate) const FETCHES: &str = "fetch";

fn jobs(template: &Value) -> Vec<(&str, &Value)> {
    let queue =
        |(_, mapping): (&str, &'_ Value)| target(at(mapping, "Properties/EventSourceArn")).map(str::to_owned);
    let working: BTreeSet<String> = of_jobs(template).into_iter().filter_map(queue).collect();
    let working: BTreeSet<&str> = working.iter().map(String::as_str).collect();
    resources(template, QUEUE).into_iter().filter(|(name, _)| working.contains(name)).collect()
}

/// The property of a resource.
fn property<'a>(template: &'a Value, resource: &str, name: &str) -> &'a Value {
    at(template, &format!("Resources/{resource}/Properties/{name}"))
}

/// Whether the function that a mapping calls is as it should be.
pub(crate) fn worker(template: &Value, mapping: &Value, holds: impl Fn(&Function<'_>) -> bool) -> bool {
    let called = target(at(mapping, "Properties/FunctionName"));
    functions(template).iter().any(|function| Some(function.name) == called && holds(function))
}

/// In turn within a tenant: only then is a tenant's channel in the hands of one worker at a time. Each on its own:
/// a piece that comes again within five minutes would else be taken for the one before.
fn in_turn(template: &Value) -> Vec<String> {
    let found = jobs(template);
    let holds = |queue: &Value| {
        at(queue, "Properties/FifoQueue") == true && at(queue, "Properties/ContentBasedDeduplication") != true
    };
    let mut faults = failing(&found, holds, "does not keep jobs in turn, or takes two for one");
    if found.len() > 1 {
        faults.push(format!("there are {} queues of jobs", found.len()));
    }
    faults
}

/// Six times the time-out, so that a batch can be handed over again after a throttle (facts: platform-limits.md
/// 2.3).
fn hidden(template: &Value) -> Vec<String> {
    let holds = |mapping: &Value| {
        let queue = target(at(mapping, "Properties/EventSourceArn")).unwrap_or("");
        // What SQS takes where none is given.
        let seconds = property(template, queue, "VisibilityTimeout").as_u64().unwrap_or(30);
        worker(template, mapping, |function| {
            at(&function.properties, "Timeout").as_u64().is_some_and(|timeout| 6 * timeout <= seconds)
        })
    };
    failing(&mappings(template, false), holds, "gives away what a worker may still be at")
}

fn outlasts(template: &Value) -> Vec<String> {
    let holds = |queue: &Value| {
        let kept = at(queue, "Properties/MessageRetentionPeriod").as_u64();
        kept.is_some_and(|seconds| seconds >= 4 * VALID.as_secs())
    };
    failing(&jobs(template), holds, "forgets jobs before anybody can mend what holds them up")
}

/// What fails is done with, and on record; what cannot be read comes again, and so does what a killed worker had.
/// Once may be an accident. Often holds up the tenant's other jobs, each time for as long as the job is hidden.
fn put_aside(template: &Value) -> Vec<String> {
    let holds = |queue: &Value| {
        let policy = at(queue, "Properties/RedrivePolicy");
        let aside = target(at(policy, "deadLetterTargetArn")).unwrap_or("");
        at(policy, "maxReceiveCount").as_u64().is_some_and(|tries| (2..=5).contains(&tries))
            && is_long_lived_queue(template, aside)
            // SQS moves messages between queues of the same kind only.
            && property(template, aside, "FifoQueue") == true
    };
    failing(&jobs(template), holds, "keeps what fails for ever, or loses it")
}

fn one_by_one(template: &Value) -> Vec<String> {
    let apart = json!(["ReportBatchItemFailures"]);
    let holds = |mapping: &Value| {
        let mapping = at(mapping, "Properties");
        at(mapping, "BatchSize") == 10
            && at(mapping, "FunctionResponseTypes") == &apart
            && at(mapping, "Enabled") != false
    };
    failing(&of_jobs(template), holds, "takes jobs in another way")
}

/// The reserved concurrency alone does not keep Lambda from receiving more than it can process, and what it
/// receives in vain counts as a try (facts: platform-limits.md 7.10). It may be unset, so both are one
/// parameter.
fn within_the_share(template: &Value) -> Vec<String> {
    let holds = |mapping: &Value| {
        let most = at(mapping, "Properties/ScalingConfig/MaximumConcurrency/Ref").as_str();
        let parameter = at(template, &format!("Parameters/{}", most.unwrap_or("")));
        let possible = at(parameter, "MinValue").as_u64().is_some_and(|least| least >= 2)
            && at(parameter, "MaxValue").as_u64().is_some_and(|most| most <= 1_000);
        let share = |function: &Function<'_>| {
            at(&function.properties, "ReservedConcurrentExecutions/Fn::If/1/Ref").as_str() == most
        };
        most.is_some() && possible && worker(template, mapping, share)
    };
    failing(&mappings(template, false), holds, "may call more workers than may run")
}

/// Concurrent executions of a new account (seen: 10), and those that queues may use: the rest is for
/// callers, webhooks, the followers of the table's four shards and the sweep.
const NEW_ACCOUNT: (u64, u64) = (10, 4);

/// Nothing may be reserved of so few.
fn room_for_all(template: &Value) -> Vec<String> {
    let (all, for_queues) = NEW_ACCOUNT;
    let most = |mapping: &Value| number(template, at(mapping, "Properties/ScalingConfig/MaximumConcurrency"));
    let taken: Option<u64> = mappings(template, false).into_iter().map(|(_, mapping)| most(mapping)).sum();
    let fits = taken.is_some_and(|taken| (1..=for_queues).contains(&taken))
        && at(template, "Parameters/ReserveConcurrency/Default") == "false"
        && at(template, "Parameters/AccountConcurrency/Default") == all;
    if fits { Vec::new() } else { vec![format!("queues may take {taken:?} of {all}, or some are reserved")] }
}

/// Lambda stops a function that invokes itself through a queue after some 16 turns, unless that is switched
/// off.
fn may_loop(template: &Value) -> Vec<String> {
    let holds = |mapping: &Value| {
        worker(template, mapping, |function| {
            let allowed = at(&function.properties, "RecursiveLoop") == "Allow";
            allowed == PUTS.contains(&function.crate_name())
        })
    };
    let mut faults =
        failing(&mappings(template, false), holds, "calls what may not, or need not, come again");
    if !at(template, "Globals/Function/RecursiveLoop").is_null() {
        faults.push("every function may call itself".to_owned());
    }
    faults
}

fn told_the_queue(template: &Value) -> Vec<String> {
    let working: BTreeSet<&str> = jobs(template).into_iter().map(|(name, _)| name).collect();
    let mut faults = Vec::new();
    for function in functions(template) {
        let told = at(&function.properties, "Environment/Variables/VENTANILLA_QUEUE_URL");
        let holds = if PUTS.contains(&function.crate_name()) {
            at(told, "Ref").as_str().is_some_and(|name| working.contains(name))
        } else {
            told.is_null()
        };
        if !holds {
            faults.push(format!("{} is told the queue for nothing, or not told", function.name));
        }
    }
    faults
}

fn grants_equal_the_list(template: &Value) -> Vec<String> {
    let grant = |who: &str, queue: &str, actions: &str| format!("{who} on {queue}: {actions}");
    let mut granted = BTreeSet::new();
    for allowed in of_everyone(template) {
        let actions: Vec<_> = allowed.actions("sqs").into_iter().collect();
        if actions.is_empty() {
            continue;
        }
        for resource in items(at(allowed.statement, "Resource")) {
            let queue = target(resource).unwrap_or("something else");
            granted.insert(grant(&allowed.who, queue, &actions.join(" ")));
        }
    }
    let listed: BTreeSet<_> = GRANTS.iter().map(|(who, queue, actions)| grant(who, queue, actions)).collect();
    differences(&granted, &listed)
}

/// Later than a job that comes again and again is out of the way, which rings by itself, and while most of the day
/// is left in which a broadcast can be begun.
fn standstill_rings(template: &Value) -> Vec<String> {
    let found = jobs(template);
    let rings = |(name, queue): &(&str, &Value)| {
        let number = |path| at(queue, path).as_u64().unwrap_or(0);
        let held_up =
            number("Properties/RedrivePolicy/maxReceiveCount") * number("Properties/VisibilityTimeout");
        alarms(template, "ApproximateAgeOfOldestMessage").iter().any(|alarm| {
            let threshold = at(alarm, "Threshold").as_u64().unwrap_or(0);
            watches(alarm, "QueueName", name)
                && at(alarm, "Statistic") == "Maximum"
                && (held_up + 1..VALID.as_secs() / 4).contains(&threshold)
                && rises(alarm)
        })
    };
    if found.is_empty() {
        return vec!["there is no queue of jobs".to_owned()];
    }
    let still = found.iter().filter(|queue| !rings(queue));
    still.map(|(name, _)| format!("{name} may stand still in silence")).collect()
}
