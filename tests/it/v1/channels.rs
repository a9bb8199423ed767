//! Channels, and how they stand.

use serde_json::{Value, json};
use ventanilla::{
    ports::directory::Directory,
    whatsapp::{http::client, inspectors::Inspectors},
};
use ventanilla_local::diagnose::{HealthChecks, Means};

use crate::harness::{OTHER_KEY, Stand};

async fn check(stand: &Stand) {
    let ports = &stand.running.functions.app.core.ports;
    let channel = stand.running.table.channel(&Stand::tenant(), "1".parse().unwrap()).await.unwrap().unwrap();
    let inspectors = Inspectors::new(&client().unwrap());
    let means = Means { inspector: &inspectors, inbox: ports.inbox.as_ref(), archive: &stand.running.table };
    let health_checks = HealthChecks::new(ports);
    Box::pin(health_checks.check_channel(channel, means, None)).await.unwrap();
}

async fn health(stand: &Stand) -> Value {
    let shown = stand.api.get("/v1/channels/ch_1").await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    shown.json()["health"].clone()
}

#[tokio::test]
async fn a_company_sees_its_own_channels_and_no_other() {
    let stand = Stand::start().await;
    let listed = stand.api.get("/v1/channels").await.json();
    let all = listed["data"].as_array().unwrap();
    let ids: Vec<&str> = all.iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!((ids.as_slice(), &listed["next_cursor"]), (["ch_1"].as_slice(), &Value::Null), "{listed}");
    assert_eq!((&all[0]["phone_number"], &all[0]["default"]), (&json!("+15550100001"), &json!(true)));
    assert!(!listed.to_string().contains("token"), "{listed}");
    for path in ["/v1/channels/1", "/v1/channels/ch_1"] {
        assert_eq!(stand.api.get(path).await.json(), all[0], "{path}");
    }
    let stranger = stand.api.with_key(Some(OTHER_KEY));
    let theirs = stranger.get("/v1/channels").await.json();
    let ids: Vec<&Value> = theirs["data"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
    assert_eq!(ids, ["ch_2", "ch_3"]);
    assert_eq!(stranger.get("/v1/channels/ch_1").await.json()["code"], "not_found");
}

#[tokio::test]
async fn the_last_check_is_shown_and_before_it_nothing_is_claimed() {
    let stand = Stand::start().await;
    let never = json!({
        "status": "unknown", "quality": "unknown", "messaging_limit": null, "outcome": null, "checked_at": null,
    });
    assert_eq!(health(&stand).await, never);
    check(&stand).await;
    let known = health(&stand).await;
    assert_eq!((&known["status"], &known["quality"]), (&json!("connected"), &json!("green")), "{known}");
    assert!(known["messaging_limit"].as_str().is_some_and(|limit| limit.starts_with("TIER_")), "{known}");
    assert!(known["checked_at"].is_string() && known["outcome"].is_string(), "{known}");
    // The list shows the same.
    assert_eq!(stand.api.get("/v1/channels").await.json()["data"][0]["health"], known);
}
