//! Marking a customer's message as read.

use serde_json::Value;

use super::meta_error::MetaError;
use crate::{
    BusinessNumber, Sandbox,
    log::{LogEntry, ReadEntry},
};

/// Marks the message and all earlier ones of the conversation.
pub(crate) fn mark_read(sandbox: &Sandbox, number: &BusinessNumber, body: &Value) -> Result<(), MetaError> {
    if body.get("messaging_product").and_then(Value::as_str) != Some("whatsapp") {
        return Err(MetaError::malformed("The parameter messaging_product must be whatsapp."));
    }
    if body.get("status").and_then(Value::as_str) != Some("read") {
        return Err(MetaError::malformed("The parameter status must be read."));
    }
    let wamid = body.get("message_id").and_then(Value::as_str);
    let wamid = wamid.ok_or_else(|| MetaError::missing("message_id"))?;
    let mut state = sandbox.state();
    let author = state.phones.phone_with_message(wamid);
    if !author.is_some_and(|phone| phone.mark_read_by_business(&number.phone_number_id, wamid)) {
        return Err(MetaError::malformed("The message_id is not one of a received message."));
    }
    state.log.push(LogEntry::Read(ReadEntry {
        at: sandbox.clock().iso_now(),
        phone_number_id: number.phone_number_id.clone(),
        wamid: wamid.to_owned(),
        typing: body.get("typing_indicator").is_some(),
    }));
    Ok(())
}
