//! Bodies that are wrong: each mistake is named, and nothing is sent.

use serde_json::{Value, json};

use super::{ANA, ana_writes, calls, refused};
use crate::harness::{Answer, Stand};

async fn raw(stand: &Stand, path: &str, body: &str) -> Answer {
    stand.api.call(http::Method::POST, path, &[], body.as_bytes().to_vec()).await
}

#[tokio::test]
async fn every_mistake_is_named_and_nothing_is_sent() {
    let stand = Stand::start().await;
    let path = ana_writes(&stand).await;
    let other = stand.customer_writes("+50287654321", "hola").await;
    let foreign = stand.messages(other).await[0]["id"].clone();
    let before = calls(&stand);
    for (body, field, says) in [
        (json!({}), "text", "give one of text, image"),
        (json!({ "text": null }), "text", "is missing"),
        (json!({ "txt": "x" }), "txt", "did you mean `text`?"),
        (json!({ "text": "x", "replyTo": "msg_7" }), "replyTo", "did you mean `reply_to`?"),
        (json!({ "text": "" }), "text", "must not be empty"),
        (json!({ "text": "x".repeat(4097) }), "text", "4096"),
        (json!({ "text": { "body": "x" } }), "text", "must be text"),
        (json!({ "text": "x", "template": { "name": "a", "language": "es" } }), "template", "beside text"),
        (json!({ "text": "x", "image": { "media_id": "media_7" } }), "text", "caption"),
        (json!({ "image": {} }), "image", "one of media_id, url and data"),
        (json!({ "image": { "link": "https://a.example/b.png" } }), "image.link", "known are media_id, url"),
        (json!({ "image": { "data": "QUJD" } }), "image.mime_type", "is missing"),
        (json!({ "location": { "latitude": 91, "longitude": 0 } }), "location.latitude", "from -90 to 90"),
        (json!({ "location": { "latitude": "1", "longitude": 0 } }), "location.latitude", "must be a number"),
        (json!({ "contacts": [] }), "contacts", "1 to 257"),
        (
            json!({ "contacts": [{ "name": { "formatted_name": "Ana" } }] }),
            "contacts[0].name",
            "must be text",
        ),
        (json!({ "interactive": { "type": "button" } }), "interactive", "type and action"),
        (
            json!({ "reaction": { "message_id": foreign, "emoji": "👍" } }),
            "reaction.message_id",
            "of this conversation",
        ),
        (json!({ "reaction": { "message_id": "msg_7" } }), "reaction.emoji", "is missing"),
        (
            json!({ "template": { "name": "a", "language": "es", "components": [{}] } }),
            "template.components[0].type",
            "is missing",
        ),
        (json!({ "template": { "name": "A B", "language": "es" } }), "template.name", "a-z"),
        (
            json!({ "template": { "name": "a", "language": { "code": "es" } } }),
            "template.language",
            "must be text",
        ),
        (json!({ "text": "x", "reply_to": foreign }), "reply_to", "of this conversation"),
        (json!({ "text": "x", "reply_to": "wamid.of-nothing" }), "reply_to", "of this conversation"),
        (json!({ "text": "x", "preview_url": "true" }), "preview_url", "true or false"),
        (json!({ "interactive": {}, "preview_url": true }), "preview_url", "text only"),
        (json!({ "text": "x", "sent_by": { "type": "person" } }), "sent_by.type", "human or bot"),
        (json!({ "text": "x", "sent_by": { "type": "human", "id": "" } }), "sent_by.id", "1 to 64"),
        (json!({ "text": "x", "references": { "ref": "x".repeat(256) } }), "references.ref", "255"),
        (
            json!({ "text": "x", "delivery_policy": "twice" }),
            "delivery_policy",
            "at-most-once or at-least-once",
        ),
    ] {
        let answer = stand.api.post(&path, &body).await;
        assert_eq!(
            refused(&answer),
            (400, json!("invalid_request"), json!(field)),
            "{body}: {}",
            answer.text
        );
        assert!(answer.json()["detail"].as_str().unwrap().contains(says), "{}", answer.text);
    }
    assert_eq!(calls(&stand), before);
}

#[tokio::test]
async fn invalid_json_and_repeated_fields_are_rejected() {
    let stand = Stand::start().await;
    let path = ana_writes(&stand).await;
    for (body, field) in [
        ("", "body"),
        ("text=x", "body"),
        ("[]", "body"),
        (r#"{"text":"x","text":"y"}"#, "text"),
        (r#"{"interactive":{"type":"button","action":{"a":1,"a":2}}}"#, "interactive.action.a"),
    ] {
        let answer = raw(&stand, &path, body).await;
        assert_eq!(
            refused(&answer),
            (400, json!("invalid_request"), json!(field)),
            "{body}: {}",
            answer.text
        );
    }
    assert_eq!(raw(&stand, &path, "\u{feff}{\"text\":\"with a mark\"}").await.status, 201);
    assert_eq!(stand.phone_got(ANA).await, ["with a mark"]);
}

#[tokio::test]
async fn at_least_once_is_for_conversations_and_header_and_body_agree() {
    let stand = Stand::start().await;
    let path = ana_writes(&stand).await;
    let least = |to: Value| json!({ "to": to, "text": "x", "delivery_policy": "at-least-once" });
    let answer = stand.api.post("/v1/messages", &least(json!({ "phone": ANA }))).await;
    assert_eq!(refused(&answer).2, "delivery_policy");
    let header = [("delivery-policy", "at-most-once")];
    let answer = stand
        .api
        .post_with(&path, &header, &json!({ "text": "x", "delivery_policy": "at-least-once" }))
        .await;
    assert_eq!(refused(&answer).2, "delivery_policy");
    assert!(stand.phone_got(ANA).await.is_empty());
}
