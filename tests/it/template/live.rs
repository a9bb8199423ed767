//! The live push: the table's stream is followed, and sockets are reachable.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    Assertion,
    alarms::{alarms, rises, watches},
    api::{domain, is_limited, logs_only},
    iam::{FOLLOWING, differences, of_everyone},
    jobs::{mappings, worker},
    operations::is_long_lived_queue,
    seed::set,
    view::{Function, at, failing, functions, items, resources, target, texts},
};

pub(crate) const ASSERTIONS: &[Assertion] = &[
    (
        "push hears of new events and revoked keys, of sockets that have to catch up, and of nothing else",
        filtered,
    ),
    ("the table is followed from its beginning, at once and in order", in_order),
    ("what cannot be told comes again for most of a day and is put aside in time", kept),
    ("only push follows the table", only_push_follows),
    ("events that are told late ring", lateness_rings),
    ("all routes of the sockets lead to one function, which decides who may come in", one_function),
    ("the sockets' function ends before the gateway does", within_the_gateway_s_time),
    ("only our sockets' stage calls the function, and by itself has every route", deployed),
    ("sockets are throttled", throttled),
    ("no log tells the addresses or the frames of sockets", logged),
    ("the gateway has a role to write the sockets' log with", log_role),
    ("who tells sockets may do that and nothing more, at our API only", reach),
    ("who tells sockets is told where they are, and nobody else", told_where),
    ("clients are told where sockets are opened", clients_are_told),
];

const API: &str = "AWS::ApiGatewayV2::Api";
const STAGE: &str = "AWS::ApiGatewayV2::Stage";

/// Who follows the table, and who has the sockets' routes.
const FOLLOWS: &str = "push";
const LISTENS: &str = "socket";

/// The functions that send to sockets.
const TELLS: [&str; 3] = [FOLLOWS, LISTENS, "reconcile"];

/// With what: to hand over a frame, and to close.
const TELLING: [&str; 2] = ["DELETE", "POST"];

/// How long the stream keeps a record, in seconds (facts: platform-limits.md 2.5).
const STREAM_KEEPS: u64 = 24 * 60 * 60;

/// The most tries that Lambda takes.
const MOST_TRIES: u64 = 10_000;

/// How long the gateway waits for an answer, in milliseconds (facts: platform-limits.md 2.2).
const GATEWAY_WAITS: u64 = 29_000;

/// What the access log of sockets may hold. Keys and tickets stand in the query string.
const LOGGED: &[&str] = &[
    "connectionId",
    "error.message",
    "eventType",
    "identity.sourceIp",
    "integrationErrorMessage",
    "integrationLatency",
    "integrationStatus",
    "requestId",
    "requestTimeEpoch",
    "routeKey",
    "status",
];

fn followers(template: &Value, holds: impl Fn(&Value) -> bool, fault: &str) -> Vec<String> {
    failing(&mappings(template, true), |mapping| holds(at(mapping, "Properties")), fault)
}

/// What the two mappings let through: new events and revoked keys, and the rows of sockets that have work.
fn wanted() -> [Vec<Value>; 2] {
    [
        vec![
            json!({ "eventName": ["INSERT"], "dynamodb": { "NewImage": { "row": { "S": ["event"] } } } }),
            json!({ "dynamodb": { "NewImage": {
                "row": { "S": ["api_key"] },
                "revoked_at": { "N": [{ "exists": true }] },
            } } }),
        ],
        vec![
            json!({ "dynamodb": { "NewImage": {
                "row": { "S": ["connection"] },
                "phase": { "S": ["opening"] },
            } } }),
            json!({ "dynamodb": { "NewImage": {
                "row": { "S": ["connection"] },
                "drains": { "BOOL": [true] },
            } } }),
        ],
    ]
}

fn patterns(mapping: &Value) -> Option<Vec<Value>> {
    let filters = items(at(mapping, "FilterCriteria/Filters")).iter();
    filters.map(|filter| serde_json::from_str::<Value>(at(filter, "Pattern").as_str()?).ok()).collect()
}

fn filtered(template: &Value) -> Vec<String> {
    let followers = mappings(template, true);
    let of = |wanted: &Vec<Value>| {
        followers.iter().filter(|(_, it)| patterns(at(it, "Properties")).as_ref() == Some(wanted)).count()
    };
    let counts = wanted().each_ref().map(of);
    if counts == [1, 1] && followers.len() == 2 {
        return Vec::new();
    }
    vec![format!("{} mappings, of which {counts:?} let through what they should", followers.len())]
}

/// The events of a tenant's day are in one shard. More than one batch of a shard at a time would not keep its order;
/// sockets catch up in any order.
fn in_order(template: &Value) -> Vec<String> {
    let [_, of_sockets] = wanted();
    let holds = |mapping: &Value| {
        let ours = |name: &str| at(template, &format!("Resources/{name}/Type")) == "AWS::DynamoDB::Table";
        let at_a_time = if patterns(mapping).as_ref() == Some(&of_sockets) { 2 } else { 1 };
        target(at(mapping, "EventSourceArn")).is_some_and(ours)
            && at(mapping, "StartingPosition") == "TRIM_HORIZON"
            && at(mapping, "ParallelizationFactor") == at_a_time
            && at(mapping, "MaximumBatchingWindowInSeconds") == 0
            && at(mapping, "BatchSize") == 100
            && at(mapping, "Enabled") != false
    };
    let mut faults = followers(template, holds, "follows in another way");
    let pushes = |mapping: &Value| {
        let named = direct(template, mapping);
        worker(template, &named, |function| function.crate_name() == FOLLOWS)
    };
    faults.extend(failing(&mappings(template, true), pushes, "calls another function"));
    faults
}

/// A mapping with the function itself in the place of an alias of it that leads to its latest version.
fn direct(template: &Value, mapping: &Value) -> Value {
    let mut direct = mapping.clone();
    let alias = target(at(mapping, "Properties/FunctionName")).unwrap_or("");
    let alias = at(template, &format!("Resources/{alias}"));
    if at(alias, "Type") == "AWS::Lambda::Alias" && at(alias, "Properties/FunctionVersion") == "$LATEST" {
        set(&mut direct, "Properties/FunctionName", at(alias, "Properties/FunctionName"));
    }
    direct
}

/// An outage may take hours. Before the stream forgets a record there must be time to look at what was put aside.
fn kept(template: &Value) -> Vec<String> {
    let apart = json!(["ReportBatchItemFailures"]);
    let holds = |mapping: &Value| {
        let aside = target(at(mapping, "DestinationConfig/OnFailure/Destination")).unwrap_or("");
        let age = at(mapping, "MaximumRecordAgeInSeconds").as_u64();
        at(mapping, "BisectBatchOnFunctionError") == true
            && at(mapping, "FunctionResponseTypes") == &apart
            && at(mapping, "MaximumRetryAttempts") == MOST_TRIES
            && age.is_some_and(|age| (STREAM_KEEPS / 2..=STREAM_KEEPS - 60 * 60).contains(&age))
            && is_long_lived_queue(template, aside)
            // The only kind that a mapping of a stream takes.
            && at(template, &format!("Resources/{aside}/Properties/FifoQueue")) != true
    };
    followers(template, holds, "loses what cannot be told, or is held up by it")
}

fn only_push_follows(template: &Value) -> Vec<String> {
    let mut granted = BTreeSet::new();
    for allowed in of_everyone(template) {
        let actions = allowed.actions("dynamodb");
        if actions.iter().any(|action| FOLLOWING.contains(action)) {
            let of = if allowed.follows_only() { "a stream" } else { "something else" };
            let actions: Vec<_> = actions.into_iter().collect();
            granted.insert(format!("{} follows {of}: {}", allowed.who, actions.join(" ")));
        }
    }
    let listed = BTreeSet::from([format!("{FOLLOWS} follows a stream: {}", FOLLOWING.join(" "))]);
    differences(&granted, &listed)
}

/// In milliseconds. This also rings for a record that fails again and again and holds up what follows it.
fn lateness_rings(template: &Value) -> Vec<String> {
    let holds = |mapping: &Value| {
        let named = direct(template, &json!({ "Properties": mapping }));
        let follower = target(at(&named, "Properties/FunctionName")).unwrap_or("");
        alarms(template, "IteratorAge").iter().any(|alarm| {
            watches(alarm, "FunctionName", follower)
                && at(alarm, "Statistic") == "Maximum"
                && at(alarm, "Threshold") == 60_000
                && at(alarm, "Period") == 60
                && rises(alarm)
        })
    };
    followers(template, holds, "may fall behind in silence")
}

/// The API of the sockets and its stage.
struct Gateway<'a> {
    api: &'a str,
    stage: &'a Value,
}

impl<'a> Gateway<'a> {
    /// The only one there is.
    fn of(template: &'a Value) -> Option<Self> {
        let [(api, _)] = resources(template, API)[..] else { return None };
        let [(_, stage)] = resources(template, STAGE)[..] else { return None };
        (target(at(stage, "Properties/ApiId")) == Some(api)).then_some(Self { api, stage })
    }

    fn stage_name(&self) -> &str {
        at(self.stage, "Properties/StageName").as_str().unwrap_or("?")
    }

    /// Its address, after the scheme.
    fn address(&self) -> String {
        let (api, stage) = (self.api, self.stage_name());
        format!("${{{api}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/{stage}")
    }

    /// Something of its stage, as policies name it.
    fn arn(&self, what: &str) -> String {
        let (api, stage) = (self.api, self.stage_name());
        format!(
            "arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{api}}}/{stage}/{what}"
        )
    }
}

fn gateway(template: &Value, find: impl Fn(&Gateway<'_>) -> Vec<String>) -> Vec<String> {
    Gateway::of(template).map_or_else(|| vec!["there is not one API of sockets".to_owned()], |it| find(&it))
}

fn listener(template: &Value) -> Option<Function<'_>> {
    functions(template).into_iter().find(|function| function.crate_name() == LISTENS)
}

/// No authorizer: the function looks the key or the ticket up before the socket is open.
fn one_function(template: &Value) -> Vec<String> {
    gateway(template, |it| {
        let api = at(template, &format!("Resources/{}/Properties", it.api));
        let mut faults = Vec::new();
        if at(api, "ProtocolType") != "WEBSOCKET"
            || at(api, "RouteSelectionExpression") != "$request.body.type"
        {
            faults.push(format!("{} is no API of sockets, or takes its routes from elsewhere", it.api));
        }
        let routes = resources(template, "AWS::ApiGatewayV2::Route");
        let mut keys: Vec<_> =
            routes.iter().filter_map(|(_, route)| at(route, "Properties/RouteKey").as_str()).collect();
        keys.sort_unstable();
        if keys != ["$connect", "$default", "$disconnect"] {
            faults.push(format!("the routes are {keys:?}"));
        }
        let uri = listener(template).map(|function| format!("${{{}.Arn}}/invocations", function.name));
        let calls = |integration: &str| {
            let integration = at(template, &format!("Resources/{integration}/Properties"));
            let called = at(integration, "IntegrationUri/Fn::Sub").as_str().unwrap_or("");
            target(at(integration, "ApiId")) == Some(it.api)
                && at(integration, "IntegrationType") == "AWS_PROXY"
                && uri.as_ref().is_some_and(|uri| called.ends_with(uri.as_str()))
        };
        let holds = |route: &Value| {
            let route = at(route, "Properties");
            target(at(route, "ApiId")) == Some(it.api)
                && at(route, "AuthorizationType") == "NONE"
                && target(at(route, "Target")).is_some_and(calls)
        };
        faults.extend(failing(&routes, holds, "leads elsewhere, or asks somebody else"));
        faults
    })
}

fn within_the_gateway_s_time(template: &Value) -> Vec<String> {
    let seconds = listener(template).and_then(|function| at(&function.properties, "Timeout").as_u64());
    let holds = |integration: &Value| {
        let millis = at(integration, "Properties/TimeoutInMillis").as_u64().unwrap_or(GATEWAY_WAITS + 1);
        millis <= GATEWAY_WAITS && seconds.is_some_and(|seconds| seconds * 1_000 < millis)
    };
    failing(&resources(template, "AWS::ApiGatewayV2::Integration"), holds, "outlives what waits for it")
}

fn deployed(template: &Value) -> Vec<String> {
    gateway(template, |it| {
        let mut faults = Vec::new();
        if at(it.stage, "Properties/AutoDeploy") != true {
            faults.push("a changed route would not be deployed".to_owned());
        }
        let waits = texts(at(it.stage, "DependsOn"));
        for (name, _) in resources(template, "AWS::ApiGatewayV2::Route") {
            if !waits.contains(&name) {
                faults.push(format!("the stage may be there before {name}"));
            }
        }
        let function = listener(template);
        let holds = |permission: &Value| {
            let permission = at(permission, "Properties");
            target(at(permission, "FunctionName")) == function.as_ref().map(|function| function.name)
                && at(permission, "Action") == "lambda:InvokeFunction"
                && at(permission, "Principal") == "apigateway.amazonaws.com"
                && at(permission, "SourceArn/Fn::Sub") == it.arn("*").as_str()
        };
        faults.extend(failing(&resources(template, "AWS::Lambda::Permission"), holds, "lets others call"));
        faults
    })
}

fn throttled(template: &Value) -> Vec<String> {
    let limited = |stage: &Value| is_limited(template, at(stage, "Properties/DefaultRouteSettings"), 1);
    failing(&resources(template, STAGE), limited, "has no throttle")
}

/// The gateway's own log would tell whole requests.
fn logged(template: &Value) -> Vec<String> {
    let clean = |stage: &Value| {
        let stage = at(stage, "Properties");
        at(stage, "DefaultRouteSettings/DataTraceEnabled") == false
            && at(stage, "DefaultRouteSettings/LoggingLevel") == "OFF"
            && at(stage, "RouteSettings").is_null()
            && logs_only(at(stage, "AccessLogSettings"), LOGGED)
    };
    failing(&resources(template, STAGE), clean, "has no access log or logs too much")
}

/// A setting of the account, without which a stage with a log cannot be made. It is the operator's, if they have one.
fn log_role(template: &Value) -> Vec<String> {
    let stays = |resource: &Value| {
        at(resource, "DeletionPolicy") == "Retain" && at(resource, "UpdateReplacePolicy") == "Retain"
    };
    let accounts = resources(template, "AWS::ApiGateway::Account");
    let holds = |account: &Value| {
        let role = at(account, "Properties/CloudWatchRoleArn/Fn::If");
        let made = at(template, &format!("Resources/{}", target(at(role, "1")).unwrap_or("")));
        let condition =
            at(template, &format!("Conditions/{}/Fn::Equals", at(role, "0").as_str().unwrap_or("")));
        let trusted = items(at(made, "Properties/AssumeRolePolicyDocument/Statement"));
        stays(account)
            && stays(made)
            && at(made, "Condition") == at(role, "0")
            && condition == &json!([at(role, "2"), ""])
            && !trusted.is_empty()
            && trusted.iter().all(|it| at(it, "Principal/Service") == "apigateway.amazonaws.com")
    };
    let mut faults = failing(&accounts, holds, "gives the gateway no role that stays");
    let waits = |stage: &Value| accounts.iter().all(|(name, _)| texts(at(stage, "DependsOn")).contains(name));
    faults.extend(failing(&resources(template, STAGE), waits, "may be made before the gateway can log"));
    faults
}

fn reach(template: &Value) -> Vec<String> {
    gateway(template, |it| {
        let grant = |who: &str, actions: &str, place: &str| format!("{who} on {place}: {actions}");
        let mut granted = BTreeSet::new();
        for allowed in of_everyone(template) {
            let actions: Vec<_> = allowed.actions("execute-api").into_iter().collect();
            if !actions.is_empty() {
                for resource in items(at(allowed.statement, "Resource")) {
                    let place = at(resource, "Fn::Sub").as_str().unwrap_or("something else");
                    granted.insert(grant(&allowed.who, &actions.join(" "), place));
                }
            }
        }
        let mut listed = BTreeSet::new();
        for who in TELLS {
            for method in TELLING {
                let place = it.arn(&format!("{method}/@connections/*"));
                listed.insert(grant(who, "ManageConnections", &place));
            }
        }
        differences(&granted, &listed)
    })
}

fn told_where(template: &Value) -> Vec<String> {
    gateway(template, |it| {
        let address = format!("https://{}", it.address());
        let mut faults = Vec::new();
        for function in functions(template) {
            let told = at(&function.properties, "Environment/Variables/VENTANILLA_SOCKET_URL");
            let holds = if TELLS.contains(&function.crate_name()) {
                at(told, "Fn::Sub") == address.as_str()
            } else {
                told.is_null()
            };
            if !holds {
                faults.push(format!("{} is told of sockets for nothing, or not told", function.name));
            }
        }
        faults
    })
}

fn clients_are_told(template: &Value) -> Vec<String> {
    gateway(template, |it| {
        let mut faults = domain(template, "SocketDomainName", it.api);
        let told = at(template, "Outputs/WebSocketUrl/Value");
        let both = json!({ "Fn::If": [
            "HasSocketDomain",
            { "Fn::Sub": "wss://${SocketDomainName}" },
            { "Fn::Sub": format!("wss://{}", it.address()) },
        ] });
        if told != &both {
            faults.push(format!("they are told {told}"));
        }
        faults
    })
}
