//! Another tenant's ids are ids of nothing: on every route, in the same words, and without a look at
//! what lies behind them.

use std::{collections::BTreeMap, fs};

use http::Method;
use serde_json::{Value, json};
use ventanilla::ports::clock::Clock;
use ventanilla_sandbox::{CallEntry, CallOutcome, Fault as ProviderFault, LogEntry};

use crate::harness::{Answer, Client, IdNumber as _, OTHER_KEY, Stand, config, eventually};

const ANA: &str = "+50212345678";
const BOB: &str = "+50287654321";

/// An id that exists nowhere.
const NOWHERE: &str = "9007199254740991";

/// The own id of tenant `demo` for a lead, in the form of ours.
const LEAD: &str = "42424242";

/// In every text of tenant `demo`, and in none of tenant `other`.
const SECRET: &str = "for demo only";

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// An operation of the OpenAPI file that gets an id.
struct Operation {
    method: Method,
    /// Its path and query, with `{name}` where an id goes.
    url: String,
    spec: Value,
}

impl Operation {
    async fn call(&self, client: &Client, id: &str) -> Answer {
        let body = if self.spec["requestBody"].is_null() { String::new() } else { self.body().to_string() };
        client.call(self.method.clone(), &filled(&self.url, id), &[], body.into_bytes()).await
    }

    /// The document's own example, so that only the id can be wrong.
    fn body(&self) -> Value {
        let content = &self.spec["requestBody"]["content"]["application/json"];
        let mut examples = content["examples"].as_object().into_iter().flat_map(serde_json::Map::values);
        let named = examples.next().map(|example| &example["value"]);
        let mut body = named.unwrap_or(&content["example"]).clone();
        assert!(body.is_object(), "{}: the document has no example of its body", self.url);
        // The stranger's own channel.
        if let Some(channel) = body.get_mut("messaging_channel_connection_id") {
            *channel = json!(2);
        }
        body
    }

    /// What its contract says to the id of a thing that does not exist.
    fn not_found(&self) -> (u16, Value) {
        let name = self.spec["operationId"].as_str().unwrap_or_default();
        // An unknown conversation has no messages and no updates, an unknown channel no conversations, an
        // unknown id no contact, and the PHP bot's switch can be set for anything.
        let empty = ["phpListMessages", "phpToggleAi", "checkUpdates", "listConversations", "listContacts"];
        if empty.iter().any(|start| name.starts_with(start)) {
            return (200, Value::Null);
        }
        (if self.spec["tags"][0] == "PHP bot" { 500 } else { 404 }, json!("not_found"))
    }
}

/// A path with an id in every place that asks for one.
fn filled(url: &str, id: &str) -> String {
    let mut parts = url.split('{');
    let mut full = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        full.push_str(id);
        full.push_str(part.split_once('}').unwrap().1);
    }
    full
}

fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => value,
    }
}

/// The name of a query parameter that is an id.
fn id_in_query(parameter: &Value) -> Option<&str> {
    let name = parameter["name"].as_str()?;
    let of_id_type = parameter["schema"]["$ref"].as_str().is_some_and(|schema| schema.ends_with("/Id"));
    let named_so = name == "id" || name.ends_with("_id") || name.ends_with("Id");
    (parameter["in"] == "query" && (of_id_type || named_so)).then_some(name)
}

/// Every operation that gets an id. Those of `/webhooks` authenticate the sender in another way. Kaleyra's
/// gets an account and a number (`kaleyra.rs` has those of others), suppressions an address, which any
/// tenant may have.
fn operations() -> Vec<Operation> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi.yaml");
    let document: Value = yaml_serde::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let methods = item.as_object().unwrap().iter().filter(|(name, _)| METHODS.contains(&name.as_str()));
        let told_ids = ["/webhooks", "/v2/", "/v1/suppressions"].iter().all(|start| !path.starts_with(start));
        for (name, spec) in methods.filter(|_| told_ids) {
            let lists = [&item["parameters"], &spec["parameters"]].into_iter().filter_map(Value::as_array);
            let parameters = lists.flatten().map(|parameter| resolved(&document, parameter));
            let asked: Vec<String> =
                parameters.filter_map(id_in_query).map(|name| format!("{name}={{{name}}}")).collect();
            let query = if asked.is_empty() { String::new() } else { format!("?{}", asked.join("&")) };
            let url = format!("{path}{query}");
            if url.contains('{') {
                let method = Method::from_bytes(name.to_uppercase().as_bytes()).unwrap();
                let mut spec = spec.clone();
                if let Some(body) = spec.get_mut("requestBody") {
                    *body = resolved(&document, body).clone();
                }
                found.push(Operation { method, url, spec });
            }
        }
    }
    found
}

/// What a caller sees of an answer, without what differs from call to call.
fn seen(answer: &Answer, id: &str) -> (u16, BTreeMap<String, String>, String) {
    let passing = ["x-request-id", "date", "content-length"];
    let headers = answer.headers.iter().filter(|(name, _)| !passing.contains(&name.as_str()));
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    (answer.status.as_u16(), headers.collect(), answer.text.replace(id, "<id>"))
}

/// The code of a failure, which ABC Sales has within `error`.
fn code(answer: &Answer) -> Value {
    let told = answer.json();
    told.pointer("/error/code").unwrap_or(&told["code"]).clone()
}

/// Every row of tenant `demo`, also those that are found without naming a tenant.
async fn rows_of_demo(stand: &Stand) -> BTreeMap<String, Value> {
    let mut rows = stand.rows().await;
    rows.retain(|key, row| key.starts_with("\"T#demo#") || row["tenant"]["S"] == "demo");
    rows
}

async fn assert_untouched(stand: &Stand, before: &BTreeMap<String, Value>) {
    let after = rows_of_demo(stand).await;
    let changed = after.iter().filter(|(key, row)| before.get(*key) != Some(*row)).map(|(key, _)| key);
    let gone = before.keys().filter(|key| !after.contains_key(*key));
    let all: Vec<&String> = changed.chain(gone).collect();
    assert!(all.is_empty(), "rows of the other tenant changed: {all:?}");
}

/// The keys of tenant `demo` that calls to the store have named since this was last asked.
fn touched(stand: &Stand) -> Vec<String> {
    stand.tap.touched().into_iter().filter(|key| key.starts_with("T#demo#")).collect()
}

fn stranger(stand: &Stand) -> Client {
    stand.api.with_key(Some(OTHER_KEY))
}

/// A conversation of tenant `other`, begun by the customer.
async fn conversation_of_other(stand: &Stand, number: &str) -> Value {
    let body = json!({ "text": "for the other company", "to": "1002" });
    assert_eq!(stand.api.post(&format!("/sandbox/phones/{number}/messages"), &body).await.status, 200);
    let listed = stranger(stand).get("/v1/conversations").await.json();
    let mut all = listed["data"].as_array().unwrap().iter();
    all.find(|it| it["contact"]["phone_number"] == number).unwrap().clone()
}

/// A broadcast of tenant `demo` that is done: its id.
async fn broadcast_of_demo(stand: &Stand) -> String {
    let text = json!({ "type": "text", "text": SECRET });
    let body = json!({
        "templateName": "appointment_reminder",
        "languageCode": "es",
        "components": [{ "type": "body", "parameters": [text, text] }],
        "recipients": [{ "phoneNumber": ANA }],
    });
    let begun =
        stand.api.post_with("/api/whatsapp/send-template", &[("prefer", "respond-async")], &body).await;
    assert_eq!(begun.status, 202, "{}", begun.text);
    let id = begun.json()["summary"]["jobId"].to_string();
    eventually("the broadcast is done", || async {
        let told = stand.api.get(&format!("/v1/broadcasts/{id}")).await.json();
        (told["state"] == "done").then_some(())
    })
    .await;
    id
}

/// One of each thing of tenant `demo` that has an id: what it is, and the id.
async fn things_of_demo(stand: &Stand) -> Vec<(&'static str, String)> {
    let conversation = stand.customer_writes(ANA, SECRET).await;
    let path = format!("/api/whatsapp/conversations/{conversation}/messages");
    let body = json!({ "content": SECRET });
    let accepted = stand.api.post(&path, &body).await.json();
    stand.provider_will(ProviderFault::Cut { accepted: false });
    let doubtful = stand.api.post(&path, &body).await.json();
    stand.provider_will(ProviderFault::Refuse { code: 131_026, http_status: None, details: None });
    assert_eq!(stand.api.post(&path, &body).await.json()["code"], "recipient_unreachable");
    let broadcast = broadcast_of_demo(stand).await;
    stand.running.sandbox.until_idle().await;
    let messages = stand.messages(conversation).await;
    let inbound = messages.iter().find(|message| message["direction"] == "inbound").unwrap();
    // A rejection does not return the id of its attempt; the row has it.
    let rows = stand.rows().await;
    let mut attempts = rows.values().filter(|row| row["row"]["S"] == "attempt");
    let refused = attempts.find(|row| row["state"]["S"] == "rejected").unwrap();
    let file =
        stand.api.post("/v1/media", &json!({ "mime_type": "application/pdf", "size": 5 })).await.json();
    let contact = stand.conversation_with(ANA).await["contact"]["id"].id_number().to_string();
    let lead = json!({ "id": LEAD, "name": SECRET, "phone": BOB });
    let lead = stand.api.post("/v1/webhooks/leads", &lead).await.json()["data"]["lead"]["id"].to_string();
    let messages = [
        ("an inbound message", inbound["id"].as_str().unwrap().trim_start_matches("msg_").to_owned()),
        ("an accepted message", accepted["data"]["message_id"].to_string()),
        ("a message in doubt", doubtful["message_id"].to_string()),
        ("a refused attempt", refused["id"]["N"].as_str().unwrap().to_owned()),
    ];
    for (what, id) in &messages {
        assert_eq!(stand.api.get(&format!("/v1/messages/{id}")).await.status, 200, "{what} exists");
    }
    let mut all = vec![
        ("a conversation", conversation.to_string()),
        ("a contact", contact),
        ("a lead", lead),
        ("a lead by the company's own id", LEAD.to_owned()),
        ("a broadcast", broadcast),
        ("a file", file["id"].id_number().to_string()),
    ];
    all.extend(messages);
    all
}

#[expect(clippy::print_stdout, reason = "the size of the sweep is what a reader of the run looks for")]
fn tell(calls: usize, routes: usize, reached: usize) {
    println!(
        "tenancy: {calls} calls with foreign ids on {routes} routes: {reached} reads or writes of the other tenant"
    );
}

#[tokio::test]
async fn on_every_route_a_foreign_id_is_answered_like_an_absent_one() {
    // Some answers tell the time.
    let stand = Stand::start_still(config(), "2026-03-03T10:30:00Z".parse().unwrap()).await;
    let things = things_of_demo(&stand).await;
    conversation_of_other(&stand, ANA).await;
    stand.running.sandbox.until_idle().await;
    let (stranger, operations) = (stranger(&stand), operations());
    assert!(operations.len() >= 24, "the routes were not found: {}", operations.len());
    let before = rows_of_demo(&stand).await;
    touched(&stand);
    let (mut calls, mut reached) = (0, Vec::new());
    for operation in &operations {
        let nothing = operation.call(&stranger, NOWHERE).await;
        let told = (nothing.status.as_u16(), code(&nothing));
        assert_eq!(told, operation.not_found(), "{}", operation.url);
        for (what, id) in &things {
            let answer = operation.call(&stranger, id).await;
            let name = format!("{} {} with {what}", operation.method, operation.url);
            assert_eq!(seen(&answer, id), seen(&nothing, NOWHERE), "{name}");
            reached.extend(touched(&stand).into_iter().map(|key| format!("{name}: {key}")));
            calls += 1;
        }
    }
    tell(calls, operations.len(), reached.len());
    assert!(reached.is_empty(), "{}", reached.join("\n"));
    assert_untouched(&stand, &before).await;
    // The tap would have seen it.
    stand.messages(things[0].1.parse().unwrap()).await;
    assert!(!touched(&stand).is_empty());
}

/// All cursors of a list, page by page.
async fn cursors(client: &Client, path: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    loop {
        let after = found.last().map_or_else(String::new, |cursor| format!("&cursor={cursor}"));
        let page = client.get(&format!("{path}?limit=1{after}")).await.json();
        let Some(next) = page["next_cursor"].as_str() else { return found };
        found.push(next.to_owned());
    }
}

#[tokio::test]
async fn a_foreign_cursor_shows_nothing_foreign() {
    let stand = Stand::start().await;
    let mut foreign = Vec::new();
    // Conversations of both in turns, so that each cursor lies between two of the stranger's.
    for number in [ANA, BOB] {
        foreign.push(stand.customer_writes(number, SECRET).await);
        conversation_of_other(&stand, number).await;
    }
    for _ in 0..3 {
        assert_eq!(stand.reply(foreign[0], SECRET).await.status, 200);
    }
    stand.running.sandbox.until_idle().await;
    let stranger = stranger(&stand);
    let listed = stranger.get("/v1/conversations").await.json()["data"].clone();
    let own: Vec<&str> = listed.as_array().unwrap().iter().filter_map(|it| it["id"].as_str()).collect();
    assert_eq!(own.len(), 2);
    let of_list = cursors(&stand.api, "/v1/conversations").await;
    let of_thread = cursors(&stand.api, &format!("/v1/conversations/{}/messages", foreign[0])).await;
    assert!(!of_list.is_empty() && of_thread.len() >= 3, "{of_list:?} {of_thread:?}");
    let before = rows_of_demo(&stand).await;
    touched(&stand);
    for cursor in of_list {
        let answer = stranger.get(&format!("/v1/conversations?cursor={cursor}")).await;
        assert!(!answer.text.contains(SECRET), "{}", answer.text);
        // A cursor is a position in time for every tenant; from there on the stranger sees their own
        // entries.
        assert_eq!(answer.status, 200, "{}", answer.text);
        for shown in answer.json()["data"].as_array().unwrap() {
            assert!(own.contains(&shown["id"].as_str().unwrap()), "{shown}");
        }
    }
    for cursor in of_thread {
        let theirs =
            stranger.get(&format!("/v1/conversations/{}/messages?cursor={cursor}", foreign[0])).await;
        assert_eq!((theirs.status.as_u16(), &theirs.json()["code"]), (404, &json!("not_found")));
        let mine = stranger.get(&format!("/v1/conversations/{}/messages?cursor={cursor}", own[0])).await;
        assert_eq!((mine.status.as_u16(), &mine.json()["field"]), (400, &json!("cursor")));
    }
    assert_eq!(touched(&stand), Vec::<String>::new());
    assert_untouched(&stand, &before).await;
}

/// Sends under the key that both tenants use.
async fn send_under_the_key(client: &Client, content: &str) -> Answer {
    let body = json!({ "phoneNumber": ANA, "content": content });
    client.post_with("/api/whatsapp/send", &[("idempotency-key", "the key")], &body).await
}

#[tokio::test]
async fn one_idempotency_key_of_two_tenants_is_two_keys() {
    let stand = Stand::start().await;
    stand.window_opens(ANA).await;
    stand.window_opens_at(ANA, &json!({ "to": "1002" })).await;
    let stranger = stranger(&stand);
    let ours = send_under_the_key(&stand.api, "the same").await;
    stand.running.sandbox.until_idle().await;
    let before = rows_of_demo(&stand).await;
    touched(&stand);
    let theirs = send_under_the_key(&stranger, "the same").await;
    assert_eq!((theirs.status.as_u16(), theirs.header("idempotent-replayed")), (200, None));
    let id = |answer: &Answer| answer.json()["data"]["message"]["message_id"].clone();
    assert_ne!(id(&theirs), id(&ours));
    stand.running.sandbox.until_idle().await;
    assert_eq!(send_under_the_key(&stranger, "another").await.json()["code"], "idempotency_key_reused");
    assert_eq!(touched(&stand), Vec::<String>::new());
    assert_untouched(&stand, &before).await;
    // Each gets its own first response again, and each sent from its own number.
    for (client, first) in [(&stand.api, &ours), (&stranger, &theirs)] {
        let again = send_under_the_key(client, "the same").await;
        assert_eq!((again.json(), again.header("idempotent-replayed")), (first.json(), Some("true")));
    }
    let log = stand.running.sandbox.log();
    let from = log.iter().filter_map(|entry| match entry {
        LogEntry::Call(call) => Some(call.phone_number_id.as_str()),
        _ => None,
    });
    assert_eq!(from.collect::<Vec<_>>(), ["1001", "1002"]);
}

/// A webhook about a message, with and without callback data, for a number.
fn forged(number: &str, wamid: &str, data: &str, at: i64) -> Value {
    let mut statuses = Vec::new();
    for (after, word) in [(0, "sent"), (1, "failed"), (2, "read")] {
        let mut report = json!({ "id": wamid, "status": word, "timestamp": (at + after).to_string() });
        statuses.push(report.clone());
        report["biz_opaque_callback_data"] = json!(data);
        statuses.push(report.clone());
        report["id"] = json!("wamid.of-nothing");
        statuses.push(report);
    }
    let value = json!({ "metadata": { "phone_number_id": number }, "statuses": statuses });
    json!({ "entry": [{ "id": "2001", "changes": [{ "field": "messages", "value": value }] }] })
}

#[tokio::test]
async fn a_webhook_that_names_another_tenant_s_number_changes_nothing_of_it() {
    let stand = Stand::start().await;
    // No status of its own arrives, so every one in the webhooks below would be new.
    let silent = json!({ "reach": "none" }).to_string();
    let set = stand.api.call(Method::PUT, &format!("/sandbox/phones/{ANA}"), &[], silent.into()).await;
    assert_eq!(set.status, 200, "{}", set.text);
    things_of_demo(&stand).await;
    let called = stand.running.sandbox.log().into_iter().filter_map(|entry| match entry {
        LogEntry::Call(call) => Some(call),
        _ => None,
    });
    let called: Vec<CallEntry> = called.collect();
    let wamid = called.iter().find_map(|call| match &call.outcome {
        CallOutcome::Accepted { wamid } => Some(wamid.as_str()),
        _ => None,
    });
    let wamid = wamid.unwrap();
    let at = stand.clock.now().seconds();
    let before = rows_of_demo(&stand).await;
    // Of the accepted message, the unknown one, the rejected one and that of the broadcast.
    for data in called.iter().filter_map(|call| call.callback_data.as_deref()) {
        // By an app that has no say over the number that it names.
        let body = forged("1001", wamid, data, at);
        assert_eq!(stand.callback("second", "second-app-secret", &body).await.status, 200);
        // By apps that name a number of theirs, of the other tenant.
        touched(&stand);
        for (app, secret, number) in
            [("second", "second-app-secret", "1003"), ("demo", "demo-app-secret", "1002")]
        {
            let body = forged(number, wamid, data, at);
            assert_eq!(stand.callback(app, secret, &body).await.status, 200);
        }
        assert_eq!(touched(&stand), Vec::<String>::new());
    }
    let message = json!({ "id": "wamid.forged", "from": "50212345678", "timestamp": at.to_string(), "type": "text", "text": { "body": "not me" } });
    let value = json!({ "metadata": { "phone_number_id": "1001" }, "messages": [message] });
    let body = json!({ "entry": [{ "id": "2001", "changes": [{ "field": "messages", "value": value }] }] });
    assert_eq!(stand.callback("second", "second-app-secret", &body).await.status, 200);
    assert_untouched(&stand, &before).await;
    // The same from the authorised app is ingested.
    let body = forged("1001", wamid, called[0].callback_data.as_deref().unwrap(), at);
    assert_eq!(stand.callback("demo", "demo-app-secret", &body).await.status, 200);
    assert_ne!(rows_of_demo(&stand).await, before);
}
