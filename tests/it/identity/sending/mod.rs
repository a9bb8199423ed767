//! Whom a message goes to, however the customer is named.

mod broadcasts;
mod duplicates;
mod limits;
mod routes;

use serde_json::{Value, json};
use ventanilla_sandbox::LogEntry;

use super::only_conversation;
use crate::harness::{Answer, IdNumber as _, Stand, eventually};

const SEND: &str = "/api/whatsapp/send";
const MANY: &str = "/api/whatsapp/send-template";
const PASSTHROUGH: &str = "/v1/messages/passthrough";
const KALEYRA: &str = "/v2/demo/whatsapp/+15550100001/messages";

/// A customer who shows no number.
const USER: &str = "GT.13491208655302741918";

/// The recipients of the provider calls for messages.
fn called(stand: &Stand) -> Vec<String> {
    let log = stand.running.sandbox.log().into_iter();
    log.filter_map(|entry| match entry {
        LogEntry::Call(call) => call.to,
        _ => None,
    })
    .collect()
}

/// The customer without a number writes; gives the id of their conversation.
async fn user_writes(stand: &Stand) -> u64 {
    let path = format!("/sandbox/phones/{USER}/messages");
    assert_eq!(stand.api.post(&path, &json!({ "text": "hola" })).await.status, 200);
    only_conversation(stand).await["id"].id_number()
}

/// A template without places to these recipients.
fn hello(recipients: &Value) -> Value {
    json!({ "templateName": "hello_world", "languageCode": "en_US", "recipients": recipients })
}

/// A login code to these recipients.
fn login_code(recipients: &Value) -> Value {
    let code = json!([{ "type": "text", "text": "482911" }]);
    json!({
        "templateName": "login_code", "languageCode": "es", "recipients": recipients,
        "components": [
            { "type": "body", "parameters": code },
            { "type": "button", "sub_type": "url", "index": "0", "parameters": code },
        ],
    })
}

/// The outcome of each recipient: `sent`, `queued`, or the code of the failure.
fn outcomes(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    let results = body["results"].as_array().unwrap_or_else(|| panic!("{body}"));
    let outcome = |it: &Value| match (it["code"].as_str(), it["queued"] == true, it["dry_run"] == true) {
        (Some(code), ..) => code.to_owned(),
        (None, true, _) => "queued".to_owned(),
        (None, _, true) => "would be sent".to_owned(),
        _ => "sent".to_owned(),
    };
    results.iter().map(outcome).collect()
}

/// What became of each recipient of a broadcast that is done.
async fn done(stand: &Stand, job: &Value) -> Vec<Value> {
    eventually("the broadcast is done", || async {
        let told = stand.api.get(&format!("/v1/broadcasts/{job}")).await.json();
        (told["state"] == "done").then_some(())
    })
    .await;
    let page = stand.api.get(&format!("/v1/broadcasts/{job}/recipients")).await.json();
    page["data"].as_array().unwrap().clone()
}
