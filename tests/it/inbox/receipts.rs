//! Marking a conversation as read: our own count, the provider's read receipt, and the typing indicator.

use serde_json::json;
use ventanilla::ports::clock::Clock;
use ventanilla_sandbox::LogEntry;

use super::{ANA, done, events};
use crate::harness::{Carrier, IdNumber as _, Stand};

/// The read receipts that the provider got: their ids, and whether a typing indicator is shown.
fn told(stand: &Stand) -> Vec<(String, bool)> {
    let log = stand.running.sandbox.log().into_iter();
    let read = log.filter_map(|entry| match entry {
        LogEntry::Read(read) => Some((read.wamid, read.typing)),
        _ => None,
    });
    read.collect()
}

#[tokio::test]
async fn the_latest_message_is_marked_read_and_again_on_request() {
    let stand = Stand::start().await;
    stand.customer_writes(ANA, "hola").await;
    let id = stand.customer_writes(ANA, "¿hay alguien?").await;
    let latest = stand.messages(id).await.pop().unwrap()["provider_message_id"].as_str().unwrap().to_owned();
    let first = done(&stand, id, "read", json!({ "typing": "on" })).await;
    assert_eq!(first["conversation"]["unread_count"], 0);
    assert_eq!(first["receipt"], json!({ "state": "told", "typing": "on", "code": null }));
    let answer =
        stand.api.call(http::Method::POST, &format!("/v1/conversations/{id}/read"), &[], vec![]).await;
    assert_eq!(answer.json()["receipt"], json!({ "state": "told", "typing": "off", "code": null }));
    assert_eq!(told(&stand), [(latest.clone(), true), (latest, false)]);
    let read = events(&stand, "read").await;
    assert_eq!((read.len(), &read[0]["conversation"]["id"]), (1, &json!(format!("conv_{id}"))));
    assert_eq!(super::listed(&stand, "unread=true").await, Vec::<u64>::new());
}

#[tokio::test]
async fn without_a_receipt_it_is_read_here_and_nothing_is_sent_to_the_customer() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let it = done(&stand, id, "read", json!({ "receipt": false })).await;
    assert_eq!(it["receipt"], json!({ "state": "not_wanted", "typing": "off", "code": null }));
    assert_eq!((&it["conversation"]["unread_count"], told(&stand).len()), (&json!(0), 0));
    assert_eq!(events(&stand, "read").await.len(), 1);
    let both = json!({ "receipt": false, "typing": "on" });
    let refused = stand.api.post(&format!("/v1/conversations/{id}/read"), &both).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["field"]), (400, &json!("typing")));
}

#[tokio::test]
async fn our_own_mark_stays_whatever_the_provider_says() {
    let stand = Stand::start().await;
    // A message that the simulated WhatsApp knows nothing of.
    let at = stand.clock.now().seconds().to_string();
    let message = json!({ "id": "wamid.unknown", "from": "50212345678", "timestamp": at, "type": "text", "text": { "body": "hola" } });
    let value = json!({ "metadata": { "phone_number_id": "1001" }, "messages": [message] });
    let told = json!({ "entry": [{ "changes": [{ "field": "messages", "value": value }] }] });
    assert_eq!(stand.callback("demo", "demo-app-secret", &told).await.status, 200);
    let id = stand.conversation_with(ANA).await["id"].id_number();
    for _ in 0..2 {
        let it = done(&stand, id, "read", json!({ "typing": "on" })).await;
        let receipt = json!({ "state": "failed", "typing": "off", "code": "invalid_input" });
        assert_eq!((&it["receipt"], &it["conversation"]["unread_count"]), (&receipt, &json!(0)));
    }
    // Nobody has written here yet.
    let body = json!({ "phoneNumber": super::BOB, "content": "hola" });
    let sent = stand.api.post("/api/whatsapp/send", &body).await;
    let place = sent.json()["data"]["conversation"]["conversation_id"].as_u64().unwrap();
    let it = done(&stand, place, "read", json!({ "typing": "on" })).await;
    assert_eq!(it["receipt"], json!({ "state": "nothing_to_tell", "typing": "off", "code": null }));
}

#[tokio::test]
async fn a_receipt_that_kaleyra_cannot_send_is_reported() {
    for (carrier, receipt) in [
        (Carrier::KaleyraV2, json!({ "state": "told", "typing": "unsupported", "code": null })),
        (Carrier::KaleyraV1, json!({ "state": "unsupported", "typing": "unsupported", "code": null })),
    ] {
        let stand = Stand::start_with(carrier.config()).await;
        let body = json!({ "text": "hola", "to": carrier.number() });
        let path = format!("/sandbox/phones/{ANA}/messages");
        assert_eq!(stand.api.post(&path, &body).await.status, 200);
        let id = stand.conversation_with(ANA).await["id"].id_number();
        let it = done(&stand, id, "read", json!({ "typing": "on" })).await;
        assert_eq!(
            (&it["receipt"], &it["conversation"]["unread_count"]),
            (&receipt, &json!(0)),
            "{carrier:?}"
        );
        assert_eq!(told(&stand).len(), usize::from(carrier == Carrier::KaleyraV2));
    }
}
