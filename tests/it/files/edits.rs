//! Files of edited messages: a message shows the file of its latest edit, whichever file comes first.

use std::time::Duration;

use serde_json::{Value, json};
use ventanilla::{
    domain::file::FileAddress,
    ports::clock::{Clock, Deadline},
};

use super::ana_sends;
use super::media_fetch;
use crate::harness::Stand;

/// A server that fetches a file only when a test does.
async fn start() -> Stand {
    let stand = Stand::start().await;
    stand.running.fetching.abort();
    stand
}

async fn shown(stand: &Stand, id: &str) -> Value {
    stand.api.get(&format!("/v1/messages/{id}")).await.json()
}

async fn fetch(stand: &Stand, media: &Value) {
    let id = media.as_str().unwrap().trim_start_matches("media_").parse().unwrap();
    let file = FileAddress { tenant: Stand::tenant(), id };
    let deadline = Deadline(stand.clock.now().plus(Duration::from_mins(5)));
    media_fetch(&stand.running.functions).fetch(&file, deadline).await.unwrap();
}

async fn ana_sends_the_image(stand: &Stand) {
    let image = json!({ "id": "wamid.image", "type": "image", "image": { "caption": "look" } });
    ana_sends(stand, image).await;
}

/// Ana puts another image in its place; gives its file.
async fn ana_edits_the_image(stand: &Stand) -> Value {
    let message = json!({ "type": "image", "image": { "caption": "better" } });
    let edit = json!({ "original_message_id": "wamid.image", "message": message });
    ana_sends(stand, json!({ "id": "wamid.edit", "type": "edit", "edit": edit })).await;
    shown(stand, "wamid.edit").await["edit"]["media"]["media_id"].clone()
}

async fn is_shown(stand: &Stand, media: &Value, state: &str) {
    let image = shown(stand, "wamid.image").await["image"].clone();
    assert_eq!(
        (&image["media_id"], &image["state"], &image["caption"]),
        (media, &json!(state), &json!("better"))
    );
}

#[tokio::test]
async fn an_edited_image_shows_the_file_of_its_edit_whichever_comes_first() {
    for edit_first in [true, false] {
        let stand = start().await;
        ana_sends_the_image(&stand).await;
        let first = shown(&stand, "wamid.image").await["image"]["media_id"].clone();
        let second = ana_edits_the_image(&stand).await;
        assert_ne!(first, second);
        is_shown(&stand, &second, "pending").await;
        let order = if edit_first { [&second, &first] } else { [&first, &second] };
        for media in order {
            fetch(&stand, media).await;
        }
        is_shown(&stand, &second, "ready").await;
        assert_eq!(shown(&stand, "wamid.edit").await["edit"]["media"]["state"], "ready");
        stand.follow().await;
        let log = stand.api.get("/v1/events?after=0").await.json();
        let image = shown(&stand, "wamid.image").await["id"].clone();
        let of_image = |it: &&Value| it["data"]["change"] == "media" && it["data"]["message"]["id"] == image;
        assert_eq!(log["data"].as_array().unwrap().iter().filter(of_image).count(), 2, "{log}");
    }
}

#[tokio::test]
async fn the_file_of_an_edit_that_came_before_its_image_is_shown() {
    let stand = start().await;
    let media = ana_edits_the_image(&stand).await;
    fetch(&stand, &media).await;
    ana_sends_the_image(&stand).await;
    is_shown(&stand, &media, "ready").await;
}
