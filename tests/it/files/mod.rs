//! Files: fetched off the way of any request, kept, given out, put in and sent.

mod edits;
mod faults;
mod inbound;
mod outbound;
mod pushed;
mod repeats;
mod stickers;

use serde_json::{Value, json};
use ventanilla::usecases::MediaFetch;
use ventanilla_local::functions::Functions;
use ventanilla_sandbox::FileFault;

use crate::harness::{Answer, IdNumber as _, Socket, Stand, eventually};

const ANA: &str = "+50212345678";

/// Ana sends a file; gives the id of its conversation.
async fn ana_sends(stand: &Stand, message: Value) -> u64 {
    let answer = stand.api.post(&format!("/sandbox/phones/{ANA}/messages"), &message).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    stand.conversation_with(ANA).await["id"].id_number()
}

/// What fetches files in these functions.
fn media_fetch(functions: &Functions) -> MediaFetch {
    MediaFetch::new(&functions.app.core.ports, &functions.ports.bucket)
}

/// The file of the last message of a conversation.
async fn last_media(stand: &Stand, conversation: u64) -> Value {
    let last = stand.messages(conversation).await.pop().unwrap();
    last[last["type"].as_str().unwrap()].clone()
}

/// The same, once it is there.
pub(crate) async fn media_there(stand: &Stand, conversation: u64) -> Value {
    eventually("the file is there", async || {
        let media = last_media(stand, conversation).await;
        (media["state"] == "ready").then_some(media)
    })
    .await
}

fn photo() -> Value {
    json!({ "type": "image", "image": { "caption": "look" } })
}

/// Ana's last word: what a test listens for.
const LAST: &str = "and then?";

/// The frames of a socket up to Ana's last message, except for updates of conversations.
async fn told_up_to_last(socket: &mut Socket) -> Vec<Value> {
    let mut told = Vec::new();
    loop {
        let frame = socket.next().await;
        if frame["data"]["text"] == LAST {
            return told;
        }
        if frame["type"].as_str().is_some_and(|kind| kind.contains("message")) {
            told.push(frame);
        }
    }
}

/// Once a worker fetches a file.
async fn somebody_is_at_it(stand: &Stand) {
    let leased = |row: &Value| row["lease_until"]["N"].is_string();
    eventually("somebody is at it", async || stand.rows().await.values().any(leased).then_some(())).await;
}

/// Lets the first fetch of a message's file fail: it is begun twice.
pub(crate) fn fetch_fails(stand: &Stand, fault: FileFault) {
    stand.running.sandbox.inject_file_fault(fault);
    stand.running.sandbox.inject_file_fault(fault);
}

/// Once the first fetch has come to its bad end.
pub(crate) async fn first_fetch_failed(stand: &Stand) {
    let failed =
        |row: &Value| row["row"]["S"] == "file" && row["tries"]["N"] == "1" && row["lease_until"].is_null();
    eventually("the fetch failed", async || stand.rows().await.values().any(failed).then_some(())).await;
}

/// Follows a link, without a key, as the vendor's client does.
pub(crate) async fn opened(stand: &Stand, url: &str) -> Answer {
    let path = url.strip_prefix(&stand.base()).unwrap_or_else(|| panic!("not absolute: {url}"));
    stand.api.with_key(None).get(path).await
}

/// The response to a request for a file.
async fn download(stand: &Stand, id: &Value) -> Answer {
    stand.api.get(&format!("/v1/media/download/{}", id.as_str().unwrap())).await
}

/// Uploads a file; returns the response of the request.
pub(crate) async fn put_in(stand: &Stand, mime: &str, bytes: &[u8]) -> Value {
    let wish = json!({ "mime_type": mime, "size": bytes.len(), "file_name": "a file" });
    let opened = stand.api.post("/v1/media", &wish).await;
    assert_eq!(opened.status, 201, "{}", opened.text);
    let opened = opened.json();
    assert_eq!(put(stand, &opened, bytes).await, 200);
    opened
}

/// The answer to bytes that are put to an address.
pub(crate) async fn put(stand: &Stand, opened: &Value, bytes: &[u8]) -> u16 {
    let url = opened["upload_url"].as_str().unwrap().strip_prefix(&stand.base()).unwrap();
    let wanted = opened["headers"].as_object().unwrap().iter();
    // The client that sends the bytes sets the length.
    let wanted = wanted.filter(|(name, _)| *name != "content-length");
    let headers: Vec<(&str, &str)> =
        wanted.map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
    let client = stand.api.with_key(None);
    client.call(http::Method::PUT, url, &headers, bytes.to_vec()).await.status.as_u16()
}

/// The messages that Ana's phone got, whole.
async fn ana_got(stand: &Stand) -> Vec<Value> {
    let phone = stand.api.get(&format!("/sandbox/phones/{ANA}")).await.json();
    let all = phone["messages"].as_array().unwrap().iter();
    all.filter(|message| message["direction"] == "received").cloned().collect()
}
