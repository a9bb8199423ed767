//! How bodies go over the wire: compressed, and with a byte order mark.

use std::io::Read;

use flate2::read::GzDecoder;
use http::Method;
use serde_json::{Value, json};

use crate::harness::{IdNumber, Stand};

const ANA: &str = "+50212345678";

/// How an answer is encoded, what that depends on, and its bytes as they came.
async fn raw(stand: &Stand, path: &str, accepts: Option<&str>) -> (Option<String>, Option<String>, Vec<u8>) {
    let headers: Vec<(&str, &str)> =
        accepts.map(|accepts| ("accept-encoding", accepts)).into_iter().collect();
    let (headers, body) = stand.api.bytes(path, &headers).await;
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    (header("content-encoding"), header("vary"), body)
}

#[tokio::test]
async fn long_responses_of_every_contract_are_compressed_for_clients_that_accept_it() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, &"¿están abiertos? ".repeat(200)).await;
    let lead = stand.conversations().await[0]["contact"]["id"].id_number();
    for path in [
        format!("/v1/conversations/{id}/messages"),
        format!("/api/conversations/{id}/messages"),
        format!("/api/whatsapp/conversations/{id}"),
        format!("/v1/leads/{lead}/conversations"),
        "/api/whatsapp/templates?all=true".to_owned(),
    ] {
        let (encoding, vary, plain) = raw(&stand, &path, None).await;
        assert_eq!((encoding, vary.as_deref()), (None, Some("accept-encoding")), "{path}");
        for accepts in ["gzip", "br;q=1.0, gzip;q=0.8, *;q=0.1"] {
            let (encoding, _, packed) = raw(&stand, &path, Some(accepts)).await;
            assert_eq!(encoding.as_deref(), Some("gzip"), "{path} {accepts}");
            let mut text = Vec::new();
            GzDecoder::new(packed.as_slice()).read_to_end(&mut text).unwrap();
            // The PHP bot's list contains the current time.
            assert_eq!(text.len(), plain.len(), "{path}");
            assert!(packed.len() < plain.len(), "{path}");
        }
        assert_eq!(raw(&stand, &path, Some("identity")).await.0, None, "{path}");
    }
    let (encoding, vary, _) = raw(&stand, "/v1/messages/1", Some("gzip")).await;
    assert_eq!((encoding, vary), (None, None), "a short one goes out as it is");
}

#[tokio::test]
async fn a_byte_order_mark_in_front_of_a_body_is_passed_over_in_every_contract() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let lead = stand.conversations().await[0]["contact"]["id"].id_number();
    let text = json!({ "body": "x" });
    let object = json!({ "messaging_product": "whatsapp", "to": ANA, "type": "text", "text": text });
    for (path, body) in [
        (format!("/api/conversations/{id}/reply"), json!({ "message": "x" })),
        ("/v2/demo/whatsapp/+15550100001/messages".to_owned(), json!({ "messaging_object": object })),
        ("/api/whatsapp/send".to_owned(), json!({ "phoneNumber": ANA, "content": "x" })),
        ("/v1/messages/send".to_owned(), json!({ "conversationId": format!("conv_{id}"), "text": "x" })),
        (
            format!("/v1/leads/{lead}/conversations/reply"),
            json!({ "content": "x", "messaging_channel_connection_id": 1 }),
        ),
        (format!("/v1/conversations/{id}/assign"), json!({ "assignee": "ana" })),
    ] {
        let marked = format!("\u{feff}{body}").into_bytes();
        // The second time only the first mark is one.
        let twice = format!("\u{feff}\u{feff}{body}").into_bytes();
        let (fine, wrong) = (
            stand.api.call(Method::POST, &path, &[], marked).await,
            stand.api.call(Method::POST, &path, &[], twice).await,
        );
        assert!(fine.status.is_success(), "{path}: {}", fine.text);
        assert!(!wrong.status.is_success(), "{path}: {}", wrong.text);
    }
    assert_eq!(stand.phone_got(ANA).await.len(), 5);
    let sent: Vec<Value> = stand.messages(id).await;
    assert!(sent.iter().all(|message| message["text"] == "x" || message["text"] == "hola"));
}
