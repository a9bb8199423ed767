//! What providers tell in webhooks, beyond the content of messages: statuses, opt-outs, and what is only kept.

mod archive;
mod bodies;
mod files;
mod history;
mod opt_outs;
mod statuses;
mod words;

use serde_json::{Value, json};
use ventanilla::ports::clock::Clock;

use crate::harness::Stand;

const ANA: &str = "+50212345678";

/// What WhatsApp calls Ana.
const ANA_ID: &str = "50212345678";

/// A webhook of Meta's with one change, of the demo number.
fn webhook(field: &str, value: Value) -> Value {
    let mut value = value;
    value["messaging_product"] = json!("whatsapp");
    value["metadata"] = json!({ "display_phone_number": "15550100001", "phone_number_id": "1001" });
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "2001", "changes": [{ "field": field, "value": value }] }] })
}

/// Ingests a webhook of the demo app.
async fn tell(stand: &Stand, field: &str, value: Value) {
    let answer = stand.callback("demo", "demo-app-secret", &webhook(field, value)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// Ana sends a message with these fields, now.
async fn ana_says(stand: &Stand, message: Value) {
    let mut message = message;
    message["id"] =
        json!(format!("wamid.in.{:016x}", stand.running.functions.app.core.ports.ctx.ids.nonce()));
    message["from"] = json!(ANA_ID);
    message["timestamp"] = json!(stand.clock.now().seconds().to_string());
    tell(stand, "messages", json!({ "messages": [message] })).await;
}
