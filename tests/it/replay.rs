//! Archived webhooks are ingested again: stored messages stay, missing ones are added.

use std::time::Duration;

use serde_json::{Value, json};
use ventanilla::{
    domain::{
        inbound::Disposition,
        raw::{RawItem, RawOwner},
        settings::Settings,
    },
    ports::{archive::Archive, clock::Clock},
};
use ventanilla_local::replay::{ReplaySummary, TimeRange, owners};

use crate::harness::{Fault, Stand};

const ANA: &str = "+50212345678";
const SECRET: &str = "demo-app-secret";

fn text(id: &str, from: &str, at: i64, body: &str) -> Value {
    json!({ "id": id, "from": from, "timestamp": at.to_string(), "type": "text", "text": { "body": body } })
}

fn envelope(messages: &[Value]) -> Value {
    json!({ "entry": [{ "changes": [{ "field": "messages", "value": {
        "metadata": { "phone_number_id": "1001" }, "messages": messages,
    } }] }] })
}

/// Ingests again everything that arrived in a time range, of all owners.
async fn again(stand: &Stand, span: TimeRange) -> ReplaySummary {
    let mut all = ReplaySummary::default();
    let tenants = stand.running.table.tenants().await.unwrap();
    let channels = stand.running.functions.app.core.ports.template_caches.channels().await.unwrap();
    for owner in owners(&tenants, &channels) {
        let part = stand.replayer().replay(&owner, span, |_, _| {}).await.unwrap();
        all.webhooks += part.webhooks;
        all.failed += part.failed;
        for (disposition, count) in part.items {
            *all.items.entry(disposition).or_default() += count;
        }
    }
    all
}

/// From the start of the test until now.
fn today(stand: &Stand) -> TimeRange {
    let until = stand.clock.now().plus(Duration::from_secs(1));
    TimeRange { from: ventanilla::domain::time::Timestamp::from_millis(until.millis() - 86_400_000), until }
}

#[tokio::test]
async fn correctly_ingested_items_stay_as_they_are() {
    let stand = Stand::start().await;
    stand.window_opens("+50287654321").await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    stand.api.post("/sandbox/phones/US.13491208655302741918/messages", &json!({ "text": "no number" })).await;
    stand.reply(conversation, "buenas").await;
    stand
        .api
        .post("/api/whatsapp/send", &json!({ "phoneNumber": "+50287654321", "content": "first contact" }))
        .await;
    stand.running.sandbox.until_idle().await;
    for oddity in [
        json!({ "entry": [{ "changes": [{ "field": "account_update", "value": { "event": "x" } }] }] }),
        json!({ "entry": [{ "changes": [{ "field": "messages", "value": {
            "metadata": { "phone_number_id": "1001" },
            "statuses": [{ "id": "wamid.nobody", "status": "sent", "timestamp": "1" }],
        } }] }] }),
        json!("no envelope at all"),
    ] {
        assert_eq!(stand.callback("demo", SECRET, &oddity).await.status, 200);
    }
    let before = stand.rows().await;
    let replayed = again(&stand, today(&stand)).await;
    // Two customers' messages, three statuses for each of two sends, three oddities.
    assert_eq!((replayed.webhooks, replayed.failed), (11, 0));
    let known = replayed.items.get(&Disposition::Duplicate).copied();
    // Items that are only archived on purpose differ from unreadable ones.
    let of = |what| replayed.items.get(&what).copied();
    assert_eq!((known, of(Disposition::Kept), of(Disposition::Unprocessable)), (Some(9), Some(1), Some(1)));
    assert_eq!(replayed.items.values().sum::<usize>(), 11);
    assert!(stand.rows().await == before, "a replay changed what was right");
}

#[tokio::test]
async fn an_item_that_failed_is_ingested_when_its_obstacle_is_gone() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    let row = stand.rows().await.into_values().find(|row| row["row"]["S"] == "conversation").unwrap();
    let mut broken = row.clone();
    broken["status"] = json!({ "S": "of a version to come" });
    stand.put_row(&broken).await;
    let now = stand.clock.now().seconds();
    let body = envelope(&[text("wamid.late", "50212345678", now, "is anybody there?")]);
    assert_eq!(stand.callback("demo", SECRET, &body).await.status, 200);
    stand.put_row(&row).await;
    assert_eq!(stand.messages(conversation).await.len(), 1);
    let replayed = again(&stand, today(&stand)).await;
    assert_eq!(replayed.items.get(&Disposition::Stored), Some(&1));
    let messages = stand.messages(conversation).await;
    assert_eq!(messages.last().unwrap()["text"], "is anybody there?");
    assert_eq!(again(&stand, today(&stand)).await.items.get(&Disposition::Stored), None);
}

#[tokio::test]
async fn a_webhook_of_any_size_is_archived_whole_and_once() {
    let stand = Stand::start().await;
    let now = stand.clock.now().seconds();
    let huge = "ñ".repeat(500_000);
    let body = envelope(&[
        text("wamid.huge", "50212345678", now, &huge),
        text("wamid.small", "50212345678", now, "and this"),
    ]);
    for _ in 0..2 {
        assert_eq!(stand.callback("demo", SECRET, &body).await.status, 200);
    }
    let rows = stand.rows().await;
    let raw: Vec<&Value> = rows.values().filter(|row| row["row"]["S"] == "raw").collect();
    assert_eq!(raw.len(), 5, "four pieces of the one, one row of the other");
    let owner = RawOwner::Tenant(Stand::tenant());
    let mut found = Vec::new();
    let mut mark = None;
    loop {
        let page = stand.running.table.hour(&owner, stand.clock.now(), mark).await.unwrap();
        found.extend(page.items);
        mark = page.next;
        if mark.is_none() {
            break;
        }
    }
    let items: Vec<&str> = found.iter().flat_map(RawItem::items).collect();
    assert_eq!(items.len(), 2);
    assert!(items.iter().any(|item| item.contains(&huge)));
}

#[tokio::test]
async fn a_webhook_that_cannot_be_archived_is_not_acknowledged() {
    let stand = Stand::start().await;
    let now = stand.clock.now().seconds();
    stand.customer_writes(ANA, "so that all is looked up").await;
    let body = envelope(&[text("wamid.kept", "50212345678", now, "hola")]);
    for _ in 0..3 {
        stand.tap.next("PutItem", Fault::ErrorBefore);
    }
    assert_eq!(stand.callback("demo", SECRET, &body).await.status, 500);
    assert_eq!(stand.tap.faults_left(), 0);
    assert_eq!(stand.callback("demo", SECRET, &body).await.status, 200);
    let replayed = again(&stand, today(&stand)).await;
    assert_eq!((replayed.webhooks, replayed.items.get(&Disposition::Duplicate)), (2, Some(&2)));
    assert_eq!(stand.conversation_with(ANA).await["unread_count"], 2);
}

#[tokio::test]
async fn only_the_given_time_span_is_ingested_again() {
    let stand = Stand::start().await;
    stand.customer_writes(ANA, "the first hour").await;
    stand.clock.advance(Duration::from_hours(3));
    let from = stand.clock.now();
    stand.customer_writes(ANA, "three hours later").await;
    stand.clock.advance(Duration::from_mins(10));
    let until = stand.clock.now();
    stand.customer_writes(ANA, "too late").await;
    assert_eq!(again(&stand, TimeRange { from, until }).await.webhooks, 1);
    assert_eq!(again(&stand, TimeRange { from: until, until }).await.webhooks, 0);
}

#[tokio::test]
async fn archived_webhooks_expire_as_configured() {
    let stand =
        Stand::start_with_settings(Settings { raw_kept: Duration::from_hours(48), ..Settings::default() })
            .await;
    let now = stand.clock.now().seconds();
    stand.customer_writes(ANA, "hola").await;
    let rows = stand.rows().await;
    let raw = rows.values().find(|row| row["row"]["S"] == "raw").unwrap();
    let ttl: i64 = raw["ttl"]["N"].as_str().unwrap().parse().unwrap();
    assert!((now + 48 * 3600..now + 49 * 3600).contains(&ttl), "{ttl}");
}
