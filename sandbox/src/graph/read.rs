//! Marking a customer's message as read.

use axum::Json;
use serde_json::{Value, json};

use super::error::GraphError;
use crate::{
    BusinessNumber, Sandbox, clock,
    log::{LogEntry, ReadEntry},
};

/// Marks the message and all earlier ones of the conversation.
pub(super) fn mark(
    sandbox: &Sandbox,
    number: &BusinessNumber,
    body: &Value,
) -> Result<Json<Value>, GraphError> {
    if body.get("messaging_product").and_then(Value::as_str) != Some("whatsapp") {
        return Err(GraphError::malformed("The parameter messaging_product must be whatsapp."));
    }
    if body.get("status").and_then(Value::as_str) != Some("read") {
        return Err(GraphError::malformed("The parameter status must be read."));
    }
    let wamid = body.get("message_id").and_then(Value::as_str);
    let wamid = wamid.ok_or_else(|| GraphError::missing("message_id"))?;
    let mut state = sandbox.state();
    let author = state.phones.holder_of(wamid);
    if !author.is_some_and(|phone| phone.read_by_business(&number.phone_number_id, wamid)) {
        return Err(GraphError::malformed("The message_id is not one of a received message."));
    }
    state.log.push(LogEntry::Read(ReadEntry {
        at: clock::iso_now(),
        phone_number_id: number.phone_number_id.clone(),
        wamid: wamid.to_owned(),
        typing: body.get("typing_indicator").is_some(),
    }));
    Ok(Json(json!({"success": true})))
}
