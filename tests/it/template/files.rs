//! The bucket of files, the queue of those that are to be fetched, and who may do what with either.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use ventanilla::domain::file::UPLOAD_OPEN;

use super::{
    Assertion,
    data::{BUCKET, is_our_key},
    iam::{differences, of_everyone},
    jobs::{FETCHES, mappings, worker},
    operations::{QUEUE, is_long_lived_queue},
    view::{at, failing, functions, items, resources, target, texts},
};

pub(crate) const ASSERTIONS: &[Assertion] = &[
    ("files are private and encrypted with our key", private),
    ("files refuse plain text connections", over_tls),
    ("files and what is left of uploads expire", expire),
    ("browsers of our origins may put files in, and no others", cors),
    ("every grant on files equals the list", grants_equal_the_list),
    ("who touches files is told where they are, and nobody else", told_the_bucket),
    ("files wait for their fetcher in a queue of their own", fetched_one_by_one),
    ("who hears of files is told the queue, and nobody else", told_the_queue),
];

/// The files themselves, and the bucket that they are in.
const FILES: &str = "${Files.Arn}/T/*";
const WHOLE: &str = "${Files.Arn}";

/// The functions that check whether a file was uploaded: S3 reports a missing object only to those who may
/// list.
const LOOKS: [&str; 4] = ["send", "send-template", "inbox", "reply"];

/// Function, actions on files in alphabetical order.
const GRANTS: &[(&str, &str)] = &[
    ("send", "AbortMultipartUpload GetObject PutObject"),
    ("send-template", "GetObject"),
    ("worker", "GetObject"),
    ("socket", "AbortMultipartUpload GetObject PutObject"),
    ("fetch", "AbortMultipartUpload PutObject"),
    ("inbox", "GetObject"),
    ("reply", "GetObject"),
    ("reconcile", "AbortMultipartUpload GetObject PutObject"),
];

/// The functions that queue files to fetch, and the one that finds those that no worker fetched.
const WANTS: [&str; 2] = ["webhook", "reconcile"];

fn private(template: &Value) -> Vec<String> {
    let closed = json!({
        "BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true,
    });
    let holds = |bucket: &Value| {
        let rule = at(bucket, "Properties/BucketEncryption/ServerSideEncryptionConfiguration/0");
        at(bucket, "Properties/PublicAccessBlockConfiguration") == &closed
            && at(bucket, "Properties/OwnershipControls/Rules/0/ObjectOwnership") == "BucketOwnerEnforced"
            && at(rule, "ServerSideEncryptionByDefault/SSEAlgorithm") == "aws:kms"
            && is_our_key(template, at(rule, "ServerSideEncryptionByDefault/KMSMasterKeyID"))
    };
    failing(&resources(template, BUCKET), holds, "is open, or uses another key")
}

fn over_tls(template: &Value) -> Vec<String> {
    let policies = resources(template, "AWS::S3::BucketPolicy");
    let denies = |statement: &Value| {
        at(statement, "Effect") == "Deny"
            && at(statement, "Action") == "s3:*"
            && at(statement, "Principal") == "*"
            && at(statement, "Condition/Bool/aws:SecureTransport") == "false"
            && items(at(statement, "Resource")).len() == 2
    };
    let found = resources(template, BUCKET);
    let guarded = |name: &str| {
        policies.iter().any(|(_, policy)| {
            target(at(policy, "Properties/Bucket")) == Some(name)
                && items(at(policy, "Properties/PolicyDocument/Statement")).iter().any(denies)
        })
    };
    if found.is_empty() {
        return vec!["there is no bucket".to_owned()];
    }
    let open = found.iter().filter(|(name, _)| !guarded(name));
    open.map(|(name, _)| format!("{name} accepts connections without TLS")).collect()
}

/// Parts of unfinished uploads expire as soon as no upload can be under way any more, in whole days.
fn expire(template: &Value) -> Vec<String> {
    assert!(UPLOAD_OPEN.as_secs() < 24 * 60 * 60);
    let holds = |bucket: &Value| {
        let rules = items(at(bucket, "Properties/LifecycleConfiguration/Rules"));
        let enabled = |rule: &&Value| at(rule, "Status") == "Enabled";
        let days = |rule: &Value| at(rule, "ExpirationInDays/Ref") == "FileDays";
        let parts = |rule: &Value| at(rule, "AbortIncompleteMultipartUpload/DaysAfterInitiation") == 1;
        rules.iter().filter(enabled).any(days) && rules.iter().filter(enabled).any(parts)
    };
    failing(&resources(template, BUCKET), holds, "keeps files or parts for ever")
}

fn cors(template: &Value) -> Vec<String> {
    let origins = json!({ "Fn::Split": [",", { "Ref": "CorsOrigins" }] });
    let holds = |bucket: &Value| {
        let rules = at(bucket, "Properties/CorsConfiguration");
        let rule = at(rules, "Fn::If/1/CorsRules/0");
        at(rules, "Fn::If/0") == "HasCors"
            && items(at(rules, "Fn::If/1/CorsRules")).len() == 1
            && texts(at(rule, "AllowedMethods")) == ["GET", "PUT"]
            // What an address to put a file to wants besides the length, which browsers tell by themselves.
            && texts(at(rule, "AllowedHeaders")) == ["content-type", "if-none-match"]
            && at(rule, "AllowedOrigins") == &origins
    };
    failing(&resources(template, BUCKET), holds, "lets other pages in, or ours not")
}

fn grants_equal_the_list(template: &Value) -> Vec<String> {
    let grant = |who: &str, place: &str, actions: &str| format!("{who} on {place}: {actions}");
    let mut granted = BTreeSet::new();
    for allowed in of_everyone(template) {
        let actions: Vec<_> = allowed.actions("s3").into_iter().collect();
        if actions.is_empty() {
            continue;
        }
        for resource in items(at(allowed.statement, "Resource")) {
            let place = at(resource, "Fn::Sub").as_str().unwrap_or("something else");
            granted.insert(grant(&allowed.who, place, &actions.join(" ")));
        }
    }
    let on_files = GRANTS.iter().map(|(who, actions)| grant(who, FILES, actions));
    let on_bucket = LOOKS.iter().map(|who| grant(who, WHOLE, "ListBucket"));
    differences(&granted, &on_files.chain(on_bucket).collect())
}

fn told_the_bucket(template: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for function in functions(template) {
        let told = at(&function.properties, "Environment/Variables/VENTANILLA_BUCKET");
        let touches = GRANTS.iter().any(|(who, _)| *who == function.crate_name());
        if if touches { at(told, "Ref") != "Files" } else { !told.is_null() } {
            faults.push(format!("{} is told the bucket for nothing, or not told", function.name));
        }
    }
    faults
}

/// One at a time, for each may have the largest size; hidden as long as a worker may hold it, and moved to
/// the dead-letter queue when it is repeated too often.
fn fetched_one_by_one(template: &Value) -> Vec<String> {
    let queues = resources(template, QUEUE);
    let holds = |mapping: &Value| {
        let fetches = |timeout: u64| {
            worker(template, mapping, |function| {
                function.crate_name() == FETCHES
                    && at(&function.properties, "Timeout").as_u64().is_some_and(|own| 6 * own <= timeout)
            })
        };
        let source = target(at(mapping, "Properties/EventSourceArn"));
        let Some((_, queue)) = queues.iter().find(|(name, _)| Some(*name) == source) else { return false };
        let policy = at(queue, "Properties/RedrivePolicy");
        at(mapping, "Properties/BatchSize") == 1
            && at(mapping, "Properties/FunctionResponseTypes") == &json!(["ReportBatchItemFailures"])
            && at(queue, "Properties/FifoQueue").is_null()
            && at(queue, "Properties/VisibilityTimeout").as_u64().is_some_and(fetches)
            && at(policy, "maxReceiveCount").as_u64().is_some_and(|tries| (2..=5).contains(&tries))
            && target(at(policy, "deadLetterTargetArn"))
                .is_some_and(|aside| is_long_lived_queue(template, aside))
    };
    let found = mappings(template, false).into_iter().filter(|(_, mapping)| holds(mapping)).count();
    if found == 1 { Vec::new() } else { vec![format!("{found} queues of files are as they should be")] }
}

fn told_the_queue(template: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for function in functions(template) {
        let told = at(&function.properties, "Environment/Variables/VENTANILLA_FETCH_QUEUE_URL");
        let wants = WANTS.contains(&function.crate_name());
        if if wants { at(told, "Ref") != "Fetches" } else { !told.is_null() } {
            faults.push(format!("{} is told the queue of files for nothing, or not told", function.name));
        }
    }
    faults
}
