//! Reading and looking after conversations: our own contract, and those of the PHP bot and AmbioSys.

mod cost;
mod lists;
mod looks;
mod merged;
mod php;
mod receipts;
mod unreadable;
mod whatsapp;

use serde_json::{Value, json};

use crate::harness::{IdNumber as _, Stand};

pub(crate) const ANA: &str = "+50212345678";
pub(crate) const BOB: &str = "+50287654321";

/// Requests an action on a conversation, and returns its new state.
pub(crate) async fn done(stand: &Stand, id: u64, what: &str, body: Value) -> Value {
    let answer = stand.api.post(&format!("/v1/conversations/{id}/{what}"), &body).await;
    assert_eq!(answer.status, 200, "{what}: {}", answer.text);
    answer.json()
}

/// The ids of the conversations that fit.
pub(crate) async fn listed(stand: &Stand, query: &str) -> Vec<u64> {
    let page = stand.api.get(&format!("/v1/conversations?{query}")).await;
    assert_eq!(page.status, 200, "{query}: {}", page.text);
    let page = page.json();
    assert_eq!(page["next_cursor"], json!(null), "{query}");
    page["data"].as_array().unwrap().iter().map(|it| it["id"].id_number()).collect()
}

/// The changes of this kind in the log's conversation events.
pub(crate) async fn events(stand: &Stand, kind: &str) -> Vec<Value> {
    stand.follow().await;
    let all = stand.api.get("/v1/events?after=0&limit=100").await.json();
    let of_kind = all["data"].as_array().unwrap().iter();
    let of_kind =
        of_kind.filter(|event| event["type"] == "conversation.updated" && event["data"]["change"] == kind);
    of_kind.map(|event| event["data"].clone()).collect()
}
