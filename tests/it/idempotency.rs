//! `Idempotency-Key`: however often a request comes, one message goes out.

use std::time::Duration;

use serde_json::{Value, json};
use ventanilla_sandbox::{ErrorBody, Fault};

use crate::harness::{Answer, IdNumber as _, Stand};

const ANA: &str = "+50212345678";

async fn send(stand: &Stand, key: &str, content: &str) -> Answer {
    let body = json!({ "phoneNumber": ANA, "content": content, "requestId": 7 });
    stand.api.post_with("/api/whatsapp/send", &[("idempotency-key", key)], &body).await
}

#[tokio::test]
async fn the_same_key_and_body_give_the_same_answer_and_one_message() {
    let stand = Stand::start().await;
    stand.window_opens(ANA).await;
    let first = send(&stand, "k1", "once").await;
    assert_eq!((first.status.as_u16(), first.header("idempotent-replayed")), (200, None));
    for _ in 0..3 {
        let again = send(&stand, "k1", "once").await;
        assert_eq!((again.status, again.json()), (first.status, first.json()));
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
    }
    assert_eq!(stand.phone_got(ANA).await, ["once"]);
    // Another route is another request: the same key there is no repeat.
    let id = first.json()["data"]["conversation"]["conversation_id"].as_u64().unwrap();
    let path = format!("/api/conversations/{id}/reply");
    let reply = stand.api.post_with(&path, &[("idempotency-key", "k2")], &json!({ "message": "hi" })).await;
    let again = stand.api.post_with(&path, &[("idempotency-key", "k2")], &json!({ "message": "hi" })).await;
    assert_eq!((reply.status.as_u16(), again.status.as_u16()), (200, 200));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(stand.phone_got(ANA).await, ["once", "hi"]);
}

#[tokio::test]
async fn the_same_key_with_another_body_is_a_422_and_nothing_is_done() {
    let stand = Stand::start().await;
    stand.window_opens(ANA).await;
    assert_eq!(send(&stand, "k1", "one").await.status, 200);
    let other = send(&stand, "k1", "two").await;
    assert_eq!((other.status.as_u16(), &other.json()["code"]), (422, &json!("idempotency_key_reused")));
    assert_eq!(stand.phone_got(ANA).await, ["one"]);
}

#[tokio::test]
async fn sixteen_at_once_give_one_message() {
    let stand = Stand::start().await;
    stand.window_opens(ANA).await;
    // The first one holds its place for a while.
    stand.provider_will(Fault::Hang { ms: 150, accepted: true });
    let answers = futures(16, || send(&stand, "k1", "once")).await;
    let (mut accepted, mut waiting) = (0, 0);
    for answer in &answers {
        match answer.status.as_u16() {
            200 => accepted += 1,
            409 => {
                assert_eq!(answer.json()["code"], "request_in_progress");
                assert_eq!(answer.header("retry-after"), Some("1"));
                waiting += 1;
            }
            other => panic!("{other}: {}", answer.text),
        }
    }
    assert!(accepted >= 1 && accepted + waiting == 16, "{accepted} accepted, {waiting} told to wait");
    assert_eq!(stand.phone_got(ANA).await, ["once"]);
    let id = stand.conversation_with(ANA).await["id"].id_number();
    assert_eq!(stand.messages(id).await.len(), 1);
    assert_eq!(send(&stand, "k1", "once").await.header("idempotent-replayed"), Some("true"));
}

#[tokio::test]
async fn a_permanent_rejection_is_repeated_and_a_temporary_one_is_tried_again() {
    let stand = Stand::start().await;
    stand.window_opens(ANA).await;
    stand.provider_will(Fault::Refuse { code: 131_026, http_status: None, details: None });
    let refused = send(&stand, "final", "x").await;
    let again = send(&stand, "final", "x").await;
    assert_eq!((refused.status, refused.json()), (again.status, again.json()));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert!(stand.phone_got(ANA).await.is_empty());

    stand.provider_will(Fault::RateLimit { retry_after: Some(7) });
    let limited = send(&stand, "passing", "y").await;
    assert_eq!((limited.status.as_u16(), limited.header("retry-after")), (429, Some("7")));
    let now = send(&stand, "passing", "y").await;
    assert_eq!((now.status.as_u16(), now.header("idempotent-replayed")), (200, None));
    assert_eq!(send(&stand, "passing", "y").await.json(), now.json());
    assert_eq!(stand.phone_got(ANA).await, ["y"]);
}

#[tokio::test]
async fn a_fault_that_may_hide_a_sent_message_is_not_sent_again_under_its_key() {
    let stand = Stand::start().await;
    stand.window_opens(ANA).await;
    // WhatsApp reports that it failed, the customer has it, and no further status comes.
    stand.running.sandbox.set_webhook_url("1001", "http://127.0.0.1:9/nowhere");
    stand.provider_will(Fault::ServerError { status: 500, body: ErrorBody::Json, accepted: true });
    let first = send(&stand, "k1", "once").await;
    assert_eq!((first.status.as_u16(), &first.json()["code"]), (502, &json!("provider_fault")));
    let again = send(&stand, "k1", "once").await;
    assert_eq!((again.json(), again.header("idempotent-replayed")), (first.json(), Some("true")));
    assert_eq!(stand.phone_got(ANA).await, ["once"]);
}

#[tokio::test]
async fn a_doubtful_outcome_is_never_sent_again_under_its_key() {
    let stand = Stand::start().await;
    stand.window_opens(ANA).await;
    stand.running.sandbox.inject(ventanilla_sandbox::FaultRule::new(Fault::Cut { accepted: true }));
    // Its webhooks never arrive, so only the retry could find out.
    let first = send(&stand, "k1", "once").await;
    assert_eq!((first.status.as_u16(), &first.json()["code"]), (502, &json!("outcome_unknown")));
    stand.running.sandbox.until_idle().await;
    let again = send(&stand, "k1", "once").await;
    // By now a status has reported that WhatsApp accepted it.
    assert_eq!((again.status.as_u16(), again.header("idempotent-replayed")), (200, Some("true")));
    assert_eq!(stand.phone_got(ANA).await, ["once"]);
}

#[tokio::test]
async fn a_key_is_forgotten_after_48_hours_and_not_before() {
    let stand = Stand::start().await;
    stand.window_opens(ANA).await;
    let first: Value = send(&stand, "k1", "x").await.json();
    stand.clock.advance(Duration::from_mins(47 * 60 + 59));
    assert_eq!(send(&stand, "k1", "x").await.json(), first);
    stand.clock.advance(Duration::from_mins(2));
    stand.window_opens(ANA).await;
    // The row is still there: TTL deletes late. What counts is the time written in it.
    let later = send(&stand, "k1", "x").await;
    assert_eq!((later.status.as_u16(), later.header("idempotent-replayed")), (200, None));
    assert_eq!(stand.phone_got(ANA).await, ["x", "x"]);
}

#[tokio::test]
async fn a_malformed_key_is_rejected_before_anything_is_done() {
    let stand = Stand::start().await;
    let body = json!({ "phoneNumber": ANA, "content": "x" });
    let long = "k".repeat(256);
    for headers in [
        vec![("idempotency-key", "")],
        vec![("idempotency-key", long.as_str())],
        vec![("idempotency-key", "a"), ("idempotency-key", "b")],
    ] {
        let answer = stand.api.post_with("/api/whatsapp/send", &headers, &body).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["details"][0]["field"]),
            (400, &json!("Idempotency-Key"))
        );
    }
    assert!(stand.phone_got(ANA).await.is_empty());
}

async fn futures<F: Future<Output = Answer>>(count: usize, make: impl Fn() -> F) -> Vec<Answer> {
    let mut running: Vec<_> = (0..count).map(|_| Box::pin(make())).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|context| {
        running.retain_mut(|future| match future.as_mut().poll(context) {
            std::task::Poll::Ready(answer) => {
                done.push(answer);
                false
            }
            std::task::Poll::Pending => true,
        });
        if running.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done
}
