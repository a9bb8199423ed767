//! Every kind of content, into a conversation and to a number.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{ANA, ana_writes, calls, created, refused, reminder};
use crate::{
    files::put_in,
    harness::{Stand, eventually},
};

/// The last message that Ana's phone got, whole.
async fn got(stand: &Stand) -> Value {
    let phone = stand.api.get(&format!("/sandbox/phones/{ANA}")).await.json();
    let mut all = phone["messages"].as_array().unwrap().iter().rev();
    all.find(|message| message["direction"] == "received").unwrap_or_else(|| panic!("{phone}")).clone()
}

#[tokio::test]
async fn every_kind_of_content_reaches_the_customer_and_reads_back() {
    let stand = Stand::start().await;
    let path = ana_writes(&stand).await;
    let buttons = json!({ "type": "button", "body": { "text": "¿Viene?" },
        "action": { "buttons": [{ "type": "reply", "reply": { "id": "yes", "title": "Sí" } }] } });
    let place = json!({ "latitude": 14.6, "longitude": -90.5, "name": "Casa", "address": null });
    let card = json!([{ "name": "Luis", "phones": [{ "phone": "+50287654321", "type": "CELL" }] }]);
    for to in [None, Some(json!({ "phone": ANA }))] {
        for (kind, part, text) in [
            ("text", json!("Yes, until 6 pm."), json!("Yes, until 6 pm.")),
            ("template", reminder(), json!(null)),
            ("interactive", buttons.clone(), json!("¿Viene?")),
            ("location", place.clone(), json!("Casa")),
            ("contacts", card.clone(), json!(null)),
        ] {
            let mut body = json!({ kind: part });
            let path = if let Some(to) = &to {
                body["to"] = to.clone();
                "/v1/messages"
            } else {
                path.as_str()
            };
            let told = created(&stand, &stand.api.post(path, &body).await).await;
            assert_eq!(told["type"], kind, "{told}");
            assert!(kind == "template" || told["text"] == text, "{told}");
            assert_eq!(got(&stand).await["type"], kind);
        }
    }
    let last = stand.api.get(&format!("{path}?limit=1")).await.json();
    assert_eq!(last["data"][0]["contacts"][0]["phones"][0]["phone"], "+50287654321");
    assert_eq!(last["data"][0]["contacts"][0]["name"], "Luis");
}

#[tokio::test]
async fn a_file_is_sent_by_reference_by_address_and_as_bytes() {
    let stand = Stand::start().await;
    let path = ana_writes(&stand).await;
    let picture = put_in(&stand, "image/png", b"a picture").await;
    let body = json!({ "image": { "media_id": picture["id"], "caption": "look" } });
    let told = created(&stand, &stand.api.post(&path, &body).await).await;
    assert_eq!((&told["image"]["media_id"], &told["text"]), (&picture["id"], &json!("look")));
    let pdf =
        json!({ "data": STANDARD.encode(b"%PDF"), "mime_type": "application/pdf", "file_name": "bill.pdf" });
    let told = created(
        &stand,
        &stand.api.post("/v1/messages", &json!({ "to": { "phone": ANA }, "document": pdf })).await,
    )
    .await;
    assert_eq!((&told["document"]["file_name"], &told["document"]["size"]), (&json!("bill.pdf"), &json!(4)));
    assert_eq!(got(&stand).await["content"]["filename"], "bill.pdf");
    let sound = put_in(&stand, "audio/ogg", b"a word").await;
    let body = json!({ "audio": { "media_id": sound["id"], "voice": true } });
    assert_eq!(created(&stand, &stand.api.post(&path, &body).await).await["audio"]["voice"], true);
    let sticker = put_in(&stand, "image/webp", b"a sticker").await;
    let body = json!({ "sticker": { "media_id": sticker["id"] } });
    assert_eq!(created(&stand, &stand.api.post(&path, &body).await).await["type"], "sticker");
    let before = calls(&stand);
    for (body, field) in [
        (json!({ "video": { "media_id": picture["id"] } }), "video"),
        (json!({ "image": { "media_id": "media_4711" } }), "image"),
        (json!({ "image": { "url": "http://files.example/a.png" } }), "image"),
        (json!({ "image": { "media_id": picture["id"], "caption": "x".repeat(1025) } }), "image.caption"),
        (json!({ "audio": { "media_id": sound["id"], "caption": "x" } }), "audio.caption"),
    ] {
        let answer = stand.api.post(&path, &body).await;
        assert_eq!(
            refused(&answer),
            (400, json!("invalid_request"), json!(field)),
            "{body}: {}",
            answer.text
        );
    }
    assert_eq!(calls(&stand), before);
}

/// What is at an address that the provider was given.
async fn read_at(stand: &Stand, link: &str) -> String {
    stand.api.with_key(None).get(link.strip_prefix(&stand.base()).unwrap()).await.text
}

#[tokio::test]
async fn a_template_shows_a_file_of_ours_in_its_header() {
    let stand = Stand::start().await;
    let path = ana_writes(&stand).await;
    let picture = put_in(&stand, "image/png", b"a picture").await;
    let with = |id: &Value| {
        let header = json!({ "type": "header", "parameters": [{ "type": "image", "image": { "id": id } }] });
        let body = json!({ "type": "body", "parameters": [{ "type": "text", "text": "Ana" }] });
        json!({ "name": "promo_with_image", "language": "es", "components": [header, body] })
    };
    let shown = |message: &Value| message["content"]["components"][0]["parameters"][0]["image"].clone();
    let template = with(&picture["id"]);
    let told = created(&stand, &stand.api.post(&path, &json!({ "template": template })).await).await;
    assert_eq!(told["template"]["parameters"], template["components"], "as it was given");
    let got_it = got(&stand).await;
    let link = shown(&got_it)["link"].as_str().unwrap_or_else(|| panic!("{got_it}")).to_owned();
    assert!(shown(&got_it)["id"].is_null());
    assert_eq!(read_at(&stand, &link).await, "a picture");
    // The same to many, for all recipients or for one.
    let other = put_in(&stand, "image/png", b"another picture").await;
    let body = json!({ "template": template, "recipients": [
        { "phone": "+50287654321" },
        { "phone": ANA, "components": with(&other["id"])["components"] },
    ] });
    let begun = stand.api.post("/v1/broadcasts", &body).await;
    assert_eq!(begun.status, 202, "{}", begun.text);
    let broadcast = format!("/v1/broadcasts/{}", begun.json()["id"].as_str().unwrap());
    eventually("the broadcast is done", || async {
        let counts = stand.api.get(&broadcast).await.json()["counts"].clone();
        (counts["accepted"] == 2).then_some(())
    })
    .await;
    let link = shown(&got(&stand).await)["link"].as_str().unwrap().to_owned();
    assert_eq!(read_at(&stand, &link).await, "another picture");
    // A file that is not the tenant's picture is rejected by name.
    let before = calls(&stand);
    let pdf = put_in(&stand, "application/pdf", b"%PDF").await;
    for wrong in [json!("media_4711"), pdf["id"].clone()] {
        let place = "components[0].parameters[0].image.id";
        let answer = stand.api.post(&path, &json!({ "template": with(&wrong) })).await;
        let field = json!(format!("template.{place}"));
        assert_eq!(refused(&answer), (400, json!("invalid_request"), field), "{}", answer.text);
        let mut other = body.clone();
        other["recipients"][1]["components"] = with(&wrong)["components"].clone();
        let answer = stand.api.post("/v1/broadcasts", &other).await;
        let field = json!(format!("recipients[1].{place}"));
        assert_eq!(refused(&answer), (400, json!("invalid_request"), field), "{}", answer.text);
    }
    assert_eq!(calls(&stand), before);
}

#[tokio::test]
async fn a_message_quotes_and_reacts_by_our_id_and_by_the_provider_s() {
    let stand = Stand::start().await;
    let path = ana_writes(&stand).await;
    let heard = stand.api.get(&path).await.json()["data"][0].clone();
    let theirs = heard["provider_message_id"].as_str().unwrap();
    let number = heard["id"].as_str().unwrap().trim_start_matches("msg_").parse::<u64>().unwrap();
    for named in [heard["id"].clone(), json!(theirs), json!(number)] {
        let body = json!({ "text": "Sí", "reply_to": named });
        let told = created(&stand, &stand.api.post(&path, &body).await).await;
        assert_eq!(told["reply_to"]["provider_message_id"], theirs, "{told}");
        let body = json!({ "to": { "phone": ANA }, "reaction": { "message_id": named, "emoji": "👍" } });
        let told = created(&stand, &stand.api.post("/v1/messages", &body).await).await;
        assert_eq!((&told["type"], &told["reaction"]["emoji"]), (&json!("reaction"), &json!("👍")));
        let body = json!({ "reaction": { "message_id": named, "emoji": "" } });
        assert_eq!(
            created(&stand, &stand.api.post(&path, &body).await).await["reaction"]["emoji"],
            json!(null)
        );
    }
}

#[tokio::test]
async fn fields_beside_the_content_are_stored() {
    let stand = Stand::start().await;
    let path = ana_writes(&stand).await;
    let body = json!({
        "text": "https://ventanilla.example", "preview_url": true, "sent_by": { "type": "human", "id": "ana", "name": "Ana" },
        "references": { "ref": "order-7", "ref1": "sales" }, "delivery_policy": "at-least-once", "reply_to": null,
    });
    let told = created(&stand, &stand.api.post(&path, &body).await).await;
    assert_eq!(told["sender"], json!({ "type": "human", "id": "ana", "name": "Ana" }));
    assert_eq!(told["references"], json!({ "ref": "order-7", "ref1": "sales" }));
    assert_eq!(told["attempt"]["policy"], "at-least-once");
    let rows = stand.rows().await;
    assert!(
        rows.values().any(|row| row["content"]["M"]["link_preview"]["S"] == "on"),
        "the preview is asked for"
    );
}
