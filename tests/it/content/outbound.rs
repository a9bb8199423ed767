//! What we sent reads back as what the customer sees.

use serde_json::{Value, json};

use super::ANA;
use crate::harness::{IdNumber as _, Stand};

async fn passed_through(stand: &Stand, conversation: u64, object: Value) -> Value {
    let mut body = object;
    body["conversationId"] = json!(format!("conv_{conversation}"));
    let answer = stand.api.post("/v1/messages/passthrough", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    stand.messages(conversation).await.pop().unwrap()
}

#[tokio::test]
async fn places_cards_and_buttons_read_back_whole() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let place = json!({ "latitude": 14.6, "longitude": -90.5, "name": "Casa" });
    let shown = passed_through(&stand, id, json!({ "type": "location", "location": place })).await;
    assert_eq!((&shown["location"]["latitude"], &shown["location"]["name"]), (&json!(14.6), &json!("Casa")));
    let cards = json!([{ "name": { "formatted_name": "Luis", "first_name": "Luis" }, "phones": [{ "phone": "+50287654321" }] }]);
    let shown = passed_through(&stand, id, json!({ "type": "contacts", "contacts": cards })).await;
    assert_eq!(shown["contacts"][0]["phones"][0]["phone"], "+50287654321");
    let buttons = json!({ "type": "button", "body": { "text": "¿Viene?" }, "action": { "buttons": [{ "type": "reply", "reply": { "id": "yes", "title": "Sí" } }] } });
    let shown = passed_through(&stand, id, json!({ "type": "interactive", "interactive": buttons })).await;
    assert_eq!((&shown["text"], &shown["interactive"]), (&json!("¿Viene?"), &buttons));
}

#[tokio::test]
async fn a_template_reads_back_as_the_customer_sees_it() {
    let stand = Stand::start().await;
    let templates = stand.api.get("/api/whatsapp/templates?refresh=true").await.json();
    let known = templates["data"].as_array().unwrap().iter().find(|it| it.to_string().contains("{{1}}"));
    let known = known.unwrap_or_else(|| panic!("{templates}"));
    let body =
        known["components"].as_array().unwrap().iter().find(|it| it["type"] == "BODY").unwrap()["text"]
            .clone();
    let places = (1..9).filter(|n| body.as_str().unwrap().contains(&format!("{{{{{n}}}}}"))).count();
    let given: Vec<Value> =
        (0..places).map(|n| json!({ "type": "text", "text": format!("value {n}") })).collect();
    let sent = json!({
        "templateName": known["name"], "languageCode": known["language"],
        "recipients": [{ "phoneNumber": ANA }], "components": [{ "type": "body", "parameters": given }],
    });
    let answer = stand.api.post("/api/whatsapp/send-template", &sent).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let conversation = stand.conversation_with(ANA).await;
    let shown = stand.messages(conversation["id"].id_number()).await.pop().unwrap();
    let mut expected = body.as_str().unwrap().to_owned();
    for n in 0..places {
        expected = expected.replace(&format!("{{{{{}}}}}", n + 1), &format!("value {n}"));
    }
    assert_eq!((&shown["type"], &shown["text"]), (&json!("template"), &json!(expected)), "{shown}");
    let template = &shown["template"];
    assert_eq!((&template["name"], &template["body"]), (&known["name"], &json!(expected)));
    assert_eq!(template["parameters"], sent["components"]);
}
