//! What files are: types of many names, documents without one, voice notes, and those that are being fetched.

use serde_json::{Value, json};

use super::{ANA, ana_says};
use crate::{
    files::media_there,
    harness::{Answer, DEMO_KEY, IdNumber as _, Socket, Stand},
};

async fn last(stand: &Stand) -> Value {
    let conversation = stand.conversation_with(ANA).await["id"].id_number();
    stand.messages(conversation).await.pop().unwrap()
}

/// The file of a message.
fn file(message: &Value) -> &Value {
    &message[message["type"].as_str().unwrap()]
}

/// Ana gets these bytes, of this type.
async fn sends(stand: &Stand, conversation: u64, mime: &str, more: Value) -> Answer {
    let mut body = json!({ "conversationId": format!("conv_{conversation}"), "media": "QUJDREVGR0hJ", "mimeType": mime });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    stand.api.post("/v1/messages/send", &body).await
}

#[tokio::test]
async fn a_type_with_many_names_is_sent_as_one_type() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    for (mime, kind, shown, name) in [
        ("audio/mp3", "audio", "audio/mpeg", json!(null)),
        ("audio/x-m4a", "audio", "audio/mp4", json!(null)),
        ("audio/opus", "audio", "audio/ogg", json!(null)),
        ("image/jpg", "image", "image/jpeg", json!(null)),
        ("video/x-m4v", "video", "video/mp4", json!(null)),
        ("video/quicktime", "document", "video/quicktime", json!("document.mov")),
        ("application/pdf", "document", "application/pdf", json!("document.pdf")),
        ("application/octet-stream", "document", "application/octet-stream", json!("document.bin")),
    ] {
        let answer = sends(&stand, conversation, mime, json!({})).await;
        assert_eq!(answer.status, 200, "{mime}: {}", answer.text);
        let message = last(&stand).await;
        assert_eq!((&message["type"], &file(&message)["mime_type"]), (&json!(kind), &json!(shown)), "{mime}");
        assert_eq!(file(&message)["file_name"], name, "{mime}");
    }
    let named = sends(&stand, conversation, "application/pdf", json!({ "fileName": "cuenta.pdf" })).await;
    assert_eq!(
        (named.status.as_u16(), &last(&stand).await["document"]["file_name"]),
        (200, &json!("cuenta.pdf"))
    );
}

#[tokio::test]
async fn a_voice_note_is_returned_as_one() {
    let stand = Stand::start().await;
    let opus = "audio/ogg; codecs=opus";
    for (voice, shown) in [(json!(true), true), (json!(false), false)] {
        let audio = json!({ "id": "77", "mime_type": opus, "voice": voice });
        ana_says(&stand, json!({ "type": "audio", "audio": audio })).await;
        let message = last(&stand).await;
        assert_eq!(
            (&message["audio"]["mime_type"], &message["audio"]["voice"]),
            (&json!("audio/ogg"), &json!(shown))
        );
    }
    let conversation = stand.conversation_with(ANA).await["id"].id_number();
    let sent = sends(&stand, conversation, "audio/ogg", json!({ "mediaType": "voice" })).await;
    assert_eq!((sent.status.as_u16(), &last(&stand).await["audio"]["voice"]), (200, &json!(true)));
}

#[tokio::test]
async fn a_file_that_is_being_fetched_is_pending_and_a_frame_says_so_beside_the_vendor_s_words() {
    let stand = Stand::start().await;
    let mut socket = Socket::open(&stand.base(), &format!("apiKey={DEMO_KEY}"), &[]).await.unwrap();
    stand.follow().await;
    socket.next_of("connected").await;
    // The sandbox has no such file: it is asked for again later.
    ana_says(
        &stand,
        json!({ "type": "document", "document": { "id": "no-such-file", "mime_type": "application/pdf" } }),
    )
    .await;
    let media = last(&stand).await["document"].clone();
    assert_eq!((&media["state"], &media["size"]), (&json!("pending"), &json!(null)));
    assert_eq!(
        (&media["file_name"], &media["mime_type"]),
        (&json!("document.pdf"), &json!("application/pdf"))
    );
    stand.clock.advance(std::time::Duration::from_secs(21));
    stand.sweep().await;
    stand.follow().await;
    let frame = socket.next_of("whatsapp_message").await;
    let media = &frame["data"]["media"];
    assert_eq!((&media["unavailable"], &media["byteSize"]), (&json!(true), &json!(0)));
    assert_eq!((&media["state"], &media["mimeType"]), (&json!("pending"), &json!("application/pdf")));
}

#[tokio::test]
async fn a_file_that_is_there_is_ready() {
    let stand = Stand::start().await;
    let path = format!("/sandbox/phones/{ANA}/messages");
    let answer = stand.api.post(&path, &json!({ "type": "image", "image": { "caption": "look" } })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let conversation = stand.conversation_with(ANA).await["id"].id_number();
    let media = media_there(&stand, conversation).await;
    assert!(media["state"] == "ready" && media["size"].as_u64().is_some(), "{media}");
}
