//! The HTTP API: which routes exist, who lets callers in, and what a request may cost or leave behind.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use ventanilla::{
    api::common::{
        access::RouteAccess,
        idempotency::{IDEMPOTENCY_KEY, REPLAYED},
        policy::DELIVERY_POLICY,
        prefer::PREFERENCE_APPLIED,
        route::Route,
    },
    domain::channel::USUAL_THROUGHPUT,
};

use super::{
    Assertion,
    view::{at, entries, failing, functions, intervals, items, number, resources, target, texts, walk},
};

pub(crate) const ASSERTIONS: &[Assertion] = &[
    ("every route is open on purpose or authenticates in code", routes_are_decided),
    ("browser origins are exact", origins_are_exact),
    ("browsers may send the headers that a caller chooses, and no other", headers_equal_the_list),
    ("browsers may read what answers say besides their body", exposed_equal_the_list),
    ("browsers may use the methods of the callers' routes, and no other", methods_equal_the_routes),
    ("every route is throttled, and callbacks have their own limit", throttled),
    ("routes are counted one by one only on request", counted_on_request),
    ("the API may have a name of its own", own_name),
    ("the access log names neither path, query, header nor body", access_log),
    ("time-outs nest", timeouts_nest),
    ("every route speaks payload format 2.0", payload_format),
];

/// Whether the tables say that a route needs no key: Meta's GET is authenticated by the verify token, its
/// POST by the signature, and a webhook of Kaleyra's, with any method, by the secret in its path.
fn is_open(route: &Route) -> bool {
    route.access == RouteAccess::Public
}

/// A route of the tables as `METHOD /path`.
fn named(route: &Route) -> String {
    format!("{} {}", route.method.to_uppercase(), route.path)
}

/// What an access log may contain. Of the path only the route's own spelling, `routeKey`: the path of
/// Kaleyra's webhooks contains their secret.
const LOGGED: &[&str] = &[
    "httpMethod",
    "identity.sourceIp",
    "integrationErrorMessage",
    "integrationLatency",
    "integrationStatus",
    "requestId",
    "requestTimeEpoch",
    "responseLatency",
    "responseLength",
    "routeKey",
    "status",
];

const API: &str = "AWS::Serverless::HttpApi";

/// The function that sends messages again.
const REPEATS: &str = "reconcile";

/// The function that lets its callers wait, for how long at most, and what it needs besides: a cold start and the
/// reading.
const WAITS: (&str, u64) = ("inbox", 20 + 4);

/// Longest that sending a message again may take, and how long before its time-out a sweep stops.
const REPEAT_AND_MARGIN: u64 = 20 + 8;

/// Every route of the template as `METHOD /path`.
pub(crate) fn routes(template: &Value) -> BTreeSet<String> {
    events(template).into_keys().collect()
}

fn events(template: &Value) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for function in functions(template) {
        for (_, event) in function.events("HttpApi") {
            let text = |name| at(event, name).as_str().unwrap_or("?").to_owned();
            found.insert(format!("{} {}", text("Method").to_uppercase(), text("Path")), event.clone());
        }
    }
    found
}

fn failing_events(template: &Value, holds: impl Fn(&str, &Value) -> bool, fault: &str) -> Vec<String> {
    let found = events(template);
    if found.is_empty() {
        return vec![format!("no route ({fault})")];
    }
    found
        .iter()
        .filter(|(route, event)| !holds(route, event))
        .map(|(route, _)| format!("{route} {fault}"))
        .collect()
}

fn routes_are_decided(template: &Value) -> Vec<String> {
    let decided: BTreeSet<_> = ventanilla::api::routes().map(named).collect();
    let found = routes(template);
    let undecided = found.difference(&decided).map(|route| format!("{route} is in no table of routes"));
    let gone = decided.difference(&found).map(|route| format!("{route} is no longer a route"));
    undecided.chain(gone).collect()
}

fn origins_are_exact(template: &Value) -> Vec<String> {
    let parameters = at(template, "Parameters");
    let exact = |api: &Value| {
        let cors = at(api, "Properties/CorsConfiguration");
        let mut ok = cors.is_null() || cors.is_object();
        walk(cors, &mut |part| {
            walk(at(part, "AllowOrigins"), &mut |origin| {
                ok &= origin.as_str().is_none_or(|text| !text.contains('*'));
                ok &= target(origin).is_none_or(|name| refuses_wildcard(at(parameters, name)));
            });
        });
        ok
    };
    failing(&resources(template, API), exact, "may answer any origin")
}

/// A pattern that matches whole values and lets `*` stand nowhere: its only `*` are quantifiers
/// and the one in the excluded set.
fn refuses_wildcard(parameter: &Value) -> bool {
    let pattern = at(parameter, "AllowedPattern").as_str().unwrap_or("");
    let anchored = pattern.starts_with('^') && pattern.ends_with('$');
    let open = pattern.replace("[^*/\\s,]", "").replace(")*", "").contains(['*', '.', '[']);
    anchored && !open && !texts(at(parameter, "Default")).concat().contains('*')
}

fn headers_equal_the_list(template: &Value) -> Vec<String> {
    let chosen =
        BTreeSet::from(["authorization", "content-type", DELIVERY_POLICY, IDEMPOTENCY_KEY, "prefer"]);
    let holds = |api: &Value| {
        let allowed = at(api, "Properties/CorsConfiguration/Fn::If/1/AllowHeaders");
        texts(allowed).into_iter().collect::<BTreeSet<_>>() == chosen
    };
    failing(&resources(template, API), holds, "lets browsers send other headers")
}

/// The copy's age, whether an answer is an earlier one, where a broadcast is found, whether it was begun as the
/// caller prefers, when to come again, and what to name when asking about a request.
fn exposed_equal_the_list(template: &Value) -> Vec<String> {
    let preference = PREFERENCE_APPLIED;
    let said =
        BTreeSet::from(["age", REPLAYED, "location", preference.as_str(), "retry-after", "x-request-id"]);
    let holds = |api: &Value| {
        let exposed = at(api, "Properties/CorsConfiguration/Fn::If/1/ExposeHeaders");
        texts(exposed).into_iter().collect::<BTreeSet<_>>() == said
    };
    failing(&resources(template, API), holds, "shows browsers other headers")
}

/// `ANY` adds none: the clients of that route use GET and POST.
fn methods_equal_the_routes(template: &Value) -> Vec<String> {
    let used = ventanilla::api::routes().filter(|route| !is_open(route)).map(|route| route.method);
    let used = used.filter(|method| *method != "any").map(str::to_uppercase);
    let expected: BTreeSet<String> = used.chain(["OPTIONS".to_owned()]).collect();
    let holds = |api: &Value| {
        let allowed = at(api, "Properties/CorsConfiguration/Fn::If/1/AllowMethods");
        texts(allowed).into_iter().map(str::to_owned).collect::<BTreeSet<_>>() == expected
    };
    failing(&resources(template, API), holds, "lets browsers use other methods")
}

/// Messages that a channel sends in a second, unless it is set otherwise.
fn pace() -> u64 {
    u64::from(USUAL_THROUGHPUT)
}

/// Statuses that each of them brings: sent, delivered, read.
const STATUSES: u64 = 3;

fn throttled(template: &Value) -> Vec<String> {
    let by_default = |api: &Value| is_limited(template, at(api, "Properties/DefaultRouteSettings"), pace());
    let mut found =
        failing(&resources(template, API), by_default, "has no default throttle, or too low a one");
    let open: BTreeSet<String> =
        ventanilla::api::routes().filter(|route| is_open(route)).map(named).collect();
    let own = |route: &str, event: &Value| {
        !open.contains(route) || is_limited(template, at(event, "RouteSettings"), STATUSES * pace())
    };
    found.extend(failing_events(template, own, "shares the callers' throttle, or has too low a one"));
    found
}

/// Whether these settings limit a route, and let it have so many requests a second.
pub(crate) fn is_limited(template: &Value, settings: &Value, least: u64) -> bool {
    number(template, at(settings, "ThrottlingRateLimit")).is_some_and(|rate| rate >= least)
        && number(template, at(settings, "ThrottlingBurstLimit")).is_some_and(|burst| burst >= least)
}

/// Every route has six metrics of its own, each of which costs something every month.
fn counted_on_request(template: &Value) -> Vec<String> {
    let off = at(template, "Parameters/DetailedRouteMetrics/Default") == "false"
        && at(template, "Conditions/CountsRoutes")
            == &json!({ "Fn::Equals": [{ "Ref": "DetailedRouteMetrics" }, "true"] });
    let chosen = json!({ "Fn::If": ["CountsRoutes", true, false] });
    let holds =
        |api: &Value| off && at(api, "Properties/DefaultRouteSettings/DetailedMetricsEnabled") == &chosen;
    let mut all = resources(template, API);
    all.extend(resources(template, "AWS::ApiGatewayV2::Stage"));
    failing(&all, holds, "counts every route by itself")
}

/// A custom domain name, with a certificate, that leads to the API and is an output.
fn own_name(template: &Value) -> Vec<String> {
    let mut faults = domain(template, "ApiDomainName", "HttpApi");
    for output in ["ApiUrl", "WebhookUrl", "KaleyraWebhookUrl"] {
        let told = at(template, &format!("Outputs/{output}/Value/Fn::If"));
        let own = at(told, "1/Fn::Sub").as_str().unwrap_or("");
        if at(told, "0") != "HasApiDomain" || !own.starts_with("https://${ApiDomainName}") {
            faults.push(format!("{output} does not tell the name"));
        }
    }
    faults
}

/// What is wrong with the name of an API that a parameter gives.
pub(crate) fn domain(template: &Value, parameter: &str, api: &str) -> Vec<String> {
    let named = |domain: &&(&str, &Value)| target(at(domain.1, "Properties/DomainName")) == Some(parameter);
    let domains = resources(template, "AWS::ApiGatewayV2::DomainName");
    let Some((name, domain)) = domains.iter().find(named) else {
        return vec![format!("{parameter} names nothing")];
    };
    let condition = at(domain, "Condition").as_str().unwrap_or("?");
    let given = json!({ "Fn::Not": [{ "Fn::Equals": [{ "Ref": parameter }, ""] }] });
    let served = at(domain, "Properties/DomainNameConfigurations/0");
    let certificate = parameter.replace("DomainName", "CertificateArn");
    let leads = resources(template, "AWS::ApiGatewayV2::ApiMapping").into_iter().any(|(_, mapping)| {
        at(mapping, "Condition") == condition
            && target(at(mapping, "Properties/DomainName")) == Some(name)
            && target(at(mapping, "Properties/ApiId")) == Some(api)
    });
    let rule = at(template, &format!("Rules/{condition}")).clone();
    let wanted = json!({ "Fn::Not": [{ "Fn::Equals": [{ "Ref": certificate }, ""] }] });
    let holds = at(template, &format!("Parameters/{parameter}/Default")) == ""
        && at(&rule, "RuleCondition") == &given
        && items(at(&rule, "Assertions")).iter().any(|rule| at(rule, "Assert") == &wanted)
        && at(template, &format!("Conditions/{condition}")) == &given
        && at(served, "EndpointType") == "REGIONAL"
        && at(served, "SecurityPolicy") == "TLS_1_2"
        && target(at(served, "CertificateArn")) == Some(certificate.as_str())
        && leads;
    if holds { Vec::new() } else { vec![format!("{parameter} is not as it should be")] }
}

fn access_log(template: &Value) -> Vec<String> {
    let clean = |api: &Value| logs_only(at(api, "Properties/AccessLogSettings"), LOGGED);
    failing(&resources(template, API), clean, "has no access log or logs too much")
}

/// Whether an access log is there and holds nothing but these variables.
pub(crate) fn logs_only(settings: &Value, listed: &[&str]) -> bool {
    let format = at(settings, "Format").as_str().unwrap_or("");
    let mut variables = format
        .split('$')
        .skip(1)
        .map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '.').next().unwrap_or(""));
    target(at(settings, "DestinationArn")).is_some()
        && format.contains("$context.requestId")
        && variables.all(|name| name.strip_prefix("context.").is_some_and(|name| listed.contains(&name)))
}

fn timeouts_nest(template: &Value) -> Vec<String> {
    let mut found =
        failing_events(template, |_, event| route_millis(event) < 30_000, "outlives the gateway's 30 s");
    for function in functions(template) {
        let seconds = at(&function.properties, "Timeout").as_u64().unwrap_or(u64::MAX / 1_000);
        let outlived =
            function.events("HttpApi").iter().any(|(_, event)| seconds * 1_000 >= route_millis(event));
        let overtaken = function.events("ScheduleV2").iter().any(|(_, event)| {
            intervals(template, event).into_iter().min().is_none_or(|interval| seconds >= interval)
        });
        if outlived || overtaken {
            found.push(format!("{} runs longer than what waits for it", function.name));
        }
        if function.crate_name() == WAITS.0 && seconds <= WAITS.1 {
            found.push(format!("{} is cut off before its callers have waited", function.name));
        }
        if function.crate_name() == REPEATS && seconds <= REPEAT_AND_MARGIN {
            found.push(format!("{} never has the time to send again", function.name));
        }
    }
    found
}

fn route_millis(event: &Value) -> u64 {
    at(event, "TimeoutInMillis").as_u64().unwrap_or(30_000)
}

fn payload_format(template: &Value) -> Vec<String> {
    let apis: BTreeSet<_> = entries(at(template, "Resources"))
        .filter(|(_, resource)| at(resource, "Type") == API)
        .map(|(name, _)| name)
        .collect();
    let holds = |_: &str, event: &Value| {
        at(event, "PayloadFormatVersion") == "2.0"
            && target(at(event, "ApiId")).is_some_and(|name| apis.contains(name))
    };
    failing_events(template, holds, "has another payload format or API")
}
