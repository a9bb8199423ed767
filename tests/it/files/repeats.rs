//! Files that are given again under the same key.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::StatusCode;
use serde_json::json;
use ventanilla::{
    domain::{
        file::MimeType,
        frame::{Frame, OPERATION},
        socket::SocketId,
    },
    ports::clock::{Clock, Deadline},
    usecases::{
        files::{FileAsked, FileSource, MediaOptions},
        sending::{ContentSource, Recipient, Replay, SendCommand},
    },
};
use ventanilla_sandbox::FileFault;

use super::{
    ana_got, ana_sends, media_there,
    outbound::{SEND, scene},
};
use crate::harness::{Carrier, Stand};

/// How many files there are.
async fn files(stand: &Stand) -> usize {
    stand.rows().await.values().filter(|row| row["row"]["S"] == "file").count()
}

#[tokio::test]
async fn a_repeat_is_found_by_its_key_before_its_file_is_read() {
    let (stand, conversation) = scene(Carrier::KaleyraV2).await;
    ana_sends(&stand, json!({ "type": "image", "image": { "id": "4711" } })).await;
    media_there(&stand, conversation).await;
    let to = format!("conv_{conversation}");
    let url = format!("{}/sandbox/kaleyra/media/4711", stand.base());
    let by_address = json!({ "conversationId": to, "media": url, "caption": "look" });
    let bytes = STANDARD.encode(b"a picture");
    let as_bytes = json!({ "conversationId": to, "media": bytes, "mimeType": "image/png" });
    for (name, body) in [("k-address", by_address), ("k-bytes", as_bytes)] {
        let key = [("idempotency-key", name)];
        let first = stand.api.post_with(SEND, &key, &body).await;
        assert_eq!(first.status, 200, "{}", first.text);
        let kept = files(&stand).await;
        // The link is dead by now; it is not opened.
        stand.running.sandbox.inject_file_fault(FileFault::NotFound);
        let again = stand.api.post_with(SEND, &key, &body).await;
        assert_eq!((again.status, again.json()), (first.status, first.json()), "{name}");
        assert_eq!(again.header("idempotent-replayed"), Some("true"), "{name}");
        let mut other = body.clone();
        other["caption"] = json!("another");
        let refused = stand.api.post_with(SEND, &key, &other).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {}", refused.text);
        assert_eq!(refused.json()["code"], "IDEMPOTENCY_KEY_REUSED");
        assert_eq!(files(&stand).await, kept, "{name}");
        // A first request does look.
        if name == "k-address" {
            let gone = stand.api.post(SEND, &body).await;
            assert_eq!((gone.status, &gone.json()["field"]), (StatusCode::BAD_REQUEST, &json!("media")));
        }
    }
    assert_eq!(ana_got(&stand).await.len(), 2);
}

#[tokio::test]
async fn a_frame_that_is_dealt_with_twice_keeps_its_file_once() {
    let (stand, conversation) = scene(Carrier::Meta).await;
    let frame = Frame {
        tenant: Stand::tenant(),
        socket: SocketId::try_from("a-socket=".to_owned()).unwrap(),
        came_at: stand.clock.now(),
        name: "a frame".to_owned(),
        body: String::new(),
        grant: None,
    };
    for replay in [Replay::Original, Replay::Replayed] {
        let given =
            FileSource::Bytes { mime: MimeType::parse("image/png").unwrap(), bytes: b"a picture".to_vec() };
        let source = ContentSource::File(Box::new(FileAsked { given, how: MediaOptions::default() }));
        let recipient = Recipient::Conversation(conversation.to_string().parse().unwrap());
        let deadline = Deadline(stand.clock.now().plus(Duration::from_secs(25)));
        let command = SendCommand {
            key: Some(frame.key()),
            ..SendCommand::new(Stand::tenant(), OPERATION, recipient, source, deadline)
        };
        let send = &stand.running.functions.send;
        let answer = send.sending.send(&send.attachments.resolve_attachment(command).await.unwrap()).await;
        assert!(answer.outcome.is_ok(), "{:?}", answer.outcome);
        assert_eq!(answer.replay, replay);
        assert_eq!(files(&stand).await, 1);
    }
    assert_eq!(ana_got(&stand).await.len(), 1);
}
