//! Every kind of message that a customer may send.

use serde_json::{Value, json};

use super::scene::Scene;

/// Those without a file, and what each is.
pub(super) fn plain() -> Vec<(&'static str, Value)> {
    let card = json!({ "name": { "formatted_name": "Luis López", "first_name": "Luis" },
        "phones": [{ "phone": "+502 8765-4321", "wa_id": "50287654321", "type": "CELL" }],
        "emails": [{ "email": "luis@example.com", "type": "WORK" }], "org": { "company": "Ambiotec" } });
    let list = json!({ "id": "row_7", "title": "Plan B", "description": "el otro" });
    let flow = json!({ "name": "flow", "body": "Sent", "response_json": "{\"answer\":\"x\"}" });
    let item = json!({ "product_retailer_id": "SKU", "quantity": 2, "item_price": 30, "currency": "GTQ" });
    let ad = json!({ "source_type": "ad", "source_id": "S", "source_url": "https://fb.example/x", "headline": "Oferta",
        "body": "b", "ctwa_clid": "C", "media_type": "image" });
    let unknown = json!([{ "code": 131_051, "title": "Message type unknown", "error_data": { "details": "not supported" } }]);
    vec![
        ("a text", json!({ "text": "¿Hay agua en la zona 10? 💧" })),
        ("a text that was forwarded", json!({ "text": "mira", "context": { "frequently_forwarded": true } })),
        ("a text after an advertisement", json!({ "text": "¿precio?", "referral": ad })),
        (
            "a text about a product",
            json!({ "text": "¿este?", "context": { "referred_product": { "catalog_id": "C", "product_retailer_id": "SKU" } } }),
        ),
        (
            "a place",
            json!({ "type": "location", "location": { "latitude": 14.6, "longitude": -90.5, "name": "Casa", "address": "Zona 10" } }),
        ),
        ("a bare place", json!({ "type": "location", "location": { "latitude": 14.6, "longitude": -90.5 } })),
        ("a business card", json!({ "type": "contacts", "contacts": [card] })),
        (
            "an answer of a template",
            json!({ "type": "button", "button": { "payload": "CONFIRM-77", "text": "Sí" } }),
        ),
        (
            "a button",
            json!({ "type": "interactive", "interactive": { "type": "button_reply", "button_reply": { "id": "yes", "title": "Sí" } } }),
        ),
        (
            "a choice of a list",
            json!({ "type": "interactive", "interactive": { "type": "list_reply", "list_reply": list } }),
        ),
        (
            "a flow",
            json!({ "type": "interactive", "interactive": { "type": "nfm_reply", "nfm_reply": flow } }),
        ),
        ("an order", json!({ "type": "order", "order": { "catalog_id": "C", "product_items": [item] } })),
        (
            "what WhatsApp does not pass on",
            json!({ "type": "unsupported", "unsupported": { "type": "poll" }, "errors": unknown }),
        ),
        ("a kind to come", json!({ "type": "hologram", "hologram": { "depth": 3 } })),
    ]
}

/// Those with a file, whose ids say what is in them.
pub(super) fn files() -> Vec<(&'static str, Value)> {
    let document = json!({ "id": "105", "caption": "la factura", "filename": "factura.pdf" });
    vec![
        ("a picture", json!({ "type": "image", "image": { "id": "101", "caption": "la fuga" } })),
        ("a voice note", json!({ "type": "audio", "audio": { "id": "102", "voice": true } })),
        ("a song", json!({ "type": "audio", "audio": { "id": "103", "mime_type": "audio/mpeg" } })),
        ("a video", json!({ "type": "video", "video": { "id": "104", "caption": "así suena" } })),
        ("a document", json!({ "type": "document", "document": document })),
        ("a sticker", json!({ "type": "sticker", "sticker": { "id": "106" } })),
    ]
}

/// A customer sends one of each kind, reacts to the first one, answers it, edits a text and revokes another; and is
/// answered by a person and by a bot. Gives the conversation.
pub(super) async fn every_kind(scene: &mut Scene, from: &str) -> u64 {
    let first = scene.sends(from, json!({ "text": "hola" })).await;
    let conversation = scene.conversation(from).await;
    for (_, message) in plain() {
        scene.sends(from, message).await;
    }
    for (_, message) in files() {
        scene.sends_file(from, message).await;
    }
    scene.sends(from, json!({ "text": "a lo primero", "context": { "id": first } })).await;
    scene
        .sends(from, json!({ "type": "reaction", "reaction": { "message_id": first, "emoji": "👍" } }))
        .await;
    for (text, change) in [("se va", "revoke"), ("se cambia", "edit")] {
        let of = scene.sends(from, json!({ "text": text })).await;
        let mut what = json!({ "original_message_id": of });
        if change == "edit" {
            what["message"] = json!({ "type": "text", "text": { "body": "cambiado" } });
        }
        scene.sends(from, json!({ "type": change, change: what })).await;
    }
    let path = format!("/api/conversations/{conversation}/reply");
    for body in [
        json!({ "message": "Enseguida" }),
        json!({ "message": "Soy un bot", "sent_by": { "type": "bot", "name": "Agua" } }),
    ] {
        assert_eq!(scene.stand.api.post(&path, &body).await.status, 200);
        scene.rest().await;
    }
    conversation
}
