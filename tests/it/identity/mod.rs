//! One customer stays one customer, by whichever of their addresses they are named.

mod ingest;
mod mismatch;
mod sending;
mod spellings;

use serde_json::{Value, json};
use ventanilla::ports::clock::Clock;

use crate::harness::{CALLBACK_SECRET, Carrier, IdNumber as _, Stand};

/// A message object of a customer's, without who they are.
fn text(id: &str, body: &str) -> Value {
    json!({ "id": id, "type": "text", "text": { "body": body } })
}

/// A message object with these fields besides.
fn with(mut message: Value, fields: &Value) -> Value {
    message.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    message
}

/// Delivers one change of channel 1's provider, authenticated as that provider does.
async fn tell(stand: &Stand, carrier: Carrier, mut value: Value) {
    value["messaging_product"] = json!("whatsapp");
    value["metadata"] = json!({ "display_phone_number": "15550100001", "phone_number_id": "1001" });
    let change = json!({ "field": "messages", "value": value });
    let answer = match carrier {
        Carrier::Meta => {
            let body = json!({ "object": "whatsapp_business_account", "entry": [{ "id": "2001", "changes": [change] }] });
            stand.callback("demo", "demo-app-secret", &body).await
        }
        Carrier::KaleyraV2 | Carrier::KaleyraV1 => {
            let body = json!({ "meta_object": change, "extra_info": {} });
            stand.api.with_key(None).post(&format!("/webhooks/kaleyra/1/{CALLBACK_SECRET}"), &body).await
        }
    };
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// Tells messages of now in one change, beside these contacts.
async fn hear(stand: &Stand, carrier: Carrier, messages: &[Value], contacts: Value) {
    let now = stand.clock.now().seconds().to_string();
    let dated = |message: &Value| {
        let time = message.get("timestamp").cloned().unwrap_or_else(|| json!(now));
        with(message.clone(), &json!({ "timestamp": time }))
    };
    let messages: Vec<Value> = messages.iter().map(dated).collect();
    tell(stand, carrier, json!({ "contacts": contacts, "messages": messages })).await;
}

/// The contacts of tenant `demo`.
async fn contacts(stand: &Stand) -> Vec<Value> {
    stand.api.get("/v1/contacts").await.json()["data"].as_array().unwrap().clone()
}

/// The only listed conversation. Exactly one contact has it.
async fn only_conversation(stand: &Stand) -> Value {
    let mut listed = stand.conversations().await;
    assert_eq!(listed.len(), 1, "{listed:?}");
    let conversation = listed.remove(0);
    let contact =
        stand.api.get(&format!("/v1/contacts/{}", conversation["contact"]["id"].id_number())).await.json();
    assert_eq!(contact["conversations"][0]["conversation_id"], conversation["id"], "{contact}");
    conversation
}

/// The texts of a conversation, oldest first.
async fn texts(stand: &Stand, conversation: &Value) -> Vec<String> {
    let messages = stand.messages(conversation["id"].id_number()).await;
    messages.iter().filter_map(|message| message["text"].as_str().map(str::to_owned)).collect()
}
