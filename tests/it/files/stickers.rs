//! Stickers: those that move may be larger than those that stand still (facts: meta.md 7).

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    ana_got, ana_sends, media_there,
    outbound::{SEND, scene},
    put_in,
};
use crate::harness::{Answer, Carrier, Stand};

const STILL: u8 = 0;
const MOVING: u8 = 0b10;

/// A WebP picture of this size, as far as it is inspected.
fn sticker(flags: u8, size: usize) -> Vec<u8> {
    let mut bytes = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0".to_vec();
    bytes.push(flags);
    bytes.resize(size, b'.');
    bytes
}

async fn send(stand: &Stand, conversation: u64, media: impl Into<Value>) -> Answer {
    let body = json!({
        "conversationId": format!("conv_{conversation}"), "media": media.into(), "mimeType": "image/webp",
    });
    stand.api.post(SEND, &body).await
}

fn assert_refused(answer: &Answer) {
    assert_eq!((answer.status.as_u16(), &answer.json()["field"]), (400, &json!("media")), "{}", answer.text);
    assert!(answer.text.contains("too large to be sent as still sticker: 102400 bytes"), "{}", answer.text);
}

#[tokio::test]
async fn a_static_sticker_has_a_limit_of_its_own() {
    let (stand, conversation) = scene(Carrier::Meta).await;
    for (bytes, taken) in [
        (sticker(STILL, 102_400), true),
        (sticker(STILL, 102_401), false),
        (sticker(MOVING, 102_401), true),
        (sticker(MOVING, 512_000), true),
    ] {
        let put = put_in(&stand, "image/webp", &bytes).await["id"].clone();
        for media in [put, STANDARD.encode(&bytes).into()] {
            let answer = send(&stand, conversation, media).await;
            if taken {
                assert_eq!(answer.status, 200, "{} bytes: {}", bytes.len(), answer.text);
            } else {
                assert_refused(&answer);
            }
        }
    }
    assert_eq!(ana_got(&stand).await.len(), 6);
}

#[tokio::test]
async fn a_sticker_from_a_url_is_validated_by_its_bytes() {
    let (stand, conversation) = scene(Carrier::KaleyraV2).await;
    let file = json!({ "type": "sticker", "sticker": { "id": "4712" }, "file_size": 200_000 });
    ana_sends(&stand, file).await;
    // It is text with dots, which moves as little as any picture that is none.
    assert_refused(&send(&stand, conversation, format!("{}/sandbox/kaleyra/media/4712", stand.base())).await);
    let came = media_there(&stand, conversation).await;
    assert_refused(&send(&stand, conversation, came["media_id"].clone()).await);
    assert!(ana_got(&stand).await.is_empty());
}
