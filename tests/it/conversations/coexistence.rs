//! A number that its owner still uses on the phone: its history, and the phone's names of contacts.

use serde_json::{Value, json};

use super::{events, message, state, text, webhook};
use crate::{
    harness::{IdNumber as _, Stand},
    inbox::ANA,
};

const FROM: &str = "50212345678";
const OURS: &str = "15550100001";
const DAY: i64 = 86_400;

fn old(stand: &Stand, from: &str, id: &str, ago: i64, body: &str) -> Value {
    message(
        stand,
        json!({ "from": from, "id": id }),
        ago,
        json!({ "type": "text", "text": { "body": body } }),
    )
}

async fn history(stand: &Stand, messages: Value) {
    let chunk = json!({
        "metadata": { "phase": 1, "chunk_order": 1, "progress": 50 },
        "threads": [{ "id": FROM, "messages": messages }],
    });
    webhook(stand, "history", json!({ "history": [chunk] })).await;
}

#[tokio::test]
async fn old_messages_are_stored_in_order_and_cause_no_events() {
    let stand = Stand::start().await;
    text(&stand, FROM, "wamid.9", 60, "de hoy").await;
    let before = stand.conversation_with(ANA).await;
    let told = [
        old(&stand, FROM, "wamid.1", 5 * DAY, "stop"),
        old(&stand, FROM, "wamid.2", 4 * DAY, "hablar con humano"),
        old(&stand, OURS, "wamid.3", 3 * DAY, "Claro"),
    ];
    for _ in 0..2 {
        history(&stand, json!(told)).await;
    }
    assert_eq!(stand.conversation_with(ANA).await, before);
    let id = before["id"].id_number();
    let shown: Vec<Value> = stand
        .messages(id)
        .await
        .iter()
        .map(|it| json!([it["text"], it["sender"]["type"], it["history"]]))
        .collect();
    let expected = [
        json!(["stop", "customer", true]),
        json!(["hablar con humano", "customer", true]),
        json!(["Claro", "business_app", true]),
        json!(["de hoy", "customer", false]),
    ];
    assert_eq!(shown, expected);
    assert_eq!(events(&stand, "message.received").await.len(), 1);
    assert_eq!(stand.api.get("/v1/suppressions").await.json()["data"], json!([]));
}

#[tokio::test]
async fn only_messages_younger_than_a_day_keep_the_window_open() {
    let stand = Stand::start().await;
    history(&stand, json!([old(&stand, FROM, "wamid.1", 2 * DAY, "hola")])).await;
    let it = stand.conversation_with(ANA).await;
    assert_eq!((state(&it), &it["window"]["open"]), (("active", "bot", &Value::Null, 0), &Value::Null));
    assert_eq!(it["last_message"]["text"], "hola", "nothing is newer");
    history(&stand, json!([old(&stand, FROM, "wamid.2", DAY / 2, "¿hola?")])).await;
    let it = stand.conversation_with(ANA).await;
    assert_eq!((&it["unread_count"], &it["window"]["open"]), (&json!(0), &json!(true)));
}

#[tokio::test]
async fn later_files_belong_to_their_sender() {
    let stand = Stand::start().await;
    let image = |id: &str, from: &str, to: Value| {
        let content = json!({ "type": "document", "document": { "id": "77", "mime_type": "application/pdf", "caption": "baja" } });
        let mut it = message(&stand, json!({ "from": from, "id": id }), DAY, content);
        if to.is_string() {
            it["to"] = to;
        }
        it
    };
    let messages = json!([image("wamid.1", OURS, json!(FROM)), image("wamid.2", FROM, Value::Null)]);
    webhook(&stand, "history", json!({ "messages": messages })).await;
    let all = stand.conversations().await;
    assert_eq!(all.len(), 1, "no conversation with our own number: {all:?}");
    let id = stand.conversation_with(ANA).await["id"].id_number();
    let mut senders: Vec<String> =
        stand.messages(id).await.iter().map(|it| it["sender"]["type"].as_str().unwrap().to_owned()).collect();
    senders.sort();
    assert_eq!(senders, ["business_app", "customer"]);
    assert_eq!(stand.conversation_with(ANA).await["unread_count"], 0);
}

#[tokio::test]
async fn messages_of_the_history_show_the_delivery_status_that_they_came_with() {
    let stand = Stand::start().await;
    let of = |from: &str, status: &str| {
        let mut told = old(&stand, from, &format!("wamid.{from}.{status}"), DAY, "hola");
        told["history_context"] = json!({ "status": status });
        told
    };
    let ours = ["SENT", "DELIVERED", "READ", "PLAYED", "ERROR", "PENDING"];
    let mut told: Vec<Value> = ours.iter().map(|status| of(OURS, status)).collect();
    told.push(of(FROM, "READ"));
    history(&stand, json!(told)).await;
    let mut expected =
        vec![(OURS, "PENDING", "accepted"), (OURS, "ERROR", "failed"), (FROM, "READ", "received")];
    expected.extend([
        (OURS, "SENT", "sent"),
        (OURS, "DELIVERED", "delivered"),
        (OURS, "READ", "read"),
        (OURS, "PLAYED", "played"),
    ]);
    for (from, status, expected) in expected {
        let shown = stand.api.get(&format!("/v1/messages/wamid.{from}.{status}")).await.json();
        assert_eq!(shown["status"], expected, "{status}");
        if matches!(status, "SENT" | "DELIVERED" | "PLAYED") {
            assert_eq!(
                shown["status_at"][expected],
                told[0]["timestamp"].as_str().map(iso).unwrap(),
                "{status}"
            );
        }
    }
}

/// Seconds as the API shows them.
fn iso(seconds: &str) -> String {
    ventanilla::domain::time::Timestamp::from_seconds(seconds.parse().unwrap()).iso_millis()
}

#[tokio::test]
async fn a_placeholder_of_the_history_becomes_its_file_once() {
    let stand = Stand::start().await;
    let mut placeholder = message(
        &stand,
        json!({ "from": FROM, "id": "wamid.1" }),
        DAY,
        json!({ "type": "media_placeholder" }),
    );
    placeholder["history_context"] = json!({ "status": "READ" });
    history(&stand, json!([placeholder])).await;
    let before = stand.api.get("/v1/messages/wamid.1").await.json();
    assert_eq!(
        (&before["type"], &before["unknown"]["kind"]),
        (&json!("unknown"), &json!("media_placeholder"))
    );
    let image =
        json!({ "type": "image", "image": { "id": "4711", "mime_type": "image/png", "caption": "mire" } });
    let image = message(&stand, json!({ "from": FROM, "id": "wamid.1" }), DAY, image);
    for _ in 0..2 {
        webhook(&stand, "history", json!({ "messages": [image] })).await;
        history(&stand, json!([placeholder])).await;
    }
    let shown = stand.api.get("/v1/messages/wamid.1?include=raw").await.json();
    assert_eq!(
        (&shown["id"], &shown["type"], &shown["text"]),
        (&before["id"], &json!("image"), &json!("mire"))
    );
    assert_eq!((&shown["image"]["mime_type"], &shown["history"]), (&json!("image/png"), &json!(true)));
    assert_eq!(shown["raw"].pointer("/entry/0/changes/0/value/messages/0"), Some(&image));
    let conversation = stand.conversation_with(ANA).await;
    assert_eq!(
        (&conversation["last_message"]["type"], &conversation["last_message"]["text"]),
        (&json!("image"), &json!("mire"))
    );
    let files = stand.rows().await.values().filter(|row| row["row"]["S"] == "file").count();
    assert_eq!((files, stand.messages(conversation["id"].id_number()).await.len()), (1, 1));
}

#[tokio::test]
async fn the_phone_s_name_is_for_who_has_no_better_one() {
    let stand = Stand::start().await;
    text(&stand, FROM, "wamid.1", 60, "hola").await;
    let entry = |name: &str| {
        json!({ "state_sync": [{
        "type": "contact", "action": "add", "metadata": { "timestamp": "1772533800" },
        "contact": { "full_name": name, "phone_number": FROM },
    }] })
    };
    let name = async || stand.conversation_with(ANA).await["contact"]["name"].clone();
    assert_eq!(name().await, Value::Null);
    let mut gone = entry("Ana de antes");
    gone["state_sync"][0]["action"] = json!("remove");
    webhook(&stand, "smb_app_state_sync", gone).await;
    assert_eq!(name().await, Value::Null, "who was taken out of the address book is called nothing by it");
    webhook(&stand, "smb_app_state_sync", entry("Ana del taller")).await;
    assert_eq!(name().await, "Ana del taller");
    webhook(&stand, "smb_app_state_sync", entry("Otra")).await;
    assert_eq!(name().await, "Ana del taller");
}
