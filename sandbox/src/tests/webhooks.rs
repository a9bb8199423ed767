//! The log of webhooks, and receivers that fail or move.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{
    TestResult, at,
    bench::{Bench, PHONE},
};
use crate::{LogEntry, Status, WebhookEntry, WebhookKind};

fn webhooks(bench: &Bench) -> Vec<WebhookEntry> {
    let webhook = |entry| match entry {
        LogEntry::Webhook(webhook) => Some(webhook),
        LogEntry::Call(_) | LogEntry::Read(_) | LogEntry::List(_) | LogEntry::Control(_) => None,
    };
    bench.sandbox.log().into_iter().filter_map(webhook).collect()
}

#[tokio::test]
async fn every_attempt_is_logged_until_one_is_answered_200() -> TestResult {
    let bench = Bench::with_customer().await?;
    bench.control(Method::PUT, &format!("phones/{PHONE}"), &json!({"reach": "sent"})).await?;
    bench.answer_with([StatusCode::INTERNAL_SERVER_ERROR, StatusCode::NO_CONTENT]);
    let receipt: Value = bench.send_text("hola").await?.json().await?;
    bench.sandbox.until_idle().await;
    let tries = webhooks(&bench);
    let outcomes: Vec<_> =
        tries.iter().map(|entry| (entry.attempt, entry.http_status, entry.delivered)).collect();
    assert_eq!(outcomes, [(1, Some(500), false), (2, Some(204), false), (3, Some(200), true)]);
    for entry in &tries {
        assert_eq!(entry.kind, WebhookKind::Status(Status::Sent));
        assert_eq!(at(&receipt, "/messages/0/id"), &json!(entry.wamid));
    }
    Ok(())
}

#[tokio::test]
async fn a_webhook_that_is_never_answered_is_dropped_after_eight_attempts() -> TestResult {
    let bench = Bench::with_customer().await?;
    // Port 9 of the loopback address is the discard service, which nobody runs.
    assert!(bench.sandbox.set_webhook_url("1001", "http://127.0.0.1:9/"));
    assert!(!bench.sandbox.set_webhook_url("9999", "http://127.0.0.1:9/"));
    let path = format!("phones/{PHONE}/messages");
    let (status, answer) = bench.control(Method::POST, &path, &json!({"text": "x"})).await?;
    assert_eq!((status, at(&answer, "/webhook_status")), (502, &Value::Null));
    bench.sandbox.until_idle().await;
    let tries = webhooks(&bench);
    assert_eq!(tries.len(), 8);
    assert!(tries.iter().all(|entry| entry.http_status.is_none() && !entry.delivered));
    assert!(bench.received().is_empty());
    Ok(())
}

#[tokio::test]
async fn the_log_has_every_call_and_webhook_as_json() -> TestResult {
    let bench = Bench::with_customer().await?;
    bench.control(Method::PUT, &format!("phones/{PHONE}"), &json!({"reach": "delivered"})).await?;
    bench.send_text("hola").await?;
    bench.sandbox.until_idle().await;
    let (_, log) = bench.control(Method::GET, "log", &Value::Null).await?;
    let call = at(&log, "/0");
    assert_eq!(at(call, "/entry"), "call");
    assert_eq!(at(call, "/to"), PHONE);
    assert_eq!(at(call, "/type"), "text");
    assert_eq!(at(call, "/text"), "hola");
    assert_eq!(at(call, "/callback_data"), "our-key");
    let wamid = at(call, "/verdict/accepted/wamid");
    for (index, status) in ["sent", "delivered"].into_iter().enumerate() {
        let entry = at(&log, &format!("/{}", index + 1)).clone();
        assert_eq!(at(&entry, "/entry"), "callback");
        assert_eq!(at(&entry, "/status"), status);
        assert_eq!(at(&entry, "/wamid"), wamid);
    }
    assert_eq!(at(&log, "/3"), &Value::Null);
    Ok(())
}
