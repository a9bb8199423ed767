//! What is written for messages of ours, for broadcasts, leads and all that is done with conversations.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::Method;
use serde_json::{Value, json};

use super::{
    ANA, BOB, EVA, joined, kept,
    outside::{DOUBTFUL, SLOW, UNREACHABLE},
    stage::Stage,
};

#[tokio::test]
async fn writes_for_our_messages_are_unchanged() {
    let stage = Stage::start().await;
    stage.sync_templates().await;
    let ana = stage.writes_text(ANA, "wamid.ANA-1", "hola").await;
    contents(&stage, ana).await;
    recipients(&stage).await;
    statuses(&stage, ana).await;
    stage.post_abandoned("/v1/messages", &json!({ "to": { "phone": SLOW }, "text": "slow" })).await;
    kept::check(&[("sending.rows", stage.rows().await)]);
}

/// Every kind of content, into a conversation.
async fn contents(stage: &Stage, conversation: u64) {
    let path = format!("/v1/conversations/conv_{conversation}/messages");
    let buttons = json!({ "type": "button", "body": { "text": "¿Viene?" },
        "action": { "buttons": [{ "type": "reply", "reply": { "id": "yes", "title": "Sí" } }] } });
    let card = json!([{ "name": "Luis López",
        "phones": [{ "phone": "+50287654321", "type": "CELL" }] }]);
    let who = json!({ "type": "text", "parameter_name": "who", "text": "Ana" });
    let promo = json!({ "name": "promo", "language": "es", "components": [
        { "type": "header", "parameters": [who] }, { "type": "body", "parameters": [who] }] });
    let pdf = json!({ "data": STANDARD.encode(b"%PDF"), "mime_type": "application/pdf", "file_name": "bill.pdf",
        "caption": "la cuenta" });
    let rich = json!({ "text": "Sí", "reply_to": "wamid.ANA-1", "preview_url": true, "delivery_policy": "at-least-once",
        "references": { "ref": "order-7", "ref1": "shop" },
        "sent_by": { "type": "human", "id": "luis", "name": "Luis" } });
    for body in [
        json!({ "text": "Enseguida" }),
        rich,
        json!({ "text": "Soy un bot", "sent_by": { "type": "bot", "name": "Agua" } }),
        json!({ "interactive": buttons }),
        json!({ "location": { "latitude": 14.6, "longitude": -90.5, "name": "Casa", "address": "Zona 10" } }),
        json!({ "contacts": card }),
        json!({ "reaction": { "message_id": "wamid.ANA-1", "emoji": "👍" } }),
        json!({ "template": promo }),
        json!({ "document": pdf }),
    ] {
        stage.post(&path, &body).await;
    }
    let upload = stage.post("/v1/media", &json!({ "mime_type": "image/png", "size": 9 })).await;
    assert!(upload["id"].is_string(), "{upload}");
    let key = [("idempotency-key", "order-7")];
    let text = json!({ "text": "once" });
    for _ in 0..2 {
        let (status, answer) = stage.call(Method::POST, &path, &key, &text).await;
        assert!((200..300).contains(&status), "{status} {answer}");
    }
    stage.post(&path, &json!({ "text": "ж".repeat(4000) })).await;
}

/// To every kind of recipient, with every outcome.
async fn recipients(stage: &Stage) {
    let to = |phone: &str| json!({ "to": { "phone": phone }, "text": "Buenas", "references": { "ref": "order-8" } });
    stage.post("/v1/messages", &to(BOB)).await;
    let user = json!({ "to": { "user_id": "GT.13491208655302741918" }, "template": { "name": "hello_world", "language": "en_US" } });
    stage.post("/v1/messages", &user).await;
    stage.post_fails("/v1/messages", &to(UNREACHABLE)).await;
    stage.post("/v1/messages", &to(DOUBTFUL)).await;
    let doubtful = stage.writes_text(DOUBTFUL, "wamid.DOUBT-1", "hola").await;
    let again = json!({ "text": "Buenas", "delivery_policy": "at-least-once" });
    stage.post(&format!("/v1/conversations/conv_{doubtful}/messages"), &again).await;
    stage
        .post("/api/whatsapp/send", &json!({ "phoneNumber": EVA, "content": "Hola", "requestId": 124 }))
        .await;
}

/// The webhooks about them.
async fn statuses(stage: &Stage, conversation: u64) {
    let pricing =
        json!({ "billable": true, "pricing_model": "PMP", "category": "service", "type": "regular" });
    let failed = json!([{ "code": 131_049, "title": "Not delivered", "message": "Not delivered",
        "error_data": { "details": "healthy ecosystem engagement" }, "href": "https://example.com/errors" }]);
    for (wamid, status, more) in [
        ("wamid.OUT-1", "sent", json!({ "pricing": pricing })),
        ("wamid.OUT-1", "delivered", json!({})),
        ("wamid.OUT-1", "read", json!({})),
        ("wamid.OUT-3", "failed", json!({ "errors": failed })),
        ("wamid.never-heard-of", "sent", json!({})),
    ] {
        let told = joined(
            json!({ "id": wamid, "status": status, "timestamp": (stage.now() / 1000).to_string(),
            "recipient_id": &ANA[1..] }),
            more,
        );
        stage.told(json!({ "statuses": [told] })).await;
    }
    let shown = stage.get(&format!("/v1/conversations/conv_{conversation}/messages?limit=100")).await;
    assert!(shown["data"].as_array().unwrap().len() > 10, "{shown}");
}

/// Runs of the broadcasts until one is compared for good.
const RUNS: usize = 5;

#[tokio::test]
async fn writes_for_broadcasts_are_unchanged() {
    // The recipients of a batch are sent to in parallel, and draw their ids in the order in which the store answers. One
    // order is kept.
    for _ in 1..RUNS {
        if kept::is_kept(&broadcasts().await) {
            return;
        }
    }
    kept::check(&broadcasts().await);
}

async fn broadcasts() -> [(&'static str, String); 2] {
    let stage = Stage::start().await;
    stage.sync_templates().await;
    let ana = stage.writes_text(ANA, "wamid.ANA-1", "hola").await;
    let hello = json!({ "name": "hello_world", "language": "en_US" });
    let recipients = json!([
        { "conversation_id": format!("conv_{ana}"), "request_id": 7, "references": { "ref": "order-7" } },
        { "phone": ANA },
        { "phone": UNREACHABLE },
        { "contact_id": "contact_4711" },
    ]);
    stage.post("/v1/broadcasts", &json!({ "template": hello, "recipients": recipients })).await;
    stage.work().await;
    let rich = json!({ "template": { "name": "promo", "language": "es" }, "channel_id": 1,
        "sent_by": { "type": "human", "name": "Luis" },
        "recipients": [{ "phone": BOB, "components": [
            { "type": "header", "parameters": [{ "type": "text", "parameter_name": "who", "text": "Bob" }] },
            { "type": "body", "parameters": [{ "type": "text", "parameter_name": "who", "text": "Bob" }] }] }] });
    stage.post("/v1/broadcasts", &rich).await;
    stage.work().await;
    let doubtful = json!({ "template": hello, "recipients": [{ "phone": DOUBTFUL }] });
    stage.post("/v1/broadcasts", &doubtful).await;
    stage.work().await;
    let cancelled =
        stage.post("/v1/broadcasts", &json!({ "template": hello, "recipients": [{ "phone": EVA }] })).await;
    stage.post(&format!("/v1/broadcasts/{}/cancel", cancelled["id"].as_str().unwrap()), &Value::Null).await;
    stage.work().await;
    // A batch that no worker ran, which the sweep queues again.
    stage.post("/v1/broadcasts", &json!({ "template": hello, "recipients": [{ "phone": EVA }] })).await;
    stage.later(Duration::from_mins(5));
    stage.sweep().await;
    [("broadcasts.rows", stage.rows().await), ("broadcasts.queues", stage.queued().await)]
}

#[tokio::test]
async fn writes_for_all_changes_of_conversations_are_unchanged() {
    let stage = Stage::start().await;
    stage.sync_templates().await;
    let ana = stage.writes_text(ANA, "wamid.ANA-1", "hola").await;
    for (action, body) in [
        ("assign", json!({ "assignee": "luis" })),
        ("handoff", json!({ "to": "human" })),
        ("read", json!({})),
        ("close", json!({})),
        ("reopen", json!({})),
    ] {
        stage.post(&format!("/v1/conversations/conv_{ana}/{action}"), &body).await;
    }
    for (place, text) in ["STOP", "START", "quiero hablar con humano"].iter().enumerate() {
        stage.writes_text(BOB, &format!("wamid.BOB-{place}"), text).await;
    }
    let path = format!("/v1/suppressions/{}", ANA.replace('+', "%2B"));
    let (status, answer) = stage.call(Method::PUT, &path, &[], &Value::Null).await;
    assert!((200..300).contains(&status), "{status} {answer}");
    leads(&stage).await;
    merged(&stage).await;
    let text = json!({ "to": { "phone": DOUBTFUL }, "text": "Buenas" });
    stage.post("/v1/messages", &text).await;
    stage
        .post(&format!("/v1/conversations/conv_{ana}/messages"), &json!({ "text": "nobody hears of it" }))
        .await;
    stage.later(Duration::from_mins(31));
    stage.sweep().await;
    stage.later(Duration::from_hours(23));
    stage.sweep().await;
    stage.follow().await;
    kept::check(&[("handling.rows", stage.rows().await)]);
}

async fn leads(stage: &Stage) {
    let whole = json!({
        "id": "crm-7", "name": "Ana Ruiz", "email": "ana@example.com", "phone": ANA, "naver_line_id": "U1",
        "source": "fair", "tags": ["vip"], "timezone": "America/Guatemala", "locale": "es-GT", "currency": "GTQ",
        "custom_fields": { "meter": { "no": 7, "read": [1.5, null] } },
    });
    stage.post("/v1/webhooks/leads", &whole).await;
    stage.post("/v1/webhooks/leads", &json!({ "id": "crm-7", "name": "Ana", "tags": [] })).await;
    stage.post("/v1/webhooks/leads", &json!({ "name": "Eva", "phone": EVA })).await;
    let reply = json!({ "content": "Gracias", "messaging_channel_connection_id": 1 });
    stage.post("/v1/leads/crm-7/conversations/reply", &reply).await;
}

/// Two contacts who turn out to be one, and one who is renamed.
async fn merged(stage: &Stage) {
    let user = "GT.5550001";
    let message = |id: &str, more: Value| {
        joined(
            json!({ "id": id, "timestamp": (stage.now() / 1000).to_string(), "type": "text",
            "text": { "body": "soy yo" } }),
            more,
        )
    };
    let number = "50266667777";
    let by_user = json!({ "contacts": [{ "user_id": user, "profile": { "name": "Eva" } }],
        "messages": [message("wamid.EVA-1", json!({ "from_user_id": user }))] });
    let by_number = json!({ "contacts": [{ "wa_id": number, "profile": { "name": "Eva" } }],
        "messages": [message("wamid.EVA-2", json!({ "from": number }))] });
    let by_both = json!({ "contacts": [{ "wa_id": number, "user_id": user, "profile": { "name": "Eva" } }],
        "messages": [message("wamid.EVA-3", json!({ "from": number, "from_user_id": user }))] });
    for value in [by_user, by_number, by_both] {
        stage.told(value).await;
    }
    let all = stage.get("/v1/contacts?limit=100").await;
    let contact = all["data"][0]["id"].as_str().unwrap();
    let renamed = json!({ "name": "Evita" });
    let (status, answer) = stage.call(Method::PATCH, &format!("/v1/contacts/{contact}"), &[], &renamed).await;
    assert_eq!(status, 200, "{answer}");
}
