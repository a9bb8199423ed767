//! Files that are sent to customers.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::StatusCode;
use serde_json::{Value, json};
use ventanilla_sandbox::FileFault;

use super::{ANA, ana_got, ana_sends, last_media, media_there, opened, put, put_in};
use crate::harness::{Answer, Carrier, DEMO_KEY, OTHER_KEY, Socket, Stand};

pub(super) const SEND: &str = "/v1/messages/send";

async fn send(stand: &Stand, conversation: u64, mut body: Value) -> Answer {
    body["conversationId"] = json!(format!("conv_{conversation}"));
    stand.api.post(SEND, &body).await
}

pub(super) async fn scene(carrier: Carrier) -> (Stand, u64) {
    let stand = Stand::start_with(carrier.config()).await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    (stand, conversation)
}

/// The link that the phone got, under the name of its kind.
fn link(message: &Value) -> String {
    let content = &message["content"];
    let link = content["link"].as_str().or_else(|| content["media_url"].as_str());
    link.unwrap_or_else(|| panic!("{message}")).to_owned()
}

#[tokio::test]
async fn a_file_that_was_put_in_is_sent_by_reference_over_every_provider() {
    for carrier in [Carrier::Meta, Carrier::KaleyraV2, Carrier::KaleyraV1] {
        let (stand, conversation) = scene(carrier).await;
        let file = put_in(&stand, "image/png", b"a picture").await;
        let sent = send(&stand, conversation, json!({ "media": file["id"], "caption": "look" })).await;
        assert_eq!(sent.status, 200, "{carrier:?} {}", sent.text);
        let got = ana_got(&stand).await.pop().unwrap();
        assert_eq!(got["text"], "look", "{carrier:?} {got}");
        // V1 gets no kind.
        assert!(carrier == Carrier::KaleyraV1 || got["type"] == "image", "{carrier:?} {got}");
        // What the provider reads is what was put in.
        let read = opened(&stand, &link(&got)).await;
        assert_eq!((read.text.as_str(), read.header("content-type")), ("a picture", Some("image/png")));
        let shown = last_media(&stand, conversation).await;
        assert_eq!((&shown["media_id"], &shown["size"]), (&file["id"], &json!(9)));
    }
}

#[tokio::test]
async fn bytes_and_urls_are_sent_as_their_kind_of_media() {
    let (stand, conversation) = scene(Carrier::KaleyraV2).await;
    let bytes = STANDARD.encode(b"%PDF");
    let body =
        json!({ "media": bytes, "mimeType": "application/pdf", "fileName": "bill.pdf", "text": "the bill" });
    let sent = send(&stand, conversation, body).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    let got = ana_got(&stand).await.pop().unwrap();
    assert_eq!((&got["type"], &got["content"]["filename"]), (&json!("document"), &json!("bill.pdf")));
    assert_eq!(opened(&stand, &link(&got)).await.text, "%PDF");
    // An address: the one host on this machine that may be opened is the sandbox.
    ana_sends(&stand, json!({ "type": "image", "image": { "id": "4711" } })).await;
    media_there(&stand, conversation).await;
    let url = format!("{}/sandbox/kaleyra/media/4711", stand.base());
    let sent = send(&stand, conversation, json!({ "media": url })).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    let got = ana_got(&stand).await.pop().unwrap();
    assert_eq!(got["type"], "image");
    assert_eq!(opened(&stand, &link(&got)).await.text, "bytes of media 4711\n");
    assert_eq!(last_media(&stand, conversation).await["sha256"].as_str().unwrap().len(), 64);
}

#[tokio::test]
async fn a_customer_s_file_can_be_forwarded() {
    let (stand, conversation) = scene(Carrier::Meta).await;
    ana_sends(&stand, json!({ "type": "audio" })).await;
    let media = media_there(&stand, conversation).await;
    let body = json!({ "media": media["media_id"], "mediaType": "voice" });
    assert_eq!(send(&stand, conversation, body).await.status, 200);
    let got = ana_got(&stand).await.pop().unwrap();
    assert_eq!((&got["type"], &got["content"]["voice"]), (&json!("audio"), &json!(true)));
}

#[tokio::test]
async fn an_unsendable_file_is_rejected_before_any_call() {
    let (stand, conversation) = scene(Carrier::Meta).await;
    let picture = put_in(&stand, "image/png", b"a picture").await;
    let gif = put_in(&stand, "image/gif", b"moves").await;
    let promised = stand.api.post("/v1/media", &json!({ "mime_type": "image/png", "size": 5 })).await.json();
    let foreign = stand.api.with_key(Some(OTHER_KEY));
    let foreign = foreign.post("/v1/media", &json!({ "mime_type": "image/png", "size": 5 })).await.json();
    let large = STANDARD.encode(vec![0; 500 * 1024 + 1]);
    for (body, says) in [
        (
            json!({ "media": picture["id"], "mediaType": "voice" }),
            "of type image/png cannot be sent as voice",
        ),
        (json!({ "media": gif["id"], "mediaType": "image" }), "of type image/gif cannot be sent as image"),
        (json!({ "media": large, "mimeType": "image/webp" }), "is too large to be sent as sticker"),
        (json!({ "media": "", "mimeType": "image/png" }), "is empty"),
        (json!({ "media": picture["id"], "caption": "x".repeat(1025) }), "caption must not be longer"),
        (json!({ "media": promised["id"] }), "is not there yet"),
        (json!({ "media": foreign["id"] }), "is no file of yours"),
        (json!({ "media": "media_4711" }), "is no file of yours"),
        (json!({ "media": "https://127.0.0.1/a.png" }), "must be on the open internet"),
        (json!({ "media": "https://[::ffff:10.0.0.1]/a.png" }), "must be on the open internet"),
        (json!({ "media": "https://169.254.169.254/latest/meta-data" }), "must be on the open internet"),
        (json!({ "media": "http://files.example/a.png" }), "must be an https address"),
    ] {
        let refused = send(&stand, conversation, body.clone()).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{} {}", body["media"], refused.text);
        let told = refused.json();
        assert_eq!(told["field"], "media", "{told}");
        assert!(told["message"].as_str().unwrap().contains(says), "{told}");
    }
    assert!(ana_got(&stand).await.is_empty());
}

#[tokio::test]
async fn an_upload_matches_its_description_or_is_rejected() {
    let (stand, conversation) = scene(Carrier::Meta).await;
    let opened = stand.api.post("/v1/media", &json!({ "mime_type": "image/png", "size": 5 })).await.json();
    assert_eq!(put(&stand, &opened, b"too long").await, 403);
    let mut lying = opened.clone();
    lying["headers"]["content-type"] = json!("text/html");
    assert_eq!(put(&stand, &lying, b"right").await, 403);
    assert_eq!(put(&stand, &opened, b"right").await, 200);
    assert_eq!(send(&stand, conversation, json!({ "media": opened["id"] })).await.status, 200);
    for (wish, field) in [
        (json!({ "mime_type": "application/pdf", "size": 0 }), "size"),
        (json!({ "mime_type": "application/pdf", "size": 100 * 1024 * 1024 + 1 }), "size"),
        (json!({ "size": 5 }), "mime_type"),
        (json!({ "mime_type": "application/pdf" }), "size"),
    ] {
        let refused = stand.api.post("/v1/media", &wish).await;
        assert_eq!(
            (refused.status, &refused.json()["field"]),
            (StatusCode::BAD_REQUEST, &json!(field)),
            "{wish}"
        );
    }
    let late = stand.api.post("/v1/media", &json!({ "mime_type": "image/png", "size": 5 })).await.json();
    stand.clock.advance(std::time::Duration::from_mins(16));
    assert_eq!(put(&stand, &late, b"right").await, 403);
}

#[tokio::test]
async fn an_address_to_put_a_file_to_is_good_for_one_file() {
    let (stand, conversation) = scene(Carrier::Meta).await;
    let file = put_in(&stand, "image/png", b"judged").await;
    assert_eq!(send(&stand, conversation, json!({ "media": file["id"] })).await.status, 200);
    assert_eq!(put(&stand, &file, b"others").await, 412);
    let mut bold = file.clone();
    bold["headers"].as_object_mut().unwrap().remove("if-none-match");
    assert_eq!(put(&stand, &bold, b"others").await, 403);
    let read = opened(&stand, &link(&ana_got(&stand).await.pop().unwrap())).await;
    assert_eq!(read.text, "judged");
}

#[tokio::test]
async fn a_page_gets_the_url_of_a_file() {
    let (stand, _) = scene(Carrier::Meta).await;
    let file = put_in(&stand, "image/png", b"a picture").await;
    let told = stand.api.get(&format!("/v1/media/{}", file["id"].as_str().unwrap())).await.json();
    assert_eq!(told["id"], file["id"]);
    assert_eq!((&told["mime_type"], &told["size"]), (&json!("image/png"), &json!(9)));
    assert_eq!(opened(&stand, told["url"].as_str().unwrap()).await.text, "a picture");
    let absent = stand.api.get("/v1/media/4711").await;
    assert_eq!((absent.status.as_u16(), &absent.json()["code"]), (404, &json!("not_found")));
}

#[tokio::test]
async fn who_has_the_file_being_out_of_order_is_no_mistake_of_the_caller_s() {
    let (stand, conversation) = scene(Carrier::KaleyraV2).await;
    ana_sends(&stand, json!({ "type": "image", "image": { "id": "4711" } })).await;
    media_there(&stand, conversation).await;
    let body = json!({ "media": format!("{}/sandbox/kaleyra/media/4711", stand.base()) });
    for (fault, status, code) in [
        (FileFault::Unavailable, 502, "FILE_UNAVAILABLE"),
        (FileFault::CutShort, 502, "FILE_UNAVAILABLE"),
        (FileFault::NotFound, 400, "INVALID_REQUEST"),
    ] {
        stand.running.sandbox.inject_file_fault(fault);
        let told = send(&stand, conversation, body.clone()).await;
        assert_eq!((told.status.as_u16(), &told.json()["code"]), (status, &json!(code)), "{fault:?}");
        assert_eq!(told.json()["field"], "media", "{}", told.text);
    }
    assert_eq!(send(&stand, conversation, body).await.status, 200);
}

#[tokio::test]
async fn a_repeat_with_the_same_key_and_bytes_sends_nothing_again() {
    let (stand, conversation) = scene(Carrier::Meta).await;
    let body = |bytes: &[u8]| json!({ "conversationId": format!("conv_{conversation}"), "media": STANDARD.encode(bytes), "mimeType": "image/png" });
    let key = [("idempotency-key", "k-1")];
    let first = stand.api.post_with(SEND, &key, &body(b"a picture")).await;
    assert_eq!(first.status, 200, "{}", first.text);
    let again = stand.api.post_with(SEND, &key, &body(b"a picture")).await;
    assert_eq!((again.status, again.json()), (first.status, first.json()));
    let other = stand.api.post_with(SEND, &key, &body(b"another")).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", other.text);
    assert_eq!(ana_got(&stand).await.len(), 1);
}

#[tokio::test]
async fn a_frame_sends_a_file() {
    let stand = Stand::start_live().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    let query = format!("apiKey={DEMO_KEY}");
    let mut socket = Socket::open(&stand.base(), &query, &[]).await.unwrap();
    let media =
        json!({ "data": STANDARD.encode(b"a picture"), "mimeType": "image/png", "fileName": "a.png" });
    let data = json!({ "conversationId": format!("conv_{conversation}"), "poolNumberId": "pn_1", "toNumber": ANA, "media": media });
    socket.send(&json!({ "type": "whatsapp_media_reply", "data": data })).await;
    let status = socket.next_of("reply_status").await;
    assert_eq!(status["data"]["success"], true, "{status}");
    let got = ana_got(&stand).await.pop().unwrap();
    assert_eq!(opened(&stand, &link(&got)).await.text, "a picture");
    let media = json!({ "data": STANDARD.encode(b"moves"), "mimeType": "image/webp" });
    let wrong =
        json!({ "conversationId": format!("conv_{conversation}"), "media": media, "mediaType": "image" });
    socket.send(&json!({ "type": "whatsapp_media_reply", "data": wrong })).await;
    let status = socket.next_of("reply_status").await;
    assert_eq!(
        (&status["data"]["success"], &status["data"]["code"]),
        (&json!(false), &json!("INVALID_REQUEST"))
    );
}
