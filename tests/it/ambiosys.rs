//! AmbioSys's contract, as its clients see it.

use http::Method;
use serde_json::{Value, json};
use ventanilla_sandbox::{ErrorBody, Fault};

use crate::harness::{OTHER_KEY, Stand};

const ANA: &str = "+50212345678";

#[tokio::test]
async fn send_answers_exactly_as_documented() {
    let stand = Stand::start().await;
    stand.window_opens(ANA).await;
    let body = json!({ "phoneNumber": "+502 1234-5678", "content": "Hello! Your service request has been received.", "requestId": 123 });
    let answer = stand.api.post("/api/whatsapp/send", &body).await;
    let json = answer.json();
    let (message, conversation) = (&json["data"]["message"], &json["data"]["conversation"]);
    let id = conversation["conversation_id"].as_u64().unwrap();
    let at = message["created_at"].as_str().unwrap();
    assert!(at.len() == "2026-03-03T10:30:00Z".len() && at.ends_with('Z'), "{at}");
    let documented = json!({
        "success": true,
        "data": {
            "message": {
                "message_id": message["message_id"].as_u64().unwrap(),
                "conversation_id": id,
                "content": "Hello! Your service request has been received.",
                "message_type": "text",
                "direction": "outbound",
                "status": "sent",
                "created_at": at,
            },
            "conversation": { "conversation_id": id, "phone_number": "50212345678", "request_id": 123 },
        }
    });
    assert_eq!((answer.status.as_u16(), json), (200, documented));
}

#[tokio::test]
async fn a_message_in_a_conversation_answers_flat() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let path = format!("/api/whatsapp/conversations/{id}/messages");
    let answer = stand.api.post(&path, &json!({ "content": "Thank you", "messageType": "text" })).await;
    let json = answer.json();
    let documented = json!({
        "success": true,
        "data": {
            "message_id": json["data"]["message_id"].as_u64().unwrap(),
            "conversation_id": id,
            "content": "Thank you",
            "status": "sent",
        }
    });
    assert_eq!((answer.status.as_u16(), json), (200, documented));
}

#[tokio::test]
async fn bad_input_is_a_400_that_names_the_field() {
    let stand = Stand::start().await;
    let number = ANA;
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (b"".to_vec(), "body"),
        (b"not json".to_vec(), "body"),
        (b"[1]".to_vec(), "body"),
        (b"{\"content\":\"a\",\"content\":\"b\"}".to_vec(), "body"),
        (b"\xff\xfe".to_vec(), "body"),
        ([b"[".repeat(5000), b"]".repeat(5000)].concat(), "body"),
        (json!({ "content": "x" }).to_string().into(), "phoneNumber"),
        (json!({ "phoneNumber": 50_212_345_678_u64, "content": "x" }).to_string().into(), "phoneNumber"),
        (json!({ "phoneNumber": "call me", "content": "x" }).to_string().into(), "phoneNumber"),
        (json!({ "phoneNumber": "123", "content": "x" }).to_string().into(), "phoneNumber"),
        (json!({ "phoneNumber": number }).to_string().into(), "content"),
        (json!({ "phoneNumber": number, "content": "" }).to_string().into(), "content"),
        (json!({ "phoneNumber": number, "content": ["x"] }).to_string().into(), "content"),
        (json!({ "phoneNumber": number, "content": "a\u{0}b" }).to_string().into(), "content"),
        (json!({ "phoneNumber": number, "content": "x".repeat(4097) }).to_string().into(), "content"),
        (json!({ "phoneNumber": number, "content": "x", "requestId": "7" }).to_string().into(), "requestId"),
        (json!({ "phoneNumber": number, "content": "x", "requestId": -1 }).to_string().into(), "requestId"),
        (json!({ "phoneNumber": number, "content": "x", "requestId": 1.5 }).to_string().into(), "requestId"),
    ];
    for (body, field) in cases {
        let shown = String::from_utf8_lossy(&body).chars().take(60).collect::<String>();
        let answer = stand.api.call(Method::POST, "/api/whatsapp/send", &[], body).await;
        let json = answer.json();
        assert_eq!((answer.status.as_u16(), &json["code"]), (400, &json!("invalid_request")), "{shown}");
        assert_eq!(json["details"][0]["field"], field, "{shown}");
        assert!(json["error"].as_str().unwrap().starts_with("Datos inválidos"), "{json}");
    }
    let huge = stand.api.call(Method::POST, "/api/whatsapp/send", &[], vec![b' '; 10 * 1024 * 1024]).await;
    assert_eq!((huge.status.as_u16(), &huge.json()["code"]), (413, &json!("payload_too_large")));
    assert!(stand.phone_got(number).await.is_empty());
    assert!(stand.conversations().await.is_empty());
}

#[tokio::test]
async fn other_failures_have_the_statuses_of_the_one_result_table() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let path = format!("/api/whatsapp/conversations/{id}/messages");
    let body = json!({ "content": "x" });
    let mut seen: Vec<(u16, Value)> = Vec::new();
    for fault in [
        Fault::Refuse { code: 100, http_status: None, details: None },
        Fault::Refuse { code: 131_056, http_status: Some(403), details: None },
        Fault::RateLimit { retry_after: Some(7) },
        Fault::Refuse { code: 368, http_status: None, details: None },
        Fault::ServerError { status: 503, body: ErrorBody::Json, accepted: false },
        Fault::Refuse { code: 999_999, http_status: None, details: None },
    ] {
        stand.provider_will(fault);
        let answer = stand.api.post(&path, &body).await;
        seen.push((answer.status.as_u16(), answer.json()["code"].clone()));
        assert_eq!(answer.json()["success"], false);
        assert!(answer.json()["error"].is_string());
    }
    let expected = [
        (400, json!("invalid_input")),
        (429, json!("rate_limited")),
        (429, json!("rate_limited")),
        (502, json!("account_blocked")),
        (502, json!("provider_fault")),
        (502, json!("provider_rejected")),
    ];
    assert_eq!(seen, expected);
    let missing = stand.api.post("/api/whatsapp/conversations/999/messages", &body).await;
    assert_eq!((missing.status.as_u16(), &missing.json()["code"]), (404, &json!("not_found")));
    let foreign = stand.api.with_key(Some(OTHER_KEY)).post(&path, &body).await;
    assert_eq!((foreign.status, foreign.json()), (missing.status, missing.json()), "not to be told apart");
    let no_text = stand.api.post(&path, &json!({ "content": "x", "messageType": "image" })).await;
    assert_eq!(no_text.json()["details"][0]["field"], "messageType");
}
