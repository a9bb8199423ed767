//! What each operation costs at the store. One call more than written here fails the test.

use std::time::Duration;

use serde_json::json;
use ventanilla::ports::clock::Clock;

use ventanilla_sandbox::Fault as ProviderFault;

use crate::{
    harness::{IdNumber as _, Stand, Tap},
    templates::broadcasts::{LATER, ask, ask_at, numbers, to, work},
};

const ANA: &str = "+50212345678";

/// An operation's calls and capacity units, as `bench/README.md` has them.
#[derive(Debug, PartialEq)]
struct Spent {
    operation: &'static str,
    calls: String,
    trips: u32,
    units: f64,
}

fn spent(operation: &'static str, stand: &Stand) -> Spent {
    let (calls, units) = costs(&stand.tap);
    Spent { operation, calls, trips: stand.tap.trips(), units }
}

/// The calls by their kinds, and the capacity units, since it was last asked.
pub(crate) fn costs(tap: &Tap) -> (String, f64) {
    let costs = tap.costs();
    let calls: Vec<String> = costs.iter().map(|(name, cost)| format!("{name} {}", cost.calls)).collect();
    (calls.join(", "), costs.values().map(|cost| cost.units).sum())
}

fn stands_in_the_notes(rows: Vec<String>) {
    let notes = concat!(env!("CARGO_MANIFEST_DIR"), "/../bench/README.md");
    let notes = std::fs::read_to_string(notes).unwrap();
    let all = rows.join("\n");
    for row in rows {
        assert!(notes.contains(&row), "bench/README.md does not have this row:\n{row}\nof all these:\n{all}");
    }
}

/// Begins the measuring of one operation.
pub(crate) fn begin(stand: &Stand) {
    stand.tap.costs();
    stand.tap.trips();
}

#[tokio::test]
async fn every_operation_stays_within_its_budget() {
    let stand = Stand::start().await;
    let mut table = Vec::new();
    stand.tap.hold_answers(Duration::from_millis(50));
    let quiet = "http://127.0.0.1:9/nowhere";
    let phone = format!("/sandbox/phones/{ANA}/messages");

    begin(&stand);
    // Told after its second is over, as most are: its place in the list is then that of the conversation's beginning.
    let first = json!({ "text": "first contact", "timestamp": stand.clock.now().seconds() - 2 });
    stand.api.post(&phone, &first).await;
    table.push(spent("webhook: first message of a customer", &stand));
    // Later than the first by whole seconds, so that the conversation always moves in the list.
    let later = json!({ "text": "again", "timestamp": stand.clock.now().seconds() + 2 });
    stand.api.post(&phone, &later).await;
    stand.clock.advance(Duration::from_secs(10));
    table.push(spent("webhook: another message", &stand));
    // The very same bytes: with a time of its own it would be another webhook for the archive.
    let twice = json!({ "text": "again", "id": "wamid.twice", "timestamp": stand.clock.now().seconds() });
    stand.api.post(&phone, &twice).await;
    begin(&stand);
    stand.api.post(&phone, &twice).await;
    table.push(spent("webhook: a repeated message", &stand));

    let conversation = stand.conversation_with(ANA).await["id"].id_number();
    stand.running.sandbox.set_webhook_url("1001", quiet);
    stand.reply(conversation, "warm-up").await;
    begin(&stand);
    stand.reply(conversation, "hello").await;
    table.push(spent("reply", &stand));
    let path = format!("/api/conversations/{conversation}/reply");
    let key = [("idempotency-key", "k")];
    stand.api.post_with(&path, &key, &json!({ "message": "hello" })).await;
    table.push(spent("reply with an idempotency key", &stand));
    stand.api.post_with(&path, &key, &json!({ "message": "hello" })).await;
    table.push(spent("its replay", &stand));
    stand.api.post("/api/whatsapp/send", &json!({ "phoneNumber": "+50200000001", "content": "x" })).await;
    begin(&stand);
    stand.api.post("/api/whatsapp/send", &json!({ "phoneNumber": "+50200000002", "content": "x" })).await;
    table.push(spent("send to a new number", &stand));
    stand.api.post("/api/whatsapp/send", &json!({ "phoneNumber": "+50200000002", "content": "y" })).await;
    table.push(spent("send to a known number", &stand));
    table.extend(own_contract(&stand).await);

    stand.provider_will(ProviderFault::Refuse { code: 131_026, http_status: None, details: None });
    begin(&stand);
    stand.reply(conversation, "no").await;
    table.push(spent("reply that the provider rejects", &stand));
    stand.provider_will(ProviderFault::Cut { accepted: false });
    stand.reply(conversation, "perhaps").await;
    table.push(spent("reply with an unknown outcome", &stand));
    stand.api.post("/api/conversations/999/reply", &json!({ "message": "x" })).await;
    table.push(spent("reply to no conversation", &stand));

    let messages: Vec<_> = stand.messages(conversation).await;
    let messages: Vec<_> = messages.iter().filter(|it| it["provider_message_id"].is_string()).collect();
    let wamid = messages.last().unwrap()["provider_message_id"].as_str().unwrap().to_owned();
    let rows = stand.rows().await;
    let address = rows
        .values()
        .find(|row| row["row"]["S"] == "message" && row["wamid"]["S"] == wamid.as_str())
        .unwrap();
    let part = |name: &str| address[name]["N"].as_str().unwrap();
    let echo = format!("v1.{}.{}.{}", part("conversation"), part("at"), part("id"));
    let status = |echo: Option<&str>, word: &str| {
        json!({ "entry": [{ "changes": [{ "field": "messages", "value": {
            "metadata": { "phone_number_id": "1001" },
            "statuses": [{ "id": wamid, "status": word, "timestamp": "1", "biz_opaque_callback_data": echo }],
        } }] }] })
    };
    begin(&stand);
    stand.callback("demo", "demo-app-secret", &status(Some(&echo), "sent")).await;
    table.push(spent("webhook: a status with our data", &stand));
    stand.callback("demo", "demo-app-secret", &status(None, "delivered")).await;
    table.push(spent("webhook: a status without", &stand));
    stand.callback("demo", "demo-app-secret", &status(Some(&echo), "sent")).await;
    table.push(spent("webhook: a repeated status", &stand));
    begin(&stand);
    stand.conversations().await;
    table.push(spent("list of conversations", &stand));
    stand.messages(conversation).await;
    table.push(spent("messages of a conversation", &stand));
    table.extend(inbox(&stand, conversation).await);
    stand.sweep().await;
    table.push(spent("sweep with nothing to do", &stand));

    let shown: Vec<String> = table
        .iter()
        .map(|row| format!("| {} | {} | {} | {} |", row.operation, row.calls, row.trips, row.units))
        .collect();
    stands_in_the_notes(shown);
}

/// What sending costs in our own contract, which answers with the message.
async fn own_contract(stand: &Stand) -> Vec<Spent> {
    let conversation = stand.conversation_with("+50200000002").await["id"].id_number();
    begin(stand);
    let into = format!("/v1/conversations/conv_{conversation}/messages");
    let to_new = json!({ "to": { "phone": "+50200000003" }, "text": "x" });
    let to_known = json!({ "to": { "phone": "+50200000003" }, "text": "y" });
    let key: &[(&str, &str)] = &[("idempotency-key", "k")];
    let mut table = Vec::new();
    for (operation, path, key, body) in [
        ("`/v1`: message into a conversation", into.as_str(), &[][..], json!({ "text": "hello" })),
        ("`/v1`: the same with an idempotency key", &into, key, json!({ "text": "hello" })),
        ("`/v1`: its replay", &into, key, json!({ "text": "hello" })),
        ("`/v1`: message to a new number", "/v1/messages", &[], to_new),
        ("`/v1`: message to a known number", "/v1/messages", &[], to_known),
    ] {
        let answer = stand.api.post_with(path, key, &body).await;
        assert_eq!(answer.status, 201, "{operation}: {}", answer.text);
        table.push(spent(operation, stand));
    }
    table
}

/// What reading costs, and looking after a conversation.
async fn inbox(stand: &Stand, conversation: u64) -> Vec<Spent> {
    let mut table = Vec::new();
    let inbox = format!("/v1/conversations/{conversation}");
    for (operation, path) in [
        ("list of unread conversations", "/v1/conversations?unread=true".to_owned()),
        ("list of contacts", "/v1/contacts".to_owned()),
        ("one conversation", inbox.clone()),
        ("the PHP bot: list of conversations", "/api/conversations?status=active".to_owned()),
        ("the PHP bot: messages", format!("/api/conversations/{conversation}/messages")),
        ("the PHP bot: no updates", "/api/check-updates?last_check=2099-01-01%2000:00:00".to_owned()),
    ] {
        assert_eq!(stand.api.get(&path).await.status, 200, "{path}");
        table.push(spent(operation, stand));
    }
    let assigned = json!({ "assignee": "ana" });
    for operation in ["assigning a conversation", "the same again"] {
        assert_eq!(stand.api.post(&format!("{inbox}/assign"), &assigned).await.status, 200);
        table.push(spent(operation, stand));
    }
    stand.running.sandbox.set_webhook_url("1001", format!("{}/webhooks/meta/demo", stand.base()));
    stand.api.post(&format!("/sandbox/phones/{ANA}/messages"), &json!({ "text": "again" })).await;
    // What was on its way meanwhile is not part of it.
    stand.running.sandbox.until_idle().await;
    begin(stand);
    assert_eq!(stand.api.post(&format!("{inbox}/read"), &json!({})).await.status, 200);
    table.push(spent("marking a conversation as read", stand));
    begin(stand);
    table
}

#[tokio::test]
async fn a_broadcast_stays_within_its_budget() {
    let stand = Stand::start().await;
    stand.running.sandbox.set_webhook_url("1001", "http://127.0.0.1:9/nowhere");
    stand.api.get("/api/whatsapp/templates").await;
    let actor = stand.actor().await;
    // What is looked up once in a while is not a broadcast's own.
    ask(&actor, &[LATER], &to(&numbers(1))).await;
    work(&stand, &actor, &actor.queue.take()).await;
    let named: Vec<String> = (0..50).map(|place| format!("+5023200{place:04}")).collect();
    actor.tap.costs();
    ask(&actor, &[LATER], &to(&named)).await;
    let begun = costs(&actor.tap);
    work(&stand, &actor, &actor.queue.take()).await;
    let carried = costs(&actor.tap);
    let recipients: Vec<_> = named.iter().map(|number| json!({ "phone": number })).collect();
    let template = json!({ "name": "hello_world", "language": "en_US" });
    let body = json!({ "template": template, "recipients": recipients });
    let (status, told) = ask_at("/v1/broadcasts", &actor, &[], &body).await;
    assert_eq!(status, 202, "{told}");
    let begun_by_v1 = costs(&actor.tap);
    actor.queue.take();
    let row = |what: &str, (calls, units): (String, f64)| format!("| {what} | {calls} | {units} |");
    let to_one = async |number: &str| {
        actor.tap.costs();
        ask(&actor, &[], &to(&[number.to_owned()])).await;
        costs(&actor.tap)
    };
    to_one("+50233000001").await;
    stands_in_the_notes(vec![
        row("a template to one new number, in the call", to_one("+50233000002").await),
        row("a broadcast to 50 new numbers: begun", begun),
        row("the same: carried out by the worker", carried),
        row("`/v1`: a broadcast to 50 numbers: begun", begun_by_v1),
    ]);
}
