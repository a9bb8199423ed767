//! Sending in our own contract: `POST /v1/conversations/{id}/messages` and `POST /v1/messages`.

mod broadcasts;
mod contents;
mod mistakes;
mod outcomes;
mod recipients;

use serde_json::{Value, json};
use ventanilla_sandbox::LogEntry;

use crate::harness::{Answer, Stand};

const ANA: &str = "+50212345678";

/// A customer who shows no number.
const USER: &str = "GT.13491208655302741918";

/// Ana writes; gives the path of messages into her conversation.
async fn ana_writes(stand: &Stand) -> String {
    path(stand.customer_writes(ANA, "hola").await)
}

fn path(conversation: u64) -> String {
    format!("/v1/conversations/conv_{conversation}/messages")
}

/// The message that a request was answered with, which must be what can be read of it afterwards.
async fn created(stand: &Stand, answer: &Answer) -> Value {
    assert_eq!(answer.status, 201, "{}", answer.text);
    let told = answer.json();
    let place = format!("/v1/messages/{}", told["id"].as_str().unwrap());
    assert_eq!(answer.header("location"), Some(place.as_str()));
    let read = stand.api.get(&place).await.json();
    for field in
        ["id", "conversation_id", "contact_id", "channel_id", "sender", "type", "text", "at", "references"]
    {
        assert_eq!(told[field], read[field], "{field}");
    }
    let names = |it: &Value| it.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&told), names(&read));
    told
}

/// How often the provider was called.
fn calls(stand: &Stand) -> usize {
    stand.running.sandbox.log().iter().filter(|entry| matches!(entry, LogEntry::Call(_))).count()
}

/// A rejection: its status, code and field.
fn refused(answer: &Answer) -> (u16, Value, Value) {
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{}", answer.text);
    let told = answer.json();
    assert_eq!(told["status"], answer.status.as_u16());
    (answer.status.as_u16(), told["code"].clone(), told["field"].clone())
}

/// A template with two places.
fn reminder() -> Value {
    let text = json!({ "type": "text", "text": "x" });
    json!({
        "name": "appointment_reminder",
        "language": "es",
        "components": [{ "type": "body", "parameters": [text, text] }],
    })
}
