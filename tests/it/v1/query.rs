//! Query parameters: a misspelled one is rejected, on every operation.

use http::Method;
use serde_json::{Value, json};
use ventanilla::api::{common::route::Route, contracts::v1::routes::ROUTES};

use super::path_of;
use crate::harness::{Answer, Stand};

const ANA: &str = "+50212345678";

async fn asked(stand: &Stand, route: &Route, query: &str) -> Answer {
    let method = Method::from_bytes(route.method.to_uppercase().as_bytes()).unwrap();
    stand.api.call(method, &format!("{}?{query}", path_of(route)), &[], Vec::new()).await
}

fn refused(answer: &Answer) -> (u16, Value, Value) {
    let body = answer.json();
    (answer.status.as_u16(), body["code"].clone(), body["field"].clone())
}

#[tokio::test]
async fn every_operation_rejects_unknown_and_repeated_parameters() {
    let stand = Stand::start().await;
    for route in ROUTES {
        let answer = asked(&stand, route, "nonsense=1").await;
        assert_eq!(
            refused(&answer),
            (400, json!("invalid_request"), json!("nonsense")),
            "{route:?}: {}",
            answer.text
        );
        for known in route.parameters {
            let answer = asked(&stand, route, &format!("{known}=1&{known}=1")).await;
            assert_eq!(refused(&answer), (400, json!("invalid_request"), json!(known)), "{route:?}");
            assert_eq!(answer.json()["detail"], format!("{known} is given twice"));
        }
    }
    assert!(ROUTES.len() >= 20);
}

#[tokio::test]
async fn the_nearest_known_name_is_suggested_and_a_key_is_checked_first() {
    let stand = Stand::start().await;
    let detail = async |path: &str| stand.api.get(path).await.json()["detail"].clone();
    assert_eq!(
        detail("/v1/conversations?assigne=ana").await,
        "assigne is an unknown parameter; did you mean `assignee`?"
    );
    assert_eq!(
        detail("/v1/conversations?channelId=1").await,
        "channelId is an unknown parameter; did you mean `channel_id`?"
    );
    assert_eq!(
        detail("/v1/conversations/1?dry_run").await,
        "dry_run is an unknown parameter; this operation has none"
    );
    let nobody = stand.api.with_key(None).get("/v1/conversations?nonsense=1").await;
    assert_eq!(nobody.status, 401);
    // The compatible contracts pass over what those that they stand for pass over.
    assert_eq!(stand.api.get("/api/conversations?nonsense=1").await.status, 200);
    assert_eq!(stand.api.get("/v1/messaging-channel-connections?nonsense=1").await.status, 200);
}

#[tokio::test]
async fn a_flag_without_a_value_is_on() {
    let stand = Stand::start().await;
    stand.customer_writes(ANA, "hola").await;
    for (query, entries) in [("unread", 1), ("unread=", 1), ("unread=true", 1), ("unassigned", 1)] {
        let page = stand.api.get(&format!("/v1/conversations?{query}")).await.json();
        assert_eq!(page["data"].as_array().map(Vec::len), Some(entries), "{query}");
    }
    let read = stand.conversation_with(ANA).await["id"].as_str().unwrap().to_owned();
    assert_eq!(stand.api.post(&format!("/v1/conversations/{read}/read"), &json!({})).await.status, 200);
    assert_eq!(stand.api.get("/v1/conversations?unread").await.json()["data"], json!([]));
    let wrong = stand.api.get("/v1/conversations?unread=maybe").await;
    assert_eq!(refused(&wrong), (400, json!("invalid_request"), json!("unread")));
}
