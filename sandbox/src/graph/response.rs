//! How the Graph API answers a call to send a message.

use http::StatusCode;
use serde_json::{Value, json};

use super::error::GraphError;
use crate::{
    address::Address,
    outbound::{Dialect, Outgoing, Refusal},
    webhook::Trail,
};

/// The answers to the call that sends this message.
pub(super) struct Graph<'a>(pub(super) &'a Outgoing);

impl Dialect for Graph<'_> {
    type Error = GraphError;

    const TAKEN: StatusCode = StatusCode::OK;

    fn own_id(&self) -> Option<&str> {
        None
    }

    fn trail(&self) -> Trail {
        Trail { callback_data: self.0.callback_data.clone(), ..Trail::default() }
    }

    fn receipt(&self, wamid: &str, known_as: Option<&str>) -> Value {
        let Outgoing { to, input, kind, .. } = self.0;
        let contact = match to {
            Address::Number(digits) => json!({"input": input, "wa_id": known_as.unwrap_or(digits)}),
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

    fn refusal(&self, refusal: &Refusal) -> GraphError {
        match refusal {
            Refusal::ByMeta { code, http_status, details } => {
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
            Refusal::ByKaleyra { .. } => GraphError::new(1),
            Refusal::TooMany { retry_after } => GraphError::new(130_429)
                .status(429)
                .details("Message failed to send: the throughput of the number is used up.")
                .retry_after(*retry_after),
            Refusal::Broken { status: 503 } => GraphError::new(2),
            Refusal::Broken { status } => GraphError::new(131_000).status(*status),
            Refusal::Expired => GraphError::token("Error validating access token: Session has expired."),
        }
    }
}
