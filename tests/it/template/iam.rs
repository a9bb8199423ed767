//! Who may do what: every function's grants are a fixed list, bound to key prefixes, without wildcards.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    Assertion,
    data::INDEXES,
    view::{at, entries, functions, items, resources, target, texts, usual},
};

pub(crate) const ASSERTIONS: &[Assertion] = &[
    ("item access is bound to key prefixes", bound_to_prefixes),
    ("every function's grants on the table equal the list", grants_equal_the_list),
    ("an action on the table stands in one statement", actions_stand_together),
    ("nothing can scan", nothing_scans),
    ("no grant has a wildcard", no_wildcards),
    ("every function reads its kinds of secrets and no other", secrets_by_kind),
    ("functions use the key through services only", key_through_services),
    ("the services that the key is used through equal the list", services_equal_the_list),
];

const READ_WRITE: &str = "BatchGetItem GetItem PutItem";
const READ_QUERY_WRITE: &str = "BatchGetItem GetItem PutItem Query";
const ALL: &str = "BatchGetItem DeleteItem GetItem PutItem Query";
const ALL_AND_CHECK: &str = "BatchGetItem ConditionCheckItem DeleteItem GetItem PutItem Query";

/// Function, table or index, key prefix, actions in alphabetical order, in whichever statements they stand.
const GRANTS: &[(&str, &str, &str, &str)] = &[
    ("reply", "table", "T#*", READ_QUERY_WRITE),
    ("reply", "table", "R#K#*", "GetItem"),
    ("reply", "table", "R#W#*", "GetItem PutItem"),
    ("send", "table", "T#*", READ_QUERY_WRITE),
    ("send", "table", "R#K#*", "GetItem"),
    ("send", "table", "R#W#*", "GetItem PutItem"),
    ("send", "table", "R#B#*", "GetItem PutItem"),
    ("send-template", "table", "T#*", READ_QUERY_WRITE),
    ("send-template", "table", "R#K#*", "GetItem"),
    ("send-template", "table", "R#W#*", "GetItem PutItem"),
    ("send-template", "table", "R#B#*", "GetItem PutItem"),
    ("send-template", "lists", "T#*", "Query"),
    ("worker", "table", "T#*", READ_WRITE),
    ("worker", "table", "R#W#*", "GetItem PutItem"),
    ("webhook", "table", "T#*", READ_WRITE),
    ("webhook", "lists", "R#CH", "Query"),
    ("webhook", "table", "R#N#*", "GetItem"),
    ("webhook", "table", "R#U#*", "PutItem"),
    ("webhook", "table", "R#W#*", "GetItem PutItem"),
    ("fetch", "table", "T#*", "GetItem PutItem"),
    ("inbox", "table", "T#*", READ_QUERY_WRITE),
    ("inbox", "lists", "T#*", "Query"),
    ("inbox", "by-status", "T#*", "Query"),
    ("inbox", "by-assignee", "T#*", "Query"),
    ("inbox", "unread", "T#*", "Query"),
    ("inbox", "table", "R#K#*", "GetItem"),
    ("inbox", "table", "R#T#*", "PutItem"),
    ("socket", "table", "T#*", ALL),
    ("socket", "table", "R#K#*", "GetItem"),
    ("socket", "table", "R#S#*", "DeleteItem GetItem PutItem"),
    ("socket", "table", "R#T#*", "GetItem PutItem"),
    ("socket", "table", "R#W#*", "GetItem PutItem"),
    ("push", "table", "T#*", ALL_AND_CHECK),
    ("push", "table", "R#S#*", "GetItem"),
    ("reconcile", "lists", "R#DUE#*", "Query"),
    ("reconcile", "table", "T#*", ALL),
    ("reconcile", "table", "R#K#*", "GetItem"),
    ("reconcile", "table", "R#S#*", "GetItem"),
    ("reconcile", "table", "R#W#*", "GetItem PutItem"),
    ("sync-templates", "lists", "R#CH", "Query"),
    ("sync-templates", "table", "T#*", "GetItem PutItem Query"),
    ("sync-templates", "table", "R#K#*", "GetItem"),
    ("sync-templates", "table", "R#B#*", "GetItem PutItem"),
];

/// The kinds of secrets a function reads: one that calls a provider needs the channel's, one that receives
/// webhooks the app's, with which Meta signs, and the channel's, which contains the secret in the URL of
/// Kaleyra's webhooks.
const SECRETS: &[(&str, &str)] = &[
    ("reply", "channel"),
    ("send", "channel"),
    ("send-template", "channel"),
    ("worker", "channel"),
    ("webhook", "app"),
    ("webhook", "channel"),
    ("inbox", "channel"),
    ("fetch", "channel"),
    ("socket", "channel"),
    ("reconcile", "channel"),
    ("sync-templates", "channel"),
];

/// Who uses the key, and the services that must be able to use it for them.
const SERVICES: &[(&str, &[&str])] = &[
    ("reply", &["dynamodb", "secretsmanager", "s3"]),
    ("send", &["dynamodb", "secretsmanager", "s3"]),
    ("send-template", &["dynamodb", "secretsmanager", "sqs", "s3"]),
    ("worker", &["dynamodb", "secretsmanager", "sqs", "s3"]),
    ("webhook", &["dynamodb", "secretsmanager", "sqs"]),
    ("fetch", &["dynamodb", "secretsmanager", "sqs", "s3"]),
    ("inbox", &["dynamodb", "secretsmanager", "s3"]),
    ("socket", &["dynamodb", "secretsmanager", "s3"]),
    ("push", &["dynamodb", "sqs"]),
    ("reconcile", &["dynamodb", "secretsmanager", "sqs", "s3"]),
    ("ReconcileScheduleRole", &["sqs"]),
    ("sync-templates", &["dynamodb", "secretsmanager", "sqs"]),
    ("SyncTemplatesScheduleRole", &["sqs"]),
];

/// What a stream is followed with.
pub(crate) const FOLLOWING: [&str; 4] = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"];

/// A statement that allows something, with who has it.
pub(crate) struct Allowed<'a> {
    pub(crate) who: String,
    pub(crate) statement: &'a Value,
}

impl Allowed<'_> {
    /// What it allows with a service.
    pub(crate) fn actions(&self, service: &str) -> BTreeSet<&str> {
        texts(at(self.statement, "Action"))
            .into_iter()
            .filter_map(|action| action.strip_prefix(service)?.strip_prefix(':'))
            .collect()
    }

    fn prefixes(&self) -> Vec<&str> {
        texts(at(self.statement, "Condition/ForAllValues:StringLike/dynamodb:LeadingKeys"))
    }

    /// Whether it is for a stream and nothing else. A stream has no keys.
    pub(crate) fn follows_only(&self) -> bool {
        let stream = |resource: &Value| at(usual(resource), "Fn::GetAtt/1") == "StreamArn";
        let resources = items(at(self.statement, "Resource"));
        !resources.is_empty()
            && resources.iter().all(stream)
            && self.actions("dynamodb").iter().all(|action| FOLLOWING.contains(action))
    }

    fn fault(&self, fault: &str) -> String {
        format!("{}: {} {fault}", self.who, at(self.statement, "Sid"))
    }
}

fn of_functions(template: &Value) -> Vec<Allowed<'_>> {
    functions(template)
        .iter()
        .flat_map(|function| {
            let who = function.crate_name().to_owned();
            function.statements().into_iter().map(move |statement| Allowed { who: who.clone(), statement })
        })
        .filter(|allowed| at(allowed.statement, "Effect") == "Allow")
        .collect()
}

/// The functions' statements and those of the roles that are written out.
pub(crate) fn of_everyone(template: &Value) -> Vec<Allowed<'_>> {
    let mut all = of_functions(template);
    for (name, role) in resources(template, "AWS::IAM::Role") {
        let policies = items(at(role, "Properties/Policies")).iter();
        let statements = policies.flat_map(|policy| items(at(policy, "PolicyDocument/Statement")));
        all.extend(statements.map(|statement| Allowed { who: name.to_owned(), statement }));
    }
    all
}

fn faults(all: &[Allowed<'_>], holds: impl Fn(&Allowed<'_>) -> bool, fault: &str) -> Vec<String> {
    if all.is_empty() {
        return vec![format!("no statement ({fault})")];
    }
    all.iter().filter(|allowed| !holds(allowed)).map(|allowed| allowed.fault(fault)).collect()
}

fn bound_to_prefixes(template: &Value) -> Vec<String> {
    let bound = |allowed: &Allowed<'_>| {
        let prefixes = allowed.prefixes();
        let all_whole = prefixes.iter().all(|prefix| is_whole(prefix));
        allowed.actions("dynamodb").is_empty()
            || allowed.follows_only()
            || (!prefixes.is_empty() && all_whole)
    };
    faults(&of_everyone(template), bound, "is not bound to a key prefix")
}

/// A prefix that ends where a part of the keys does, or one key of those without a tenant, spelled out.
fn is_whole(prefix: &str) -> bool {
    match prefix.strip_suffix("#*") {
        Some(name) => !name.is_empty() && name != "R",
        None => prefix.len() > "R#".len() && prefix.starts_with("R#") && !prefix.contains(['*', '?']),
    }
}

fn grants_equal_the_list(template: &Value) -> Vec<String> {
    let mut by_prefix: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    let all = of_everyone(template);
    for allowed in &all {
        let actions = allowed.actions("dynamodb");
        for prefix in allowed.prefixes() {
            for resource in items(at(allowed.statement, "Resource")) {
                let what = (allowed.who.clone(), place(template, resource), prefix);
                by_prefix.entry(what).or_default().extend(actions.iter().map(|action| (*action).to_owned()));
            }
        }
    }
    let spelled = by_prefix.into_iter().map(|((who, place, prefix), actions)| {
        let actions: Vec<_> = actions.into_iter().collect();
        grant(&who, place, prefix, &actions.join(" "))
    });
    let listed: BTreeSet<_> =
        GRANTS.iter().map(|(who, place, prefix, actions)| grant(who, place, prefix, actions)).collect();
    differences(&spelled.collect(), &listed)
}

/// AWS does not say whether it looks at the keys of a transaction one after the other or at all of them at once. All
/// at once they must fit one statement. (The keys of an index are in no transaction.)
fn actions_stand_together(template: &Value) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut faults = Vec::new();
    for allowed in of_everyone(template) {
        let of_table =
            |resource: &Value| place(template, resource) == "table" && !allowed.prefixes().is_empty();
        if items(at(allowed.statement, "Resource")).iter().any(of_table) {
            for action in allowed.actions("dynamodb") {
                if !seen.insert((allowed.who.clone(), action.to_owned())) {
                    faults.push(allowed.fault(&format!("splits {action}")));
                }
            }
        }
    }
    if seen.is_empty() { vec!["nobody may do anything".to_owned()] } else { faults }
}

/// What is granted and not listed, or listed and not granted.
pub(crate) fn differences(granted: &BTreeSet<String>, listed: &BTreeSet<String>) -> Vec<String> {
    let extra = granted.difference(listed).map(|found| format!("not in the list: {found}"));
    let missing = listed.difference(granted).map(|found| format!("not granted: {found}"));
    extra.chain(missing).collect()
}

fn grant(who: &str, place: &str, prefix: &str, actions: &str) -> String {
    format!("{who} on {prefix} of {place}: {actions}")
}

fn place(template: &Value, resource: &Value) -> &'static str {
    let ours = resources(template, "AWS::DynamoDB::Table");
    let is_table = target(resource).is_some_and(|name| ours.iter().any(|(table, _)| *table == name));
    let resource = usual(resource);
    match (is_table, at(resource, "Fn::Sub").as_str()) {
        (true, Some(path)) => {
            let index = INDEXES.into_iter().find(|(name, _)| path.ends_with(&format!("/index/{name}")));
            index.map_or("something else", |(name, _)| name)
        }
        (true, None) if at(resource, "Fn::GetAtt/1") == "Arn" => "table",
        _ => "something else",
    }
}

fn nothing_scans(template: &Value) -> Vec<String> {
    let keyed = |allowed: &Allowed<'_>| {
        let keyless =
            |action: &&str| action.contains("Scan") || action.contains("PartiQL") || action.contains('*');
        !allowed.actions("dynamodb").iter().any(keyless)
    };
    faults(&of_everyone(template), keyed, "can read without a key")
}

/// Three wildcards are allowed. One is at the end of a secret's name: channels are added without a
/// deployment. One is for the id of a socket, which the gateway makes up; its API has a list of its own. One
/// is for the files below the bucket's one folder.
fn no_wildcards(template: &Value) -> Vec<String> {
    let exact = |allowed: &Allowed<'_>| {
        let actions = items(at(allowed.statement, "Action"));
        let open = |resource: &Value| {
            let text = resource.as_str().or_else(|| at(resource, "Fn::Sub").as_str()).unwrap_or("");
            let unknown = text.contains(":secret:${SecretPrefix}")
                || text.ends_with("/@connections/*")
                || text == "${Files.Arn}/T/*";
            text.contains('*') && !(unknown && text.matches('*').count() == 1)
        };
        !actions.is_empty()
            && actions.iter().all(|action| action.as_str().is_some_and(|text| !text.contains('*')))
            && !items(at(allowed.statement, "Resource")).iter().any(open)
            && at(allowed.statement, "NotAction").is_null()
            && at(allowed.statement, "NotResource").is_null()
    };
    faults(&of_everyone(template), exact, "has a wildcard")
}

fn secrets_by_kind(template: &Value) -> Vec<String> {
    let all = of_everyone(template);
    let own_kind = |allowed: &Allowed<'_>| {
        let actions = allowed.actions("secretsmanager");
        let own = |resource: &Value| {
            SECRETS.iter().any(|(who, kind)| *who == allowed.who && is_secret_of(resource, kind))
        };
        actions.is_empty()
            || (actions == BTreeSet::from(["GetSecretValue"])
                && items(at(allowed.statement, "Resource")).iter().all(own))
    };
    let mut found = faults(&all, own_kind, "reads another kind of secret");
    for (who, kind) in SECRETS {
        let reads = all.iter().any(|allowed| {
            *who == allowed.who
                && allowed.actions("secretsmanager").contains("GetSecretValue")
                && items(at(allowed.statement, "Resource")).iter().any(|name| is_secret_of(name, kind))
        });
        if !reads {
            found.push(format!("{who} cannot read the secrets under {kind}/"));
        }
    }
    found
}

fn is_secret_of(resource: &Value, kind: &str) -> bool {
    let end = format!(":secret:${{SecretPrefix}}{kind}/*");
    at(resource, "Fn::Sub").as_str().is_some_and(|name| name.ends_with(end.as_str()))
}

fn key_through_services(template: &Value) -> Vec<String> {
    let through = |allowed: &Allowed<'_>| {
        allowed.actions("kms").is_empty()
            || entries(at(allowed.statement, "Condition/StringEquals"))
                .any(|(name, services)| name == "kms:ViaService" && !items(services).is_empty())
    };
    faults(&of_everyone(template), through, "may use the key directly")
}

/// What a service keeps under our key can be had only if the key may be used through it.
fn services_equal_the_list(template: &Value) -> Vec<String> {
    let mut granted = BTreeSet::new();
    for allowed in of_everyone(template) {
        if !allowed.actions("kms").is_empty() {
            for service in items(at(allowed.statement, "Condition/StringEquals/kms:ViaService")) {
                let name = at(service, "Fn::Sub").as_str().unwrap_or("?");
                granted.insert(format!("{} through {name}", allowed.who));
            }
        }
    }
    let mut listed = BTreeSet::new();
    for (who, services) in SERVICES {
        for service in *services {
            listed.insert(format!("{who} through {service}.${{AWS::Region}}.amazonaws.com"));
        }
    }
    differences(&granted, &listed)
}
