//! Whole conversations, over real HTTP.

use http::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use ventanilla_local::{
    server::{Options, start},
    store::Data,
};

use crate::harness::{Client, DEMO_KEY, Stand, config, eventually};

const ANA: &str = "+50212345678";

#[tokio::test]
async fn a_customer_writes_is_answered_and_the_deliveries_are_kept() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "Hola, ¿están abiertos? 👋").await;
    let answer = stand.reply(conversation, " Sí,\n hasta las 18:00 ").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    stand.running.sandbox.settled().await;
    let messages = stand.messages(conversation).await;
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[0]["text"], "Hola, ¿están abiertos? 👋");
    assert_eq!(messages[1]["text"], " Sí,\n hasta las 18:00 ");
    assert_eq!(messages[1]["status"], "read");
    for fact in ["sent_at", "delivered_at", "read_at"] {
        assert!(messages[1]["delivery"][fact].is_string(), "{fact}");
    }
    assert_eq!(stand.phone_got(ANA).await, [" Sí,\n hasta las 18:00 "], "byte for byte");
    let listed = stand.conversation_with(ANA).await;
    assert_eq!((&listed["unread_count"], &listed["status"]), (&json!(0), &json!("active")));
    assert_eq!(listed["window"]["open"], true);
}

#[tokio::test]
async fn a_send_to_a_new_number_begins_a_conversation_that_goes_on() {
    let stand = Stand::start().await;
    let body = json!({ "phoneNumber": ANA, "content": "Your technician is on the way", "requestId": 123 });
    let first = stand.api.post("/api/whatsapp/send", &body).await.json();
    let id = first["data"]["conversation"]["conversation_id"].as_u64().unwrap();
    let path = format!("/api/whatsapp/conversations/{id}/messages");
    let second = stand.api.post(&path, &json!({ "content": "He is here" })).await.json();
    assert_eq!(second["data"]["conversation_id"], id);
    // The customer's answer lands in the same conversation.
    assert_eq!(stand.customer_writes(ANA, "Thanks").await, id);
    let again =
        stand.api.post("/api/whatsapp/send", &json!({ "phoneNumber": ANA, "content": "Bye" })).await.json();
    assert_eq!(again["data"]["conversation"]["conversation_id"], id);
    assert_eq!(again["data"]["conversation"]["request_id"], 123, "linked once, linked for the conversation");
    let texts: Vec<Value> = stand.messages(id).await.iter().map(|m| m["text"].clone()).collect();
    assert_eq!(texts.len(), 4);
    assert_eq!(stand.phone_got(ANA).await, ["Your technician is on the way", "He is here", "Bye"]);
}

#[tokio::test]
async fn a_customer_without_a_phone_number_is_a_customer_like_any_other() {
    let stand = Stand::start().await;
    let user = "US.13491208655302741918";
    let path = format!("/sandbox/phones/{user}/messages");
    let body = json!({ "text": "I show no number", "hide_phone": true });
    assert_eq!(stand.api.post(&path, &body).await.status, 200);
    let listed = stand.conversations().await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["contact"]["user_id"], user);
    assert_eq!(listed[0]["contact"]["phone_number"], Value::Null);
    let id = listed[0]["id"].as_u64().unwrap();
    assert_eq!(stand.reply(id, "No need to").await.status, 200);
    stand.running.sandbox.settled().await;
    assert_eq!(stand.messages(id).await[1]["status"], "read");
    assert_eq!(stand.phone_got(user).await, ["No need to"]);
}

#[tokio::test]
async fn two_ways_to_reach_one_customer_become_one_contact() {
    let stand = Stand::start().await;
    let number = "+14155550123";
    let phone = stand.api.get(&format!("/sandbox/phones/{number}")).await.json();
    let user = phone["user_id"].as_str().unwrap().to_owned();
    // First without the number, then by number alone, at last a message that shows both.
    let path = format!("/sandbox/phones/{number}/messages");
    assert_eq!(stand.api.post(&path, &json!({ "text": "hidden", "hide_phone": true })).await.status, 200);
    let body = json!({ "phoneNumber": number, "content": "by number" });
    assert_eq!(stand.api.post("/api/whatsapp/send", &body).await.status, 200);
    assert_eq!(stand.conversations().await.len(), 2, "nobody can know yet");
    assert_eq!(stand.api.post(&path, &json!({ "text": "both" })).await.status, 200);
    let listed = stand.conversations().await;
    let kept: Vec<&Value> = listed.iter().filter(|it| it["merged_into"].is_null()).collect();
    let merged: Vec<&Value> = listed.iter().filter(|it| !it["merged_into"].is_null()).collect();
    assert_eq!((kept.len(), merged.len()), (1, 1));
    assert_eq!(merged[0]["merged_into"], kept[0]["id"]);
    assert_eq!(kept[0]["contact"]["user_id"], user.as_str());
    assert_eq!(kept[0]["contact"]["phone_number"], number);
    // A reply to the conversation that went into the other goes on in the other.
    let old = merged[0]["id"].as_u64().unwrap();
    assert_eq!(stand.reply(old, "found you").await.status, 200);
    let texts: Vec<Value> =
        stand.messages(kept[0]["id"].as_u64().unwrap()).await.iter().map(|m| m["text"].clone()).collect();
    assert!(texts.contains(&json!("found you")) && texts.contains(&json!("both")), "{texts:?}");
}

#[tokio::test]
async fn the_providers_spelling_of_a_number_makes_no_second_contact() {
    let stand = Stand::start().await;
    let dialled = "+5511987654321";
    let change = json!({ "wa_id": "551187654321" });
    let path = format!("/sandbox/phones/{dialled}");
    let put = stand.api.call(Method::PUT, &path, &[], change.to_string().into()).await;
    assert_eq!(put.status, 200);
    let body = json!({ "phoneNumber": dialled, "content": "Olá" });
    let sent = stand.api.post("/api/whatsapp/send", &body).await.json();
    let path = format!("/sandbox/phones/{dialled}/messages");
    assert_eq!(stand.api.post(&path, &json!({ "text": "Oi" })).await.status, 200);
    let listed = stand.conversations().await;
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!(listed[0]["id"], sent["data"]["conversation"]["conversation_id"]);
}

#[tokio::test]
async fn every_kind_of_message_arrives() {
    let stand = Stand::start().await;
    let kinds = [
        (json!({ "type": "image", "image": { "caption": "a roof" } }), "image", Some("a roof")),
        (json!({ "type": "document", "document": { "filename": "a.pdf" } }), "document", None),
        (json!({ "type": "audio", "audio": { "voice": true } }), "audio", None),
        (json!({ "type": "sticker", "sticker": {} }), "sticker", None),
        (json!({ "type": "button", "button": { "payload": "p", "text": "Yes" } }), "button", Some("Yes")),
        (
            json!({ "type": "location", "location": { "latitude": 1.5, "longitude": 2, "name": "Home" } }),
            "location",
            Some("Home"),
        ),
        (
            json!({ "type": "reaction", "reaction": { "message_id": "wamid.x", "emoji": "👍" } }),
            "reaction",
            Some("👍"),
        ),
        (
            json!({ "type": "interactive", "interactive": { "type": "list_reply", "list_reply": { "id": "1", "title": "Two" } } }),
            "interactive",
            Some("Two"),
        ),
        (json!({ "type": "hologram", "hologram": { "depth": 3 } }), "hologram", None),
    ];
    for (body, _, _) in &kinds {
        let answer = stand.api.post(&format!("/sandbox/phones/{ANA}/messages"), body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let id = stand.conversation_with(ANA).await["id"].as_u64().unwrap();
    let messages = stand.messages(id).await;
    for (body, kind, text) in kinds {
        let found = messages.iter().find(|message| message["type"] == kind);
        let found = found.unwrap_or_else(|| panic!("{body} is missing"));
        assert_eq!(found["text"].as_str(), text, "{kind}");
    }
}

#[tokio::test]
async fn what_is_kept_survives_a_restart() {
    let folder = std::env::temp_dir().join(format!("ventanilla-{}", std::process::id()));
    let mut seen = Vec::new();
    for round in 0..2 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let running = start(Options::new(listener, Data::Folder(folder.clone()), config())).await.unwrap();
        let http = ventanilla::provider::http::client().unwrap();
        let api = Client::new(http, format!("http://{}", running.address), Some(DEMO_KEY));
        if round == 0 {
            let sent =
                api.post("/api/whatsapp/send", &json!({ "phoneNumber": ANA, "content": "keep me" })).await;
            assert_eq!(sent.status, 200, "{}", sent.text);
            running.sandbox.settled().await;
        }
        let listed = eventually("the list", || async {
            let listed = api.get("/v1/conversations").await.json();
            (listed["conversations"][0]["last_message"] == "→ keep me").then_some(listed)
        });
        seen.push(listed.await["conversations"][0]["id"].clone());
        running.stop().await;
    }
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(seen[0], seen[1]);
}
