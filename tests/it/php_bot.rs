//! The PHP bot's contract, as its clients see it.

use http::Method;
use serde_json::{Value, json};
use ventanilla_sandbox::Fault;

use crate::harness::{DEMO_KEY, OTHER_KEY, Stand};

const ANA: &str = "+50212345678";

fn failed(code: &str) -> Value {
    json!({ "success": false, "error": "Error al enviar respuesta", "code": code })
}

#[tokio::test]
async fn a_reply_answers_exactly_as_documented_in_both_spellings() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let documented = json!({ "success": true, "message": "Reply sent successfully" });
    // The documented curl sends no key at all.
    let client = stand.api.with_key(None);
    for path in [format!("/api/conversations/{id}/reply"), format!("/api/reply-conversation.php?id={id}")] {
        let answer = client.post(&path, &json!({ "message": "listo", "unknown": [1] })).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (200, documented.clone()), "{path}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("pragma"), Some("no-cache"));
    }
    assert_eq!(stand.phone_got(ANA).await, ["listo", "listo"]);
}

#[tokio::test]
async fn every_failure_is_the_documented_500_and_says_why_in_code() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let reply = format!("/api/conversations/{id}/reply");
    for body in [
        "",
        "{",
        "[]",
        "{}",
        "{\"message\":null}",
        "{\"message\":\"\"}",
        "{\"message\":\"0\"}",
        "{\"message\":7}",
        "{\"message\":\"a\\u0000b\"}",
    ] {
        let answer = stand.api.call(Method::POST, &reply, &[], body.into()).await;
        let json = answer.json();
        assert_eq!((answer.status.as_u16(), &json["code"]), (500, &json!("invalid_request")), "{body}");
        assert_eq!(json["error"], "Error al enviar respuesta");
        assert!(["message", "body"].contains(&json["field"].as_str().unwrap()), "{json}");
    }
    let long = json!({ "message": "x".repeat(4097) });
    assert_eq!(stand.api.post(&reply, &long).await.json()["field"], "message");
    for path in ["/api/conversations/999/reply", "/api/reply-conversation.php?id=999"] {
        let answer = stand.api.post(path, &json!({ "message": "x" })).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (500, failed("not_found")), "{path}");
    }
    for path in
        ["/api/reply-conversation.php", "/api/reply-conversation.php?id=abc", "/api/conversations/0/reply"]
    {
        let answer = stand.api.post(path, &json!({ "message": "x" })).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["field"]), (500, &json!("id")), "{path}");
    }
    stand.provider_will(Fault::Refuse { code: 131_026, http_status: None, details: None });
    let answer = stand.api.post(&reply, &json!({ "message": "x" })).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (500, failed("recipient_unreachable")));
}

#[tokio::test]
async fn nothing_is_saved_when_the_send_fails() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let before = (stand.messages(id).await, stand.conversation_with(ANA).await);
    stand.provider_will(Fault::Refuse { code: 100, http_status: None, details: None });
    assert_eq!(stand.reply(id, "lost").await.status, 500);
    assert_eq!((stand.messages(id).await, stand.conversation_with(ANA).await), before);
    assert!(stand.phone_got(ANA).await.is_empty());
}

#[tokio::test]
async fn unknown_paths_are_its_plain_404() {
    let stand = Stand::start().await;
    for (method, path) in [
        (Method::GET, "/api/conversations/1/reply"),
        (Method::PUT, "/api/conversations/1/reply"),
        (Method::POST, "/api/conversations/abc/reply"),
        (Method::POST, "/api/conversations/1x/reply"),
    ] {
        let answer = stand.api.call(method, path, &[], b"{\"message\":\"x\"}".to_vec()).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (404, "404 - Not Found"), "{path}");
    }
}

#[tokio::test]
async fn a_key_that_is_given_must_be_right() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let path = format!("/api/conversations/{id}/reply");
    let wrong = stand.api.with_key(Some("vk_wrong")).post(&path, &json!({ "message": "x" })).await;
    assert_eq!((wrong.status.as_u16(), wrong.json()), (401, failed("unauthenticated")));
    // Another tenant's conversation does not exist, whatever the key.
    let foreign = stand.api.with_key(Some(OTHER_KEY)).post(&path, &json!({ "message": "x" })).await;
    assert_eq!((foreign.status.as_u16(), foreign.json()), (500, failed("not_found")));
    let right = stand.api.with_key(Some(DEMO_KEY)).post(&path, &json!({ "message": "x" })).await;
    assert_eq!(right.status, 200);
    assert_eq!(stand.phone_got(ANA).await, ["x"]);
}
