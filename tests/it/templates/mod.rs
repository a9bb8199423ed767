//! Templates: sent to one or many, checked before, and our copy of them.

mod copy;
mod many;
mod suppression;

use serde_json::{Value, json};

/// The seed's request, for these numbers.
fn reminder(numbers: &[&str]) -> Value {
    let recipients: Vec<Value> = numbers
        .iter()
        .enumerate()
        .map(|(place, number)| json!({ "phoneNumber": number, "requestId": 123 + place }))
        .collect();
    json!({
        "templateName": "appointment_reminder",
        "languageCode": "es",
        "components": [{ "type": "body", "parameters": [
            { "type": "text", "text": "Juan Pérez" },
            { "type": "text", "text": "15 de marzo a las 10:00 AM" },
        ] }],
        "recipients": recipients,
    })
}
