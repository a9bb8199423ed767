//! Keys: who may do what, and what a tenant can see.

use http::Method;
use serde_json::{Value, json};
use ventanilla::{
    domain::caller::{ApiKey, KeyHash, KeyKind, Scope},
    ports::clock::Clock,
};

use crate::harness::{DEMO_KEY, OTHER_KEY, Stand};

const ANA: &str = "+50212345678";
const READ_ONLY: &str = "vk_cmVhZC1vbmx5LWtleS1mb3ItdGhpcy1tYWNoaW5lISE";

/// Every route that needs a key, with a body where it takes one.
fn guarded(conversation: u64, message: u64) -> Vec<(Method, String, Value)> {
    vec![
        (Method::POST, "/api/whatsapp/send".into(), json!({ "phoneNumber": ANA, "content": "x" })),
        (
            Method::POST,
            format!("/api/whatsapp/conversations/{conversation}/messages"),
            json!({ "content": "x" }),
        ),
        (Method::GET, "/v1/conversations".into(), Value::Null),
        (Method::GET, format!("/v1/conversations/{conversation}/messages"), Value::Null),
        (Method::GET, format!("/v1/messages/{message}"), Value::Null),
    ]
}

#[tokio::test]
async fn without_a_valid_key_there_is_a_401_on_every_route() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    let revoked = format!("vk_{}", "r".repeat(43));
    let record = ApiKey {
        name: "revoked".into(),
        tenant: Stand::tenant(),
        scopes: vec![Scope::Send, Scope::Read],
        kind: KeyKind::default(),
        created_at: None,
        revoked_at: Some(stand.clock.now()),
    };
    stand.running.table.put_api_key(&KeyHash::of(&revoked).unwrap(), &record).await.unwrap();
    let unknown = format!("vk_{}", "u".repeat(43));
    for (method, path, body) in guarded(conversation, 1) {
        for key in [None, Some(""), Some("vk_short"), Some(unknown.as_str()), Some(revoked.as_str())] {
            let client = stand.api.with_key(key);
            let answer = client.call(method.clone(), &path, &[], body.to_string().into()).await;
            assert_eq!(
                (answer.status.as_u16(), &answer.json()["code"]),
                (401, &json!("unauthenticated")),
                "{path}"
            );
        }
        let doubled = [("authorization", format!("Bearer {DEMO_KEY}"))];
        let doubled: Vec<(&str, &str)> =
            doubled.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = stand.api.call(method, &path, &doubled, body.to_string().into()).await;
        assert_eq!(answer.status, 401, "two keys are none: {path}");
    }
    assert!(stand.phone_got(ANA).await.is_empty());
}

#[tokio::test]
async fn a_key_does_only_what_its_scopes_say() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    let client = stand.api.with_key(Some(READ_ONLY));
    for (method, path, body) in guarded(conversation, 1) {
        let answer = client.call(method.clone(), &path, &[], body.to_string().into()).await;
        let forbidden = answer.status == 403;
        assert_eq!(forbidden, method == Method::POST, "{path}: {}", answer.status);
    }
    let path = format!("/api/conversations/{conversation}/reply");
    let answer = client.post(&path, &json!({ "message": "x" })).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (403, &json!("forbidden")));
    assert!(stand.phone_got(ANA).await.is_empty());
}

#[tokio::test]
async fn another_tenants_things_do_not_exist() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    let sent =
        stand.api.post("/api/whatsapp/send", &json!({ "phoneNumber": ANA, "content": "x" })).await.json();
    let message = sent["data"]["message"]["message_id"].as_u64().unwrap();
    let before = (stand.messages(conversation).await.len(), stand.phone_got(ANA).await.len());
    let stranger = stand.api.with_key(Some(OTHER_KEY));
    let mut refused = 0;
    for (method, path, body) in guarded(conversation, message)
        .into_iter()
        .filter(|(_, path, _)| path.matches(char::is_numeric).count() > 5)
    {
        let answer = stranger.call(method, &path, &[], body.to_string().into()).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (404, &json!("not_found")), "{path}");
        refused += 1;
    }
    assert_eq!(refused, 3);
    assert_eq!(stranger.get("/v1/conversations").await.json()["data"], json!([]));
    assert_eq!((stand.messages(conversation).await.len(), stand.phone_got(ANA).await.len()), before);
}

#[tokio::test]
async fn a_send_by_number_uses_the_callers_own_channel_and_contact() {
    let stand = Stand::start().await;
    stand.window_opens_at(ANA, &json!({ "to": "1002" })).await;
    let demo = stand.customer_writes(ANA, "hola").await;
    let body = json!({ "phoneNumber": ANA, "content": "from another company" });
    let sent = stand.api.with_key(Some(OTHER_KEY)).post("/api/whatsapp/send", &body).await.json();
    assert_ne!(sent["data"]["conversation"]["conversation_id"], demo);
    let phone = stand.api.get(&format!("/sandbox/phones/{ANA}")).await.json();
    let got = phone["messages"].as_array().unwrap().iter().find(|m| m["direction"] == "received").unwrap();
    assert_eq!(got["phone_number_id"], "1002");
}

#[tokio::test]
async fn a_key_that_is_not_there_is_looked_up_once_in_a_while_and_works_soon_after_it_was_made() {
    let stand = Stand::start().await;
    let unknown = format!("vk_{}", "u".repeat(43));
    let client = stand.api.with_key(Some(&unknown));
    stand.tap.costs();
    for _ in 0..20 {
        assert_eq!(client.get("/v1/conversations").await.status, 401);
    }
    assert_eq!(stand.tap.costs()["GetItem"].calls, 1);
    let record = ApiKey {
        name: "new".into(),
        tenant: Stand::tenant(),
        scopes: vec![Scope::Read],
        kind: KeyKind::default(),
        created_at: None,
        revoked_at: None,
    };
    stand.running.table.put_api_key(&KeyHash::of(&unknown).unwrap(), &record).await.unwrap();
    stand.clock.advance(std::time::Duration::from_secs(5));
    assert_eq!(client.get("/v1/conversations").await.status, 200);
}

#[tokio::test]
async fn the_key_that_is_assumed_for_php_bot_is_not_once_it_is_revoked() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    let path = format!("/api/conversations/{conversation}/reply");
    let anybody = stand.api.with_key(None);
    assert_eq!(anybody.post(&path, &json!({ "message": "one" })).await.status, 200);
    let record = ApiKey {
        name: "demo".into(),
        tenant: Stand::tenant(),
        scopes: vec![Scope::Send, Scope::Read, Scope::Admin],
        kind: KeyKind::default(),
        created_at: None,
        revoked_at: Some(stand.clock.now()),
    };
    stand.running.table.put_api_key(&KeyHash::of(DEMO_KEY).unwrap(), &record).await.unwrap();
    // A key may be remembered for a minute.
    stand.clock.advance(std::time::Duration::from_mins(1));
    let refused = anybody.post(&path, &json!({ "message": "two" })).await;
    assert_eq!(refused.status, stand.reply(conversation, "two").await.status, "as with the key itself");
    assert_eq!(stand.phone_got(ANA).await, ["one"]);
}
