//! What a customer is called.

use serde_json::{Value, json};

use super::{events, message, webhook};
use crate::{
    harness::{DEMO_KEY, IdNumber as _, OTHER_KEY, Socket, Stand},
    inbox::ANA,
};

const FROM: &str = "50212345678";

/// A text of a customer whose profile has this name.
async fn writes(stand: &Stand, id: &str, profile: &str) {
    let content = json!({ "type": "text", "text": { "body": "hola" } });
    let message = message(stand, json!({ "from": FROM, "id": id }), 0, content);
    let contact = json!({ "wa_id": FROM, "profile": { "name": profile } });
    webhook(stand, "messages", json!({ "contacts": [contact], "messages": [message] })).await;
}

/// The name in every API that shows one: contacts, conversations, and the compatible ones.
async fn names(stand: &Stand) -> Vec<Value> {
    let contacts = stand.api.get("/v1/contacts").await.json();
    let [contact] = contacts["data"].as_array().unwrap().as_slice() else { panic!("{contacts}") };
    let one = stand.api.get(&format!("/v1/contacts/{}", contact["id"].id_number())).await.json();
    let php = stand.api.get("/api/conversations").await.json();
    let ambiosys = stand.api.get("/api/whatsapp/conversations").await.json();
    vec![
        contact["name"].clone(),
        one["name"].clone(),
        stand.conversation_with(ANA).await["contact"]["name"].clone(),
        php["conversations"][0]["contact_name"].clone(),
        ambiosys["data"][0]["contact_name"].clone(),
    ]
}

async fn contact_id(stand: &Stand) -> u64 {
    stand.conversation_with(ANA).await["contact"]["id"].id_number()
}

#[tokio::test]
async fn the_name_of_a_lead_wins_everywhere_in_either_order() {
    let lead = |name: &str| json!({ "id": "crm-1", "name": name, "phone": ANA });
    for lead_first in [true, false] {
        let stand = Stand::start().await;
        if lead_first {
            assert_eq!(stand.api.post("/v1/webhooks/leads", &lead("Ana Ruiz (VIP)")).await.status, 201);
            writes(&stand, "wamid.1", "xX_Ana_Xx").await;
        } else {
            writes(&stand, "wamid.1", "xX_Ana_Xx").await;
            assert_eq!(stand.api.post("/v1/webhooks/leads", &lead("Ana Ruiz (VIP)")).await.status, 201);
        }
        assert_eq!(names(&stand).await, vec![json!("Ana Ruiz (VIP)"); 5], "{lead_first}");
        let place = stand.conversation_with(ANA).await;
        assert_eq!(place["contact"]["profile_name"], "xX_Ana_Xx");
        // The profile changes, and so does the lead.
        writes(&stand, "wamid.2", "Ana ✨").await;
        assert_eq!(names(&stand).await, vec![json!("Ana Ruiz (VIP)"); 5]);
        let one = stand.api.get(&format!("/v1/contacts/{}", place["contact"]["id"].id_number())).await.json();
        assert_eq!(one["profile_name"], "Ana ✨");
        assert_eq!(stand.api.post("/v1/webhooks/leads", &lead("Ana Ruiz")).await.status, 200);
        assert_eq!(names(&stand).await, vec![json!("Ana Ruiz"); 5]);
    }
}

#[tokio::test]
async fn a_contact_is_renamed_and_gets_its_profile_name_back() {
    let stand = Stand::start().await;
    writes(&stand, "wamid.1", "xX_Ana_Xx").await;
    let id = contact_id(&stand).await;
    let path = format!("/v1/contacts/{id}");
    let rename =
        async |body: Value| stand.api.call(http::Method::PATCH, &path, &[], body.to_string().into()).await;
    for _ in 0..2 {
        let renamed = rename(json!({ "name": "Ana Ruiz" })).await;
        assert_eq!((renamed.status.as_u16(), &renamed.json()["name"]), (200, &json!("Ana Ruiz")));
    }
    assert_eq!(names(&stand).await, vec![json!("Ana Ruiz"); 5]);
    writes(&stand, "wamid.2", "Otra").await;
    assert_eq!(names(&stand).await, vec![json!("Ana Ruiz"); 5]);
    let back = rename(json!({ "name": null })).await.json();
    assert_eq!((&back["name"], &back["profile_name"]), (&json!("Otra"), &json!("Otra")));
    assert_eq!(names(&stand).await, vec![json!("Otra"); 5]);
    // Renamed, its profile changed, renamed back; wanting it again is none.
    let of = json!({ "change": "name", "contact_id": format!("contact_{id}") });
    assert_eq!(events(&stand, "contact.updated").await, vec![of; 3]);
    for body in [
        json!({}),
        json!({ "name": 7 }),
        json!({ "name": " " }),
        json!({ "name": "a\nb" }),
        json!({ "name": "x".repeat(257) }),
    ] {
        let answer = rename(body.clone()).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["field"]), (400, &json!("name")), "{body}");
    }
    let foreign = stand.api.with_key(Some(OTHER_KEY));
    let answer =
        foreign.call(http::Method::PATCH, &path, &[], json!({ "name": "x" }).to_string().into()).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (404, &json!("not_found")));
}

#[tokio::test]
async fn a_socket_gets_the_company_s_name() {
    let stand = Stand::start_live().await;
    writes(&stand, "wamid.1", "xX_Ana_Xx").await;
    let path = format!("/v1/contacts/{}", contact_id(&stand).await);
    let body = json!({ "name": "Ana Ruiz" }).to_string();
    assert_eq!(stand.api.call(http::Method::PATCH, &path, &[], body.into()).await.status, 200);
    let mut socket = Socket::open(&stand.base(), &format!("apiKey={DEMO_KEY}"), &[]).await.unwrap();
    socket.next_of("connected").await;
    writes(&stand, "wamid.2", "xX_Ana_Xx").await;
    assert_eq!(socket.next_of("whatsapp_message").await["data"]["fromName"], "Ana Ruiz");
    socket.close().await;
}
