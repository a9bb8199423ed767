//! A method that a path does not know is answered in the words of the contract whose path it is.

use http::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Stand};

/// Finds what tells the contract in an answer.
type Found<'a> = &'a dyn Fn(&Value) -> Value;

async fn call(stand: &Stand, method: Method, path: &str) -> Answer {
    stand.api.call(method, path, &[], Vec::new()).await
}

#[tokio::test]
async fn the_php_bot_knows_no_such_route_under_either_spelling() {
    let stand = Stand::start().await;
    for (method, path) in [
        (Method::POST, "/api/conversations"),
        (Method::POST, "/api/get-conversations.php"),
        (Method::PUT, "/api/conversations/1/messages"),
        (Method::DELETE, "/api/get-conversation-messages.php?id=1"),
        (Method::GET, "/api/conversations/1/toggle-ai"),
        (Method::GET, "/api/toggle-ai.php?id=1"),
        (Method::POST, "/api/check-updates.php"),
        (Method::POST, "/api/check-conversation-updates"),
        (Method::GET, "/api/conversations/1/reply"),
        (Method::GET, "/api/conversations/x/messages"),
    ] {
        let answer = call(&stand, method.clone(), path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.text.as_str()),
            (404, "404 - Not Found"),
            "{method} {path}"
        );
        assert_eq!(answer.header("content-type"), Some("text/html; charset=UTF-8"), "{method} {path}");
    }
    // The script of a reply looks at no method.
    assert_eq!(call(&stand, Method::GET, "/api/reply-conversation.php?id=1").await.status, 500);
}

#[tokio::test]
async fn all_others_answer_405_in_their_own_error_body() {
    let stand = Stand::start().await;
    let code = |body: &Value| body["code"].clone();
    let of_error = |body: &Value| body["error"]["code"].clone();
    let meta = |body: &Value| body["error"]["ventanilla_code"].clone();
    let reason = |body: &Value| json!([body["code"], body["data"], body["reason"]]);
    let ours = json!("method_not_allowed");
    let theirs = json!("METHOD_NOT_ALLOWED");
    let kaleyra = json!(["WA405", {}, "method_not_allowed"]);
    let cases: [(Method, &str, Found<'_>, &Value); 16] = [
        (Method::GET, "/v2/HX1/whatsapp/+15550100001/messages", &reason, &kaleyra),
        (Method::GET, "/api/whatsapp/send", &code, &ours),
        (Method::POST, "/api/whatsapp/conversations", &code, &ours),
        (Method::DELETE, "/api/whatsapp/conversations/1", &code, &ours),
        (Method::GET, "/api/whatsapp/send-template", &code, &ours),
        (Method::POST, "/api/whatsapp/templates", &code, &ours),
        (Method::GET, "/v1/messages/send", &code, &theirs),
        (Method::GET, "/v1/messages/passthrough", &meta, &theirs),
        (Method::POST, "/v1/messaging-channel-connections", &of_error, &ours),
        (Method::GET, "/v1/leads/1/conversations/reply", &of_error, &ours),
        (Method::GET, "/v1/webhooks/leads", &of_error, &ours),
        (Method::POST, "/v1/conversations", &code, &ours),
        (Method::PATCH, "/v1/suppressions/1", &code, &ours),
        (Method::GET, "/v1/media", &code, &ours),
        (Method::GET, "/v1/messages", &code, &ours),
        // Two functions share this path.
        (Method::PUT, "/v1/conversations/1/messages", &code, &ours),
    ];
    for (method, path, found, expected) in cases {
        let answer = call(&stand, method.clone(), path).await;
        assert_eq!(answer.status, 405, "{method} {path}: {}", answer.text);
        assert!(answer.header("content-type").is_some_and(|kind| kind.contains("json")), "{method} {path}");
        assert!(
            answer.header("allow").is_some() && answer.header("x-request-id").is_some(),
            "{method} {path}"
        );
        assert_eq!(&found(&answer.json()), expected, "{method} {path}: {}", answer.text);
    }
}
