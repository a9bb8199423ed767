//! The embedded store over long use: processed stream records are not read again, its stream stays short,
//! and it is not polled while there is nothing new.

use std::{
    path::{Path, PathBuf},
    process,
    time::Duration,
};

use serde_json::json;
use tokio::{net::TcpListener, time::timeout};
use ventanilla::whatsapp::http::client;
use ventanilla_local::{
    server::{LocalServer, Options, start},
    store::Data,
};
use ventanilla_sandbox::{CallOutcome, LogEntry};

use crate::harness::{Client, DEMO_KEY, Stand, config, eventually};

/// A folder of a test's own, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("ventanilla-{}-{name}", process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A server in this folder, as `cargo run` starts one.
async fn served_in(folder: &Path) -> (LocalServer, Client) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let mut options = Options::new(listener, Data::Folder(folder.to_owned()), config());
    options.status_delay = Duration::from_millis(1);
    let running = start(options).await.unwrap();
    let api = Client::new(client().unwrap(), format!("http://{}", running.address), Some(DEMO_KEY));
    (running, api)
}

/// Follows the stream to its end; the numbers of the records that came.
async fn followed(stand: &Stand) -> Vec<String> {
    let mut numbers = Vec::new();
    while let Some(batch) = stand.news().await {
        let response = push::handle(&stand.running.functions.push, batch.event.clone()).await;
        assert!(response.batch_item_failures.is_empty());
        let records = batch.event.records.iter();
        numbers.extend(records.map(|record| record.change.sequence_number.clone().unwrap()));
        stand.heard(batch).await;
    }
    numbers
}

/// The numbers of all events of tenant `demo`.
async fn events(stand: &Stand) -> Vec<u64> {
    let all = stand.api.get("/v1/events?limit=100&after=0").await.json();
    let events = all["data"].as_array().unwrap().iter();
    events.map(|event| event["cursor"].as_str().unwrap().parse().unwrap()).collect()
}

async fn write(stand: &Stand, customers: std::ops::Range<u32>) {
    for customer in customers {
        stand.customer_writes(&format!("+5021234{customer:04}"), "hola").await;
    }
}

#[tokio::test]
async fn a_new_start_reads_nothing_again_and_the_numbers_go_on() {
    let folder = Folder::new("start");
    let stand = Stand::start_in(folder.0.clone()).await;
    write(&stand, 0..20).await;
    let before = followed(&stand).await;
    assert!(before.len() > 100, "{}", before.len());
    drop(stand);
    let stand = Stand::start_in(folder.0.clone()).await;
    write(&stand, 20..25).await;
    let after = followed(&stand).await;
    assert!(!after.is_empty() && after.first() > before.last(), "{:?} {:?}", before.last(), after.first());
    assert!(after.is_sorted());
    assert_eq!(events(&stand).await, (1..=50).collect::<Vec<u64>>());
}

#[tokio::test]
async fn changes_not_followed_before_the_end_are_followed_after_a_restart() {
    let folder = Folder::new("rest");
    let stand = Stand::start_in(folder.0.clone()).await;
    write(&stand, 0..5).await;
    followed(&stand).await;
    write(&stand, 5..10).await;
    // It was read, but not said to be done.
    assert!(stand.news().await.is_some());
    drop(stand);
    let stand = Stand::start_in(folder.0.clone()).await;
    followed(&stand).await;
    assert_eq!(events(&stand).await, (1..=20).collect::<Vec<u64>>());
}

#[tokio::test]
async fn a_customer_can_be_answered_after_a_new_start() {
    let folder = Folder::new("window");
    let (running, api) = served_in(&folder.0).await;
    let hola = json!({ "text": "hola" });
    assert_eq!(api.post("/sandbox/phones/+50212340001/messages", &hola).await.status, 200);
    running.stop().await;
    let (running, api) = served_in(&folder.0).await;
    for (number, status) in [("+50212340001", "read"), ("+50212340002", "failed")] {
        let body = json!({ "phoneNumber": number, "content": "sí" });
        let sent = api.post("/api/whatsapp/send", &body).await;
        assert_eq!(sent.status, 200, "{}", sent.text);
        running.sandbox.until_idle().await;
        let id = sent.json()["data"]["message"]["message_id"].clone();
        let ours = api.get(&format!("/v1/messages/{id}")).await.json();
        assert_eq!(ours["status"], status, "{ours}");
    }
}

#[tokio::test]
async fn the_store_drops_followed_changes_except_the_last_row() {
    let stand = Stand::start().await;
    write(&stand, 0..20).await;
    let kept = stand.stream_numbers().await;
    let seen = followed(&stand).await;
    assert!(kept.len() > 100 && seen.starts_with(&kept), "{} {}", kept.len(), seen.len());
    assert_eq!(stand.stream_numbers().await.last(), seen.last());
    assert_eq!(stand.stream_numbers().await.len(), 1);
    write(&stand, 20..21).await;
    let kept = stand.stream_numbers().await;
    assert!(kept.len() > 2 && kept.first() == seen.last() && kept.is_sorted(), "{kept:?}");
}

#[tokio::test]
async fn the_server_s_writes_are_followed_without_polling() {
    let stand = Stand::start_heedless().await;
    for customer in 1..=3 {
        write(&stand, customer..customer + 1).await;
        let told = (1..=u64::from(customer) * 2).collect::<Vec<u64>>();
        let as_told = async || (events(&stand).await == told).then_some(());
        eventually("the events of a customer's message", as_told).await;
    }
}

#[tokio::test]
async fn a_broadcast_of_120_is_accepted_and_so_is_every_webhook_at_the_first_attempt() {
    let stand = Stand::start_live().await;
    // There is history already.
    write(&stand, 0..40).await;
    let to: Vec<_> = (0..120).map(|place| json!({ "phoneNumber": format!("+5023100{place:04}") })).collect();
    let asked = json!({ "templateName": "hello_world", "languageCode": "en_US", "recipients": to });
    let begun = stand.api.post("/api/whatsapp/send-template", &asked).await;
    assert_eq!(begun.status, 202, "{}", begun.text);
    let path = format!("/v1/broadcasts/{}", begun.json()["summary"]["jobId"]);
    // Longer than `eventually` waits: this is much for one thread of a busy machine.
    let all_read = async {
        loop {
            let told = stand.api.get(&path).await;
            assert_eq!(told.status, 200, "{}", told.text);
            if told.json()["counts"]["read"] == 120 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        stand.running.sandbox.until_idle().await;
    };
    timeout(Duration::from_mins(3), all_read).await.expect("everybody reads it in the end");
    let (mut sends, mut callbacks) = (0, 0);
    for entry in stand.running.sandbox.log() {
        match entry {
            LogEntry::Call(call) => {
                assert!(matches!(call.outcome, CallOutcome::Accepted { .. }), "{call:?}");
                sends += 1;
            }
            LogEntry::Webhook(callback) => {
                assert_eq!((callback.http_status, callback.attempt), (Some(200), 1), "{callback:?}");
                callbacks += 1;
            }
            _ => {}
        }
    }
    assert_eq!((sends, callbacks), (120, 40 + 3 * 120));
}
