//! The outcomes of a send, and that every unknown one is visible.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use tower::ServiceExt;
use ventanilla::{
    domain::{
        attempt::{Attempt, LEASE, Target},
        content::{Content, MessageText},
        id::{MessageId, TenantId},
        idempotency::{HashedKey, KeyRecord},
        message::MessageAddress,
        time::Timestamp,
    },
    ports::{
        attempts::{AttemptReads, AttemptRecords, Due, DueReads, KeyReads},
        clock::{Clock, Deadline},
        store::{Record, StoreError, Write},
    },
    usecases::{Ports, reconcile::Swept},
};
use ventanilla_sandbox::{CallOutcome, ErrorBody, Fault, FaultRule, LogEntry, Status, WebhookShape};

use crate::harness::{DEMO_KEY, Fault as StoreFault, Stand, over};

const ANA: &str = "+50212345678";

/// The provider's own word: how many sends it took.
fn taken(stand: &Stand) -> usize {
    let log = stand.running.sandbox.log();
    let calls = log.iter().filter_map(|entry| match entry {
        LogEntry::Call(call) => Some(&call.outcome),
        _ => None,
    });
    calls.filter(|verdict| matches!(verdict, CallOutcome::Accepted { .. })).count()
}

async fn message(stand: &Stand, conversation: u64, text: &str) -> Option<Value> {
    stand.messages(conversation).await.into_iter().find(|message| message["text"] == text)
}

#[tokio::test]
async fn ambiguous_answers_are_unknown_and_visible_until_a_status_comes() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    let path = format!("/api/whatsapp/conversations/{conversation}/messages");
    for (number, fault) in [
        Fault::Cut { accepted: true },
        Fault::Unreadable { accepted: true },
        Fault::NoId,
        Fault::ServerError { status: 502, body: ErrorBody::Html, accepted: true },
        Fault::ServerError { status: 500, body: ErrorBody::Empty, accepted: true },
    ]
    .into_iter()
    .enumerate()
    {
        let text = format!("message {number}");
        let shown = format!("{fault:?}");
        // No status arrives while the caller is answered.
        stand.running.sandbox.set_webhook_url("1001", "http://127.0.0.1:9/nowhere");
        stand.provider_will(fault);
        let answer = stand.api.post(&path, &json!({ "content": text })).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["code"]),
            (502, &json!("outcome_unknown")),
            "{shown}"
        );
        let id = answer.json()["message_id"].as_u64().unwrap();
        let kept = message(&stand, conversation, &text).await.unwrap();
        assert_eq!(
            (&kept["status"], &kept["id"]),
            (&json!("unknown"), &json!(format!("msg_{id}"))),
            "{shown}"
        );
        let detail = stand.api.get(&format!("/v1/messages/{id}")).await.json();
        assert_eq!(detail["attempt"]["state"], "unknown");
        assert!(detail["attempt"]["in_doubt_since"].is_string());
        // The provider repeats its webhook, which resolves it.
        let url = format!("http://{}/webhooks/meta/demo", stand.running.address);
        stand.running.sandbox.set_webhook_url("1001", url);
        stand.running.sandbox.until_idle().await;
        let settled = message(&stand, conversation, &text).await.unwrap();
        assert_eq!(settled["status"], "read", "{shown}");
        assert_eq!(stand.api.get(&format!("/v1/messages/{id}")).await.json()["attempt"]["state"], "accepted");
    }
    assert_eq!(taken(&stand), 5);
    assert_eq!(stand.phone_got(ANA).await.len(), 5, "each once");
}

#[tokio::test]
async fn an_unresolved_outcome_is_marked_for_a_person_after_the_grace_time() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    stand.provider_will(Fault::Cut { accepted: false });
    assert_eq!(stand.reply(conversation, "lost?").await.status, 500);
    let kept = message(&stand, conversation, "lost?").await.unwrap();
    assert_eq!(kept["status"], "unknown");
    stand.clock.advance(Duration::from_mins(14));
    assert_eq!(stand.sweep().await.unresolved, 0);
    stand.clock.advance(Duration::from_mins(2));
    assert_eq!(stand.sweep().await.unresolved, 1);
    let kept = message(&stand, conversation, "lost?").await.unwrap();
    assert_eq!((&kept["status"], &kept["unresolved"]), (&json!("unknown"), &json!(true)));
    assert_eq!(stand.sweep().await.unresolved, 0, "once");
    assert_eq!(taken(&stand), 0);
}

#[tokio::test]
async fn definite_refusals_leave_nothing_behind_but_the_reason() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    let path = format!("/api/whatsapp/conversations/{conversation}/messages");
    for code in [100, 131_026, 131_056, 130_429, 132_001, 368, 131_000] {
        stand.provider_will(Fault::Refuse { code, http_status: None, details: None });
        let answer = stand.api.post(&path, &json!({ "content": "no" })).await;
        assert_eq!(answer.json()["provider_code"], code, "{}", answer.text);
    }
    assert_eq!(stand.messages(conversation).await.len(), 1);
    assert!(stand.sweep().await == Swept::default(), "nothing is left to do");
}

#[tokio::test]
async fn an_early_status_finds_its_message() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    let shape = WebhookShape {
        order: vec![Status::Read, Status::Delivered, Status::Sent],
        duplicate: 1,
        before_answer: true,
        ..WebhookShape::default()
    };
    stand.provider_will(Fault::Webhooks(shape.clone()));
    assert_eq!(stand.reply(conversation, "early").await.status, 200);
    let kept = message(&stand, conversation, "early").await.unwrap();
    assert_eq!(kept["status"], "read", "all came before our own commit");
    // The same for an unknown number, whose conversation is only created by the commit.
    stand.provider_will(Fault::Webhooks(shape));
    stand.window_opens("+50299999999").await;
    let body = json!({ "phoneNumber": "+50299999999", "content": "early too" });
    let sent = stand.api.post("/api/whatsapp/send", &body).await.json();
    let id = sent["data"]["conversation"]["conversation_id"].as_u64().unwrap();
    assert_eq!(message(&stand, id, "early too").await.unwrap()["status"], "read");
}

#[tokio::test]
async fn a_status_before_the_answer_breaks_off_resolves_it_at_once() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    // The first webhook arrives while the call still hangs; then the time is up.
    let rule = FaultRule::new(Fault::Hang { ms: 60_000, accepted: true });
    stand.running.sandbox.inject(rule);
    let answer = stand.reply(conversation, "slow").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    stand.running.sandbox.until_idle().await;
    assert_eq!(message(&stand, conversation, "slow").await.unwrap()["status"], "read");
    assert_eq!(taken(&stand), 1);
}

#[tokio::test]
async fn a_closed_window_is_rejected_without_a_call_and_an_open_one_is_not() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    let path = format!("/api/whatsapp/conversations/{conversation}/messages");
    stand.clock.advance(Duration::from_mins(24 * 60 - 1));
    assert_eq!(stand.api.post(&path, &json!({ "content": "in time" })).await.status, 200);
    stand.clock.advance(Duration::from_mins(3));
    let calls = stand.running.sandbox.log().len();
    stand.running.sandbox.until_idle().await;
    let answer = stand.api.post(&path, &json!({ "content": "too late" })).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (400, &json!("window_closed")));
    assert!(answer.json()["expires_at"].is_string());
    let asked =
        stand.running.sandbox.log().iter().skip(calls).filter(|e| matches!(e, LogEntry::Call(_))).count();
    assert_eq!(asked, 0);
    assert_eq!(stand.conversation_with(ANA).await["window"]["open"], false);
}

#[tokio::test]
async fn a_text_to_a_stranger_is_accepted_and_then_shown_as_failed() {
    let stand = Stand::start().await;
    let body = json!({ "phoneNumber": ANA, "content": "hello, stranger" });
    let sent = stand.api.post("/api/whatsapp/send", &body).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    stand.running.sandbox.until_idle().await;
    let id = sent.json()["data"]["conversation"]["conversation_id"].as_u64().unwrap();
    let failed = message(&stand, id, "hello, stranger").await.unwrap();
    assert_eq!(
        (&failed["status"], &failed["error"]["code"]),
        (&json!("failed"), &json!(131_047)),
        "{failed}"
    );
    assert!(stand.phone_got(ANA).await.is_empty());
    // What can be sent instead, and what is once the customer answers.
    let template = json!({ "templateName": "hello_world", "languageCode": "en_US", "recipients": [{ "phoneNumber": ANA }] });
    assert_eq!(stand.api.post("/api/whatsapp/send-template", &template).await.json()["summary"]["sent"], 1);
    stand.clock.advance(Duration::from_secs(5));
    stand.customer_writes(ANA, "who are you?").await;
    assert_eq!(stand.reply(id, "Ventanilla").await.status, 200);
    stand.running.sandbox.until_idle().await;
    assert_eq!(message(&stand, id, "Ventanilla").await.unwrap()["status"], "read");
}

#[tokio::test]
async fn the_providers_word_on_the_window_corrects_ours_until_the_customer_writes() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    let path = format!("/api/whatsapp/conversations/{conversation}/messages");
    // Told in the answer of the call …
    stand.clock.advance(Duration::from_secs(2));
    stand.provider_will(Fault::Refuse { code: 131_047, http_status: None, details: None });
    let answer = stand.api.post(&path, &json!({ "content": "a" })).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (400, &json!("window_closed")));
    assert_eq!(stand.conversation_with(ANA).await["window"]["open"], false);
    stand.clock.advance(Duration::from_secs(5));
    let inbound = json!({ "text": "again", "timestamp": now(&stand) });
    stand.api.post(&format!("/sandbox/phones/{ANA}/messages"), &inbound).await;
    assert_eq!(stand.conversation_with(ANA).await["window"]["open"], true);
    // … or later, by a status.
    stand.clock.advance(Duration::from_secs(2));
    stand.provider_will(Fault::FailLater { code: 131_047, after_sent: false });
    assert_eq!(stand.api.post(&path, &json!({ "content": "b" })).await.status, 200);
    stand.running.sandbox.until_idle().await;
    let failed = message(&stand, conversation, "b").await.unwrap();
    assert_eq!((&failed["status"], &failed["error"]["code"]), (&json!("failed"), &json!(131_047)));
    let answer = stand.api.post(&path, &json!({ "content": "c" })).await;
    assert_eq!(answer.json()["code"], "window_closed", "{}", answer.text);
}

#[tokio::test]
async fn an_abandoned_attempt_becomes_visible_when_its_lease_ends() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    abandoned(&stand, conversation).await;
    assert_eq!(stand.sweep().await.abandoned, 0, "it may still be under way");
    stand.clock.advance(LEASE + Duration::from_secs(1));
    assert_eq!(stand.sweep().await.abandoned, 1);
    assert_eq!(message(&stand, conversation, "half done").await.unwrap()["status"], "unknown");
    assert_eq!(taken(&stand), 0, "a sweep never sends");
}

#[tokio::test]
async fn a_recipient_from_statuses_is_stored_though_the_sender_died() {
    let stand = Stand::start().await;
    let new = "+50287654321";
    stand.window_opens(new).await;
    let sender = stand.actor().await;
    sender.tap.next("TransactWriteItems", StoreFault::CrashBefore);
    let body = json!({ "phoneNumber": new, "content": "x" });
    let request = Request::post("/api/whatsapp/send").header("authorization", format!("Bearer {DEMO_KEY}"));
    tokio::select! {
        answer = sender.functions.send().oneshot(request.body(Body::from(body.to_string())).unwrap()) => {
            panic!("it lived: {answer:?}")
        }
        () = sender.tap.crash() => {}
    }
    stand.running.sandbox.until_idle().await;
    stand.clock.advance(LEASE * 2);
    assert_eq!(stand.sweep().await.abandoned, 1);
    let conversation = stand.conversation_with(new).await;
    assert!(conversation["contact"]["user_id"].is_string(), "{conversation}");
    // So the customer's next word, without a number, is not that of a stranger.
    let path = format!("/sandbox/phones/{new}/messages");
    stand.api.post(&path, &json!({ "text": "who are you?", "hide_phone": true })).await;
    assert_eq!(stand.conversations().await.len(), 1);
}

/// An index that lags: it lists what was due a moment ago.
struct Lagging {
    real: Arc<dyn AttemptRecords>,
    listed: Mutex<Vec<Attempt>>,
}

#[async_trait]
impl AttemptReads for Lagging {
    async fn attempt(&self, tenant: &TenantId, id: MessageId) -> Result<Option<Attempt>, StoreError> {
        self.real.attempt(tenant, id).await
    }

    async fn address(&self, tenant: &TenantId, id: MessageId) -> Result<Option<MessageAddress>, StoreError> {
        self.real.address(tenant, id).await
    }
}

#[async_trait]
impl KeyReads for Lagging {
    async fn key(&self, tenant: &TenantId, key: &HashedKey) -> Result<Option<KeyRecord>, StoreError> {
        self.real.key(tenant, key).await
    }

    async fn keys(&self, tenant: &TenantId, keys: &[HashedKey]) -> Result<Vec<KeyRecord>, StoreError> {
        self.real.keys(tenant, keys).await
    }
}

#[async_trait]
impl DueReads for Lagging {
    async fn due(&self, now: Timestamp, limit: u16) -> Result<Vec<Due>, StoreError> {
        let listed = std::mem::take(&mut *self.listed.lock().unwrap());
        if listed.is_empty() {
            return self.real.due(now, limit).await;
        }
        Ok(listed.into_iter().map(Box::new).map(Due::Attempt).collect())
    }
}

#[tokio::test]
async fn a_lagging_index_does_not_cut_the_grace_time_short() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    let attempt = abandoned(&stand, conversation).await;
    stand.clock.advance(LEASE + Duration::from_secs(1));
    assert_eq!(stand.sweep().await.abandoned, 1);
    let functions = &stand.running.functions;
    let ports = functions.app.core.ports.clone();
    let lagging = Lagging { real: Arc::clone(&ports.attempts), listed: Mutex::new(vec![attempt]) };
    let functions = over(functions, Ports { attempts: Arc::new(lagging), ..ports });
    let deadline = Deadline(stand.clock.now().plus(Duration::from_mins(1)));
    assert_eq!(reconcile::handle(&functions.reconcile, deadline).await.unwrap(), Swept::default());
    assert_eq!(message(&stand, conversation, "half done").await.unwrap()["status"], "unknown");
}

/// What a function leaves behind that is killed right after the intent.
async fn abandoned(stand: &Stand, conversation: u64) -> Attempt {
    let core = &stand.running.functions.app.core;
    let now = stand.clock.now();
    let body = MessageText::try_from("half done".to_owned()).unwrap();
    let address = MessageAddress {
        conversation: conversation.try_into().unwrap(),
        at: now,
        id: core.ports.ctx.ids.id(),
    };
    let attempt = Attempt::new(Stand::tenant(), address, Target::Conversation, Content::plain(body));
    core.ports.ctx.store.commit(vec![Write::Put(Record::Attempt(attempt.clone()))]).await.unwrap();
    attempt
}

fn now(stand: &Stand) -> i64 {
    stand.clock.now().seconds()
}
