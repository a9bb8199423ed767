//! Actions on conversations: their changes, their events, and that repeating them changes nothing.

use serde_json::{Value, json};

use super::{ANA, done, events};
use crate::harness::{DEMO_KEY, OTHER_KEY, Socket, Stand};

/// What of a conversation can be changed by hand.
fn state(it: &Value) -> (&str, &str, &Value, u64) {
    let text = |name: &str| it[name].as_str().unwrap();
    (text("status"), text("handled_by"), &it["assignee"], it["unread_count"].as_u64().unwrap())
}

#[tokio::test]
async fn each_change_is_made_once_and_reported_once() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let ana = json!("ana");
    for _ in 0..2 {
        let it = done(&stand, id, "assign", json!({ "assignee": "ana" })).await;
        assert_eq!(state(&it), ("active", "bot", &ana, 1));
    }
    for _ in 0..2 {
        let it = done(&stand, id, "handoff", json!({ "to": "human" })).await;
        assert_eq!(state(&it), ("pending_human", "human", &ana, 1));
    }
    let it = done(&stand, id, "reopen", json!(null)).await;
    assert_eq!(state(&it), ("pending_human", "human", &ana, 1));
    for _ in 0..2 {
        let it = done(&stand, id, "close", json!(null)).await;
        assert_eq!(state(&it), ("closed", "bot", &Value::Null, 0));
    }
    let it = done(&stand, id, "handoff", json!({ "to": "bot" })).await;
    assert_eq!(state(&it), ("closed", "bot", &Value::Null, 0));
    for _ in 0..2 {
        let it = done(&stand, id, "reopen", json!(null)).await;
        assert_eq!(state(&it), ("active", "bot", &Value::Null, 0));
    }
    for assignee in [&ana, &Value::Null] {
        let it = done(&stand, id, "assign", json!({ "assignee": assignee })).await;
        assert_eq!(&it["assignee"], assignee);
    }
    let one = stand.api.get(&format!("/v1/conversations/{id}")).await.json();
    assert_eq!(one, stand.conversation_with(ANA).await);
    let statuses = events(&stand, "status").await;
    let statuses: Vec<&Value> = statuses.iter().map(|data| &data["status"]).collect();
    assert_eq!(statuses, ["pending_human", "closed", "active"]);
    let handed = events(&stand, "handed_over").await;
    let handed: Vec<&Value> = handed.iter().map(|data| &data["handled_by"]).collect();
    assert_eq!(handed, ["human", "bot"]);
    let assigned = events(&stand, "assigned").await;
    let assigned: Vec<&Value> = assigned.iter().map(|data| &data["assignee"]).collect();
    assert_eq!(assigned, [&ana, &Value::Null, &ana, &Value::Null]);
}

#[tokio::test]
async fn a_customer_s_message_reopens_and_says_so_and_a_reply_ends_the_waiting() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    done(&stand, id, "close", json!(null)).await;
    stand.customer_writes(ANA, "otra cosa").await;
    assert_eq!(state(&stand.conversation_with(ANA).await), ("active", "bot", &Value::Null, 1));
    done(&stand, id, "handoff", json!({ "to": "human" })).await;
    assert_eq!(stand.reply(id, "aquí estoy").await.status, 200);
    // A person answered, so nobody waits; the bot keeps quiet until it is switched on.
    assert_eq!(state(&stand.conversation_with(ANA).await), ("active", "human", &Value::Null, 0));
    let told = events(&stand, "status").await;
    let told: Vec<&Value> = told.iter().map(|data| &data["status"]).collect();
    assert_eq!(told, ["closed", "active", "pending_human", "active"]);
}

#[tokio::test]
async fn a_customer_who_asks_for_a_person_waits_for_one() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    stand.customer_writes(ANA, "Quiero  HABLAR con humano, por favor").await;
    assert_eq!(state(&stand.conversation_with(ANA).await), ("pending_human", "human", &Value::Null, 2));
    let told = events(&stand, "status").await;
    assert_eq!((told.len(), &told[0]["status"]), (1, &json!("pending_human")));
    assert_eq!(told[0]["conversation"]["id"], format!("conv_{id}"));
    // The other company has no such phrase.
    let body = json!({ "text": "hablar con humano", "to": "1002" });
    assert_eq!(stand.api.post(&format!("/sandbox/phones/{ANA}/messages"), &body).await.status, 200);
    let theirs = stand.api.with_key(Some(OTHER_KEY)).get("/v1/conversations").await.json();
    assert_eq!(theirs["data"][0]["status"], "active");
}

#[tokio::test]
async fn changes_at_the_same_time_are_all_made() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let changes = [
        ("assign", json!({ "assignee": "ana" })),
        ("handoff", json!({ "to": "human" })),
        ("read", json!({})),
    ];
    let asked = changes.map(|(what, body)| {
        let (api, path) = (stand.api.with_key(Some(DEMO_KEY)), format!("/v1/conversations/{id}/{what}"));
        tokio::spawn(async move { api.post(&path, &body).await.status })
    });
    for answer in asked {
        assert_eq!(answer.await.unwrap(), 200);
    }
    let it = stand.api.get(&format!("/v1/conversations/{id}")).await.json();
    assert_eq!(state(&it), ("pending_human", "human", &json!("ana"), 0));
}

#[tokio::test]
async fn the_invalid_field_is_named_and_other_tenants_are_rejected() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let path = |what: &str| format!("/v1/conversations/{id}/{what}");
    for (what, body, field) in [
        ("assign", "{}", "assignee"),
        ("assign", "{\"assignee\":7}", "assignee"),
        ("assign", "{\"assignee\":\"\"}", "assignee"),
        ("assign", "", "body"),
        ("handoff", "{\"to\":\"me\"}", "to"),
        ("handoff", "[]", "body"),
        ("read", "{\"typing\":true}", "typing"),
        ("read", "{\"typing\":\"yes\"}", "typing"),
    ] {
        let answer = stand.api.call(http::Method::POST, &path(what), &[], body.into()).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["field"]), (400, &json!(field)), "{what} {body}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    }
    let read_only = stand.api.with_key(Some("vk_cmVhZC1vbmx5LWtleS1mb3ItdGhpcy1tYWNoaW5lISE"));
    for what in ["assign", "close", "reopen", "handoff", "read"] {
        assert_eq!(read_only.post(&path(what), &json!({})).await.json()["code"], "forbidden", "{what}");
    }
    assert_eq!(read_only.get(&format!("/v1/conversations/{id}")).await.status, 200);
    let long = json!({ "assignee": "x".repeat(300_000) });
    assert_eq!(stand.api.post(&path("assign"), &long).await.json()["code"], "payload_too_large");
}

#[tokio::test]
async fn a_subscribed_socket_gets_the_change() {
    let stand = Stand::start_live().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let mut socket = Socket::open(&stand.base(), &format!("apiKey={DEMO_KEY}"), &[]).await.unwrap();
    socket.next_of("connected").await;
    // Earlier events may still be emitted.
    done(&stand, id, "assign", json!({ "assignee": "ana" })).await;
    let mut told = socket.next_of("conversation_updated").await;
    while told["data"]["assignee"] != "ana" {
        told = socket.next_of("conversation_updated").await;
    }
    assert_eq!(
        (&told["data"]["handledBy"], &told["data"]["unreadCount"]),
        (&json!("bot"), &json!(1)),
        "{told}"
    );
    done(&stand, id, "close", json!(null)).await;
    assert_eq!(socket.next_of("conversation_updated").await["data"]["status"], "closed");
    socket.close().await;
}
