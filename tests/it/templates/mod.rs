//! Templates: sent to one or many, checked before, and our copy of them.

pub(crate) mod broadcasts;
mod copy;
mod many;
mod news;
mod suppression;
mod syncs;

use http::Method;
use serde_json::{Value, json};
use ventanilla_sandbox::LogEntry;

use crate::harness::{Answer, Stand};

/// Where our copy is shown.
const LIST: &str = "/api/whatsapp/templates";

/// How often the provider was called for a list.
pub(crate) fn lists(stand: &Stand) -> usize {
    stand.running.sandbox.log().iter().filter(|entry| matches!(entry, LogEntry::List(_))).count()
}

/// Changes a template of account 2001 at the provider, or makes one.
pub(crate) async fn change(stand: &Stand, name: &str, language: &str, body: &Value) {
    let path = format!("/sandbox/templates/2001/{name}/{language}");
    let answer = stand.api.call(Method::PUT, &path, &[], body.to_string().into_bytes()).await;
    assert!(answer.status.is_success(), "{}", answer.text);
}

/// Removes a template of account 2001 at the provider, without a webhook.
async fn remove(stand: &Stand, name: &str, language: &str) {
    let path = format!("/sandbox/templates/2001/{name}/{language}");
    assert!(stand.api.call(Method::DELETE, &path, &[], Vec::new()).await.status.is_success());
}

/// The names in a list of ours.
fn names(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    let data = body["data"].as_array().unwrap_or_else(|| panic!("{body}"));
    data.iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
}

/// A template in a list of ours.
fn entry(answer: &Answer, name: &str) -> Option<Value> {
    answer.json()["data"].as_array().unwrap().iter().find(|it| it["name"] == name).cloned()
}

/// The status of a template in our list.
fn status_of(answer: &Answer, name: &str) -> Option<String> {
    Some(entry(answer, name)?["status"].as_str().unwrap().to_owned())
}

/// The seed's request, for these numbers.
pub(crate) fn reminder(numbers: &[&str]) -> Value {
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
