//! The store misbehaves: no answer, a wrong answer, a conflict. No message is lost or doubled by it.

use serde_json::json;
use ventanilla::{domain::attempt::LEASE, usecases::reconcile::Swept};
use ventanilla_sandbox::{CallOutcome, LogEntry};

use crate::harness::{Fault, IdNumber as _, Stand};

const ANA: &str = "+50212345678";

fn taken(stand: &Stand) -> usize {
    let log = stand.running.sandbox.log();
    log.iter()
        .filter(|e| matches!(e, LogEntry::Call(call) if matches!(call.outcome, CallOutcome::Accepted { .. })))
        .count()
}

#[tokio::test]
async fn a_lost_response_is_not_treated_as_a_conflict() {
    for (operation, key) in [("PutItem", None), ("TransactWriteItems", Some("k"))] {
        for fault in [Fault::ErrorAfter, Fault::ReplyLost, Fault::Stalled] {
            let stand = Stand::start().await;
            let conversation = stand.customer_writes(ANA, "hola").await;
            let path = format!("/api/conversations/{conversation}/reply");
            let headers: Vec<(&str, &str)> = key.map(|key| ("idempotency-key", key)).into_iter().collect();
            // The intent: a single write without a key, a transaction with one.
            stand.tap.next(operation, fault);
            let answer = stand.api.post_with(&path, &headers, &json!({ "message": "once" })).await;
            assert_eq!(answer.status, 200, "{operation} {fault:?}: {}", answer.text);
            assert_eq!(stand.tap.faults_left(), 0);
            assert_eq!((taken(&stand), stand.phone_got(ANA).await.len()), (1, 1), "{operation} {fault:?}");
            assert_eq!(stand.messages(conversation).await.len(), 2);
            // No second intent is left behind, which the sweep would have to call doubtful.
            stand.clock.advance(LEASE * 2);
            assert_eq!(stand.sweep().await, Swept::default(), "{operation} {fault:?}");
        }
    }
}

#[tokio::test]
async fn a_conflicting_or_throttled_write_is_tried_again() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    for (operation, fault) in [
        ("TransactWriteItems", Fault::Conflict),
        ("TransactWriteItems", Fault::ErrorBefore),
        ("TransactWriteItems", Fault::Throttled),
        ("TransactWriteItems", Fault::ReplyLost),
        ("PutItem", Fault::Throttled),
        ("PutItem", Fault::ErrorBefore),
        ("GetItem", Fault::ErrorBefore),
        ("GetItem", Fault::ReplyLost),
    ] {
        let before = taken(&stand);
        stand.tap.next(operation, fault);
        let answer = stand.reply(conversation, "on").await;
        assert_eq!(answer.status, 200, "{operation} {fault:?}: {}", answer.text);
        assert_eq!(taken(&stand), before + 1);
    }
    assert_eq!(stand.tap.faults_left(), 0);
    assert_eq!(stand.messages(conversation).await.len(), 9);
    stand.running.sandbox.until_idle().await;
    assert!(stand.messages(conversation).await.iter().skip(1).all(|message| message["status"] == "read"));
}

#[tokio::test]
async fn a_store_that_is_down_before_the_send_sends_nothing() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    for _ in 0..3 {
        stand.tap.next("PutItem", Fault::ErrorBefore);
    }
    let path = format!("/api/whatsapp/conversations/{conversation}/messages");
    let answer = stand.api.post(&path, &json!({ "content": "x" })).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (503, &json!("unavailable")));
    assert!(answer.header("retry-after").is_some());
    assert_eq!(taken(&stand), 0);
}

#[tokio::test]
async fn a_commit_that_fails_for_good_is_repaired_by_the_webhook() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    stand.running.sandbox.set_webhook_url("1001", "http://127.0.0.1:9/nowhere");
    for _ in 0..3 {
        stand.tap.next("TransactWriteItems", Fault::ErrorBefore);
    }
    // The two contracts say it differently, and both know that the customer has it.
    let answer = stand.reply(conversation, "sent all the same").await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (500, &json!("sent_not_recorded")));
    assert_eq!(stand.tap.faults_left(), 0);
    assert_eq!(stand.phone_got(ANA).await, ["sent all the same"]);
    assert_eq!(stand.messages(conversation).await.len(), 1, "our record of it is missing");
    let url = format!("http://{}/webhooks/meta/demo", stand.running.address);
    stand.running.sandbox.set_webhook_url("1001", url);
    stand.running.sandbox.until_idle().await;
    stand.clock.advance(LEASE * 2);
    stand.sweep().await;
    let messages = stand.messages(conversation).await;
    assert_eq!((messages.len(), &messages[1]["status"]), (2, &json!("read")), "{messages:?}");
}

#[tokio::test]
async fn a_webhook_that_cannot_be_stored_is_not_acknowledged_and_loses_nothing_when_repeated() {
    let stand = Stand::start().await;
    for _ in 0..3 {
        stand.tap.next("TransactWriteItems", Fault::ErrorBefore);
    }
    let path = format!("/sandbox/phones/{ANA}/messages");
    let answer = stand.api.post(&path, &json!({ "text": "do not lose me" })).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["webhook_status"]), (502, &json!(500)));
    stand.running.sandbox.until_idle().await;
    let id = stand.conversation_with(ANA).await["id"].id_number();
    assert_eq!(stand.messages(id).await.len(), 1);
    assert_eq!(stand.conversation_with(ANA).await["unread_count"], 1);
}
