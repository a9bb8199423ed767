//! Messages with an outcome that stays unknown, and accepted messages without any status.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use ventanilla::{
    domain::attempt::{GRACE, LEASE},
    ports::clock::{Clock, Deadline},
    usecases::reconcile::Swept,
};
use ventanilla_sandbox::{CallOutcome, Fault as ProviderFault, FaultRule, LogEntry, Status, WebhookShape};

use crate::harness::{Answer, Fault, Stand};

const ANA: &str = "+50212345678";
const OFTEN: [(&str, &str); 1] = [("delivery-policy", "at-least-once")];

/// Longer than the grace time.
const LATER: Duration = GRACE.saturating_mul(2);

async fn reply_often(stand: &Stand, conversation: u64) -> Answer {
    let path = format!("/api/whatsapp/conversations/{conversation}/messages");
    stand.api.post_with(&path, &OFTEN, &json!({ "content": "are you there?" })).await
}

/// How often the provider took the message.
fn taken(stand: &Stand) -> usize {
    let log = stand.running.sandbox.log().into_iter();
    log.filter(
        |entry| matches!(entry, LogEntry::Call(call) if matches!(call.outcome, CallOutcome::Accepted { .. })),
    )
    .count()
}

async fn detail(stand: &Stand, doubtful: &Answer) -> Value {
    assert_eq!(doubtful.json()["code"], "outcome_unknown");
    let id = doubtful.json()["message_id"].as_u64().unwrap();
    stand.api.get(&format!("/v1/messages/{id}")).await.json()
}

fn outcomes(detail: &Value) -> Vec<&str> {
    let history = detail["attempt"]["history"].as_array().unwrap();
    history.iter().map(|one| one["outcome"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_reply_that_may_be_sent_again_is_once_the_grace_time_is_over() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    stand.provider_will(ProviderFault::Cut { accepted: false });
    let answer = reply_often(&stand, conversation).await;
    assert_eq!(answer.status, 502);
    assert_eq!(stand.sweep().await, Swept::default(), "not before the grace time is over");
    stand.clock.advance(LATER);
    assert_eq!(stand.sweep().await, Swept { repeated: 1, ..Swept::default() });
    stand.running.sandbox.until_idle().await;
    assert_eq!((taken(&stand), stand.phone_got(ANA).await), (1, vec!["are you there?".to_owned()]));
    let messages = stand.messages(conversation).await;
    assert_eq!((messages.len(), &messages[1]["status"]), (2, &json!("read")));
    let detail = detail(&stand, &answer).await;
    assert_eq!(
        (&detail["attempt"]["state"], outcomes(&detail)),
        (&json!("accepted"), vec!["unknown", "accepted"])
    );
    assert_eq!(detail["attempt"]["policy"], "at-least-once");
}

#[tokio::test]
async fn a_sweep_without_the_time_for_it_leaves_the_repeat_to_the_next() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    stand.provider_will(ProviderFault::Cut { accepted: false });
    let answer = reply_often(&stand, conversation).await;
    stand.clock.advance(LATER);
    let short = Deadline(stand.clock.now().plus(Duration::from_secs(10)));
    assert_eq!(reconcile::handle(&stand.running.functions.reconcile, short).await.unwrap(), Swept::default());
    assert_eq!(outcomes(&detail(&stand, &answer).await), ["unknown"], "no try is used up");
    assert_eq!(stand.sweep().await.repeated, 1);
}

#[tokio::test]
async fn a_sign_of_the_provider_is_enough_and_nothing_is_sent_again() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    stand.provider_will(ProviderFault::Cut { accepted: true });
    reply_often(&stand, conversation).await;
    stand.running.sandbox.until_idle().await;
    stand.clock.advance(LATER);
    assert_eq!(stand.sweep().await, Swept::default());
    assert_eq!(taken(&stand), 1);
}

#[tokio::test]
async fn two_sweeps_at_once_send_again_once() {
    let stand = Stand::start().await;
    let (one, other) = (stand.actor().await, stand.actor().await);
    for round in 0..4 {
        let conversation = stand.customer_writes(&format!("+5021234567{round}"), "hola").await;
        stand.provider_will(ProviderFault::Cut { accepted: false });
        reply_often(&stand, conversation).await;
        stand.clock.advance(LATER);
        // So that each looks before the other has claimed it.
        one.tap.hold_answers(Duration::from_millis(30));
        other.tap.hold_answers(Duration::from_millis(30));
        let deadline = Deadline(stand.clock.now().plus(Duration::from_mins(1)));
        let swept = tokio::join!(
            reconcile::handle(&one.functions.reconcile, deadline),
            reconcile::handle(&other.functions.reconcile, deadline)
        );
        assert!(swept.0.is_ok() && swept.1.is_ok(), "{swept:?}");
        stand.running.sandbox.until_idle().await;
        assert_eq!(taken(&stand), round + 1);
    }
}

#[tokio::test]
async fn a_sweep_that_dies_on_a_repeat_leaves_an_unknown_outcome_and_no_more() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    stand.provider_will(ProviderFault::Cut { accepted: false });
    let all = vec![Status::Sent, Status::Delivered, Status::Read];
    stand.provider_will(ProviderFault::Webhooks(WebhookShape { drop: all, ..WebhookShape::default() }));
    let answer = reply_often(&stand, conversation).await;
    stand.clock.advance(LATER);
    let sweeper = stand.actor().await;
    sweeper.tap.next("TransactWriteItems", Fault::CrashBefore);
    let deadline = Deadline(stand.clock.now().plus(Duration::from_mins(1)));
    tokio::select! {
        swept = reconcile::handle(&sweeper.functions.reconcile, deadline) => panic!("it lived: {swept:?}"),
        () = sweeper.tap.crash() => {}
    }
    assert_eq!(outcomes(&detail(&stand, &answer).await), ["unknown", "under_way"]);
    assert_eq!(detail(&stand, &answer).await["attempt"]["state"], "unknown");
    assert_eq!(stand.sweep().await, Swept::default(), "it may still be under way");
    stand.clock.advance(LEASE * 2);
    assert_eq!(stand.sweep().await, Swept { abandoned: 1, ..Swept::default() });
    assert_eq!(outcomes(&detail(&stand, &answer).await), ["unknown", "unknown"]);
    assert_eq!(stand.messages(conversation).await[1]["status"], "unknown");
}

#[tokio::test]
async fn after_three_tries_of_unknown_outcome_a_person_decides() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    stand.running.sandbox.inject(FaultRule::new(ProviderFault::Cut { accepted: false }).times(9));
    let answer = reply_often(&stand, conversation).await;
    for _ in 0..6 {
        stand.clock.advance(LATER);
        stand.sweep().await;
    }
    let detail = detail(&stand, &answer).await;
    assert_eq!((&detail["attempt"]["state"], &detail["unresolved"]), (&json!("unknown"), &json!(true)));
    assert_eq!(outcomes(&detail), ["unknown", "unknown", "unknown"]);
    let shown = &stand.messages(conversation).await[1];
    assert_eq!((&shown["status"], &shown["unresolved"]), (&json!("unknown"), &json!(true)));
}

#[tokio::test]
async fn a_rejected_second_try_leaves_the_first_one_s_outcome_unknown() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    stand.provider_will(ProviderFault::Cut { accepted: false });
    stand.provider_will(ProviderFault::Refuse { code: 131_026, http_status: None, details: None });
    let answer = reply_often(&stand, conversation).await;
    stand.clock.advance(LATER);
    stand.sweep().await;
    let detail = detail(&stand, &answer).await;
    assert_eq!((&detail["unresolved"], outcomes(&detail)), (&json!(true), vec!["unknown", "failed"]));
    assert_eq!(detail["attempt"]["history"][1]["code"], "recipient_unreachable");
}

#[tokio::test]
async fn nothing_is_sent_again_into_a_window_that_has_closed() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    stand.provider_will(ProviderFault::Cut { accepted: false });
    let answer = reply_often(&stand, conversation).await;
    stand.clock.advance(Duration::from_hours(25));
    stand.sweep().await;
    assert_eq!(detail(&stand, &answer).await["unresolved"], true);
    assert_eq!(taken(&stand), 0);
}

#[tokio::test]
async fn only_a_reply_may_choose_and_only_between_the_two() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    let send = json!({ "phoneNumber": ANA, "content": "x" });
    let answer = stand.api.post_with("/api/whatsapp/send", &OFTEN, &send).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["details"][0]["field"]),
        (400, &json!("Delivery-Policy"))
    );
    let once = [("delivery-policy", "at-most-once")];
    assert_eq!(stand.api.post_with("/api/whatsapp/send", &once, &send).await.status, 200);
    let path = format!("/api/conversations/{conversation}/reply");
    for bad in [&[("delivery-policy", "twice")][..], &[OFTEN[0], OFTEN[0]]] {
        let answer = stand.api.call(Method::POST, &path, bad, br#"{"message":"x"}"#.to_vec()).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["field"]), (500, &json!("Delivery-Policy")));
    }
    assert_eq!(taken(&stand), 1);
}

#[tokio::test]
async fn the_policy_is_part_of_a_key_s_request() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    let path = format!("/api/conversations/{conversation}/reply");
    let body = json!({ "message": "x" });
    let key = ("idempotency-key", "k");
    assert_eq!(stand.api.post_with(&path, &[key], &body).await.status, 200);
    let answer = stand.api.post_with(&path, &[key, OFTEN[0]], &body).await;
    assert_eq!(answer.json()["code"], "idempotency_key_reused");
}

/// The events of one kind.
async fn events(stand: &Stand, kind: &str) -> usize {
    stand.rows().await.values().filter(|row| row["kind"]["S"] == kind).count()
}

#[tokio::test]
async fn a_message_without_any_further_status_is_reported_once() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    let all = vec![Status::Sent, Status::Delivered, Status::Read];
    stand.provider_will(ProviderFault::Webhooks(WebhookShape { drop: all, ..WebhookShape::default() }));
    assert_eq!(stand.reply(conversation, "into the void").await.status, 200);
    stand.reply(conversation, "heard of").await;
    stand.running.sandbox.until_idle().await;
    stand.clock.advance(Duration::from_mins(29));
    assert_eq!(stand.sweep().await, Swept::default(), "not before its time");
    stand.clock.advance(Duration::from_mins(2));
    assert_eq!(stand.sweep().await, Swept { silent: 1, ..Swept::default() });
    stand.clock.advance(Duration::from_hours(5));
    assert_eq!(stand.sweep().await, Swept::default(), "it is told once");
    assert_eq!(events(&stand, "message.silent").await, 1);
    let messages = stand.messages(conversation).await;
    assert!(messages[1]["silent_since"].is_string(), "{}", messages[1]);
    assert!(messages[2]["silent_since"].is_null(), "{}", messages[2]);
}

#[tokio::test]
async fn a_silent_message_is_updated_when_its_status_comes_after_all() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    let all = vec![Status::Sent, Status::Delivered, Status::Read];
    stand.provider_will(ProviderFault::Webhooks(WebhookShape { drop: all, ..WebhookShape::default() }));
    stand.reply(conversation, "into the void").await;
    stand.running.sandbox.until_idle().await;
    stand.clock.advance(Duration::from_mins(31));
    stand.sweep().await;
    let wamid = stand.messages(conversation).await[1]["provider_message_id"].clone();
    let status = json!({ "entry": [{ "changes": [{ "field": "messages", "value": {
        "metadata": { "phone_number_id": "1001" },
        "statuses": [{ "id": wamid, "status": "delivered", "timestamp": "1772533800" }],
    } }] }] });
    assert_eq!(stand.callback("demo", "demo-app-secret", &status).await.status, 200);
    let message = stand.messages(conversation).await.remove(1);
    assert_eq!((&message["status"], &message["silent_since"]), (&json!("delivered"), &Value::Null));
}

#[tokio::test]
async fn a_retry_that_may_have_been_started_is_not_sent_later() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    let path = format!("/api/whatsapp/conversations/{conversation}/messages");
    let headers = [OFTEN[0], ("idempotency-key", "k")];
    let ask = async || stand.api.post_with(&path, &headers, &json!({ "content": "are you there?" })).await;
    stand.provider_will(ProviderFault::Refuse { code: 130_429, http_status: None, details: None });
    let refused = ask().await;
    assert!(refused.status.is_client_error() || refused.status.is_server_error(), "{}", refused.text);
    // The retry takes the attempt up with a single write, which lands and is not answered.
    stand.tap.next("PutItem", Fault::Blackout);
    let told = ask().await;
    assert_eq!((told.status.as_u16(), &told.json()["code"]), (503, &json!("unavailable")), "not sent");
    assert_eq!(stand.tap.faults_left(), 0);
    for _ in 0..3 {
        stand.clock.advance(LATER);
        stand.sweep().await;
    }
    assert_eq!(taken(&stand), 0, "its caller was told that it was not sent");
    // The key is as good as before.
    stand.api.post(&format!("/sandbox/phones/{ANA}/messages"), &json!({ "text": "yes" })).await;
    assert_eq!(ask().await.status, 200);
    assert_eq!(taken(&stand), 1);
}
