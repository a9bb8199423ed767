//! A number that is in the WhatsApp Business app as well (facts: onboarding.md 5; template-rules.md 5.2).

use std::error::Error;

use http::Method;
use serde_json::{Value, json};

use super::{
    TestResult, at,
    bench::{Bench, PHONE},
};

const DAY: i64 = 24 * 60 * 60;

/// The changes of all webhooks so far, oldest first.
async fn changes(bench: &Bench) -> Result<Vec<Value>, Box<dyn Error>> {
    let mut changes = Vec::new();
    for webhook in bench.webhooks().await {
        assert!(webhook.is_genuine()?);
        let payload: Value = serde_json::from_slice(&webhook.bytes)?;
        changes.push(at(&payload, "/entry/0/changes/0").clone());
    }
    Ok(changes)
}

/// A history of four messages and one that is too old; two are ours.
fn history(now: i64) -> Value {
    json!([
        {"customer": format!("+{PHONE}"), "messages": [
            {"text": "today", "timestamp": now - 60, "id": "wamid.1"},
            {"from": "us", "text": "yesterday", "timestamp": now - 2 * DAY, "status": "DELIVERED"},
            {"from": "us", "text": "in spring", "timestamp": now - 100 * DAY},
            {"text": "too old", "timestamp": now - 200 * DAY},
        ]},
        {"customer": "GT.1", "messages": [
            {"type": "image", "image": {"caption": "a roof"}, "timestamp": now - 3 * DAY},
        ]},
    ])
}

#[tokio::test]
async fn a_history_comes_in_chunks_by_age_and_then_its_files() -> TestResult {
    let bench = Bench::start().await?;
    let now = bench.sandbox.clock().unix_now();
    let body = json!({"threads": history(now), "chunk": 1});
    let (status, answer) = bench.control(Method::POST, "numbers/1001/history", &body).await?;
    assert_eq!((status, at(&answer, "/webhook_statuses")), (200, &json!([200, 200, 200, 200, 200])));
    let body = changes(&bench).await?;
    assert!(body.iter().all(|change| at(change, "/field") == "history"));
    assert!(body.iter().all(|change| at(change, "/value/metadata/phone_number_id") == "1001"));
    let chunks: Vec<&Value> = body.iter().filter_map(|change| change.pointer("/value/history/0")).collect();
    let metadata: Vec<Value> = chunks.iter().map(|chunk| at(chunk, "/metadata").clone()).collect();
    let of = |phase: u8, order: u8, progress: u8| json!({"phase": phase, "chunk_order": order, "progress": progress});
    assert_eq!(metadata, [of(0, 1, 25), of(1, 1, 50), of(1, 2, 75), of(2, 1, 100)]);
    let first = json!([{"id": PHONE, "messages": [{"from": PHONE, "id": "wamid.1",
        "timestamp": (now - 60).to_string(), "text": {"body": "today"}, "type": "text",
        "history_context": {"status": "READ"}}]}]);
    assert_eq!(at(chunks[0], "/threads"), &first);
    let ours = at(chunks[1], "/threads/0/messages/0");
    assert_eq!((at(ours, "/from"), at(ours, "/to")), (&json!("5215500000001"), &json!(PHONE)));
    assert_eq!(at(ours, "/history_context/status"), "DELIVERED");
    let placeholder = at(chunks[2], "/threads/0/messages/0");
    assert_eq!(
        (at(placeholder, "/type"), at(placeholder, "/image")),
        (&json!("media_placeholder"), &Value::Null)
    );
    let file = at(&body[4], "/value/messages/0");
    assert_eq!((at(file, "/id"), at(file, "/image/caption")), (at(placeholder, "/id"), &json!("a roof")));
    assert!(at(file, "/image/id").is_string());
    assert!(!body.iter().any(|change| change.to_string().contains("too old")));
    // What is past opens no window.
    bench.send_text("hello").await?;
    assert_eq!(bench.statuses().await?.last().map(String::as_str), Some("failed"));
    Ok(())
}

#[tokio::test]
async fn chunks_may_come_the_wrong_way_round_and_a_history_may_be_declined() -> TestResult {
    let bench = Bench::start().await?;
    let now = bench.sandbox.clock().unix_now();
    let body = json!({"threads": history(now), "reversed": true});
    bench.control(Method::POST, "numbers/1001/history", &body).await?;
    let phases: Vec<Value> = changes(&bench)
        .await?
        .iter()
        .filter_map(|change| change.pointer("/value/history/0/metadata/phase").cloned())
        .collect();
    assert_eq!(phases, [2, 1, 0]);
    bench.control(Method::POST, "numbers/1001/history", &json!({"declined": true})).await?;
    let body = changes(&bench).await?;
    let last = body.last().ok_or("nothing")?;
    assert_eq!(at(last, "/value/history/0/errors/0/code"), &json!(2_593_109));
    Ok(())
}

#[tokio::test]
async fn what_the_business_writes_in_its_app_is_an_echo_and_opens_no_window() -> TestResult {
    let bench = Bench::start().await?;
    let path = format!("phones/{PHONE}/echoes");
    let (status, answer) = bench.control(Method::POST, &path, &json!({"text": "from the app"})).await?;
    assert_eq!(status, 200, "{answer}");
    let body = changes(&bench).await?;
    assert_eq!(at(&body[0], "/field"), "smb_message_echoes");
    let echo = at(&body[0], "/value/message_echoes/0");
    assert_eq!((at(echo, "/from"), at(echo, "/to")), (&json!("5215500000001"), &json!(PHONE)));
    assert_eq!((at(echo, "/id"), at(echo, "/text/body")), (at(&answer, "/wamid"), &json!("from the app")));
    let phone = bench.phone(PHONE).await?;
    assert_eq!(
        (at(&phone, "/messages/0/direction"), at(&phone, "/messages/0/text")),
        (&json!("received"), &json!("from the app"))
    );
    bench.send_text("hello").await?;
    assert_eq!(bench.statuses().await?.last().map(String::as_str), Some("failed"));
    Ok(())
}

#[tokio::test]
async fn changes_of_the_app_s_address_book_cause_a_webhook() -> TestResult {
    let bench = Bench::start().await?;
    let contacts = json!([{"phone_number": PHONE, "full_name": "Ana Ruiz", "first_name": "Ana"},
        {"phone_number": "5025", "action": "remove"}]);
    let (status, _) =
        bench.control(Method::POST, "numbers/1001/state_sync", &json!({"contacts": contacts})).await?;
    assert_eq!(status, 200);
    let body = changes(&bench).await?;
    assert_eq!(at(&body[0], "/field"), "smb_app_state_sync");
    let first = at(&body[0], "/value/state_sync/0");
    assert_eq!((at(first, "/type"), at(first, "/action")), (&json!("contact"), &json!("add")));
    let contact = json!({"full_name": "Ana Ruiz", "first_name": "Ana", "phone_number": PHONE});
    assert_eq!(at(first, "/contact"), &contact);
    assert!(at(first, "/metadata/timestamp").is_string());
    assert_eq!(at(&body[0], "/value/state_sync/1/action"), "remove");
    Ok(())
}

#[tokio::test]
async fn a_mistake_is_named() -> TestResult {
    let bench = Bench::start().await?;
    for (path, body, named) in [
        (
            "numbers/1001/history",
            json!({"threads": [{"customer": "x", "messages": [{"text": "x"}]}]}),
            "`number`",
        ),
        ("numbers/1001/history", json!({"threads": [{"customer": PHONE, "messages": [{}]}]}), "`type`"),
        (
            "numbers/1001/history",
            json!({"threads": [{"customer": PHONE, "messages": [{"text": "x", "from": "me"}]}]}),
            "`from`",
        ),
        ("numbers/1003/history", json!({"declined": true}), "Kaleyra"),
        ("numbers/1001/state_sync", json!({"contacts": [{}]}), "`phone_number`"),
        ("phones/525512345678/echoes", json!({"text": "x", "timestamp": "soon"}), "`timestamp`"),
    ] {
        let (status, answer) = bench.control(Method::POST, path, &body).await?;
        assert_eq!(status, 400, "{path}");
        assert!(at(&answer, "/error").as_str().is_some_and(|text| text.contains(named)), "{path} {answer}");
    }
    Ok(())
}
