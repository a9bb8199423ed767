//! The frames about customers' files: together with their messages, unless that takes too long.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use ventanilla::{domain::settings::Settings, ports::clock::Clock};
use ventanilla_sandbox::FileFault;

use super::{
    ANA, LAST, ana_sends, fetch_fails, first_fetch_failed, media_there, photo, somebody_is_at_it,
    told_up_to_last,
};
use crate::harness::{DEMO_KEY, Socket, Stand, eventually};

async fn listening(stand: &Stand) -> Socket {
    Socket::open(&stand.base(), &format!("apiKey={DEMO_KEY}"), &[]).await.unwrap()
}

/// All frames until Ana wrote once more. The server follows the table by itself.
async fn told_until_text(stand: &Stand, socket: &mut Socket) -> Vec<Value> {
    stand.customer_writes(ANA, LAST).await;
    told_up_to_last(socket).await
}

/// A photo whose fetch takes an hour, with a live socket.
async fn slow_photo(file_patience: Duration) -> (Stand, Socket) {
    let stand = Stand::start_live_with_settings(Settings { file_patience, ..Settings::default() }).await;
    let socket = listening(&stand).await;
    stand.running.sandbox.inject_file_fault(FileFault::Slow(Duration::from_hours(1)));
    ana_sends(&stand, photo()).await;
    (stand, socket)
}

fn types(told: &[Value]) -> Vec<&str> {
    told.iter().filter_map(|frame| frame["type"].as_str()).collect()
}

#[tokio::test]
async fn a_message_is_pushed_once_and_with_its_file() {
    let stand = Stand::start_live().await;
    let mut socket = listening(&stand).await;
    let conversation = ana_sends(&stand, photo()).await;
    let told = socket.next_of("whatsapp_message").await["data"].clone();
    assert_eq!((&told["type"], &told["body"]), (&json!("image"), &json!("look")));
    let there = media_there(&stand, conversation).await;
    let media = &told["media"];
    assert_eq!((&media["unavailable"], &media["byteSize"]), (&Value::Null, &there["size"]));
    assert_eq!((&media["mediaId"], &media["sha256"]), (&there["media_id"], &there["sha256"]));
    let path = format!("/v1/media/download/{}", media["mediaId"].as_str().unwrap());
    // Relative: the vendor's client puts its own server in front (facts: seed-apis.md 3.3).
    assert_eq!(media["downloadUrl"], path);
    assert_eq!(stand.api.get(&path).await.status, StatusCode::FOUND);
    assert_eq!(types(&told_until_text(&stand, &mut socket).await), Vec::<&str>::new());
}

#[tokio::test]
async fn one_whose_file_is_unavailable_is_pushed_without_it_and_then_the_file() {
    let stand = Stand::start_live().await;
    let mut socket = listening(&stand).await;
    fetch_fails(&stand, FileFault::NotFound);
    let conversation = ana_sends(&stand, photo()).await;
    let told = socket.next_of("whatsapp_message").await["data"].clone();
    assert_eq!((&told["type"], &told["body"]), (&json!("image"), &json!("look")));
    assert_eq!((&told["media"]["unavailable"], &told["media"]["byteSize"]), (&json!(true), &json!(0)));
    assert_eq!(told["media"]["downloadUrl"], Value::Null);
    first_fetch_failed(&stand).await;
    stand.clock.advance(Duration::from_secs(31));
    stand.sweep().await;
    let news = socket.next_of("message_media").await["data"].clone();
    assert_eq!(news["messageId"], told["messageId"]);
    assert_eq!(news["conversationId"], format!("conv_{conversation}"));
    assert_eq!(
        (&news["media"]["mediaId"], &news["media"]["unavailable"]),
        (&told["media"]["mediaId"], &json!(null))
    );
    assert_eq!(types(&told_until_text(&stand, &mut socket).await), Vec::<&str>::new());
    let events = stand.api.get("/v1/events?after=0").await.json();
    let of_media = events["data"].as_array().unwrap().iter().filter(|it| it["data"]["change"] == "media");
    let first: Vec<&Value> = of_media.map(|it| &it["data"]["first"]).collect();
    assert_eq!(first, [true, false]);
}

/// The event of a file whose message was emitted without it, once another worker fetches it.
async fn brought_by_another(stand: &Stand, socket: &mut Socket) {
    let told = socket.next_of("whatsapp_message").await["data"].clone();
    assert_eq!((&told["body"], &told["media"]["unavailable"]), (&json!("look"), &json!(true)));
    // The first has it to themselves for a while.
    stand.clock.advance(Duration::from_mins(7));
    stand.sweep().await;
    let news = socket.next_of("message_media").await["data"].clone();
    assert_eq!((&news["messageId"], &news["media"]["unavailable"]), (&told["messageId"], &Value::Null));
    assert_eq!(types(&told_until_text(stand, socket).await), Vec::<&str>::new());
}

#[tokio::test]
async fn one_whose_file_takes_long_is_pushed_before_it_is_there() {
    let (stand, mut socket) = slow_photo(Duration::from_millis(20)).await;
    brought_by_another(&stand, &mut socket).await;
}

#[tokio::test]
async fn one_whose_fetcher_died_is_pushed_by_the_sweep() {
    let (stand, mut socket) = slow_photo(Duration::from_hours(1)).await;
    somebody_is_at_it(&stand).await;
    // The sockets get the message while the worker still holds the file.
    stand.clock.advance(Duration::from_secs(21));
    assert_eq!(stand.sweep().await.fetching, 0);
    let told = socket.next_of("whatsapp_message").await["data"].clone();
    assert_eq!(told["media"]["unavailable"], true);
    stand.clock.advance(Duration::from_mins(7));
    // Somebody else brings the file.
    assert_eq!(stand.sweep().await.fetching, 1);
    let news = socket.next_of("message_media").await["data"].clone();
    assert_eq!((&news["messageId"], &news["media"]["unavailable"]), (&told["messageId"], &Value::Null));
    assert_eq!(types(&told_until_text(&stand, &mut socket).await), Vec::<&str>::new());
}

#[tokio::test]
async fn an_undelivered_message_waits_with_its_file() {
    let stand = Stand::start_live().await;
    let conversation = ana_sends(&stand, photo()).await;
    media_there(&stand, conversation).await;
    eventually("it waits", async || {
        stand.rows().await.values().any(|row| row["row"]["S"] == "waiting").then_some(())
    })
    .await;
    let mut socket = listening(&stand).await;
    let told = socket.next_of("whatsapp_message").await["data"].clone();
    assert_eq!((&told["body"], &told["media"]["unavailable"]), (&json!("look"), &Value::Null));
    assert_eq!(types(&told_until_text(&stand, &mut socket).await), Vec::<&str>::new());
}

#[tokio::test]
async fn one_that_failed_once_is_pushed_with_its_file() {
    let stand = Stand::start_live().await;
    let mut socket = listening(&stand).await;
    stand.running.sandbox.inject_file_fault(FileFault::Unavailable);
    ana_sends(&stand, photo()).await;
    let told = socket.next_of("whatsapp_message").await["data"].clone();
    assert_eq!((&told["body"], &told["media"]["unavailable"]), (&json!("look"), &Value::Null));
}

#[tokio::test]
async fn a_client_that_reconnects_between_the_message_and_its_file_gets_it_once() {
    let stand = Stand::start().await;
    let conversation = ana_sends(&stand, photo()).await;
    media_there(&stand, conversation).await;
    stand.follow().await;
    let events = stand.api.get("/v1/events?after=0").await.json();
    let events = events["data"].as_array().unwrap();
    let received = events.iter().find(|it| it["type"] == "message.received").unwrap();
    let media = events.iter().find(|it| it["data"]["change"] == "media").unwrap();
    assert_eq!(
        received["data"]["message"]["image"]["media_id"],
        media["data"]["message"]["image"]["media_id"]
    );
    for (cursor, heard) in
        [("0", 1), (received["cursor"].as_str().unwrap(), 1), (media["cursor"].as_str().unwrap(), 0)]
    {
        let query = format!("apiKey={DEMO_KEY}&resume_from={cursor}");
        let mut socket = Socket::open(&stand.base(), &query, &[]).await.unwrap();
        stand.customer_writes(ANA, LAST).await;
        stand.follow().await;
        let told = told_up_to_last(&mut socket).await;
        let photos = told.iter().filter(|it| it["data"]["body"] == "look");
        assert_eq!(photos.count(), heard, "after {cursor}: {told:?}");
    }
}

#[tokio::test]
async fn messages_from_the_business_s_phone_are_no_customer_s_messages() {
    let stand = Stand::start_live().await;
    stand.customer_writes(ANA, "hola").await;
    let mut socket = listening(&stand).await;
    let echo = json!({ "id": "wamid.echo", "from": "15550100001", "to": "50212345678", "timestamp": "1772533800", "type": "image", "image": { "id": "4711", "mime_type": "image/jpeg", "caption": "ours" } });
    let body = json!({ "entry": [{ "id": "2001", "changes": [{ "field": "smb_message_echoes", "value": {
        "metadata": { "phone_number_id": "1001" }, "message_echoes": [echo],
    } }] }] });
    assert_eq!(stand.callback("demo", "demo-app-secret", &body).await.status, 200);
    first_fetch_failed(&stand).await;
    let told = told_until_text(&stand, &mut socket).await;
    // It was queued for a socket; a message of ours has no event before its file is there.
    assert_eq!(told.iter().map(|it| &it["data"]["body"]).collect::<Vec<_>>(), ["hola"]);
    let events = stand.api.get("/v1/events?after=0").await.json();
    let files = events["data"].as_array().unwrap().iter().filter(|it| it["data"]["media_pending"] == true);
    assert_eq!(files.count(), 0);
}

#[tokio::test]
async fn an_unfetchable_file_delays_nothing() {
    let stand = Stand::start_live().await;
    let mut socket = listening(&stand).await;
    let lost = json!({ "id": "wamid.nowhere", "from": "50212345678", "timestamp": stand.clock.now().seconds().to_string(), "type": "image", "image": { "caption": "look" } });
    let body = json!({ "entry": [{ "id": "2001", "changes": [{ "field": "messages", "value": {
        "metadata": { "phone_number_id": "1001" }, "messages": [lost],
    } }] }] });
    assert_eq!(stand.callback("demo", "demo-app-secret", &body).await.status, 200);
    let told = socket.next_of("whatsapp_message").await["data"].clone();
    assert_eq!((&told["body"], &told["media"]["unavailable"]), (&json!("look"), &json!(true)));
}
