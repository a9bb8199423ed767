//! Late webhooks, while the sweep processes the same message.

use std::time::Duration;

use axum::body::Body;
use http::{Method, Request, header};
use serde_json::json;
use tokio::task::JoinSet;
use tower::ServiceExt;
use ventanilla::{
    domain::attempt::{GRACE, LEASE},
    ports::clock::Clock,
};
use ventanilla_sandbox::{CallEntry, CallOutcome, Fault as ProviderFault, FaultRule, LogEntry};

use super::{
    clients::{ROUNDS, Route, SOME, Wish, assert_sound, at_once, calls, digits, number, shown},
    history::{Call, End},
};
use crate::harness::{Client, DEMO_KEY, Fault, Stand, signed};

/// A customer whose phone sends no webhooks by itself, and the conversation with them.
async fn silent_customer(stand: &Stand, number: &str) -> u64 {
    let silent = json!({ "reach": "none" }).to_string();
    let set = stand.api.call(Method::PUT, &format!("/sandbox/phones/{number}"), &[], silent.into()).await;
    assert_eq!(set.status, 200, "{}", set.text);
    stand.customer_writes(number, "hola").await
}

/// What the provider still has to tell of its messages to a number, each twice; the first report comes
/// without our own data.
fn owed(stand: &Stand, number: &str) -> Vec<String> {
    let at = stand.clock.now().seconds();
    let mut bodies = Vec::new();
    for entry in stand.running.sandbox.log() {
        let LogEntry::Call(CallEntry { to: Some(to), callback_data, outcome, .. }) = entry else {
            continue;
        };
        let CallOutcome::Accepted { wamid } = outcome else { continue };
        if to != digits(number) {
            continue;
        }
        for (after, word, echo) in
            [(0, "sent", &None), (1, "delivered", &callback_data), (2, "read", &callback_data)]
        {
            let report = json!({ "id": wamid, "status": word, "timestamp": (at + after).to_string(), "recipient_id": to, "biz_opaque_callback_data": echo });
            let value = json!({ "metadata": { "phone_number_id": "1001" }, "statuses": [report] });
            let body =
                json!({ "entry": [{ "id": "2001", "changes": [{ "field": "messages", "value": value }] }] });
            bodies.extend([body.to_string(), body.to_string()]);
        }
    }
    bodies
}

/// Repeats one webhook until it is accepted, as the provider does.
async fn tell(api: Client, body: String) {
    let signature = signed("demo-app-secret", body.as_bytes());
    let headers = [("x-hub-signature-256", signature.as_str())];
    for _ in 0..8 {
        let bytes = body.clone().into_bytes();
        if api.call(Method::POST, "/webhooks/meta/demo", &headers, bytes).await.status == 200 {
            return;
        }
    }
    panic!("not taken in eight tries: {body}");
}

/// Two concurrent sweeps, while late statuses arrive for messages to a number.
async fn two_sweeps_and_late_statuses(stand: &Stand, number: &str) {
    let mut telling = JoinSet::new();
    for body in owed(stand, number) {
        telling.spawn(tell(stand.api.with_key(None), body));
    }
    tokio::join!(stand.sweep(), stand.sweep(), telling.join_all());
}

/// Every message was sent once, is stored once, and shows all its statuses.
async fn assert_all_read(stand: &Stand, history: &[Call]) {
    assert_sound(stand, history).await;
    let shown = shown(stand).await;
    assert_eq!(shown.len(), history.len());
    for (_, message) in shown {
        assert_eq!(message["status"], "read", "{message}");
        for fact in ["sent", "delivered", "read"] {
            assert!(message["status_at"][fact].is_string(), "{fact} of {message}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_overdue_unknown_outcome_two_sweeps_and_a_late_status_leave_one_accepted_message() {
    let stand = Stand::start().await;
    let mut history = Vec::new();
    for round in 0..ROUNDS {
        let number = number(round);
        let id = silent_customer(&stand, &number).await;
        let rule = FaultRule::new(ProviderFault::Cut { accepted: true }).to(number.as_str());
        stand.running.sandbox.inject(rule.times(u32::try_from(SOME).unwrap()));
        let wish =
            |client: usize| Wish::new(Route::InConversation(id), &number, &format!("message {client}"));
        let heard: Vec<Call> = calls(at_once(&stand, (0..SOME).map(wish).collect()).await).collect();
        assert!(heard.iter().all(|call| call.end == End::Info), "a cut answer says nothing: {heard:?}");
        history.extend(heard);
        stand.clock.advance(GRACE + Duration::from_secs(1));
        two_sweeps_and_late_statuses(&stand, &number).await;
    }
    assert_all_read(&stand, &history).await;
}

/// The provider takes the message, its answer is cut, and the function dies before it can note that.
async fn dies(stand: &Stand, id: u64, number: &str, text: &str) -> Call {
    stand.provider_will(ProviderFault::Cut { accepted: true });
    stand.tap.next("TransactWriteItems", Fault::CrashBefore);
    let request = Request::post(format!("/api/whatsapp/conversations/{id}/messages"))
        .header(header::AUTHORIZATION, format!("Bearer {DEMO_KEY}"))
        .body(Body::from(json!({ "content": text }).to_string()))
        .unwrap();
    // Not through the server, which would continue: a dropped future stops like a killed function.
    tokio::select! {
        answer = stand.running.functions.send().oneshot(request) => panic!("answered: {answer:?}"),
        () = stand.tap.crash() => {}
    }
    let (to, text) = (digits(number).to_owned(), text.to_owned());
    Call { operation: "in a conversation", key: None, to, text, end: End::Info }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_sender_two_sweeps_and_a_late_status_leave_one_accepted_message() {
    let stand = Stand::start().await;
    let mut history = Vec::new();
    for round in 0..ROUNDS {
        let number = number(round);
        let id = silent_customer(&stand, &number).await;
        for client in 0..4 {
            history.push(dies(&stand, id, &number, &format!("message {client}")).await);
        }
        stand.clock.advance(LEASE + Duration::from_secs(1));
        two_sweeps_and_late_statuses(&stand, &number).await;
    }
    assert_all_read(&stand, &history).await;
}
