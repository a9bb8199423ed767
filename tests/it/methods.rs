//! A method that a path does not know is answered in the words of the contract whose path it is.

use http::Method;
use serde_json::{Value, json};

use ventanilla::api::{self, contracts};

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
    let cases: [(Method, &str, Found<'_>, &Value); 14] = [
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

/// A path with something in the place of each parameter.
fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "1" } else { part });
    parts.collect::<Vec<&str>>().join("/")
}

#[tokio::test]
async fn every_405_names_the_methods_that_the_path_has() {
    let stand = Stand::start().await;
    let of_php = |path: &str| contracts::php_bot::routes::ROUTES.iter().any(|route| route.path == path);
    let mut paths: Vec<&str> = api::routes().map(|route| route.path).filter(|path| !of_php(path)).collect();
    paths.sort_unstable();
    paths.dedup();
    assert!(paths.len() > 30);
    for path in paths {
        let has = |method: &str| api::routes().any(|route| route.path == path && route.method == method);
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            if has(&method.as_str().to_lowercase()) || has("any") {
                continue;
            }
            let answer = call(&stand, method.clone(), &filled(path)).await;
            assert_eq!(answer.status, 405, "{method} {path}: {}", answer.text);
            let allowed = answer.header("allow").unwrap_or_else(|| panic!("{method} {path}: no Allow"));
            let named: Vec<&str> = allowed.split(',').map(str::trim).collect();
            assert!(!named.contains(&method.as_str()), "{method} {path}: {allowed}");
            for own in api::routes().filter(|route| route.path == path) {
                let own = own.method.to_uppercase();
                assert!(named.contains(&own.as_str()), "{method} {path}: {allowed}");
            }
        }
    }
}
