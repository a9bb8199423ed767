//! Meta's webhooks: every item of every one, exactly once.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde_json::{Value, json};
use ventanilla::ports::clock::Clock;

use crate::harness::{OTHER_KEY, Stand, signed};

const SECRET: &str = "demo-app-secret";

fn envelope(changes: &[Value]) -> Value {
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "2001", "changes": changes }] })
}

fn change(number: &str, list: &str, items: &[Value]) -> Value {
    json!({ "field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "15550100001", "phone_number_id": number },
        list: items,
    } })
}

fn text(id: &str, from: &str, at: i64) -> Value {
    json!({ "id": id, "from": from, "timestamp": at.to_string(), "type": "text", "text": { "body": id } })
}

#[tokio::test]
async fn the_handshake_answers_the_right_token_only() {
    let stand = Stand::start().await;
    let client = stand.api.with_key(None);
    let ask = |token: &str, challenge: &str| {
        format!("/webhooks/meta/demo?hub.mode=subscribe&hub.verify_token={token}&hub.challenge={challenge}")
    };
    let right = client.get(&ask("demo-verify-token", "1158201444")).await;
    assert_eq!((right.status.as_u16(), right.text.as_str()), (200, "1158201444"));
    assert!(right.header("content-type").unwrap().starts_with("text/plain"));
    for (path, status) in [
        (ask("wrong", "1"), 403),
        (ask("second-verify-token", "1"), 403),
        (ask("demo-verify-token", "%3Cscript%3E"), 403),
        ("/webhooks/meta/demo".to_owned(), 403),
        ("/webhooks/meta/nobody?hub.mode=subscribe".to_owned(), 404),
    ] {
        assert_eq!(client.get(&path).await.status.as_u16(), status, "{path}");
    }
}

#[tokio::test]
async fn only_a_correctly_signed_body_is_ingested() {
    let stand = Stand::start().await;
    let body = envelope(&[change("1001", "messages", &[text("wamid.s", "50212345678", 1)])]).to_string();
    let right = signed(SECRET, body.as_bytes());
    let upper = format!("sha256={}", right["sha256=".len()..].to_uppercase());
    let doubled = format!("{right},{right}");
    let post = |headers: Vec<(&'static str, String)>, body: String, app: &'static str| {
        let client = stand.api.with_key(None);
        async move {
            let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
            client
                .call(Method::POST, &format!("/webhooks/meta/{app}"), &headers, body.into())
                .await
                .status
                .as_u16()
        }
    };
    let name = "x-hub-signature-256";
    for header in [
        None,
        Some(String::new()),
        Some(upper),
        Some(doubled),
        Some(right[..70].to_owned()),
        Some(signed("other", body.as_bytes())),
    ] {
        let headers = header.clone().map(|value| (name, value)).into_iter().collect();
        assert_eq!(post(headers, body.clone(), "demo").await, 401, "{header:?}");
    }
    let twice = vec![(name, right.clone()), (name, right.clone())];
    assert_eq!(post(twice, body.clone(), "demo").await, 401, "two headers");
    assert_eq!(post(vec![(name, right.clone())], format!("{body} "), "demo").await, 401, "another body");
    assert_eq!(post(vec![(name, right.clone())], body.clone(), "second").await, 401, "another app");
    assert_eq!(post(vec![(name, right.clone())], body.clone(), "nobody").await, 404);
    assert!(stand.conversations().await.is_empty());
    let huge = "x".repeat(3 * 1024 * 1024 + 1);
    assert_eq!(post(vec![(name, signed(SECRET, huge.as_bytes()))], huge, "demo").await, 413);
    let previous = signed("previous-app-secret", body.as_bytes());
    assert_eq!(post(vec![(name, previous)], body.clone(), "demo").await, 200, "while rotating");
    assert_eq!(post(vec![(name, right)], body, "demo").await, 200);
    assert_eq!(stand.conversations().await.len(), 1);
}

#[tokio::test]
async fn whatever_it_is_it_is_acknowledged_and_kept() {
    let stand = Stand::start().await;
    let value = |extra: Value| {
        let mut value = json!({ "metadata": { "phone_number_id": "1001" } });
        value.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        envelope(&[json!({ "field": "messages", "value": value })])
    };
    let oddities = vec![
        json!({}),
        json!({ "entry": {} }),
        json!({ "entry": [1, null, "x", {}] }),
        json!({ "entry": [{ "changes": [null, 7, {}] }] }),
        envelope(&[json!({ "field": "account_update", "value": { "event": "DISABLED_UPDATE" } })]),
        envelope(&[json!({ "field": "not_yet_invented", "value": [1, 2] })]),
        value(json!({})),
        value(json!({ "messages": { "id": "not a list" } })),
        value(json!({ "messages": [null, 1, "x", {}, { "id": "wamid.noone", "type": "text" }] })),
        value(
            json!({ "messages": [{ "id": 5, "from": 50_212_345_678_u64, "timestamp": 1, "type": "text", "text": { "body": 7 } }] }),
        ),
        value(
            json!({ "messages": [{ "id": "wamid.t", "from": "50212345678", "timestamp": "soon", "type": "text" }] }),
        ),
        value(
            json!({ "messages": [{ "id": "wamid.e", "from": "50212345678", "timestamp": "1", "type": "revoke", "revoke": { "original_message_id": "wamid.t" } }] }),
        ),
        value(
            json!({ "messages": [{ "id": "wamid.g", "from": "50212345678", "group_id": "g", "type": "text" }] }),
        ),
        value(
            json!({ "messages": [{ "id": "wamid.sys", "from": "50212345678", "timestamp": (stand.clock.now().seconds() + 5).to_string(), "type": "system", "system": { "type": "user_changed_number", "wa_id": "50287654321" } }] }),
        ),
        value(json!({ "statuses": [{ "id": "wamid.q", "status": "in_orbit", "timestamp": "1" }] })),
        value(json!({ "statuses": [{ "status": "sent" }, null] })),
        value(json!({ "errors": [{ "code": 130_429 }] })),
        value(json!({ "user_actions": [{ "action_type": "marketing_messages_link_click" }] })),
        value(json!({ "calls": [{ "event": "RINGING" }] })),
        envelope(&[change("9999", "messages", &[text("wamid.u", "50212345678", 1)])]),
        envelope(&[change("1003", "messages", &[text("wamid.f", "50212345678", 1)])]),
    ];
    for body in &oddities {
        let before = stand.rows().await.len();
        assert_eq!(stand.callback("demo", SECRET, body).await.status, 200, "{body}");
        assert!(stand.rows().await.len() > before, "nothing is kept of {body}");
    }
    for raw in ["not json", "\u{feff}{}", "[", "{\"a\":\"\\ud800\"}", "", "null"] {
        let signature = signed(SECRET, raw.as_bytes());
        let headers = [("x-hub-signature-256", signature.as_str())];
        let client = stand.api.with_key(None);
        let answer = client.call(Method::POST, "/webhooks/meta/demo", &headers, raw.into()).await;
        assert_eq!(answer.status, 200, "{raw}");
    }
    // Another app cannot write into a channel that is not its own.
    assert!(stand.api.with_key(Some(OTHER_KEY)).get("/v1/conversations").await.json()["data"] == json!([]));
    // The customer who changed their number is still the same customer.
    let moved = stand.customer_writes("+50287654321", "my new number").await;
    assert_eq!(stand.conversations().await.len(), 1);
    assert_eq!(stand.messages(moved).await.len(), 5);
}

/// 1,000 updates: messages of several kinds to two tenants' numbers and to two numbers that are not the
/// app's, statuses for unknown messages, items of unknown kinds, every tenth one repeated.
fn thousand(now: i64) -> Vec<(&'static str, &'static str, Value)> {
    let mut updates = Vec::new();
    for number in 0.. {
        if updates.len() == 1000 {
            return updates;
        }
        let from = format!("5021234{:04}", number % 37);
        let id = format!("wamid.{number}");
        let business = ["1001", "1002", "1001", "1003", "9999", "1001"][number % 6];
        let update = match number % 5 {
            0 | 1 => (business, "messages", text(&id, &from, now - 500 + i64::try_from(number).unwrap() / 2)),
            2 => (
                business,
                "messages",
                json!({
                    "id": id, "from_user_id": format!("US.{from}"), "timestamp": now.to_string(), "type": "image",
                    "image": { "id": "1", "caption": "no number", "mime_type": "image/jpeg" },
                }),
            ),
            3 => (
                business,
                "statuses",
                json!({ "id": id, "status": "delivered", "timestamp": now.to_string() }),
            ),
            _ => (business, "errors", json!({ "code": number, "title": "an error" })),
        };
        updates.push(update.clone());
        if number % 10 == 0 && updates.len() < 1000 {
            updates.push(update);
        }
    }
    updates
}

/// The updates in one body, so many to a change and so many changes to an entry.
fn packed(updates: &[(&'static str, &'static str, Value)], per_change: usize, per_entry: usize) -> Value {
    let mut changes = Vec::new();
    for pack in updates.chunks(per_change) {
        let mut sorted: BTreeMap<&str, BTreeMap<&str, Vec<Value>>> = BTreeMap::new();
        for (number, list, item) in pack {
            sorted.entry(number).or_default().entry(list).or_default().push(item.clone());
        }
        for (number, lists) in sorted {
            let mut value =
                json!({ "messaging_product": "whatsapp", "metadata": { "phone_number_id": number } });
            for (list, items) in lists {
                value[list] = json!(items);
            }
            changes.push(json!({ "field": "messages", "value": value }));
        }
    }
    let entries: Vec<Value> =
        changes.chunks(per_entry).map(|some| json!({ "id": "2001", "changes": some })).collect();
    json!({ "object": "whatsapp_business_account", "entry": entries })
}

#[tokio::test]
async fn a_thousand_updates_are_kept_exactly_once_and_repeating_them_changes_nothing() {
    let stand = Stand::start().await;
    // What is fetched meanwhile would change as well.
    stand.running.fetching.abort();
    let updates = thousand(stand.clock.now().seconds());
    assert_eq!(updates.len(), 1000);
    assert_eq!(stand.callback("demo", SECRET, &packed(&updates, 100, 4)).await.status, 200);
    let rows = stand.rows().await;
    let distinct: BTreeSet<String> =
        updates.iter().map(|(number, list, item)| format!("{number}{list}{item}")).collect();
    let count = |list: &str, known: bool| {
        let mut names: BTreeSet<String> = BTreeSet::new();
        for (number, in_list, item) in &updates {
            if *in_list == list && ["1001", "1002"].contains(number) == known {
                names.insert(format!("{number}{item}"));
            }
        }
        names.len()
    };
    let kind = |name: &str| rows.values().filter(|row| row["row"]["S"] == name).count();
    let messages = count("messages", true);
    let parked = count("statuses", true);
    let others =
        count("errors", true) + count("errors", false) + count("messages", false) + count("statuses", false);
    assert_eq!(messages + parked + others, distinct.len());
    assert_eq!((kind("message"), kind("message_id")), (messages, messages));
    assert_eq!(kind("pointer"), messages + parked);
    // All of them are in the archive, each as often as it was delivered.
    let raw = rows.values().filter(|row| row["row"]["S"] == "raw");
    let archived: usize = raw.map(|row| row["body"]["S"].as_str().unwrap().split('\u{1e}').count()).sum();
    assert_eq!(archived, updates.len());
    // Counters are exact too.
    let unread: u64 = rows
        .values()
        .filter(|row| row["row"]["S"] == "conversation")
        .map(|row| row["unread"]["N"].as_str().unwrap().parse::<u64>().unwrap())
        .sum();
    assert_eq!(unread, messages as u64);
    // Again, packed otherwise, in parts and in another order.
    for part in updates.chunks(333).rev() {
        assert_eq!(stand.callback("demo", SECRET, &packed(part, 7, 50)).await.status, 200);
    }
    // In the archive a webhook packed differently is another one.
    let settled = |rows: &BTreeMap<String, Value>| {
        let mut settled = rows.clone();
        settled.retain(|_, row| row["row"]["S"] != "raw");
        settled
    };
    assert!(kind("file") > 0);
    let (before, after) = (settled(&rows), settled(&stand.rows().await));
    assert_eq!(before.len(), after.len());
    for (key, row) in &before {
        assert_eq!(Some(row), after.get(key), "{key} changed");
    }
}

#[tokio::test]
async fn an_item_that_can_never_be_ingested_is_stored_and_delays_no_other() {
    let stand = Stand::start().await;
    stand.customer_writes("+50212345678", "hola").await;
    // A row that no version of ours can read.
    let rows = stand.rows().await;
    let mut broken = rows.into_values().find(|row| row["row"]["S"] == "conversation").unwrap();
    broken["status"] = json!({ "S": "neither this nor that" });
    stand.put_row(&broken).await;
    let now = stand.clock.now().seconds();
    let items = [text("wamid.bad", "50212345678", now), text("wamid.good", "50287654321", now)];
    let body = envelope(&[change("1001", "messages", &items)]);
    assert_eq!(stand.callback("demo", SECRET, &body).await.status, 200);
    let kept = stand.rows().await;
    let mut raw = kept.values().filter(|row| row["row"]["S"] == "raw");
    assert!(raw.any(|row| row["body"]["S"].as_str().unwrap().contains("wamid.bad")));
    assert_eq!(stand.conversation_with("+50287654321").await["unread_count"], 1);
}
