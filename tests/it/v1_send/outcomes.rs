//! The outcomes of sending: a message, an unknown one, a problem; and the response to a repeat.

use std::time::Duration;

use serde_json::{Value, json};
use ventanilla_sandbox::Fault;

use super::{ANA, ana_writes, calls, created, refused, reminder};
use crate::harness::{Answer, Fault as StoreFault, Stand};

async fn under_key(stand: &Stand, path: &str, key: &str, body: &Value) -> Answer {
    stand.api.post_with(path, &[("idempotency-key", key)], body).await
}

#[tokio::test]
async fn a_repeat_under_a_key_sends_nothing_and_returns_the_same_message() {
    let stand = Stand::start().await;
    let path = ana_writes(&stand).await;
    let to_ana = json!({ "to": { "phone": ANA }, "template": reminder() });
    for (path, body) in [(path.as_str(), json!({ "text": "once" })), ("/v1/messages", to_ana)] {
        let first = created(&stand, &under_key(&stand, path, "k", &body).await).await;
        let before = calls(&stand);
        let again = under_key(&stand, path, "k", &body).await;
        assert_eq!(again.header("idempotent-replayed"), Some("true"), "{}", again.text);
        assert_eq!(created(&stand, &again).await["id"], first["id"]);
        let mut other = body.clone();
        other["references"] = json!({ "ref": "another" });
        let reused = under_key(&stand, path, "k", &other).await;
        assert_eq!(refused(&reused).1, "idempotency_key_reused");
        assert_eq!(calls(&stand), before);
    }
}

#[tokio::test]
async fn an_open_outcome_is_the_message_with_the_status_unknown() {
    let stand = Stand::start().await;
    let path = ana_writes(&stand).await;
    stand.provider_will(Fault::Cut { accepted: false });
    let doubtful = under_key(&stand, &path, "k", &json!({ "text": "perhaps" })).await;
    assert_eq!(doubtful.status, 202, "{}", doubtful.text);
    let told = doubtful.json();
    assert_eq!((&told["status"], &told["text"]), (&json!("unknown"), &json!("perhaps")));
    let read = stand.api.get(&format!("/v1/messages/{}", told["id"].as_str().unwrap())).await.json();
    assert_eq!(read, told);
    let again = under_key(&stand, &path, "k", &json!({ "text": "perhaps" })).await;
    assert_eq!((again.status.as_u16(), again.header("idempotent-replayed")), (202, Some("true")));
    assert_eq!(again.json()["id"], told["id"]);
}

#[tokio::test]
async fn a_closed_window_is_reported_with_its_end_and_the_usable_templates() {
    let stand = Stand::start().await;
    stand.api.get("/api/whatsapp/templates").await;
    let path = ana_writes(&stand).await;
    stand.clock.advance(Duration::from_hours(25));
    let before = calls(&stand);
    for (path, body) in [
        (path.as_str(), json!({ "text": "still there?" })),
        ("/v1/messages", json!({ "to": { "phone": ANA }, "text": "still there?" })),
    ] {
        let answer = stand.api.post(path, &body).await;
        assert_eq!(refused(&answer).1, "window_closed");
        let told = answer.json();
        assert_eq!(answer.status, 409);
        assert!(told["window"]["closed_at"].is_string(), "{told}");
        let templates = told["window"]["templates"].as_array().unwrap();
        assert!(templates.contains(&json!("hello_world")), "{told}");
        let id = told["message_id"].as_str().unwrap();
        assert_eq!(stand.api.get(&format!("/v1/messages/{id}")).await.json()["status"], "failed");
    }
    assert_eq!(calls(&stand), before, "a call in vain");
    let hello = json!({ "template": { "name": "hello_world", "language": "en_US" } });
    created(&stand, &stand.api.post(&path, &hello).await).await;
}

#[tokio::test]
async fn the_provider_s_rejection_is_returned_with_its_own_code() {
    let stand = Stand::start().await;
    let path = ana_writes(&stand).await;
    stand.provider_will(Fault::Refuse { code: 131_026, http_status: None, details: None });
    let answer = stand.api.post(&path, &json!({ "text": "x" })).await;
    assert_eq!(refused(&answer), (422, json!("recipient_unreachable"), json!(null)));
    let told = answer.json();
    assert_eq!(told["provider"]["code"], 131_026);
    assert_eq!(told["provider"]["title"], told["detail"]);
    assert!(told["message_id"].as_str().unwrap().starts_with("msg_"));
    let limited = Fault::RateLimit { retry_after: Some(9) };
    stand.provider_will(limited);
    let answer = stand.api.post(&path, &json!({ "text": "x" })).await;
    assert_eq!((refused(&answer).0, answer.header("retry-after")), (429, Some("9")));
}

#[tokio::test]
async fn an_unfitting_template_is_rejected_before_anything_is_sent() {
    let stand = Stand::start().await;
    let path = ana_writes(&stand).await;
    let before = calls(&stand);
    for template in [
        json!({ "name": "appointment_reminder", "language": "es" }),
        json!({ "name": "of_nobody", "language": "es" }),
    ] {
        let answer = stand.api.post(&path, &json!({ "template": template })).await;
        assert_eq!(refused(&answer), (400, json!("template_problem"), json!("template")), "{}", answer.text);
        assert!(!answer.json()["problems"].as_array().unwrap().is_empty());
    }
    assert_eq!(calls(&stand), before);
    let rows = stand.rows().await;
    assert!(rows.values().all(|row| row["row"]["S"] != "attempt"), "an attempt was made");
}

#[tokio::test]
async fn a_sent_message_is_reported_as_sent_also_while_the_store_fails() {
    let stand = Stand::start().await;
    let path = ana_writes(&stand).await;
    stand.running.sandbox.set_webhook_url("1001", "http://127.0.0.1:9/nowhere");
    for _ in 0..3 {
        stand.tap.next("TransactWriteItems", StoreFault::ErrorBefore);
    }
    let answer = stand.api.post(&path, &json!({ "text": "x" })).await;
    assert_eq!(stand.tap.faults_left(), 0);
    assert_eq!(answer.status, 201, "{}", answer.text);
    let told = answer.json();
    assert_eq!((&told["status"], &told["text"]), (&json!("accepted"), &json!("x")));
    assert!(told["provider_message_id"].is_string(), "{told}");
}
