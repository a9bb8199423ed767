//! Files that customers send.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use ventanilla::domain::caller::hex;
use ventanilla_sandbox::FileFault;

use super::{
    ANA, ana_got, ana_sends, download, fetch_fails, first_fetch_failed, last_media, media_there, opened,
    somebody_is_at_it,
};
use crate::harness::{Carrier, OTHER_KEY, Stand, eventually};

/// The sandbox's description of a file's bytes.
const PART: u64 = 8 * 1024 * 1024;

#[tokio::test]
async fn a_file_is_fetched_checked_and_given_out_over_every_provider() {
    for carrier in [Carrier::Meta, Carrier::KaleyraV2, Carrier::KaleyraV1] {
        let stand = Stand::start_with(carrier.config()).await;
        let message =
            json!({ "type": "document", "document": { "caption": "the bill", "filename": "bill.pdf" } });
        let conversation = ana_sends(&stand, message).await;
        let media = media_there(&stand, conversation).await;
        assert_eq!(media["mime_type"], "application/pdf", "{carrier:?}");
        assert_eq!(media["caption"], "the bill", "{carrier:?}");
        // V1 has no file names: one with the right extension is made up.
        let name = if carrier == Carrier::KaleyraV1 { "document.pdf" } else { "bill.pdf" };
        assert_eq!(media["file_name"], name, "{carrier:?}");
        assert_eq!(
            media["download_url"],
            format!("/v1/media/download/{}", media["media_id"].as_str().unwrap())
        );
        let there = download(&stand, &media["media_id"]).await;
        assert_eq!(there.status, StatusCode::FOUND, "{}", there.text);
        let file = opened(&stand, there.header("location").unwrap()).await;
        assert_eq!((file.status, file.header("content-type")), (StatusCode::OK, Some("application/pdf")));
        assert!(file.text.starts_with("bytes of media "), "{}", file.text);
        assert_eq!(media["size"], file.text.len());
        assert_eq!(media["sha256"], hex(&Sha256::digest(file.text.as_bytes())));
        assert!(file.header("content-disposition").unwrap().starts_with("attachment; filename="));
        // Under the tenant, and nowhere else.
        let rows = stand.rows().await;
        let rows: Vec<&String> =
            rows.iter().filter(|(_, row)| row["row"]["S"] == "file").map(|(key, _)| key).collect();
        assert!(rows.len() == 1 && rows[0].starts_with("\"T#demo#F#"), "{rows:?}");
    }
}

#[tokio::test]
async fn the_link_is_short_lived_and_good_for_that_file_only() {
    let stand = Stand::start().await;
    let conversation = ana_sends(&stand, json!({ "type": "image" })).await;
    let media = media_there(&stand, conversation).await;
    let there = stand.api.get(media["download_url"].as_str().unwrap()).await;
    let url = there.header("location").unwrap().to_owned();
    assert_eq!(opened(&stand, &url).await.status, StatusCode::OK);
    let other = url.replace(
        &format!(
            "{:016}",
            media["media_id"].as_str().unwrap().trim_start_matches("media_").parse::<u64>().unwrap()
        ),
        "0000000000000001",
    );
    assert_eq!(opened(&stand, &other).await.status, StatusCode::FORBIDDEN);
    let longer = url.replace("X-Amz-Expires=300", "X-Amz-Expires=3000");
    assert_ne!(longer, url);
    assert_eq!(opened(&stand, &longer).await.status, StatusCode::FORBIDDEN);
    stand.clock.advance(Duration::from_secs(302));
    assert_eq!(opened(&stand, &url).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_absent_file_says_so_and_a_stranger_learns_nothing() {
    let stand = Stand::start().await;
    fetch_fails(&stand, FileFault::NotFound);
    let conversation = ana_sends(&stand, json!({ "type": "image", "image": { "caption": "look" } })).await;
    // The message is there whatever the outcome of its file.
    let message = stand.messages(conversation).await.remove(0);
    assert_eq!((&message["text"], &message["image"]["state"]), (&json!("look"), &json!("pending")));
    let early = download(&stand, &message["image"]["media_id"]).await;
    assert_eq!((early.status, &early.json()["code"]), (StatusCode::CONFLICT, &json!("media_not_there")));
    assert_eq!(early.header("retry-after"), Some("5"));
    let path = format!("/v1/media/download/{}", message["image"]["media_id"].as_str().unwrap());
    let stranger = stand.api.with_key(Some(OTHER_KEY)).get(&path).await;
    let nothing = stand.api.get("/v1/media/download/4711").await;
    assert_eq!((stranger.status, stranger.text), (StatusCode::NOT_FOUND, nothing.text));
}

#[tokio::test]
async fn a_failed_fetch_is_tried_again_until_it_works() {
    for fault in [FileFault::NotFound, FileFault::Expired, FileFault::OtherBytes, FileFault::CutShort] {
        let stand = Stand::start().await;
        fetch_fails(&stand, fault);
        let conversation = ana_sends(&stand, json!({ "type": "image", "file_size": 100_000 })).await;
        first_fetch_failed(&stand).await;
        assert_eq!(last_media(&stand, conversation).await["state"], "pending", "{fault:?}");
        // Before its time nothing is done about it.
        assert_eq!(stand.sweep().await.fetching, 0);
        stand.clock.advance(Duration::from_secs(31));
        assert_eq!(stand.sweep().await.fetching, 1, "{fault:?}");
        let media = media_there(&stand, conversation).await;
        assert_eq!(media["size"], 100_000, "{fault:?}");
    }
}

#[tokio::test]
async fn a_file_that_was_never_queued_or_whose_fetcher_died_is_found() {
    let stand = Stand::start().await;
    stand.running.sandbox.inject_file_fault(FileFault::Slow(Duration::from_hours(1)));
    let conversation = ana_sends(&stand, json!({ "type": "audio" })).await;
    somebody_is_at_it(&stand).await;
    assert_eq!(stand.sweep().await.fetching, 0, "it is somebody's for a while");
    stand.clock.advance(Duration::from_mins(7));
    assert_eq!(stand.sweep().await.fetching, 1);
    assert_eq!(media_there(&stand, conversation).await["mime_type"], "audio/ogg");
}

#[tokio::test]
async fn a_file_that_the_provider_deleted_is_lost_and_its_message_is_not() {
    let stand = Stand::start().await;
    fetch_fails(&stand, FileFault::NotFound);
    let conversation = ana_sends(&stand, json!({ "type": "image", "image": { "caption": "look" } })).await;
    first_fetch_failed(&stand).await;
    stand.clock.advance(Duration::from_hours(7 * 24 + 1));
    assert_eq!(stand.sweep().await.lost, 1);
    let message = stand.messages(conversation).await.remove(0);
    assert_eq!((&message["text"], &message["image"]["state"]), (&json!("look"), &json!("unavailable")));
    let gone = download(&stand, &message["image"]["media_id"]).await;
    assert_eq!((gone.status, &gone.json()["code"]), (StatusCode::GONE, &json!("media_lost")));
    assert_eq!(stand.sweep().await, ventanilla::usecases::reconcile::Swept::default());
}

#[tokio::test]
async fn the_largest_file_is_stored_in_parts_and_a_larger_one_is_not() {
    let stand = Stand::start().await;
    let largest = 100 * 1024 * 1024;
    let conversation = ana_sends(&stand, json!({ "type": "document", "file_size": largest })).await;
    assert_eq!(media_there(&stand, conversation).await["size"], largest);
    assert_eq!(stand.running.bucket.largest_request(), PART, "no more than a part is ever held");
    ana_sends(&stand, json!({ "type": "document", "file_size": largest + 1 })).await;
    let last = eventually("it is given up", async || {
        let last = last_media(&stand, conversation).await;
        (last["state"] == "unavailable").then_some(last)
    })
    .await;
    assert_eq!(download(&stand, &last["media_id"]).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_repeated_webhook_fetches_nothing_again() {
    let stand = Stand::start().await;
    let conversation = ana_sends(&stand, json!({ "type": "image", "duplicate": 3 })).await;
    stand.running.sandbox.until_idle().await;
    media_there(&stand, conversation).await;
    assert_eq!(stand.messages(conversation).await.len(), 1);
    let rows = stand.rows().await;
    assert_eq!(rows.values().filter(|row| row["row"]["S"] == "file").count(), 1);
    assert!(ana_got(&stand).await.is_empty(), "{ANA}");
}

#[tokio::test]
async fn the_player_of_php_bot_s_client_finds_a_voice_message() {
    let stand = Stand::start().await;
    fetch_fails(&stand, FileFault::NotFound);
    let conversation = ana_sends(&stand, json!({ "type": "audio" })).await;
    // Its client sends no key, neither for the messages nor for the sound.
    let api = stand.api.with_key(None);
    let path = format!("/api/conversations/{conversation}/messages");
    let message = async || api.get(&path).await.json()["messages"][0].clone();
    assert_eq!(message().await["audio_url"], Value::Null);
    first_fetch_failed(&stand).await;
    stand.clock.advance(Duration::from_secs(31));
    assert_eq!(stand.sweep().await.fetching, 1);
    media_there(&stand, conversation).await;
    let told = message().await;
    assert_eq!(told["media_type"], "audio", "{told}");
    let leads = api.get(told["audio_url"].as_str().unwrap()).await;
    assert_eq!(leads.status, 302, "{}", leads.text);
    let sound = opened(&stand, leads.header("location").unwrap()).await;
    assert_eq!(sound.header("content-type"), Some("audio/ogg; codecs=opus"));
    ana_sends(&stand, json!({ "type": "image" })).await;
    media_there(&stand, conversation).await;
    let picture = api.get(&path).await.json()["messages"][1].clone();
    assert_eq!((&picture["media_type"], &picture["audio_url"]), (&json!("image"), &Value::Null));
}

#[tokio::test]
async fn a_file_without_a_name_is_an_attachment_and_no_page_of_the_server() {
    let stand = Stand::start().await;
    let conversation = ana_sends(&stand, json!({ "type": "image" })).await;
    let media = media_there(&stand, conversation).await;
    let there = stand.api.get(media["download_url"].as_str().unwrap()).await;
    let file = opened(&stand, there.header("location").unwrap()).await;
    assert_eq!(file.status, StatusCode::OK);
    assert!(file.header("content-disposition").unwrap().starts_with("attachment"));
    assert_eq!(file.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(file.header("content-security-policy"), Some("default-src 'none'; sandbox"));
}
