//! `GET /v1/me`: the caller and its scopes.

use serde_json::json;

use super::READER;
use crate::harness::{OTHER_KEY, Stand};

#[tokio::test]
async fn a_key_is_told_whose_it_is_and_what_it_may_do() {
    let stand = Stand::start().await;
    let me = async |key| stand.api.with_key(Some(key)).get("/v1/me").await.json();
    assert_eq!(
        me(READER).await,
        json!({ "tenant": "demo", "key": { "name": "read-only", "kind": "person", "scopes": ["read"] } })
    );
    assert_eq!(me(OTHER_KEY).await["tenant"], "other");
    assert_eq!(stand.api.with_key(None).get("/v1/me").await.status, 401);
}
