//! Meta's 24-hour rule: what becomes of free-form messages, and what opens the window
//! (facts: meta.md 8.1, 3.3; kaleyra.md 3.3, 4.4, 4.5).

use std::{error::Error, time::Duration};

use http::Method;
use serde_json::{Value, json};

use super::{
    TestResult, at,
    bench::{Bench, PHONE},
};
use crate::{CallOutcome, LogEntry, Status};

const ALMOST_A_DAY: Duration = Duration::from_mins(24 * 60 - 1);

/// The customer writes this to the first number, without a webhook.
async fn write(bench: &Bench, message: &Value) -> TestResult {
    let mut message = message.clone();
    message.as_object_mut().ok_or("no object")?.insert("webhook".into(), false.into());
    let (status, answer) = bench.control(Method::POST, &format!("phones/{PHONE}/messages"), &message).await?;
    assert_eq!((status, at(&answer, "/webhook_status")), (200, &Value::Null), "{answer}");
    Ok(())
}

/// Whether a text from the first number arrives now.
async fn arrives(bench: &Bench) -> Result<bool, Box<dyn Error>> {
    assert_eq!(bench.send_text("hola").await?.status(), 200, "it is accepted in any case");
    let body = bench.statuses().await?;
    Ok(match body.last().map(String::as_str) {
        Some("read") => true,
        Some("failed") => false,
        other => return Err(format!("{other:?}").into()),
    })
}

fn template() -> Value {
    json!({"messaging_product": "whatsapp", "to": PHONE, "type": "template",
        "template": {"name": "hello_world", "language": {"code": "en_US"}}})
}

#[tokio::test]
async fn free_text_to_a_stranger_is_accepted_and_fails() -> TestResult {
    let bench = Bench::start().await?;
    let receipt: Value = bench.send_text("hola").await?.json().await?;
    let wamid = at(&receipt, "/messages/0/id").as_str().ok_or("no id")?.to_owned();
    let webhooks = bench.webhooks().await;
    assert_eq!(webhooks.len(), 1, "no other status comes");
    let webhook = webhooks.first().ok_or("no webhook")?;
    assert!(webhook.is_genuine()?);
    let body = webhook.value()?;
    let status = at(&body, "/statuses/0");
    assert_eq!(at(status, "/status"), "failed");
    assert_eq!(at(status, "/id"), &json!(wamid));
    assert_eq!(at(status, "/biz_opaque_callback_data"), "our-key");
    assert_eq!(at(status, "/pricing"), &Value::Null);
    let error = at(status, "/errors/0");
    assert_eq!(at(error, "/code"), &json!(131_047));
    assert_eq!(at(error, "/title"), "Re-engagement message");
    assert_eq!(at(error, "/message"), "Re-engagement message");
    let details = "Message failed to send because more than 24 hours have passed since the customer last \
                   replied to this number.";
    assert_eq!(at(error, "/error_data/details"), details);
    assert_eq!(at(&body, "/contacts"), &Value::Null);
    assert_eq!(at(&bench.phone(PHONE).await?, "/messages"), &json!([]));
    let outcomes: Vec<CallOutcome> = bench.sandbox.log().into_iter().filter_map(outcome).collect();
    assert_eq!(outcomes, [CallOutcome::Accepted { wamid }]);
    Ok(())
}

fn outcome(entry: LogEntry) -> Option<CallOutcome> {
    match entry {
        LogEntry::Call(call) => Some(call.outcome),
        LogEntry::Webhook(webhook) => {
            assert_eq!(webhook.kind, crate::WebhookKind::Status(Status::Failed));
            None
        }
        LogEntry::Read(_) | LogEntry::List(_) | LogEntry::Control(_) => None,
    }
}

#[tokio::test]
async fn a_customer_s_message_opens_the_window_for_a_day() -> TestResult {
    let bench = Bench::start().await?;
    write(&bench, &json!({"text": "hola"})).await?;
    bench.pass(ALMOST_A_DAY);
    assert!(arrives(&bench).await?);
    bench.pass(Duration::from_mins(2));
    assert!(!arrives(&bench).await?);
    write(&bench, &json!({"text": "again"})).await?;
    assert!(arrives(&bench).await?);
    Ok(())
}

#[tokio::test]
async fn the_time_of_the_message_counts_and_what_comes_late_moves_nothing_back() -> TestResult {
    let bench = Bench::start().await?;
    write(&bench, &json!({"text": "old", "timestamp": 1_700_000_000})).await?;
    assert!(!arrives(&bench).await?);
    write(&bench, &json!({"text": "new"})).await?;
    write(&bench, &json!({"text": "older", "timestamp": 1_700_000_001})).await?;
    assert!(arrives(&bench).await?);
    Ok(())
}

#[tokio::test]
async fn the_window_is_that_of_one_number() -> TestResult {
    let bench = Bench::start().await?;
    write(&bench, &json!({"text": "hola", "to": "1002"})).await?;
    assert!(!arrives(&bench).await?);
    Ok(())
}

#[tokio::test]
async fn templates_go_through_and_open_no_window() -> TestResult {
    let bench = Bench::start().await?;
    assert_eq!(bench.send(&template()).await?.status(), 200);
    assert_eq!(bench.statuses().await?.last().map(String::as_str), Some("read"));
    assert!(!arrives(&bench).await?);
    let phone = bench.phone(PHONE).await?;
    assert_eq!(at(&phone, "/messages").as_array().map(Vec::len), Some(1), "the text is not on the phone");
    Ok(())
}

#[tokio::test]
async fn removing_and_changing_messages_opens_no_window() -> TestResult {
    let bench = Bench::start().await?;
    for message in [
        json!({"type": "reaction", "reaction": {"message_id": "wamid.1", "emoji": ""}}),
        json!({"type": "revoke", "revoke": {"original_message_id": "wamid.1"}}),
        json!({"type": "system", "system": {"type": "user_changed_number", "wa_id": "525500000009"}}),
    ] {
        write(&bench, &message).await?;
        assert!(!arrives(&bench).await?, "{message}");
    }
    write(&bench, &json!({"type": "reaction", "reaction": {"message_id": "wamid.1", "emoji": "👍"}})).await?;
    assert!(arrives(&bench).await?);
    Ok(())
}

#[tokio::test]
async fn only_whoever_says_so_switches_the_rule_off() -> TestResult {
    let bench = Bench::start().await?;
    let (_, settings) = bench.control(Method::GET, "settings", &Value::Null).await?;
    assert_eq!(at(&settings, "/service_window"), "enforced");
    let ignored = json!({"service_window": "ignored"});
    let (status, settings) = bench.control(Method::PUT, "settings", &ignored).await?;
    assert_eq!((status, at(&settings, "/service_window")), (200, &json!("ignored")));
    assert!(arrives(&bench).await?);
    let (_, settings) = bench.control(Method::PUT, "settings", &json!({"media": {"url_seconds": 1}})).await?;
    assert_eq!(at(&settings, "/service_window"), "ignored", "what a change does not name stays");
    for wrong in [json!([]), json!({"service_windows": "ignored"}), json!({"media": {"url": 1}})] {
        assert_eq!(bench.control(Method::PUT, "settings", &wrong).await?.0, 400, "{wrong}");
    }
    Ok(())
}
