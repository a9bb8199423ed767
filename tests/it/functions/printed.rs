//! What the real binaries print: what they count, past their log, and a line for each request.

use serde_json::{Value, json};
use ventanilla_sandbox::Fault;

use super::{
    event,
    runtime::{Function, NAMESPACE, REQUEST},
    telling, towards,
};
use crate::harness::Stand;

/// The lines that CloudWatch takes metrics from, and those of the log.
fn apart(lines: Vec<Value>) -> (Vec<Value>, Vec<Value>) {
    lines.into_iter().partition(|line| line.get("_aws").is_some())
}

fn assert_counts(line: &Value, metrics: &[&str]) {
    let directives = line["_aws"]["CloudWatchMetrics"].as_array().unwrap();
    let [directive] = directives.as_slice() else { panic!("{line}") };
    assert_eq!((&directive["Namespace"], &directive["Dimensions"]), (&json!(NAMESPACE), &json!([[]])));
    assert_eq!(line["request_id"], REQUEST);
    let named: Vec<&str> =
        directive["Metrics"].as_array().unwrap().iter().map(|it| it["Name"].as_str().unwrap()).collect();
    assert_eq!(named, metrics, "{line}");
    assert!(line.get("level").is_none() && line.get("message").is_none(), "{line}");
}

/// Whether a line of the log has the id of its request.
fn has_id(line: &Value) -> bool {
    line["spans"].as_array().is_some_and(|spans| spans.iter().any(|span| span["request_id"] == REQUEST))
}

#[tokio::test]
async fn a_function_s_metrics_are_one_line_per_invocation_at_any_log_level() {
    let stand = Stand::start().await;
    let function = Function::start_logging("webhook", &stand, "error").await;
    let message = |id: &str| {
        let text = json!({ "id": id, "from": "50212345678", "timestamp": "1", "type": "text", "text": { "body": "hi" } });
        json!({ "entry": [{ "changes": [{ "field": "messages", "value": {
            "metadata": { "phone_number_id": "1001" }, "messages": [text],
        } }] }] })
    };
    for id in ["wamid.1", "wamid.1", "wamid.2"] {
        let answer = function.invoke(telling(event("webhook-meta-text.json"), &message(id))).await.unwrap();
        assert_eq!(answer["statusCode"], 200, "{answer}");
    }
    let (counted, logged) = apart(function.printed());
    // The second time nothing is new, so there is nothing to print.
    assert_eq!(counted.len(), 2, "{counted:?}");
    assert!(logged.iter().all(|line| line["level"] == "ERROR"), "{logged:?}");
    for line in counted {
        assert_counts(&line, &["Received"]);
        assert_eq!(
            (&line["Received"], &line["tenant"], &line["channel"]),
            (&json!(1), &json!("demo"), &json!("1"))
        );
    }
}

#[tokio::test]
async fn a_sweep_that_came_to_its_end_says_so_even_if_nothing_was_due() {
    let stand = Stand::start().await;
    let function = Function::start_logging("reconcile", &stand, "info").await;
    assert_eq!(function.invoke(event("reconcile-schedule.json")).await, Ok(Value::Null));
    let (counted, _) = apart(function.printed());
    let [line] = counted.as_slice() else { panic!("{counted:?}") };
    assert_counts(line, &["SweepDone"]);
    assert_eq!(line["SweepDone"], 1);
}

#[tokio::test]
async fn each_request_is_one_line_and_every_line_has_its_id() {
    let stand = Stand::start().await;
    let id = stand.customer_writes("+50212345678", "hola").await;
    let function = Function::start_logging("reply", &stand, "info").await;
    let replies =
        [towards(event("reply.json"), &format!("/api/conversations/{id}/reply")), event("reply-php.json")];
    for (reply, status) in replies.into_iter().zip([200, 500]) {
        assert_eq!(function.invoke(reply).await.unwrap()["statusCode"], status);
    }
    let (counted, logged) = apart(function.printed());
    assert_counts(&counted[0], &["Sent", "Accepted", "ProviderMs"]);
    let answered: Vec<&Value> =
        logged.iter().filter(|line| line["message"] == "a request was answered").collect();
    let statuses: Vec<&Value> = answered.iter().map(|line| &line["status"]).collect();
    assert_eq!(statuses, [&json!(200), &json!(500)], "{logged:?}");
    for line in &answered {
        assert!(line["millis"].is_u64(), "{line}");
        let spans = line["spans"].as_array().unwrap();
        let request = spans.iter().find(|span| span["name"] == "request").unwrap();
        assert_eq!(request["tenant"], "demo", "{line}");
    }
    assert!(logged.iter().all(has_id), "{logged:?}");
    let routes: Vec<&Value> = answered.iter().map(|line| &line["spans"][1]["route"]).collect();
    assert_eq!(routes, ["/api/conversations/{id}/reply", "/api/reply-conversation.php"]);
    assert!(!logged.iter().any(|line| line.to_string().contains("50212345678")));
}

#[tokio::test]
async fn a_line_has_its_request_s_id_also_where_little_is_logged() {
    let stand = Stand::start().await;
    let id = stand.customer_writes("+50212345678", "hola").await;
    let function = Function::start_logging("reply", &stand, "warn").await;
    stand.provider_will(Fault::Refuse { code: 131_026, http_status: None, details: None });
    let reply = towards(event("reply.json"), &format!("/api/conversations/{id}/reply"));
    assert_eq!(function.invoke(reply).await.unwrap()["statusCode"], 500);
    let (counted, logged) = apart(function.printed());
    assert_counts(&counted[0], &["Sent", "Failed", "ProviderMs"]);
    assert!(!logged.is_empty() && logged.iter().all(has_id), "{logged:?}");
}
