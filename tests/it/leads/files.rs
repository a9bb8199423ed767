//! Files to and from leads.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{ANA, contact, said};
use crate::{
    files::{opened, put_in},
    harness::{Answer, Carrier, DEMO_KEY, OTHER_KEY, Stand, eventually},
};

/// Asks where an attachment can be read, as a client that sends its key as a password.
async fn asked(stand: &Stand, id: &str) -> Answer {
    let basic = format!("Basic {}", STANDARD.encode(format!("anyone:{DEMO_KEY}")));
    let headers = [("authorization", basic.as_str())];
    let path = format!("/v1/attachments/{id}/download");
    stand.api.with_key(None).call(Method::GET, &path, &headers, Vec::new()).await
}

#[tokio::test]
async fn an_uploaded_file_is_sent_with_a_reply_over_every_provider() {
    for carrier in [Carrier::Meta, Carrier::KaleyraV2, Carrier::KaleyraV1] {
        let stand = Stand::start_with(carrier.config()).await;
        stand.customer_writes(ANA, "hola").await;
        let lead = contact(&stand, ANA).await.to_string();
        let file = put_in(&stand, "image/png", b"a picture").await;
        let body =
            json!({ "content": "look", "messaging_channel_connection_id": 1, "s3_attachment": file["id"] });
        let path = format!("/v1/leads/{lead}/conversations/reply");
        let answer = stand.api.post(&path, &body).await;
        assert_eq!(answer.status, 200, "{carrier:?} {}", answer.text);
        let entry = answer.json()["data"]["conversation"].clone();
        assert_eq!((&entry["type"], &entry["content"]), (&json!("image"), &json!("look")));
        let attachment = json!({ "mime_type": "image/png", "file_name": "a file", "size": 9, "state": "ready", "id": file["id"] });
        assert_eq!(entry["attachment"], attachment, "{carrier:?}");
        assert_eq!(said(&stand.api, &lead, 10).await[0]["attachment"], attachment);
        let phone = stand.api.get(&format!("/sandbox/phones/{ANA}")).await.json();
        let got = phone["messages"].as_array().unwrap().last().unwrap().clone();
        // V1 has no word for what a file is, and our addresses have no ending that would tell.
        let shown = if carrier == Carrier::KaleyraV1 { "document" } else { "image" };
        assert_eq!((&got["type"], &got["text"]), (&json!(shown), &json!("look")), "{got}");
    }
}

#[tokio::test]
async fn audio_is_sent_without_a_text_and_an_unsupported_text_is_named() {
    let stand = Stand::start().await;
    stand.customer_writes(ANA, "hola").await;
    let lead = contact(&stand, ANA).await.to_string();
    let path = format!("/v1/leads/{lead}/conversations/reply");
    let (sound, sticker) =
        (put_in(&stand, "audio/ogg", b"spoken").await, put_in(&stand, "image/webp", b"smile").await);
    let picture = put_in(&stand, "image/png", b"a picture").await;
    let reply = async |file: &Value, content: &str| {
        let body =
            json!({ "content": content, "messaging_channel_connection_id": 1, "s3_attachment": file["id"] });
        stand.api.post(&path, &body).await
    };
    for content in ["", " \n"] {
        let sent = reply(&sound, content).await;
        assert_eq!(sent.status, 200, "{content:?} {}", sent.text);
    }
    let long = "x".repeat(1025);
    for (file, content) in [(&sound, "listen"), (&sticker, "look"), (&picture, long.as_str())] {
        let refused = reply(file, content).await;
        assert_eq!(
            (refused.status.as_u16(), &refused.json()["error"]["field"]),
            (422, &json!("content")),
            "{}",
            refused.text
        );
    }
    let body = json!({ "content": "hi", "messaging_channel_connection_id": 1, "s3_attachment": "" });
    let sent = stand.api.post(&path, &body).await.json();
    assert_eq!(sent["data"]["conversation"]["type"], "text", "{sent}");
}

#[tokio::test]
async fn a_customer_s_file_is_read_at_a_signed_url_without_a_key() {
    let stand = Stand::start().await;
    let image = json!({ "type": "image", "image": { "caption": "la fuga" } });
    assert_eq!(stand.api.post(&format!("/sandbox/phones/{ANA}/messages"), &image).await.status, 200);
    let lead = contact(&stand, ANA).await.to_string();
    let attachment: Value = eventually("the file is there", async || {
        let attachment = said(&stand.api, &lead, 10).await[0]["attachment"].clone();
        attachment["unavailable"].is_null().then_some(attachment)
    })
    .await;
    let answer = asked(&stand, attachment["id"].as_str().unwrap()).await;
    assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::FOUND, Some("no-store")));
    let read = opened(&stand, answer.header("location").unwrap()).await;
    assert_eq!(read.status, 200);
    assert_eq!(json!(read.text.len()), attachment["size"]);
}

#[tokio::test]
async fn another_company_s_file_is_none() {
    let stand = Stand::start().await;
    stand.customer_writes(ANA, "hola").await;
    let file = put_in(&stand, "image/png", b"a picture").await;
    let reference = file["id"].as_str().unwrap();
    let stranger = stand.api.with_key(Some(OTHER_KEY));
    let body = json!({ "name": "Ana", "phone": ANA });
    let lead = stranger.post("/v1/webhooks/leads", &body).await.json()["data"]["lead"]["id"].to_string();
    let body = json!({ "messaging_channel_connection_id": 2, "s3_attachment": reference });
    let refused = stranger.post(&format!("/v1/leads/{lead}/conversations/reply"), &body).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["error"]["field"]), (422, &json!("s3_attachment")));
    let foreign = stranger.get(&format!("/v1/attachments/{reference}/download")).await;
    let nothing = stranger.get("/v1/attachments/media_4711/download").await;
    assert_eq!((foreign.status.as_u16(), foreign.json()), (404, nothing.json()));
    assert_eq!(asked(&stand, reference).await.status, 302);
    assert_eq!(asked(&stand, "not-a-reference").await.status, 404);
    assert!(stand.phone_got(ANA).await.is_empty());
}
