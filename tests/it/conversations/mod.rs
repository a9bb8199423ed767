//! What moves a conversation: docs/conversation-rules.md, row by row and in random histories.

mod coexistence;
mod histories;
mod names;
mod routing;
mod senders;
mod standby;
mod table;

use serde_json::{Value, json};

use crate::harness::{Answer, Stand};

/// Posts a change of one field of the demo number, signed.
pub(crate) async fn webhook(stand: &Stand, field: &str, value: Value) -> Answer {
    let mut value = value;
    let metadata = json!({ "display_phone_number": "15550100001", "phone_number_id": "1001" });
    value["messaging_product"] = json!("whatsapp");
    value["metadata"] = metadata;
    let body = json!({ "object": "whatsapp_business_account", "entry": [{
        "id": "2001", "changes": [{ "field": field, "value": value }],
    }] });
    let answer = stand.callback("demo", "demo-app-secret", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

/// A customer's message of any kind, so many seconds before now; `id` is what the provider calls it.
pub(crate) async fn received(stand: &Stand, from: &str, id: &str, ago: i64, content: Value) {
    let message = message(stand, json!({ "from": from, "id": id }), ago, content);
    webhook(stand, "messages", json!({ "messages": [message] })).await;
}

/// A text of a customer's.
pub(crate) async fn text(stand: &Stand, from: &str, id: &str, ago: i64, text: &str) {
    received(stand, from, id, ago, json!({ "type": "text", "text": { "body": text } })).await;
}

/// What the company wrote in the business app.
pub(crate) async fn echo(stand: &Stand, to: &str, id: &str, ago: i64, text: &str) {
    let content = json!({ "type": "text", "text": { "body": text } });
    let message = message(stand, json!({ "from": "15550100001", "to": to, "id": id }), ago, content);
    webhook(stand, "smb_message_echoes", json!({ "message_echoes": [message] })).await;
}

/// A message object with a time so many seconds before now.
pub(crate) fn message(stand: &Stand, who: Value, ago: i64, content: Value) -> Value {
    let now = ventanilla::ports::clock::Clock::now(stand.clock.as_ref()).seconds();
    let mut message = who;
    message["timestamp"] = json!((now - ago).to_string());
    let Value::Object(content) = content else { panic!("{content}") };
    message.as_object_mut().unwrap().extend(content);
    message
}

/// What of a conversation the table is about.
pub(crate) fn state(it: &Value) -> (&str, &str, &Value, u64) {
    let text = |name: &str| it[name].as_str().unwrap();
    (text("status"), text("handled_by"), &it["assignee"], it["unread_count"].as_u64().unwrap())
}

/// The events of a type, without what every event has.
pub(crate) async fn events(stand: &Stand, kind: &str) -> Vec<Value> {
    stand.follow().await;
    let all = stand.api.get("/v1/events?after=0&limit=100").await.json();
    let of_kind = all["data"].as_array().unwrap().iter().filter(|event| event["type"] == kind);
    of_kind.map(|event| event["data"].clone()).collect()
}
