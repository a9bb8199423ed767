//! Replies to leads, in the contract of ABC Sales.

use std::time::Duration;

use serde_json::{Value, json};
use ventanilla_sandbox::{Fault, LogEntry};

use super::{ANA, BOB, contact, reply, said, told};
use crate::harness::{Carrier, Feature, IdNumber as _, OTHER_KEY, Stand};

const USER: &str = "US.13491208655302741918";

/// Calls that the provider saw.
fn calls(stand: &Stand) -> usize {
    let log = stand.running.sandbox.log();
    log.iter().filter(|entry| matches!(entry, LogEntry::Call(_))).count()
}

const CARRIERS: [Carrier; 3] = [Carrier::Meta, Carrier::KaleyraV2, Carrier::KaleyraV1];

#[tokio::test]
async fn a_customer_who_wrote_is_replied_to_over_any_provider() {
    for carrier in CARRIERS {
        let stand = Stand::start_with(carrier.config()).await;
        stand.customer_writes(ANA, "hola").await;
        let lead = contact(&stand, ANA).await;
        let answer =
            reply(&stand.api, &lead.to_string(), 1, "Thanks for reaching out! How can we help?").await;
        let json = answer.json();
        let entry = &json["data"]["conversation"];
        let at = entry["created_at"].as_str().unwrap();
        let expected = json!({ "data": { "conversation": {
            "id": entry["id"].as_u64().unwrap(),
            "lead_id": lead,
            "messaging_channel_connection_id": 1,
            "direction": "outbound",
            "type": "text",
            "content": "Thanks for reaching out! How can we help?",
            "status": "accepted",
            "created_at": at,
        } } });
        assert_eq!((answer.status.as_u16(), &json), (200, &expected), "{carrier:?}");
        assert_eq!(stand.phone_got(ANA).await, ["Thanks for reaching out! How can we help?"]);
        stand.running.sandbox.until_idle().await;
        let talk = said(&stand.api, &lead.to_string(), 10).await;
        let shown: Vec<(&Value, &Value)> = talk.iter().map(|it| (&it["direction"], &it["status"])).collect();
        assert_eq!(shown, [(&json!("outbound"), &json!("read")), (&json!("inbound"), &json!("received"))]);
        assert_eq!((&talk[0]["id"], &talk[1]["content"]), (&entry["id"], &json!("hola")), "{carrier:?}");
    }
}

#[tokio::test]
async fn a_closed_window_is_whatsapp_s_own_error_and_never_a_template() {
    for carrier in CARRIERS {
        let stand = Stand::start_with(carrier.config()).await;
        stand.api.get("/api/whatsapp/templates").await;
        stand.customer_writes(ANA, "hola").await;
        let lead = contact(&stand, ANA).await.to_string();
        stand.clock.advance(Duration::from_hours(25));
        let before = calls(&stand);
        let answer = reply(&stand.api, &lead, 1, "still there?").await;
        let json = answer.json();
        let expected = json!({
            "error": {
                "code": "window_closed",
                "message": "(#131047) Re-engagement message",
                "details": "Message failed to send because more than 24 hours have passed since the customer last replied to this number.",
                "provider_code": 131_047,
                "expires_at": json["error"]["expires_at"].as_str().unwrap(),
            },
            "message": "(#131047) Re-engagement message",
        });
        assert_eq!((answer.status.as_u16(), &json), (400, &expected), "{carrier:?}");
        assert_eq!(calls(&stand), before, "a call in vain");
        assert!(stand.phone_got(ANA).await.is_empty());
    }
}

#[tokio::test]
async fn whatsapp_s_own_rejection_is_returned() {
    let stand = Stand::start().await;
    stand.customer_writes(ANA, "hola").await;
    let lead = contact(&stand, ANA).await.to_string();
    let details = Some("by WhatsApp".to_owned());
    // After a closed window nothing more is sent until the customer writes again, so that comes last.
    stand.clock.advance(Duration::from_secs(1));
    for (code, status, ours) in [
        (131_026, 422, "recipient_unreachable"),
        (100, 400, "invalid_input"),
        (368, 502, "account_blocked"),
        (131_047, 400, "window_closed"),
    ] {
        stand.provider_will(Fault::Refuse { code, http_status: None, details: details.clone() });
        let answer = reply(&stand.api, &lead, 1, "x").await;
        let error = answer.json()["error"].clone();
        assert_eq!((answer.status.as_u16(), &error["code"]), (status, &json!(ours)), "{error}");
        assert_eq!((&error["provider_code"], &error["details"]), (&json!(code), &json!("by WhatsApp")));
    }
    // A message that WhatsApp accepts and fails afterwards is in the list.
    stand.clock.advance(Duration::from_mins(1));
    stand.customer_writes(ANA, "again").await;
    stand.provider_will(Fault::FailLater { code: 131_047, after_sent: false });
    assert_eq!(reply(&stand.api, &lead, 1, "x").await.status, 200);
    stand.running.sandbox.until_idle().await;
    let talk = said(&stand.api, &lead, 10).await;
    let failed = talk.iter().find(|it| it["direction"] == "outbound").unwrap();
    assert_eq!(
        (&failed["status"], &failed["error"]["code"]),
        (&json!("failed"), &json!(131_047)),
        "{failed}"
    );
}

#[tokio::test]
async fn a_lead_is_known_by_its_id_here_and_by_the_company_s_own() {
    let stand = Stand::start().await;
    stand.window_opens("+50200000077").await;
    stand.customer_writes(ANA, "hola").await;
    let id = contact(&stand, ANA).await;
    let (status, lead) = told(&stand, &json!({ "id": "crm 7/ä", "name": "Ana", "phone": ANA })).await;
    assert_eq!((status, &lead["id"]), (201, &json!(id)), "a customer who wrote is that lead");
    for name in [id.to_string(), "crm%207%2F%C3%A4".to_owned()] {
        let answer = reply(&stand.api, &name, 1, &name).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["data"]["conversation"]["lead_id"]),
            (200, &json!(id))
        );
    }
    assert_eq!(stand.phone_got(ANA).await.len(), 2);
    stand.running.sandbox.until_idle().await;
    assert_eq!(said(&stand.api, "crm%207%2F%C3%A4", 10).await, said(&stand.api, &id.to_string(), 10).await);
    // The company's own ids may be digits. An id of ours has precedence.
    told(&stand, &json!({ "id": id.to_string(), "name": "Bob", "phone": BOB })).await;
    told(&stand, &json!({ "id": 77, "name": "Eve", "phone": "+50200000077" })).await;
    let named = async |name: &str| {
        reply(&stand.api, name, 1, "x").await.json()["data"]["conversation"]["lead_id"].clone()
    };
    assert_eq!(named(&id.to_string()).await, id);
    let eve = named("77").await;
    assert_eq!(
        (eve, stand.phone_got("+50200000077").await.len()),
        (contact(&stand, "+50200000077").await.into(), 1)
    );
}

#[tokio::test]
async fn a_lead_who_never_wrote_is_written_to_first_and_is_who_answers() {
    for carrier in CARRIERS {
        let stand = Stand::start_with(carrier.config()).await;
        let (_, lead) =
            told(&stand, &json!({ "id": "crm-7", "name": "Ana", "phone": "+502 1234-5678" })).await;
        assert_eq!(said(&stand.api, "crm-7", 10).await, Vec::<Value>::new());
        assert!(stand.conversations().await.is_empty(), "a lead is no conversation");
        // WhatsApp accepts a text to who never wrote, and then it fails.
        assert_eq!(reply(&stand.api, "crm-7", 1, "hello").await.status, 200);
        stand.running.sandbox.until_idle().await;
        let first = said(&stand.api, "crm-7", 10).await;
        assert_eq!((first.len(), &first[0]["status"]), (1, &json!("failed")), "{carrier:?} {first:?}");
        // Kaleyra's V1 does not say why.
        let why = if carrier == Carrier::KaleyraV1 { Value::Null } else { json!(131_047) };
        assert_eq!(first[0]["error"]["code"], why, "{carrier:?} {first:?}");
        stand.clock.advance(Duration::from_mins(1));
        stand.customer_writes(ANA, "hola").await;
        assert_eq!(lead["id"], contact(&stand, ANA).await, "the same person, the same id");
        assert_eq!(reply(&stand.api, "crm-7", 1, "how are you?").await.status, 200);
        let talk = said(&stand.api, "crm-7", 10).await;
        assert!(talk.len() == 3 && talk.iter().all(|it| it["lead_id"] == lead["id"]), "{talk:?}");
        assert_eq!(stand.conversations().await.len(), 1);
    }
}

#[tokio::test]
async fn a_customer_who_shows_no_number_is_replied_to() {
    for carrier in CARRIERS {
        let stand = Stand::start_with(carrier.config()).await;
        let path = format!("/sandbox/phones/{USER}/messages");
        assert_eq!(stand.api.post(&path, &json!({ "text": "hi" })).await.status, 200);
        let lead = stand.conversations().await[0]["contact"]["id"].id_number().to_string();
        let answer = reply(&stand.api, &lead, 1, "hello").await;
        if !carrier.has(Feature::UserIds) {
            let code = answer.json()["error"]["code"].clone();
            assert_eq!((answer.status.as_u16(), &code), (422, &json!("unsupported")), "{carrier:?}");
            continue;
        }
        assert_eq!(answer.status, 200, "{carrier:?}");
        assert_eq!(stand.phone_got(USER).await, ["hello"]);
        assert_eq!(said(&stand.api, &lead, 10).await.len(), 2);
    }
}

#[tokio::test]
async fn a_lead_keeps_all_its_ids_when_two_contacts_are_merged() {
    let stand = Stand::start().await;
    let quiet = json!({ "reach": "none" }).to_string();
    stand.api.call(http::Method::PUT, &format!("/sandbox/phones/{ANA}"), &[], quiet.into()).await;
    let path = format!("/sandbox/phones/{ANA}/messages");
    assert_eq!(stand.api.post(&path, &json!({ "text": "hidden", "hide_phone": true })).await.status, 200);
    let hidden = stand.conversations().await[0]["contact"]["id"].id_number().to_string();
    let (_, by_number) = told(&stand, &json!({ "id": "crm-7", "name": "Ana", "phone": ANA })).await;
    let by_number = by_number["id"].to_string();
    assert_ne!(by_number, hidden, "nobody can know yet");
    assert_eq!(stand.api.post(&path, &json!({ "text": "both" })).await.status, 200);
    for (place, name) in [hidden.as_str(), by_number.as_str(), "crm-7"].into_iter().enumerate() {
        assert_eq!(reply(&stand.api, name, 1, name).await.status, 200, "{name}");
        assert_eq!(said(&stand.api, name, 10).await.len(), 3 + place, "{name}");
    }
    let number_s = stand.phone_got(ANA).await.len();
    assert_eq!(number_s, 3);
}

#[tokio::test]
async fn another_number_of_a_lead_leads_to_its_owner_and_merges_no_contacts() {
    let stand = Stand::start().await;
    stand.customer_writes(ANA, "I am Ana").await;
    stand.customer_writes(BOB, "I am Bob").await;
    let (ana, bob) = (contact(&stand, ANA).await, contact(&stand, BOB).await);
    told(&stand, &json!({ "id": "crm-7", "name": "Ana", "phone": ANA })).await;
    let (status, lead) = told(&stand, &json!({ "id": "crm-7", "name": "Bob", "phone": BOB })).await;
    assert_eq!((status, &lead["id"]), (200, &json!(ana)), "an id stays what it is");
    assert_eq!(reply(&stand.api, "crm-7", 1, "for Bob").await.status, 200);
    assert_eq!(stand.phone_got(BOB).await, ["for Bob"]);
    assert_eq!(said(&stand.api, "crm-7", 10).await[1]["content"], "I am Bob");
    assert!(stand.phone_got(ANA).await.is_empty());
    assert_eq!((contact(&stand, ANA).await, contact(&stand, BOB).await), (ana, bob));
    // To a number from which no customer wrote.
    told(&stand, &json!({ "id": "crm-7", "name": "Bob", "phone": "+50200000009" })).await;
    assert_eq!(said(&stand.api, "crm-7", 10).await, Vec::<Value>::new());
}

#[tokio::test]
async fn the_same_key_sends_once_also_when_the_first_began_the_conversation() {
    let stand = Stand::start().await;
    stand.window_opens(BOB).await;
    stand.customer_writes(ANA, "hola").await;
    told(&stand, &json!({ "id": "crm-7", "name": "Bob", "phone": BOB })).await;
    let path = "/v1/leads/crm-7/conversations/reply";
    let body = json!({ "content": "once", "messaging_channel_connection_id": 1 });
    let key = [("idempotency-key", "k")];
    let first = stand.api.post_with(path, &key, &body).await;
    assert_eq!(first.status, 200, "{}", first.text);
    let again = stand.api.post_with(path, &key, &body).await;
    assert_eq!((again.json(), again.header("idempotent-replayed")), (first.json(), Some("true")));
    assert_eq!(stand.phone_got(BOB).await, ["once"]);
    let another = json!({ "content": "another", "messaging_channel_connection_id": 1 });
    let reused = stand.api.post_with(path, &key, &another).await;
    let code = reused.json()["error"]["code"].clone();
    assert_eq!((reused.status.as_u16(), code), (422, json!("idempotency_key_reused")));
}

#[tokio::test]
async fn an_impossible_request_names_its_field() {
    let stand = Stand::start().await;
    stand.customer_writes(ANA, "hola").await;
    let lead = contact(&stand, ANA).await.to_string();
    let seen = |answer: &crate::harness::Answer| {
        let error = answer.json()["error"].clone();
        (answer.status.as_u16(), error["code"].clone(), error["field"].clone())
    };
    let to_nobody = reply(&stand.api, "crm-unknown", 1, "x").await;
    assert_eq!(seen(&to_nobody), (404, json!("not_found"), Value::Null));
    assert_eq!(stand.api.get("/v1/leads/crm-unknown/conversations").await.status, 404);
    // A foreign channel is none, like one that does not exist.
    for channel in [2, 9] {
        let (_, bob) = told(&stand, &json!({ "name": "Bob", "phone": BOB })).await;
        for lead in [lead.clone(), bob["id"].to_string()] {
            let answer = reply(&stand.api, &lead, channel, "x").await;
            let field = json!("messaging_channel_connection_id");
            assert_eq!(seen(&answer), (422, json!("no_channel"), field), "{channel}");
        }
    }
    let path = format!("/v1/leads/{lead}/conversations/reply");
    for nothing in ["uploads/none", "media_4711"] {
        let file = json!({ "content": "x", "messaging_channel_connection_id": 1, "s3_attachment": nothing });
        let answer = stand.api.post(&path, &file).await;
        assert_eq!(seen(&answer), (422, json!("invalid_request"), json!("s3_attachment")), "{nothing}");
    }
    let (_, eve) = told(&stand, &json!({ "name": "Eve", "phone": "ask Bob" })).await;
    let nowhere = reply(&stand.api, &eve["id"].to_string(), 1, "x").await;
    assert_eq!(seen(&nowhere), (422, json!("recipient_unreachable"), Value::Null));
    let foreign = reply(&stand.api.with_key(Some(OTHER_KEY)), &lead, 2, "x").await;
    assert_eq!((foreign.status, foreign.json()), (to_nobody.status, to_nobody.json()));
    assert!(stand.phone_got(ANA).await.is_empty() && stand.phone_got(BOB).await.is_empty());
    assert_eq!(calls(&stand), 0);
}
