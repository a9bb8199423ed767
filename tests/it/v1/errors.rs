//! Problems: each has all its members, and its code has a chapter.

use std::{collections::BTreeSet, fs};

use http::Method;
use regex::Regex;
use serde_json::{Value, json};
use ventanilla::api::contracts::v1::routes::ROUTES;

use super::{READER, path_of};
use crate::harness::{Answer, Stand, code, root, sources};

/// The error codes in the sources: what `code` returns for failures and rejections, and the codes of
/// problems in other contracts.
fn codes_of_the_sources() -> BTreeSet<String> {
    let made = Regex::new(
        r#"(?x) (?:"code"|\bcode):\s"([a-z_]+)"
            | \bErrorBody::new\([A-Z_]+,\s"([a-z_]+)"
            | \bof_code\("([a-z_]+)"
            | StatusCode::[A-Z_]+,\s*"([a-z]+(?:_[a-z]+)*)"
            | \b(?:plain|refused|failed)\([^()]*"([a-z]+(?:_[a-z]+)+)"\)
            | \bplain\("([a-z_]+)"
            | Reply::FAILED,\s"([a-z_]+)""#,
    )
    .unwrap();
    let named = Regex::new(r"(?s)fn code\(&?self\).*?\n    }\n").unwrap();
    let literal = Regex::new(r#""([a-z_]+)""#).unwrap();
    let mut found = BTreeSet::new();
    let all = ["shared/api/src", "shared/core/src/domain", "local/src"].into_iter().flat_map(sources);
    // The codes of findings are those of operators' commands: local/README.md has them.
    for (_, text) in all
        .filter(|(path, _)| !path.ends_with("diagnose/finding.rs") && !path.ends_with("diagnose/tenant.rs"))
    {
        let code = code(&text);
        let of_functions = named.find_iter(code).flat_map(|it| literal.captures_iter(it.as_str()));
        let all = made.captures_iter(code).chain(of_functions);
        found.extend(
            all.filter_map(|it| it.iter().skip(1).flatten().next().map(|code| code.as_str().to_owned())),
        );
    }
    found
}

/// The chapters of docs/errors.md.
fn chapters() -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join("docs/errors.md")).unwrap();
    let parts = text.split("\n## ").skip(1);
    parts
        .map(|part| part.split_once('\n').unwrap())
        .map(|(code, rest)| (code.to_owned(), rest.to_owned()))
        .collect()
}

#[test]
fn every_code_has_a_chapter_and_every_chapter_a_code() {
    let chapters = chapters();
    let codes: BTreeSet<String> = chapters.iter().map(|(code, _)| code.clone()).collect();
    assert_eq!(codes, codes_of_the_sources());
    assert!(codes.len() >= 35);
    for (code, text) in &chapters {
        assert!(text.contains("- **What to do:** ") && text.contains("- **Retry:** "), "{code}");
    }
}

fn assert_problem(answer: &Answer, code: &str) -> Value {
    let body = answer.json();
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{}", answer.text);
    assert_eq!(
        (&body["type"], &body["code"], &body["doc"], &body["status"]),
        (
            &json!(format!("urn:ventanilla:error:{code}")),
            &json!(code),
            &json!(format!("docs/errors.md#{code}")),
            &json!(answer.status.as_u16()),
        )
    );
    assert!(body["title"].is_string() && body["detail"].is_string() && body.get("field").is_some(), "{body}");
    body
}

#[tokio::test]
async fn a_key_without_the_scope_gets_the_name_of_the_missing_one() {
    let stand = Stand::start().await;
    let reader = stand.api.with_key(Some(READER));
    for route in ROUTES {
        let method = Method::from_bytes(route.method.to_uppercase().as_bytes()).unwrap();
        let nobody = stand.api.with_key(None).call(method.clone(), &path_of(route), &[], Vec::new()).await;
        // The PHP bot's player opens files without a key, for which the local server may assume one.
        if route.operation != "downloadMedia" {
            assert_problem(&nobody, "unauthenticated");
            assert_eq!((nobody.status.as_u16(), nobody.header("www-authenticate")), (401, Some("Bearer")));
        }
        if route.access
            == ventanilla::api::common::access::RouteAccess::Key(ventanilla::domain::caller::Scope::Send)
        {
            let answer = reader.call(method, &path_of(route), &[], Vec::new()).await;
            let body = assert_problem(&answer, "forbidden");
            assert_eq!(
                (answer.status.as_u16(), &body["detail"]),
                (403, &json!("the key needs the scope `send`"))
            );
        }
    }
}

#[tokio::test]
async fn a_method_that_a_path_does_not_have_is_405_with_those_that_it_has() {
    let stand = Stand::start().await;
    for route in ROUTES {
        let allowed: BTreeSet<String> =
            ROUTES.iter().filter(|it| it.path == route.path).map(|it| it.method.to_uppercase()).collect();
        let answer = stand.api.call(Method::OPTIONS, &path_of(route), &[], Vec::new()).await;
        assert_problem(&answer, "method_not_allowed");
        assert_eq!(answer.status, 405);
        let told: BTreeSet<String> = answer.header("allow").unwrap().split(',').map(str::to_owned).collect();
        assert!(allowed.is_subset(&told), "{route:?}: {told:?}");
    }
}

#[tokio::test]
async fn absent_and_invalid_things_are_problems_with_all_their_members() {
    let stand = Stand::start().await;
    for path in [
        "/v1/conversations/7",
        "/v1/messages/7",
        "/v1/contacts/7",
        "/v1/broadcasts/7",
        "/v1/media/7",
        "/v1/events/7",
    ] {
        assert_eq!(assert_problem(&stand.api.get(path).await, "not_found")["field"], Value::Null, "{path}");
    }
    assert_eq!(assert_problem(&stand.api.get("/v1/contacts/0").await, "invalid_request")["field"], "id");
    assert_eq!(assert_problem(&stand.api.get("/v1/events/x").await, "invalid_request")["field"], "id");
    let gone = assert_problem(&stand.api.get("/v1/events?cursor=99").await, "resync_required");
    assert_eq!(gone["cursor"], "0");
    let id = stand.customer_writes("+50212345678", "hola").await;
    let path = format!("/v1/conversations/{id}/assign");
    let body = json!({ "assignee": "ana", "if_assignee": "bob" });
    let changed = assert_problem(&stand.api.post(&path, &body).await, "assignee_changed");
    assert_eq!(changed["assignee"], Value::Null);
    let file = stand.api.post("/v1/media", &json!({ "mime_type": "image/png", "size": 9 })).await.json();
    let path = format!("/v1/media/{}", file["id"].as_str().unwrap());
    let early = stand.api.get(&path).await;
    assert_problem(&early, "media_not_there");
    assert!(early.header("retry-after").is_some());
}
