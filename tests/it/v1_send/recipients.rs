//! Whom a message goes to, however they are named.

use serde_json::{Value, json};
use ventanilla_sandbox::LogEntry;

use super::{ANA, USER, ana_writes, calls, created, path, refused};
use crate::harness::{Carrier, IdNumber, OTHER_KEY, Stand, eventually};

const BOB: &str = "+50287654321";

async fn send(stand: &Stand, to: &Value) -> crate::harness::Answer {
    stand.api.post("/v1/messages", &json!({ "to": to, "text": "x" })).await
}

#[tokio::test]
async fn a_number_a_contact_and_a_lead_lead_to_one_conversation() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    let contact = stand.conversation_with(ANA).await["contact"]["id"].id_number();
    let lead = json!({ "id": "crm-7", "name": "Ana", "phone": ANA });
    assert!(stand.api.post("/v1/webhooks/leads", &lead).await.status.is_success());
    for to in [
        json!({ "phone": ANA }),
        json!({ "phone": "00502 1234-5678", "user_id": null }),
        json!({ "contact_id": format!("contact_{contact}") }),
        json!({ "contact_id": contact }),
        json!({ "lead_id": "crm-7" }),
        json!({ "lead_id": contact }),
        json!({ "lead_id": format!("contact_{contact}") }),
    ] {
        let told = created(&stand, &send(&stand, &to).await).await;
        assert_eq!(told["conversation_id"], format!("conv_{conversation}"), "{to}");
        assert_eq!(told["contact_id"], format!("contact_{contact}"), "{to}");
    }
}

#[tokio::test]
async fn a_customer_without_a_number_is_reached_on_both_routes() {
    let stand = Stand::start().await;
    let answer =
        stand.api.post(&format!("/sandbox/phones/{USER}/messages"), &json!({ "text": "hola" })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let found = stand.conversations().await.remove(0);
    let (id, contact) = (found["id"].id_number(), &found["contact"]["id"]);
    for to in [json!({ "user_id": USER }), json!({ "contact_id": contact }), json!({ "lead_id": contact })] {
        created(&stand, &send(&stand, &to).await).await;
    }
    created(&stand, &stand.api.post(&path(id), &json!({ "text": "y" })).await).await;
    assert_eq!(stand.phone_got(USER).await, ["x", "x", "x", "y"]);
    assert_eq!(stand.conversations().await.len(), 1);
}

#[tokio::test]
async fn a_new_number_begins_a_conversation_on_the_channel_that_is_named() {
    for carrier in [Carrier::Meta, Carrier::KaleyraV2] {
        let stand = Stand::start_with(carrier.config()).await;
        stand.window_opens(BOB).await;
        for channel in [json!(null), json!("ch_1"), json!(1)] {
            let body = json!({ "to": { "phone": BOB }, "channel_id": channel, "text": "x" });
            let told = created(&stand, &stand.api.post("/v1/messages", &body).await).await;
            assert_eq!(told["channel_id"], "ch_1");
        }
        assert_eq!(stand.conversations().await.len(), 1);
    }
}

#[tokio::test]
async fn a_message_is_sent_from_the_named_channel_or_the_default_one() {
    let stand = Stand::start().await;
    let other = stand.api.with_key(Some(OTHER_KEY));
    for number in ["1002", "1003"] {
        stand.window_opens_at(BOB, &json!({ "to": number })).await;
    }
    for (channel, shown) in [(json!(null), "ch_2"), (json!("ch_3"), "ch_3"), (json!(2), "ch_2")] {
        let body = json!({ "to": { "phone": BOB }, "channel_id": channel, "text": "x" });
        let answer = other.post("/v1/messages", &body).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["channel_id"]), (201, &json!(shown)));
    }
    let body = json!({ "channel_id": "ch_3", "text": "y", "recipients": [{ "phone": BOB }] });
    let begun = other.post("/v1/broadcasts", &body).await.json();
    assert_eq!(begun["channel_id"], "ch_3", "{begun}");
    let from = eventually("all of it was sent", || async {
        let log = stand.running.sandbox.log().into_iter();
        let from = log.filter_map(|entry| match entry {
            LogEntry::Call(call) => Some(call.phone_number_id),
            _ => None,
        });
        let from: Vec<String> = from.collect();
        (from.len() == 4).then_some(from)
    })
    .await;
    assert_eq!(from, ["1002", "1003", "1002", "1003"]);
}

#[tokio::test]
async fn a_recipient_not_named_by_exactly_one_field_gets_nothing() {
    let stand = Stand::start().await;
    let path = ana_writes(&stand).await;
    let before = calls(&stand);
    for (to, place) in [
        (json!(null), "to"),
        (json!({}), "to"),
        (json!(ANA), "to"),
        (json!([ANA]), "to"),
        (json!({ "phone": ANA, "contact_id": 7 }), "to.contact_id"),
        (json!({ "phone": "12" }), "to.phone"),
        (json!({ "phone": 50_212_345_678_u64 }), "to.phone"),
        (json!({ "user_id": ANA }), "to.user_id"),
        (json!({ "contact_id": "conv_7" }), "to.contact_id"),
        (json!({ "lead_id": "" }), "to.lead_id"),
        (json!({ "lead_id": true }), "to.lead_id"),
        (json!({ "phon": ANA }), "to.phon"),
    ] {
        let answer = send(&stand, &to).await;
        assert_eq!(refused(&answer), (400, json!("invalid_request"), json!(place)), "{to}: {}", answer.text);
    }
    for (field, value) in [("to", json!({ "phone": ANA })), ("channel_id", json!("ch_1"))] {
        let answer = stand.api.post(&path, &json!({ "text": "x", field: value })).await;
        assert_eq!(refused(&answer).2, field, "{}", answer.text);
    }
    assert_eq!(calls(&stand), before);
}

#[tokio::test]
async fn another_company_s_objects_do_not_exist() {
    let stand = Stand::start().await;
    let path = ana_writes(&stand).await;
    let contact = stand.conversation_with(ANA).await["contact"]["id"].clone();
    let heard = stand.api.get(&path).await.json()["data"][0].clone();
    let lead = json!({ "id": "crm-7", "name": "Ana", "phone": ANA });
    assert!(stand.api.post("/v1/webhooks/leads", &lead).await.status.is_success());
    stand.window_opens_at(BOB, &json!({ "to": "1002" })).await;
    let stranger = stand.api.with_key(Some(OTHER_KEY));
    stand.tap.touched();
    let to_bob = |name: &str, value: Value| json!({ "to": { "phone": BOB }, "text": "x", name: value });
    for (body, expected) in [
        (json!({ "to": { "contact_id": contact }, "text": "x" }), (404, json!("not_found"), json!(null))),
        (json!({ "to": { "lead_id": "crm-7" }, "text": "x" }), (404, json!("not_found"), json!(null))),
        (to_bob("channel_id", json!(1)), (404, json!("no_channel"), json!(null))),
        (to_bob("reply_to", heard["id"].clone()), (400, json!("invalid_request"), json!("reply_to"))),
    ] {
        let answer = stranger.post("/v1/messages", &body).await;
        assert_eq!(refused(&answer), expected, "{body}: {}", answer.text);
    }
    // The provider's own id leads to a row that is found without a tenant; it is not followed.
    let answer =
        stranger.post("/v1/messages", &to_bob("reply_to", heard["provider_message_id"].clone())).await;
    assert_eq!(refused(&answer).2, "reply_to");
    let touched: Vec<String> =
        stand.tap.touched().into_iter().filter(|key| key.starts_with("T#demo#")).collect();
    assert_eq!(touched, Vec::<String>::new());
}
