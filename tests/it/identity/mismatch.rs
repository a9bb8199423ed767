//! A request that names a conversation and, beside it, another customer or another number of the company's
//! is rejected: nobody gets a message that was meant for another customer.

use std::time::Duration;

use serde_json::{Value, json};
use ventanilla_sandbox::LogEntry;

use super::{hear, only_conversation, text, with};
use crate::harness::{Carrier, DEMO_KEY, IdNumber, Socket, Stand};

const ANA: &str = "+50212345678";
const BOB: &str = "+50298765432";
const MARIA: &str = "+5531955551111";
const USER: &str = "GT.13491208655302741918";

fn calls(stand: &Stand) -> usize {
    stand.running.sandbox.log().iter().filter(|entry| matches!(entry, LogEntry::Call(_))).count()
}

async fn writes(stand: &Stand, customer: &str) -> u64 {
    let path = format!("/sandbox/phones/{customer}/messages");
    assert_eq!(stand.api.post(&path, &json!({ "text": "hola" })).await.status, 200);
    let newest = stand.conversations().await;
    let ids = newest.iter().map(|it| it["id"].id_number());
    ids.max().unwrap()
}

/// What may stand beside a conversation with the customer: what is true, and what is not.
fn beside(customer: &str) -> (Vec<Value>, Vec<Value>) {
    let mut sound = vec![
        json!({}),
        json!({ "toNumber": null, "poolNumberId": null }),
        json!({ "poolNumberId": "pn_1" }),
        json!({ "poolNumberId": "pool_1" }),
        json!({ "toNumber": customer }),
        json!({ "toNumber": customer, "poolNumberId": "pn_1" }),
    ];
    match customer {
        ANA => sound.extend([
            json!({ "toNumber": "502 1234-5678" }),
            json!({ "to_number": "50212345678" }),
            json!({ "toNumber": 50_212_345_678_u64 }),
        ]),
        MARIA => {
            sound.extend([json!({ "toNumber": "+553155551111" }), json!({ "toNumber": "553155551111" })]);
        }
        _ => {}
    }
    let wrong = vec![
        json!({ "toNumber": BOB }),
        json!({ "toNumber": BOB, "poolNumberId": "pn_1" }),
        json!({ "toNumber": "GT.1" }),
        json!({ "toNumber": "nobody" }),
        json!({ "to": BOB }),
        json!({ "poolNumberId": "pn_2" }),
        json!({ "poolNumberId": "main" }),
        json!({ "toNumber": customer, "poolNumberId": "pn_99" }),
    ];
    (sound, wrong)
}

#[tokio::test]
async fn a_frame_that_contradicts_its_conversation_sends_nothing() {
    let stand = Stand::start_live().await;
    stand.customer_writes(BOB, "hola").await;
    let mut socket = Socket::open(&stand.base(), &format!("apiKey={DEMO_KEY}"), &[]).await.unwrap();
    for customer in [ANA, MARIA, USER] {
        let conversation = format!("conv_{}", writes(&stand, customer).await);
        let wamid = "wamid.HBgLNTAyMTIzNDU2NzgVAgASGBQzQTdBQjY2";
        let (sound, wrong) = beside(customer);
        for (kind, data) in [
            ("whatsapp_reply", json!({ "text": "x" })),
            ("whatsapp_reaction", json!({ "messageId": wamid, "emoji": "👍" })),
            ("whatsapp_media_reply", json!({ "media": { "data": "iVBORw0KGgo=", "mimeType": "image/png" } })),
        ] {
            let data = with(data, &json!({ "conversationId": conversation, "clientId": "c1" }));
            let before = calls(&stand);
            for more in &wrong {
                socket.send(&json!({ "type": kind, "data": with(data.clone(), more) })).await;
                let told = socket.next_of("reply_status").await["data"].clone();
                assert_eq!(
                    (&told["success"], &told["code"], &told["conversationId"], &told["clientId"]),
                    (&json!(false), &json!("RECIPIENT_MISMATCH"), &json!(conversation), &json!("c1")),
                    "{customer} {more}: {told}"
                );
            }
            assert_eq!(calls(&stand), before, "{customer} {kind}");
        }
        for more in &sound {
            let data = with(json!({ "conversationId": conversation, "text": "x" }), more);
            socket.send(&json!({ "type": "whatsapp_reply", "data": data })).await;
            let told = socket.next_of("reply_status").await["data"].clone();
            assert_eq!(told["success"], true, "{customer} {more}: {told}");
        }
    }
}

#[tokio::test]
async fn a_request_that_contradicts_its_conversation_sends_nothing() {
    let stand = Stand::start().await;
    stand.customer_writes(BOB, "hola").await;
    for customer in [ANA, MARIA, USER] {
        let conversation = format!("conv_{}", writes(&stand, customer).await);
        let (sound, wrong) = beside(customer);
        let before = calls(&stand);
        for more in &wrong {
            let body = with(json!({ "conversationId": conversation, "text": "x" }), more);
            let answer = stand.api.post("/v1/messages/send", &body).await;
            let told = answer.json();
            let expected = (400, json!("RECIPIENT_MISMATCH"), false);
            let got = (answer.status.as_u16(), told["code"].clone(), told["success"] == true);
            assert_eq!(got, expected, "{customer} {more}: {told}");
            let field = told["field"].as_str().unwrap();
            assert!(more.get(field).is_some(), "{customer} {more}: {told}");
        }
        assert_eq!(calls(&stand), before, "{customer}");
        for more in &sound {
            let body = with(json!({ "conversationId": conversation, "text": "x" }), more);
            let answer = stand.api.post("/v1/messages/send", &body).await;
            assert_eq!(answer.status, 200, "{customer} {more}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn other_contracts_hear_of_it_in_their_own_words() {
    let stand = Stand::start().await;
    let (ana, bob) = (writes(&stand, ANA).await, writes(&stand, BOB).await);
    let php = format!("/api/conversations/{ana}/reply");
    let ambiosys = format!("/api/whatsapp/conversations/{ana}/messages");
    for (path, text, status) in [(php, "message", 500), (ambiosys, "content", 400)] {
        for (name, value) in
            [("phoneNumber", json!(BOB)), ("to", json!(BOB)), ("conversation_id", json!(bob))]
        {
            let answer = stand.api.post(&path, &json!({ text: "x", name: value })).await;
            assert_eq!(answer.status, status, "{path} {name}: {}", answer.text);
            assert!(
                answer.text.contains(name) && answer.text.contains("recipient_mismatch"),
                "{}",
                answer.text
            );
        }
        assert_eq!(calls(&stand) % 3, 0);
        for (name, value) in
            [("phone_number", json!(ANA)), ("to", json!(ANA)), ("conversationId", json!(ana))]
        {
            let answer = stand.api.post(&path, &json!({ text: "x", name: value })).await;
            assert_eq!(answer.status, 200, "{path} {name}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn a_released_number_is_the_customer_s_until_someone_else_has_it() {
    let stand = Stand::start().await;
    let from = |id: &str, number: &str, user: &str| {
        with(text(id, "hola"), &json!({ "from": number, "from_user_id": user }))
    };
    hear(&stand, Carrier::Meta, &[from("wamid.1", "50212345678", "GT.A")], json!([])).await;
    stand.clock.advance(Duration::from_secs(5));
    let moved = json!({ "type": "user_changed_number", "wa_id": "50287654321" });
    let moved = json!({ "id": "wamid.2", "from": "50212345678", "type": "system", "system": moved });
    hear(&stand, Carrier::Meta, &[moved], json!([])).await;
    stand.window_opens("+50287654321").await;
    let conversation = format!("conv_{}", only_conversation(&stand).await["id"].id_number());
    let send = async |number: &str| {
        let body = json!({ "conversationId": conversation, "toNumber": number, "text": "x" });
        let answer = stand.api.post("/v1/messages/send", &body).await;
        (answer.status.as_u16(), answer.json()["code"].clone())
    };
    for theirs in ["+50287654321", ANA, "GT.A"] {
        assert_eq!(send(theirs).await, (200, Value::Null), "{theirs}");
    }
    stand.clock.advance(Duration::from_mins(1));
    hear(&stand, Carrier::Meta, &[from("wamid.3", "50212345678", "GT.B")], json!([])).await;
    assert_eq!(stand.conversations().await.len(), 2);
    assert_eq!(send(ANA).await, (400, json!("RECIPIENT_MISMATCH")));
    assert_eq!(send("+50287654321").await, (200, Value::Null));
}
