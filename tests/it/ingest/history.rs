//! Webhooks about the past when a company joins with its phone.

use serde_json::{Value, json};

use super::{ANA_ID, tell};
use crate::harness::Stand;

#[tokio::test]
async fn nothing_of_the_past_is_written_now() {
    let stand = Stand::start().await;
    let said = |id: &str, from: &str, to: Value, body: &str| json!({ "id": id, "from": from, "to": to, "timestamp": "1700000000", "type": "text", "text": { "body": body } });
    let own = said("wamid.1", "15550100001", json!(ANA_ID), "su cita");
    let theirs = said("wamid.2", ANA_ID, json!(null), "STOP");
    let chunk = json!({ "metadata": { "phase": 0, "chunk_order": 1, "progress": 100 }, "threads": [{ "id": ANA_ID, "messages": [own, theirs] }] });
    tell(&stand, "history", json!({ "history": [chunk] })).await;
    let image = json!({ "id": "wamid.3", "from": "15550100001", "to": ANA_ID, "timestamp": "1700000000", "type": "image", "image": { "id": "77", "caption": "stop" } });
    tell(&stand, "history", json!({ "messages": [image] })).await;
    assert_eq!(stand.api.get("/v1/suppressions").await.json()["data"], json!([]));
    for conversation in stand.conversations().await {
        assert_ne!(conversation["contact"]["phone_number"], "+15550100001", "our own number is no customer");
        assert_eq!(conversation["unread_count"], 0);
    }
    stand.follow().await;
    let events = stand.api.get("/v1/events?after=0&limit=100").await.json();
    let told =
        events["data"].as_array().unwrap().iter().filter(|it| it["type"] == "message.received").count();
    assert_eq!(told, 0);
}
