//! The provider's webhooks about our messages: deliveries, payments, prices, errors, times.

use serde_json::{Value, json};
use ventanilla::ports::clock::Clock;
use ventanilla_sandbox::{Fault, Status, WebhookShape};

use super::{ANA, ANA_ID, tell};
use crate::harness::{Carrier, IdNumber as _, Socket, Stand};

/// A reply of ours without webhooks from the sandbox: its key, and the provider's id.
struct Sent {
    conversation: u64,
    wamid: String,
}

async fn sent(stand: &Stand) -> Sent {
    let conversation = stand.customer_writes(ANA, "hola").await;
    stand.clock.advance(std::time::Duration::from_secs(2));
    let drop = vec![Status::Sent, Status::Delivered, Status::Read];
    stand.provider_will(Fault::Webhooks(WebhookShape { drop, ..WebhookShape::default() }));
    let body = json!({ "phoneNumber": ANA, "content": "claro", "requestId": 77 });
    let answer = stand.api.post("/api/whatsapp/send", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    stand.running.sandbox.until_idle().await;
    let message = stand.messages(conversation).await.pop().unwrap();
    assert_eq!((&message["status"], &message["request_id"]), (&json!("accepted"), &json!(77)));
    Sent { conversation, wamid: message["provider_message_id"].as_str().unwrap().to_owned() }
}

impl Sent {
    /// Delivers this status, dated now unless it has a time.
    async fn told(&self, stand: &Stand, status: Value) {
        let mut told = json!({ "id": self.wamid, "recipient_id": ANA_ID, "timestamp": stand.clock.now().seconds().to_string() });
        told.as_object_mut().unwrap().extend(status.as_object().unwrap().clone());
        tell(stand, "messages", json!({ "statuses": [told] })).await;
    }

    async fn shown(&self, stand: &Stand) -> Value {
        stand.messages(self.conversation).await.pop().unwrap()
    }
}

#[tokio::test]
async fn a_payment_is_kept_as_one_and_touches_no_delivery() {
    let stand = Stand::start().await;
    let sent = sent(&stand).await;
    sent.told(&stand, json!({ "status": "delivered" })).await;
    let before = sent.shown(&stand).await;
    let payment = json!({
        "reference_id": "order-7", "amount": { "value": 2150, "offset": 100 },
        "transaction": { "id": "t-1", "type": "upi", "status": "failed", "error": { "code": "E1", "reason": "no money" } },
    });
    for status in ["failed", "failed"] {
        sent.told(
            &stand,
            json!({ "status": status, "type": "payment", "payment": payment, "timestamp": "1772533800" }),
        )
        .await;
    }
    let paid = sent.shown(&stand).await;
    assert_eq!((&paid["status"], &paid["status_at"]), (&before["status"], &before["status_at"]));
    let error = json!({ "code": "E1", "title": null, "message": null, "details": "no money", "href": null });
    let expected = json!([{
        "reference_id": "order-7", "status": "failed", "at": "2026-03-03T10:30:00.000Z",
        "amount": { "value": 2150, "offset": 100, "currency": null },
        "transaction": { "id": "t-1", "type": "upi", "status": "failed", "method": null, "error": error },
    }]);
    assert_eq!(paid["payments"], expected);
    sent.told(
        &stand,
        json!({ "status": "captured", "type": "payment", "payment": { "reference_id": "order-8" } }),
    )
    .await;
    assert_eq!(sent.shown(&stand).await["payments"].as_array().unwrap().len(), 2);
    stand.follow().await;
    let events = stand.api.get("/v1/events?after=0&limit=100").await.json();
    let kinds =
        events["data"].as_array().unwrap().iter().filter(|it| it["data"]["change"] == "payment").count();
    assert_eq!(kinds, 2);
}

#[tokio::test]
async fn statuses_of_groups_calls_or_unknown_things_change_no_delivery() {
    let stand = Stand::start().await;
    let sent = sent(&stand).await;
    let before = sent.shown(&stand).await;
    for status in [
        json!({ "status": "read", "recipient_type": "group", "recipient_participant_id": "50287654321" }),
        json!({ "status": "delivered", "recipient_participant_id": "50287654321" }),
        json!({ "status": "failed", "type": "call" }),
        json!({ "status": "failed", "type": "of a version to come" }),
        json!({ "status": "failed", "type": "payment", "payment": "odd" }),
        json!({ "status": "in_orbit" }),
    ] {
        sent.told(&stand, status.clone()).await;
        let now = sent.shown(&stand).await;
        assert_eq!(
            (&now["status"], &now["status_at"]),
            (&before["status"], &before["status_at"]),
            "{status}"
        );
    }
}

#[tokio::test]
async fn a_payment_that_comes_before_its_message_waits_for_it() {
    let stand = Stand::start().await;
    let echo = json!({ "id": "wamid.phone", "from": "15550100001", "to": ANA_ID, "type": "text", "text": { "body": "su pedido" } });
    let status = json!({ "id": "wamid.phone", "type": "payment", "status": "captured", "payment": { "reference_id": "o-1" } });
    tell(&stand, "messages", json!({ "statuses": [status] })).await;
    tell(&stand, "smb_message_echoes", json!({ "message_echoes": [echo] })).await;
    let conversation = stand.conversation_with(ANA).await["id"].id_number();
    let message = stand.messages(conversation).await.pop().unwrap();
    assert_eq!(
        (&message["payments"][0]["reference_id"], &message["status"]),
        (&json!("o-1"), &json!("accepted"))
    );
}

#[tokio::test]
async fn a_status_before_the_echo_of_its_message_is_shown_with_it_as_received() {
    let stand = Stand::start().await;
    let at = stand.clock.now().seconds().to_string();
    let status = json!({ "id": "wamid.echo", "status": "delivered", "recipient_id": ANA_ID, "timestamp": at, "invented": "kept" });
    tell(&stand, "messages", json!({ "statuses": [status] })).await;
    let echo = json!({ "id": "wamid.echo", "from": "15550100001", "to": ANA_ID, "timestamp": at, "type": "text", "text": { "body": "hola" } });
    tell(&stand, "smb_message_echoes", json!({ "message_echoes": [echo] })).await;
    let shown = stand.api.get("/v1/messages/wamid.echo?include=raw").await.json();
    assert_eq!(shown["status"], "delivered");
    assert_eq!(shown["raw_statuses"].as_array().map(Vec::len), Some(1));
    assert_eq!(shown["raw_statuses"][0].pointer("/entry/0/changes/0/value/statuses/0"), Some(&status));
}

#[tokio::test]
async fn a_price_is_shown_from_a_status_of_any_state() {
    for status in ["sent", "delivered", "read", "played", "failed"] {
        let stand = Stand::start().await;
        let sent = sent(&stand).await;
        let pricing =
            json!({ "billable": true, "pricing_model": "PMP", "type": "regular", "category": "service" });
        sent.told(&stand, json!({ "status": status, "pricing": pricing })).await;
        let shown = json!({ "billable": true, "model": "PMP", "type": "regular", "category": "service", "amount": null });
        assert_eq!(sent.shown(&stand).await["pricing"], shown, "{status}");
        // A later one counts, an empty one does not.
        stand.clock.advance(std::time::Duration::from_secs(2));
        sent.told(
            &stand,
            json!({ "status": "read", "pricing": { "category": "marketing", "amount": 0.05 } }),
        )
        .await;
        sent.told(&stand, json!({ "status": "delivered", "pricing": {} })).await;
        let priced = sent.shown(&stand).await["pricing"].clone();
        assert_eq!(
            (&priced["category"], &priced["amount"]),
            (&json!("marketing"), &json!("0.05")),
            "{status}"
        );
    }
}

#[tokio::test]
async fn errors_are_shown_in_whatever_form_they_come() {
    let first = json!({
        "code": 131_026, "title": "Message undeliverable", "message": "Message undeliverable",
        "error_data": { "details": "not reachable" }, "href": "https://developers.facebook.com/docs/x",
    });
    let shown = json!({
        "code": 131_026, "title": "Message undeliverable", "message": "Message undeliverable",
        "details": "not reachable", "href": "https://developers.facebook.com/docs/x",
    });
    let bare =
        |code: i64| json!({ "code": code, "title": null, "message": null, "details": null, "href": null });
    for (told, code, message, all) in [
        (json!([first]), json!(131_026), json!("not reachable"), json!([shown])),
        (json!(first), json!(131_026), json!("not reachable"), json!([shown])),
        (
            json!([first, { "code": 131_047 }]),
            json!(131_026),
            json!("not reachable"),
            json!([shown, bare(131_047)]),
        ),
        (json!(131_026), json!(131_026), json!(null), json!([bare(131_026)])),
        (json!("131026"), json!(131_026), json!(null), json!([bare(131_026)])),
    ] {
        let stand = Stand::start().await;
        let sent = sent(&stand).await;
        sent.told(&stand, json!({ "status": "failed", "errors": told })).await;
        let message_shown = sent.shown(&stand).await;
        assert_eq!(message_shown["status"], "failed");
        assert_eq!(message_shown["error"], json!({ "code": code, "message": message }), "{told}");
        assert_eq!(message_shown["errors"], all, "{told}");
    }
}

#[tokio::test]
async fn the_window_is_closed_also_by_the_second_of_two_errors() {
    let stand = Stand::start().await;
    let sent = sent(&stand).await;
    sent.told(&stand, json!({ "status": "failed", "errors": [{ "code": 131_000 }, { "code": 131_047 }] }))
        .await;
    assert_eq!(stand.conversation_with(ANA).await["window"]["open"], false);
}

#[tokio::test]
async fn a_time_is_read_in_any_unit() {
    let stand = Stand::start().await;
    let sent = sent(&stand).await;
    let at = stand.clock.now().seconds();
    let shown = ventanilla::domain::time::Timestamp::from_seconds(at).iso_millis();
    for (status, field, time) in [
        ("sent", "sent", json!(at * 1000)),
        ("delivered", "delivered", json!((at * 1000).to_string())),
        ("read", "read", json!(ventanilla::domain::time::Timestamp::from_seconds(at).iso_seconds())),
        ("played", "played", json!(at)),
    ] {
        sent.told(&stand, json!({ "status": status, "timestamp": time })).await;
        assert_eq!(sent.shown(&stand).await["status_at"][field], shown, "{status}");
    }
    // A message of the customer's likewise.
    let message = json!({ "id": "wamid.ms", "from": ANA_ID, "timestamp": (at * 1000).to_string(), "type": "text", "text": { "body": "¿sí?" } });
    tell(&stand, "messages", json!({ "messages": [message] })).await;
    let found = stand.messages(sent.conversation).await.into_iter().find(|it| it["text"] == "¿sí?").unwrap();
    assert_eq!(found["at"].as_str().unwrap()[..19], shown[..19]);
}

#[tokio::test]
async fn a_status_is_returned_with_its_details_and_the_sender_of_its_message() {
    let stand = Stand::start().await;
    let sent = sent(&stand).await;
    stand.follow().await;
    let mut socket =
        Socket::open(&stand.base(), &format!("apiKey={}", crate::harness::DEMO_KEY), &[]).await.unwrap();
    stand.follow().await;
    let connected = socket.next_of("connected").await;
    let pricing =
        json!({ "billable": true, "pricing_model": "PMP", "type": "regular", "category": "utility" });
    sent.told(&stand, json!({ "status": "delivered", "pricing": pricing })).await;
    stand.clock.advance(std::time::Duration::from_secs(2));
    sent.told(
        &stand,
        json!({ "status": "failed", "errors": [{ "code": 131_026, "title": "Undeliverable" }] }),
    )
    .await;
    stand.follow().await;
    let after = connected["data"]["cursor"].as_str().or(connected["cursor"].as_str()).unwrap();
    let events = stand.api.get(&format!("/v1/events?after={after}")).await.json();
    let all: Vec<&Value> =
        events["data"].as_array().unwrap().iter().filter(|it| it["type"] == "message.status").collect();
    let told: Vec<_> = all.iter().map(|it| (it["data"]["status"].as_str().unwrap(), &it["data"])).collect();
    let [("delivered", delivered), ("failed", failed)] = told.as_slice() else { panic!("{told:?}") };
    let priced =
        json!({ "billable": true, "model": "PMP", "type": "regular", "category": "utility", "amount": null });
    assert_eq!((&delivered["pricing"], &delivered["error"]), (&priced, &json!(null)));
    assert_eq!((&delivered["request_id"], &delivered["references"]), (&json!(77), &json!({})));
    assert_eq!(delivered["provider_message_id"], json!(sent.wamid));
    assert_eq!(
        (&failed["error"]["code"], &failed["error"]["message"]),
        (&json!(131_026), &json!("Undeliverable"))
    );
    let frames = [socket.next_of("message_status").await, socket.next_of("message_status").await];
    assert_eq!(frames[0]["data"]["reported"], "delivered");
    assert_eq!((&frames[0]["data"]["pricing"], &frames[0]["data"]["error"]), (&priced, &json!(null)));
    assert_eq!(
        (&frames[1]["data"]["reported"], &frames[1]["data"]["requestId"]),
        (&json!("failed"), &json!(77))
    );
    assert_eq!(frames[1]["data"]["errors"][0]["title"], "Undeliverable");
    assert_eq!(frames[1]["data"]["reportedAt"], failed["reported_at"]);
}

#[tokio::test]
async fn kaleyra_s_statuses_in_either_api_tell_the_same() {
    for carrier in [Carrier::KaleyraV2, Carrier::KaleyraV1] {
        let stand = Stand::start_with(carrier.config()).await;
        let conversation = stand.customer_writes(ANA, "hola").await;
        let drop = vec![Status::Sent, Status::Delivered, Status::Read];
        stand.provider_will(Fault::Webhooks(WebhookShape { drop, ..WebhookShape::default() }));
        assert_eq!(stand.reply(conversation, "claro").await.status, 200);
        stand.running.sandbox.until_idle().await;
        let message = stand.messages(conversation).await.pop().unwrap();
        let id = message["provider_message_id"].clone();
        let flat =
            json!({ "id": id, "status": "failed", "type": "payment", "payment": { "reference_id": "o-1" } });
        let v2 = json!({ "meta_object": { "field": "messages", "value": { "metadata": {}, "statuses": [flat] } }, "extra_info": {} });
        for body in [flat, v2] {
            let path = format!("/webhooks/kaleyra/1/{}", crate::harness::CALLBACK_SECRET);
            assert_eq!(stand.api.with_key(None).post(&path, &body).await.status, 200);
        }
        let paid = stand.messages(conversation).await.pop().unwrap();
        assert_eq!(
            (&paid["status"], &paid["delivery"]),
            (&message["status"], &message["delivery"]),
            "{carrier:?}"
        );
        assert_eq!(paid["payments"].as_array().unwrap().len(), 1, "{carrier:?}: {paid}");
    }
}
