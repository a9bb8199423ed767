//! A method that a path does not know is answered in the words of the contract whose path it is.

use http::Method;
use serde_json::{Value, json};
use ventanilla::api::{
    self,
    common::route::Route,
    contracts::{self, abc_sales, ambiosys, kaleyra, pipes, v1},
};

use crate::harness::{Answer, Stand};

/// Finds the text by which a contract's response is recognised.
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

/// The methods of a path, whichever contract's.
fn methods_of(path: &str) -> Vec<&'static str> {
    ventanilla::api::routes().filter(|route| route.path == path).map(|route| route.method).collect()
}

/// A path with something in every place of it. An account is text, a number has its plus.
fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        "{sid}" => "HX1",
        "{phone_number}" => "+15550100001",
        place if place.starts_with('{') => "1",
        word => word,
    });
    parts.collect::<Vec<&str>>().join("/")
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
    let contracts: [(&[Route], Found<'_>, &Value); 5] = [
        (v1::routes::ROUTES, &code, &ours),
        (ambiosys::routes::ROUTES, &code, &ours),
        (abc_sales::routes::ROUTES, &of_error, &ours),
        (kaleyra::routes::ROUTES, &reason, &kaleyra),
        (pipes::routes::ROUTES, &code, &theirs),
    ];
    for (routes, found, expected) in contracts {
        for route in routes {
            // Two routes of Pipes.bot answer as Meta does.
            let as_meta = ["/v1/messages/passthrough", "/v1/messages/app/send"].contains(&route.path);
            let found: Found<'_> = if as_meta { &meta } else { found };
            let known = methods_of(route.path);
            let others =
                ["get", "post", "put", "patch", "delete"].into_iter().filter(|it| !known.contains(it));
            for other in others {
                let method = Method::from_bytes(other.to_uppercase().as_bytes()).unwrap();
                let name = format!("{method} {}", route.path);
                let answer = call(&stand, method, &filled(route.path)).await;
                assert_eq!(answer.status, 405, "{name}: {}", answer.text);
                assert!(answer.header("content-type").is_some_and(|kind| kind.contains("json")), "{name}");
                assert!(
                    answer.header("allow").is_some() && answer.header("x-request-id").is_some(),
                    "{name}"
                );
                assert_eq!(&found(&answer.json()), expected, "{name}: {}", answer.text);
            }
        }
    }
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
