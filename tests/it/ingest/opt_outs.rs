//! Opt-outs and opt-ins are events, once for each time that they change what may be sent.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use ventanilla_sandbox::{Fault, FaultRule};

use super::{ANA, ANA_ID, ana_says, tell};
use crate::harness::{DEMO_KEY, Socket, Stand};

const USER: &str = "GT.13491208655302741918";

/// The opt-outs and opt-ins in the log: what, and why.
async fn told(stand: &Stand) -> Vec<(String, Value)> {
    stand.follow().await;
    let page = stand.api.get("/v1/events?after=0&limit=100").await.json();
    let events = page["data"].as_array().unwrap().iter();
    let opted = events.filter(|it| it["type"].as_str().unwrap().starts_with("contact.opted"));
    opted.map(|it| (it["type"].as_str().unwrap().to_owned(), it["data"].clone())).collect()
}

async fn last(stand: &Stand, count: usize) -> (String, Value) {
    let mut all = told(stand).await;
    assert_eq!(all.len(), count, "{all:?}");
    all.pop().unwrap()
}

fn text(body: &str) -> Value {
    json!({ "type": "text", "from_user_id": USER, "text": { "body": body } })
}

async fn says(stand: &Stand, message: Value) {
    stand.clock.advance(Duration::from_secs(1));
    ana_says(stand, message).await;
}

async fn prefers(stand: &Stand, value: &str) {
    stand.clock.advance(Duration::from_secs(1));
    let at = ventanilla::ports::clock::Clock::now(&*stand.clock).seconds();
    let entry = json!({ "wa_id": ANA_ID, "category": "marketing_messages", "value": value, "timestamp": at });
    tell(stand, "user_preferences", json!({ "user_preferences": [entry] })).await;
}

#[tokio::test]
async fn every_form_of_opt_out_is_returned_with_its_reason() {
    let stand = Stand::start().await;
    says(&stand, text("STOP")).await;
    let conversation = stand.conversation_with(ANA).await;
    let (kind, data) = last(&stand, 1).await;
    assert_eq!((kind.as_str(), &data["reason"]), ("contact.opted_out", &json!("word")));
    assert_eq!(
        (&data["contact_id"], &data["conversation"]["id"]),
        (&conversation["contact"]["id"], &conversation["id"])
    );
    let addresses = data["addresses"].as_array().unwrap();
    assert!(addresses.contains(&json!({ "type": "phone_number", "phone_number": ANA })), "{data}");
    assert!(addresses.contains(&json!({ "type": "user_id", "user_id": USER })), "{data}");
    assert!(data["since"].as_str().unwrap().ends_with('Z'), "{data}");
    // Saying it again changes nothing, nor is wanting more what one has.
    says(&stand, text("baja")).await;
    last(&stand, 1).await;
    says(&stand, text("ALTA")).await;
    let (kind, data) = last(&stand, 2).await;
    assert_eq!((kind.as_str(), &data["reason"]), ("contact.opted_in", &json!("word")));
    says(&stand, text("start")).await;
    says(&stand, json!({ "type": "button", "button": { "payload": "STOP", "text": "No" } })).await;
    assert_eq!(last(&stand, 3).await.1["reason"], "button");
    prefers(&stand, "resume").await;
    prefers(&stand, "stop").await;
    assert_eq!(last(&stand, 5).await.1["reason"], "preference");
    let path = format!("/v1/suppressions/{ANA_ID}");
    stand.clock.advance(Duration::from_secs(1));
    assert_eq!(stand.api.call(Method::DELETE, &path, &[], Vec::new()).await.status, 204);
    let (kind, data) = last(&stand, 6).await;
    assert_eq!((kind.as_str(), &data["reason"]), ("contact.opted_in", &json!("operator")));
}

#[tokio::test]
async fn a_provider_s_rejection_is_returned_in_every_form() {
    let recipients = json!([{ "phoneNumber": ANA }]);
    let image = json!([{ "type": "image", "image": { "link": "https://files.example/a.jpg" } }]);
    let promo = json!({ "templateName": "promo_with_image", "languageCode": "es", "recipients": recipients, "components": [
        { "type": "header", "parameters": image }, { "type": "body", "parameters": [{ "type": "text", "text": "Ana" }] },
    ] });
    for fault in [
        Fault::Refuse { code: 131_050, http_status: None, details: None },
        Fault::FailLater { code: 131_050, after_sent: false },
    ] {
        let stand = Stand::start().await;
        stand.running.sandbox.inject(FaultRule::new(fault).to(ANA));
        stand.api.post("/api/whatsapp/send-template", &promo).await;
        stand.running.sandbox.until_idle().await;
        let (kind, data) = last(&stand, 1).await;
        assert_eq!((kind.as_str(), &data["reason"]), ("contact.opted_out", &json!("refused")));
        assert_eq!(data["addresses"], json!([{ "type": "phone_number", "phone_number": ANA }]));
    }
}

#[tokio::test]
async fn a_stop_word_a_message_and_its_event_are_written_together() {
    let stand = Stand::start().await;
    let message = json!({ "id": "wamid.1", "from": ANA_ID, "type": "text", "text": { "body": "stop" } });
    for _ in 0..3 {
        tell(&stand, "messages", json!({ "messages": [message] })).await;
    }
    last(&stand, 1).await;
    assert_eq!(stand.conversation_with(ANA).await["unread_count"], 1);
}

#[tokio::test]
async fn a_socket_gets_the_opt_out() {
    let stand = Stand::start().await;
    let mut socket = Socket::open(&stand.base(), &format!("apiKey={DEMO_KEY}"), &[]).await.unwrap();
    stand.follow().await;
    socket.next_of("connected").await;
    says(&stand, text("STOP")).await;
    stand.follow().await;
    let frame = socket.next_of("contact_opted_out").await;
    let conversation = stand.conversation_with(ANA).await["id"].clone();
    assert_eq!(frame["data"]["conversationId"], conversation);
    assert_eq!((&frame["data"]["addresses"][0], &frame["data"]["reason"]), (&json!(ANA), &json!("word")));
}
