//! What messages say, whole: in `/v1`, on sockets, and in the contracts that have one field for it.

mod calls;
mod leaves;
mod outbound;
mod status_leaves;
mod updates;

use serde_json::{Value, json};
use ventanilla::ports::clock::Clock;

use crate::harness::{Client, DEMO_KEY, IdNumber as _, Socket, Stand};

const ANA: &str = "+50212345678";

/// Ana sends this message, as Meta's webhook has it; gives the message as `/v1` shows it.
async fn received(stand: &Stand, message: Value) -> Value {
    let id = webhook(stand, message).await;
    by_provider_id(&stand.api, &id).await
}

/// A signed webhook with one message of Ana's; gives the provider's id.
async fn webhook(stand: &Stand, message: Value) -> String {
    let mut whole = json!({
        "from": "50212345678", "id": format!("wamid.{}", stand.clock.now().millis()),
        "timestamp": stand.clock.now().seconds().to_string(),
    });
    for (name, value) in message.as_object().unwrap() {
        whole[name] = value.clone();
    }
    stand.clock.advance(std::time::Duration::from_millis(1));
    let id = whole["id"].as_str().unwrap().to_owned();
    let body = json!({ "object": "whatsapp_business_account", "entry": [{ "id": "2001", "changes": [{ "field": "messages", "value": {
        "messaging_product": "whatsapp", "metadata": { "phone_number_id": "1001", "display_phone_number": "15550100001" },
        "contacts": [{ "wa_id": "50212345678", "profile": { "name": "Ana Ruiz" } }], "messages": [whole],
    } }] }] });
    let answer = stand.callback("demo", "demo-app-secret", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    id
}

async fn by_provider_id(api: &Client, id: &str) -> Value {
    let answer = api.get(&format!("/v1/messages/{id}")).await;
    assert_eq!(answer.status, 200, "{id} {}", answer.text);
    answer.json()
}

#[tokio::test]
async fn each_kind_is_returned_whole() {
    let stand = Stand::start().await;
    let card = json!({ "name": { "formatted_name": "Luis López", "first_name": "Luis" }, "phones": [{ "phone": "+502 8765-4321", "wa_id": "50287654321", "type": "CELL" }],
        "emails": [{ "email": "luis@example.com", "type": "WORK" }], "org": { "company": "Ambiotec", "title": "Jefe" },
        "addresses": [{ "street": "5a Avenida", "city": "Guatemala", "country_code": "gt", "type": "HOME" }], "urls": [{ "url": "https://example.com" }], "birthday": "1990-01-02" });
    for (message, kind, text, part) in [
        (
            json!({ "type": "interactive", "interactive": { "type": "list_reply", "list_reply": { "id": "row_7", "title": "Plan B", "description": "el otro" } } }),
            "interactive",
            json!("Plan B"),
            json!({ "kind": "list_reply", "id": "row_7", "title": "Plan B", "description": "el otro", "data": null }),
        ),
        (
            json!({ "type": "interactive", "interactive": { "type": "button_reply", "button_reply": { "id": "yes", "title": "Sí" } } }),
            "interactive",
            json!("Sí"),
            json!({ "kind": "button_reply", "id": "yes", "title": "Sí", "description": null, "data": null }),
        ),
        (
            json!({ "type": "button", "button": { "payload": "CONFIRM-77", "text": "Sí" } }),
            "interactive",
            json!("Sí"),
            json!({ "kind": "quick_reply", "id": "CONFIRM-77", "title": "Sí", "description": null, "data": null }),
        ),
        (
            json!({ "type": "interactive", "interactive": { "type": "nfm_reply", "nfm_reply": { "name": "flow", "body": "Sent", "response_json": "{\"answer\":\"x\"}" } } }),
            "interactive",
            json!("Sent"),
            json!({ "kind": "flow_reply", "id": null, "title": "flow", "description": null, "data": { "answer": "x" } }),
        ),
        (
            json!({ "type": "interactive", "interactive": { "type": "nfm_reply", "nfm_reply": { "name": "flow", "body": "Sent", "response_json": "{\"answer\":" } } }),
            "interactive",
            json!("Sent"),
            json!({ "kind": "flow_reply", "id": null, "title": "flow", "description": null, "data": "{\"answer\":" }),
        ),
        (
            json!({ "type": "order", "order": { "catalog_id": "C", "product_items": [{ "product_retailer_id": "SKU", "quantity": 2, "item_price": 30, "currency": "GTQ" }] } }),
            "order",
            Value::Null,
            json!({ "catalog_id": "C", "text": null, "items": [{ "product_id": "SKU", "quantity": 2, "price": 30, "currency": "GTQ" }] }),
        ),
        (
            json!({ "type": "location", "location": { "latitude": 14.6, "longitude": -90.5, "name": "Casa", "address": "Zona 10" } }),
            "location",
            json!("Casa"),
            json!({ "latitude": 14.6, "longitude": -90.5, "name": "Casa", "address": "Zona 10", "url": null }),
        ),
        (
            json!({ "type": "contacts", "contacts": [card] }),
            "contacts",
            json!("Luis López, +502 8765-4321"),
            json!([{ "name": "Luis López", "phones": [{ "phone": "+502 8765-4321", "wa_id": "50287654321", "type": "CELL" }],
                "emails": [{ "email": "luis@example.com", "type": "WORK" }], "organization": { "company": "Ambiotec", "department": null, "title": "Jefe" },
                "addresses": [{ "street": "5a Avenida", "city": "Guatemala", "state": null, "zip": null, "country": null, "country_code": "gt", "type": "HOME" }],
                "urls": [{ "url": "https://example.com", "type": null }], "birthday": "1990-01-02" }]),
        ),
        (
            json!({ "type": "contacts", "contacts": [{ "vcard": "BEGIN:VCARD\nVERSION:3.0\nFN:Eva\nTEL:+50211112222\nEND:VCARD" }] }),
            "contacts",
            json!("Eva, +50211112222"),
            json!([{ "name": "Eva", "phones": [{ "phone": "+50211112222", "wa_id": null, "type": null }], "emails": [], "organization": null, "addresses": [], "urls": [], "birthday": null }]),
        ),
        (
            json!({ "type": "unsupported", "unsupported": { "type": "poll" }, "errors": [{ "code": 131_051, "title": "Message type unknown", "error_data": { "details": "not supported" } }] }),
            "unsupported",
            Value::Null,
            json!({ "kind": "poll", "errors": [{ "code": 131_051, "title": "Message type unknown", "message": null, "details": "not supported", "href": null }] }),
        ),
        (
            json!({ "type": "hologram", "hologram": { "depth": 3 } }),
            "unknown",
            Value::Null,
            json!({ "kind": "hologram" }),
        ),
    ] {
        let shown = received(&stand, message.clone()).await;
        assert_eq!((&shown["type"], &shown["text"]), (&json!(kind), &text), "{message}");
        assert_eq!(shown[kind], part, "{message}");
    }
}

#[tokio::test]
async fn the_origin_of_a_message_is_returned() {
    let stand = Stand::start().await;
    let first = received(&stand, json!({ "type": "text", "text": { "body": "hola" } })).await;
    let referral = json!({ "source_type": "ad", "source_id": "S", "source_url": "https://fb.me/x", "headline": "Oferta", "body": "b", "ctwa_clid": "C", "media_type": "image" });
    let shown =
        received(&stand, json!({ "type": "text", "text": { "body": "x" }, "referral": referral })).await;
    assert_eq!(shown["referral"], referral);
    let quoted = json!({ "type": "text", "text": { "body": "x" }, "context": { "from": "50212345678", "id": first["provider_message_id"] } });
    let shown = received(&stand, quoted).await;
    let to = json!({ "message_id": first["id"], "provider_message_id": first["provider_message_id"] });
    assert_eq!((&shown["reply_to"], &shown["forwarded"]), (&to, &json!(false)));
    let asks = json!({ "type": "text", "text": { "body": "x" }, "context": { "frequently_forwarded": true, "referred_product": { "catalog_id": "C", "product_retailer_id": "SKU" } } });
    let shown = received(&stand, asks).await;
    assert_eq!((&shown["forwarded"], &shown["frequently_forwarded"]), (&json!(true), &json!(true)));
    assert_eq!(shown["referred_product"], json!({ "catalog_id": "C", "product_id": "SKU" }));
}

#[tokio::test]
async fn errors_of_a_message_are_shown_like_those_of_a_status() {
    let stand = Stand::start().await;
    let told = json!([{ "code": "131052", "title": "Media download error", "error_data": { "details": "+502 1234-5678 sent no file" } }, "odd"]);
    let broken = json!({ "type": "image", "image": {}, "errors": told });
    let expected = json!([
        { "code": 131_052, "title": "Media download error", "message": null, "details": "…78 sent no file", "href": null },
        { "code": null, "title": null, "message": "odd", "details": null, "href": null },
    ]);
    assert_eq!(received(&stand, broken).await["errors"], expected);
    let unknown = json!({ "type": "unsupported", "errors": told });
    assert_eq!(received(&stand, unknown).await["unsupported"], json!({ "kind": null, "errors": expected }));
}

#[tokio::test]
async fn the_longest_text_is_shown_whole() {
    let stand = Stand::start().await;
    for character in ["a", "ж", "水", "😀"] {
        let text = character.repeat(65_536);
        let shown = received(&stand, json!({ "type": "text", "text": { "body": text } })).await;
        assert_eq!(shown["text"].as_str().map(str::len), Some(text.len()), "{character}");
        assert_eq!(shown["truncated"], Value::Null);
        let id = shown["id"].as_str().unwrap();
        let raw = stand.api.get(&format!("/v1/messages/{id}?include=raw")).await.json();
        assert_eq!(raw["raw"]["entry"][0]["changes"][0]["value"]["messages"][0]["text"]["body"], json!(text));
    }
    // Lists end by bytes as well, and lose nothing on the way.
    let conversation = stand.conversation_with(ANA).await["id"].id_number();
    let (mut seen, mut more) = (0, String::new());
    loop {
        let page = stand.api.get(&format!("/v1/conversations/{conversation}/messages?limit=100{more}")).await;
        assert!(page.text.len() < 6_000_000);
        let page = page.json();
        seen += page["data"].as_array().unwrap().len();
        match page["next_cursor"].as_str() {
            Some(cursor) => more = format!("&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, 4);
}

#[tokio::test]
async fn content_too_large_for_a_row_is_cut_in_lists_and_whole_by_its_id() {
    let stand = Stand::start().await;
    let cards: Vec<Value> = (0..3000)
        .map(|n| json!({ "name": { "formatted_name": format!("name {n} {}", "x".repeat(150)) } }))
        .collect();
    let shown = received(&stand, json!({ "type": "contacts", "contacts": cards })).await;
    assert_eq!(shown["contacts"].as_array().map(Vec::len), Some(3000));
    let conversation = stand.conversation_with(ANA).await["id"].id_number();
    let listed = stand.messages(conversation).await.remove(0);
    assert_eq!((&listed["truncated"], &listed["id"]), (&json!(true), &shown["id"]));
    assert_eq!(stand.api.get(listed["url"].as_str().unwrap()).await.json()["contacts"], shown["contacts"]);
}

#[tokio::test]
async fn an_id_is_accepted_in_either_spelling() {
    let stand = Stand::start().await;
    let shown = received(&stand, json!({ "type": "text", "text": { "body": "hola" } })).await;
    let bare = |name: &str, word: &str| shown[name].as_str().unwrap().strip_prefix(word).unwrap().to_owned();
    for (path, word, id) in [
        ("/v1/messages/", "msg_", bare("id", "msg_")),
        ("/v1/conversations/", "conv_", bare("conversation_id", "conv_")),
        ("/v1/contacts/", "contact_", bare("contact_id", "contact_")),
    ] {
        let (with, without) =
            (stand.api.get(&format!("{path}{word}{id}")).await, stand.api.get(&format!("{path}{id}")).await);
        assert_eq!((with.status.as_u16(), with.json()), (200, without.json()), "{path}");
        assert_ne!(stand.api.get(&format!("{path}x_{id}")).await.status, 200, "{path}");
    }
    let listed = stand.api.get("/v1/conversations?channel_id=ch_1").await.json();
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(1));
    let strange = stand.api.get("/v1/messages/wamid.unknown").await;
    assert_eq!(strange.status, 404, "{}", strange.text);
    let stranger = stand.api.with_key(Some(crate::harness::OTHER_KEY));
    let theirs =
        stranger.get(&format!("/v1/messages/{}", shown["provider_message_id"].as_str().unwrap())).await;
    assert_eq!((theirs.status, theirs.text), (strange.status, strange.text), "as one that nobody has");
}

#[tokio::test]
async fn a_socket_gets_the_id_of_the_tapped_button_and_keeps_its_types() {
    let stand = Stand::start_live().await;
    let mut socket = Socket::open(&stand.base(), &format!("apiKey={DEMO_KEY}"), &[]).await.unwrap();
    assert_eq!(socket.next().await["type"], "connected");
    webhook(&stand, json!({ "type": "interactive", "interactive": { "type": "button_reply", "button_reply": { "id": "yes", "title": "Sí" } } })).await;
    let heard = socket.next_of("whatsapp_message").await["data"].clone();
    assert_eq!(
        (&heard["type"], &heard["text"], &heard["interactive"]["id"]),
        (&json!("text"), &json!("Sí"), &json!("yes"))
    );
    let order = json!({ "type": "order", "order": { "catalog_id": "C", "product_items": [{ "product_retailer_id": "SKU", "quantity": 2 }] } });
    webhook(&stand, order).await;
    let heard = socket.next_of("whatsapp_message").await["data"].clone();
    assert_eq!(
        (&heard["text"], &heard["order"]["items"][0]["product_id"]),
        (&json!("2 × SKU"), &json!("SKU"))
    );
    let large = json!({ "type": "text", "text": { "body": "ж".repeat(65_536) } });
    webhook(&stand, large).await;
    let heard = socket.next_of("whatsapp_message").await["data"].clone();
    assert_eq!(heard["truncated"], true);
    let whole = stand.api.get(heard["url"].as_str().unwrap()).await.json();
    assert_eq!(whole["text"].as_str().map(str::len), Some(131_072));
}
