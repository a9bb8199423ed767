//! Words with which customers stop and want marketing, and ask for a person: what counts, and what does not.

use std::time::Duration;

use serde_json::{Value, json};

use super::{ANA, ana_says, tell};
use crate::harness::Stand;

/// Why Ana wants no marketing; none when she does.
async fn stopped(stand: &Stand) -> Option<String> {
    let listed = stand.api.get("/v1/suppressions").await.json();
    let found = listed["data"].as_array().unwrap().iter().find(|it| it["address"] == ANA).cloned();
    found.map(|it| it["why"].as_str().unwrap().to_owned())
}

/// She says something, a second after all that was before.
async fn says(stand: &Stand, message: Value) -> Option<String> {
    stand.clock.advance(Duration::from_secs(1));
    ana_says(stand, message).await;
    stopped(stand).await
}

fn text(body: &str) -> Value {
    json!({ "type": "text", "text": { "body": body } })
}

fn quick_reply(payload: &str, label: &str) -> Value {
    json!({ "type": "button", "button": { "payload": payload, "text": label } })
}

#[tokio::test]
async fn a_text_or_a_templates_quick_reply_stops_and_starts() {
    let stand = Stand::start().await;
    for stop in ["STOP", "Baja.", "salir", "¡Parar!", "cancelar", "Sair", "arrêter", "Stopp", "Disiscrivi"]
    {
        assert_eq!(says(&stand, text(stop)).await.as_deref(), Some("word"), "{stop}");
        assert_eq!(says(&stand, text("ALTA")).await, None, "{stop}");
    }
    for stop in [quick_reply("STOP", "No, gracias"), quick_reply("P-7", "Baja"), quick_reply("baja", "x")] {
        assert_eq!(says(&stand, stop.clone()).await.as_deref(), Some("button"), "{stop}");
        assert_eq!(says(&stand, quick_reply("START", "Sí")).await, None);
    }
}

#[tokio::test]
async fn nothing_else_stops() {
    let stand = Stand::start().await;
    for message in [
        text("alto"),
        text("no quiero parar"),
        json!({ "type": "interactive", "interactive": { "type": "list_reply", "list_reply": { "id": "STOP", "title": "Stop" } } }),
        json!({ "type": "interactive", "interactive": { "type": "button_reply", "button_reply": { "id": "baja", "title": "Baja" } } }),
        json!({ "type": "image", "image": { "id": "77", "mime_type": "image/jpeg", "caption": "stop" } }),
        json!({ "type": "location", "location": { "latitude": 14.6, "longitude": -90.5, "name": "Stop", "address": "Baja" } }),
        json!({ "type": "contacts", "contacts": [{ "name": { "formatted_name": "Salir" } }] }),
        json!({ "type": "order", "order": { "catalog_id": "C", "text": "cancelar", "product_items": [] } }),
        json!({ "type": "reaction", "reaction": { "message_id": "wamid.X", "emoji": "stop" } }),
        json!({ "type": "edit", "edit": { "original_message_id": "wamid.X", "message": text("stop") } }),
        json!({ "type": "system", "system": { "body": "stop", "type": "user_changed_number" } }),
    ] {
        assert_eq!(says(&stand, message.clone()).await, None, "{message}");
    }
    let echo = json!({ "id": "wamid.echo", "from": "15550100001", "to": super::ANA_ID, "type": "text", "text": { "body": "stop" } });
    tell(&stand, "smb_message_echoes", json!({ "message_echoes": [echo] })).await;
    assert_eq!(stopped(&stand).await, None);
}

#[tokio::test]
async fn a_phrase_for_a_person_is_whole_words() {
    let stand = Stand::start().await;
    let status = async |said: &str| {
        ana_says(&stand, text(said)).await;
        stand.conversation_with(ANA).await["status"].clone()
    };
    for said in ["hablar con humanoides", "¿quiero hablar, con un humano?", "rehablar con humano"] {
        assert_eq!(status(said).await, "active", "{said}");
    }
    ana_says(&stand, json!({ "type": "location", "location": { "latitude": 1, "longitude": 1, "name": "Hablar con humano" } })).await;
    assert_eq!(status("hola").await, "active");
    assert_eq!(status("¡Quiero HABLAR con\nhumano, por favor!").await, "pending_human");
}
