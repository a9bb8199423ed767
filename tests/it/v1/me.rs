//! `GET /v1/me`: the caller and its scopes.

use serde_json::json;

use super::READER;
use crate::harness::{OTHER_KEY, Stand};

#[tokio::test]
async fn a_key_gets_its_tenant_and_scopes() {
    let stand = Stand::start().await;
    let me = async |key| stand.api.with_key(Some(key)).get("/v1/me").await.json();
    assert_eq!(
        me(READER).await,
        json!({ "tenant": "demo", "key": { "name": "read-only", "kind": "person", "scopes": ["read"] } })
    );
    assert_eq!(me(OTHER_KEY).await["tenant"], "other");
    assert_eq!(stand.api.with_key(None).get("/v1/me").await.status, 401);
}
