//! A merged conversation, as clients read it that still use its id.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};

use crate::harness::{Client, IdNumber as _, OTHER_KEY, Stand};

const NUMBER: &str = "+14155550123";

/// Two conversations that became one.
struct Merged {
    stand: Stand,
    /// The one that ended.
    old: u64,
    /// The conversation that the other one was merged into.
    kept: u64,
    /// What the clock of the PHP bot was before they became one.
    told: String,
}

/// A customer who first hid their number, then was written to by it, and then showed that both are theirs.
async fn merged() -> Merged {
    let stand = Stand::start().await;
    let phone = format!("/sandbox/phones/{NUMBER}");
    let quiet = json!({ "reach": "none" }).to_string();
    stand.api.call(http::Method::PUT, &phone, &[], quiet.into()).await;
    let path = format!("{phone}/messages");
    assert_eq!(stand.api.post(&path, &json!({ "text": "hidden", "hide_phone": true })).await.status, 200);
    stand.clock.advance(Duration::from_secs(1));
    let body = json!({ "phoneNumber": NUMBER, "content": "by number" });
    assert_eq!(stand.api.post("/api/whatsapp/send", &body).await.status, 200);
    let before: BTreeSet<u64> = ids(&stand.conversations().await);
    assert_eq!(before.len(), 2);
    stand.clock.advance(Duration::from_secs(10));
    let told = stand.api.get("/api/check-updates").await.json()["server_time"].as_str().unwrap().to_owned();
    stand.clock.advance(Duration::from_secs(10));
    assert_eq!(stand.api.post(&path, &json!({ "text": "both" })).await.status, 200);
    let kept = *ids(&stand.conversations().await).first().unwrap();
    let old = *before.iter().find(|id| **id != kept).unwrap();
    Merged { stand, old, kept, told }
}

fn ids(listed: &[Value]) -> BTreeSet<u64> {
    listed.iter().map(|it| it["id"].id_number()).collect()
}

fn texts(messages: &Value, field: &str) -> Vec<String> {
    messages.as_array().unwrap().iter().map(|it| it[field].as_str().unwrap().to_owned()).collect()
}

/// The texts of the customer's messages by their time, of both conversations.
async fn in_order(stand: &Stand) -> Vec<String> {
    let rows = stand.rows().await;
    let messages: Vec<&Value> = rows.values().filter(|row| row["row"]["S"] == "message").collect();
    let threads: BTreeSet<&str> = messages.iter().filter_map(|row| row["pk"]["S"].as_str()).collect();
    let mut all: Vec<(&str, &str)> = messages
        .iter()
        .map(|row| (row["sk"]["S"].as_str().unwrap(), row["text"]["S"].as_str().unwrap()))
        .collect();
    all.sort_unstable();
    let all: Vec<String> = all.into_iter().map(|(_, text)| text.to_owned()).collect();
    assert_eq!((threads.len(), all.len()), (2, 3), "{all:?}");
    all
}

/// The texts of all pages of a list of one message each, in their order.
async fn pages(api: &Client, path: &str, at: impl Fn(&Value) -> Value, field: &str) -> Vec<String> {
    let (mut all, mut more) = (Vec::new(), String::new());
    for _ in 0..9 {
        let answer = api.get(&format!("{path}limit=1{more}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let page = answer.json();
        all.extend(texts(&at(&page), field));
        match page["next_cursor"].as_str() {
            Some(cursor) => more = format!("&cursor={cursor}"),
            None => return all,
        }
    }
    panic!("{path} does not end: {all:?}");
}

#[tokio::test]
async fn all_messages_are_read_under_either_id_in_all_contracts() {
    let Merged { stand, old, kept, .. } = merged().await;
    let api = &stand.api;
    let all = in_order(&stand).await;
    let reversed: Vec<String> = all.iter().rev().cloned().collect();
    for id in [old, kept] {
        for path in [
            format!("/api/conversations/{id}/messages?"),
            format!("/api/get-conversation-messages.php?id={id}&"),
        ] {
            let page = api.get(&format!("{path}limit=20")).await.json();
            assert_eq!(texts(&page["messages"], "message_text"), all, "{path}");
            assert_eq!((&page["total"], &page["has_more"]), (&json!(3), &json!(false)), "{path}");
            let page = api.get(&format!("{path}offset=1&limit=1")).await.json();
            assert_eq!(texts(&page["messages"], "message_text"), all[1..2]);
            assert_eq!(page["has_more"], true);
        }
        let path = format!("/api/whatsapp/conversations/{id}");
        let history = api.get(&path).await.json()["data"].clone();
        assert_eq!(history["conversation"]["conversation_id"], kept);
        assert_eq!(texts(&history["messages"], "content"), all);
        let walked =
            pages(api, &format!("{path}?"), |page| page["data"]["messages"].clone(), "content").await;
        assert_eq!(walked, reversed);

        let path = format!("/v1/conversations/{id}");
        assert_eq!(api.get(&path).await.json()["id"].id_number(), kept);
        let messages = |page: &Value| page["data"].clone();
        assert_eq!(pages(api, &format!("{path}/messages?"), messages, "text").await, reversed);
        assert_eq!(pages(api, &format!("{path}/messages?order=asc&"), messages, "text").await, all);
    }
    // As a lead they are one as well, by the contact of either.
    let lead = api.get(&format!("/v1/conversations/{kept}")).await.json()["contact"]["id"].id_number();
    let said = api.get(&format!("/v1/leads/{lead}/conversations")).await.json();
    assert_eq!(texts(&said["data"]["conversations"], "content"), reversed);
    // A cursor is valid under the other id, and later messages come after it.
    let page = api.get(&format!("/v1/conversations/{old}/messages")).await.json();
    assert_eq!(stand.reply(old, "later").await.status, 200);
    let cursor = page["newest_cursor"].as_str().unwrap();
    let path = format!("/v1/conversations/{kept}/messages?order=asc&cursor={cursor}");
    assert_eq!(texts(&api.get(&path).await.json()["data"], "text"), ["later"]);
}

#[tokio::test]
async fn lists_show_the_customer_once() {
    let Merged { stand, kept, .. } = merged().await;
    let lists = [
        ("/api/conversations", "conversations", "id"),
        ("/api/conversations?status=active", "conversations", "id"),
        ("/api/whatsapp/conversations", "data", "conversation_id"),
        ("/api/whatsapp/conversations?status=active", "data", "conversation_id"),
        ("/v1/conversations", "data", "id"),
        ("/v1/conversations?status=active", "data", "id"),
        ("/v1/conversations?channel_id=1", "data", "id"),
    ];
    for (path, list, id) in lists {
        let page = stand.api.get(path).await.json();
        let found: Vec<u64> = page[list].as_array().unwrap().iter().map(|it| it[id].id_number()).collect();
        assert_eq!(found, [kept], "{path}");
    }
}

#[tokio::test]
async fn events_and_changes_reach_clients_that_use_the_old_id() {
    let Merged { stand, old, kept, told } = merged().await;
    let api = &stand.api;
    let since = told.replace(' ', "%20");
    for id in [old, kept] {
        let path = format!("/api/check-updates?last_check={since}&conversation_id={id}");
        let news = api.get(&path).await.json();
        assert_eq!((&news["has_update"], &news["conversation_id"]), (&json!(true), &json!(id.to_string())));
    }
    let told = api.get(&format!("/api/check-conversation-updates?last_check={since}")).await.json();
    assert_eq!(ids(told["updated_conversations"].as_array().unwrap()), [kept].into());
    assert_eq!(told["updated_conversations"].as_array().unwrap().len(), 1);
    // Somebody else's news are not its.
    stand.clock.advance(Duration::from_secs(10));
    let quiet =
        api.get("/api/check-updates").await.json()["server_time"].as_str().unwrap().replace(' ', "%20");
    stand.customer_writes("+50212345678", "hola").await;
    let path = format!("/api/check-updates?last_check={quiet}&conversation_id={old}");
    assert_eq!(api.get(&path).await.json()["has_update"], false);

    let off = json!({ "ai_enabled": false });
    assert_eq!(api.post(&format!("/api/conversations/{old}/toggle-ai"), &off).await.status, 200);
    let assigned = api.post(&format!("/v1/conversations/{old}/assign"), &json!({ "assignee": "ana" })).await;
    assert_eq!((assigned.status.as_u16(), assigned.json()["id"].id_number()), (200, kept));
    let it = api.get(&format!("/v1/conversations/{kept}")).await.json();
    assert_eq!((&it["handled_by"], &it["assignee"]), (&json!("human"), &json!("ana")));
}

#[tokio::test]
async fn another_tenant_sees_nothing_of_it() {
    let Merged { stand, old, kept, told } = merged().await;
    let other = stand.api.with_key(Some(OTHER_KEY));
    let since = told.replace(' ', "%20");
    for id in [old, kept] {
        for path in [
            format!("/api/whatsapp/conversations/{id}"),
            format!("/v1/conversations/{id}"),
            format!("/v1/conversations/{id}/messages"),
        ] {
            assert_eq!(other.get(&path).await.status, 404, "{path}");
        }
        let page = other.get(&format!("/api/conversations/{id}/messages")).await.json();
        assert_eq!((&page["messages"], &page["total"]), (&json!([]), &json!(0)));
        let path = format!("/api/check-updates?last_check={since}&conversation_id={id}");
        assert_eq!(other.get(&path).await.json()["has_update"], false);
    }
}

#[tokio::test]
async fn a_merge_of_before_such_were_written_down_is_followed_from_the_old_id() {
    let Merged { stand, old, kept, .. } = merged().await;
    let key = format!("\"T#demo#C#{kept:016}\" \"A\"");
    let mut row = stand.rows().await[&key].clone();
    row.as_object_mut().unwrap().remove("absorbed").unwrap();
    stand.put_row(&row).await;
    let page = stand.api.get(&format!("/api/conversations/{old}/messages")).await.json();
    assert_eq!(texts(&page["messages"], "message_text"), in_order(&stand).await);
    assert_eq!(page["total"], 3);
}
