//! The Graph API's format for the response to a send.

use http::StatusCode;
use serde_json::{Value, json};

use super::error::GraphError;
use crate::{
    address::Address,
    outbound::{OutboundMessage, ResponseFormat, ScriptedError},
    webhook::Correlation,
};

/// The response to the call that sends this message.
pub(super) struct GraphFormat<'a>(pub(super) &'a OutboundMessage);

impl ResponseFormat for GraphFormat<'_> {
    type Error = GraphError;

    const ACCEPTED: StatusCode = StatusCode::OK;

    fn response_id(&self) -> Option<&str> {
        None
    }

    fn correlation(&self) -> Correlation {
        Correlation { callback_data: self.0.callback_data.clone(), ..Correlation::default() }
    }

    fn success_body(&self, wamid: &str, recipient_id: Option<&str>) -> Value {
        let OutboundMessage { to, input, kind, .. } = self.0;
        let contact = match to {
            Address::Number(digits) => json!({"input": input, "wa_id": recipient_id.unwrap_or(digits)}),
            Address::UserId(id) => json!({"input": input, "user_id": id}),
        };
        let message = match kind.as_str() {
            "template" => json!({"id": wamid, "message_status": "accepted"}),
            _ => json!({"id": wamid}),
        };
        json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]})
    }

    fn without_id(&self, mut receipt: Value) -> Value {
        if let Some(receipt) = receipt.as_object_mut() {
            receipt.insert("messages".into(), Value::Array(Vec::new()));
        }
        receipt
    }

    fn scripted_error(&self, error: &ScriptedError) -> GraphError {
        match error {
            ScriptedError::ByMeta { code, http_status, details } => {
                let error = GraphError::new(*code);
                let error = match details {
                    Some(details) => error.details(details.as_str()),
                    None => error,
                };
                match http_status {
                    Some(status) => error.status(*status),
                    None => error,
                }
            }
            ScriptedError::ByKaleyra { .. } => GraphError::new(1),
            ScriptedError::TooMany { retry_after } => GraphError::new(130_429)
                .status(429)
                .details("Message failed to send: the throughput of the number is used up.")
                .retry_after(*retry_after),
            ScriptedError::Broken { status: 503 } => GraphError::new(2),
            ScriptedError::Broken { status } => GraphError::new(131_000).status(*status),
            ScriptedError::Expired => {
                GraphError::token("Error validating access token: Session has expired.")
            }
        }
    }
}
