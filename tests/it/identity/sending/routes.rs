//! Every route that sends, to customers who show no number.

use serde_json::{Value, json};

use super::{KALEYRA, MANY, PASSTHROUGH, SEND, USER, called, hello, outcomes, user_writes};
use crate::{
    harness::{Carrier, DEMO_KEY, IdNumber as _, OTHER_KEY, Socket, Stand},
    identity::{contacts, only_conversation, tell, texts, with},
};

#[tokio::test]
async fn a_customer_without_a_number_is_sent_to_on_every_route() {
    let stand = Stand::start().await;
    let id = user_writes(&stand).await;
    let mut expected = vec!["hola".to_owned()];
    for (body, place) in [
        (
            json!({ "userId": USER, "content": "uno" }),
            json!({ "conversation_id": id, "phone_number": null, "request_id": null, "user_id": USER }),
        ),
        (
            json!({ "conversationId": id, "content": "dos" }),
            json!({ "conversation_id": id, "phone_number": null, "request_id": null, "user_id": USER }),
        ),
    ] {
        let answer = stand.api.post(SEND, &body).await;
        let told = answer.json();
        assert_eq!((answer.status.as_u16(), &told["data"]["conversation"]), (200, &place), "{told}");
        expected.push(body["content"].as_str().unwrap().to_owned());
    }
    for (name, text) in [("to", "tres"), ("recipient", "cuatro")] {
        let object =
            json!({ "messaging_product": "whatsapp", name: USER, "type": "text", "text": { "body": text } });
        let kaleyra = stand.api.post(KALEYRA, &json!({ "messaging_object": object })).await;
        assert_eq!(
            (kaleyra.status.as_u16(), &kaleyra.json()["data"]["user_id"]),
            (202, &json!(USER)),
            "{}",
            kaleyra.text
        );
        let passed = stand.api.post(PASSTHROUGH, &with(object, &json!({ "poolNumberId": "pn_1" }))).await;
        assert_eq!(passed.status, 200, "{}", passed.text);
        assert_eq!(passed.json()["contacts"], json!([{ "input": USER, "user_id": USER }]));
        expected.extend([text.to_owned(), text.to_owned()]);
    }
    for name in ["toNumber", "recipient"] {
        let body = json!({ "poolNumberId": "pn_1", name: USER, "text": "cinco" });
        let answer = stand.api.post("/v1/messages/app/send", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.json()["contacts"], json!([{ "input": USER, "user_id": USER }]));
        expected.push("cinco".to_owned());
    }
    let lead = only_conversation(&stand).await["contact"]["id"].id_number();
    let reply = json!({ "content": "seis", "messaging_channel_connection_id": 1 });
    let answer = stand.api.post(&format!("/v1/leads/{lead}/conversations/reply"), &reply).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["data"]["conversation"]["lead_id"]),
        (200, &json!(lead))
    );
    assert_eq!(stand.reply(id, "siete").await.status, 200);
    let within = json!({ "conversationId": format!("conv_{id}"), "text": "ocho" });
    assert_eq!(stand.api.post("/v1/messages/send", &within).await.status, 200);
    expected.extend(["seis", "siete", "ocho"].map(str::to_owned));
    stand.running.sandbox.until_idle().await;
    let mut got = texts(&stand, &only_conversation(&stand).await).await;
    got.sort_unstable();
    expected.sort_unstable();
    assert_eq!(got, expected, "all of it is in the one conversation");
    assert!(called(&stand).iter().all(|to| to == USER));
    assert_eq!(contacts(&stand).await.len(), 1);
}

#[tokio::test]
async fn a_socket_replies_to_a_customer_without_a_number() {
    let stand = Stand::start_live().await;
    let id = user_writes(&stand).await;
    let mut socket = Socket::open(&stand.base(), &format!("apiKey={DEMO_KEY}"), &[]).await.unwrap();
    let told = socket.next_of("whatsapp_message").await;
    assert_eq!(told["data"]["fromUserId"], USER, "{told}");
    let data = json!({ "conversationId": format!("conv_{id}"), "text": "¡sí!" });
    socket.send(&json!({ "type": "whatsapp_reply", "data": data })).await;
    let status = socket.next_of("reply_status").await;
    assert_eq!(status["data"]["success"], true, "{status}");
    assert_eq!(stand.phone_got(USER).await, ["¡sí!"]);
}

#[tokio::test]
async fn a_customer_is_named_by_exactly_one_field() {
    let stand = Stand::start().await;
    let id = user_writes(&stand).await;
    for (named, field) in [
        (json!({}), "phoneNumber"),
        (json!({ "phoneNumber": "+50212345678", "userId": USER }), "userId"),
        (json!({ "userId": USER, "conversationId": id }), "conversationId"),
        (json!({ "userId": "+50212345678" }), "userId"),
        (json!({ "conversationId": "x" }), "conversationId"),
    ] {
        let answer = stand.api.post(SEND, &with(named.clone(), &json!({ "content": "hola" }))).await;
        let body = answer.json();
        assert_eq!((answer.status.as_u16(), &body["details"][0]["field"]), (400, &json!(field)), "{body}");
        let many = stand.api.post(MANY, &hello(&json!([named, { "userId": USER }]))).await;
        assert_eq!(outcomes(&many), ["invalid_request", "sent"], "{}", many.text);
        assert_eq!(many.json()["results"][0]["details"][0]["field"], field);
    }
    let named = stand.api.post(SEND, &json!({ "content": "hola" })).await.json();
    for field in ["phoneNumber", "userId", "conversationId"] {
        assert!(named["error"].as_str().unwrap().contains(field), "{named}");
    }
}

#[tokio::test]
async fn another_tenant_s_conversation_is_not_found_like_one_that_exists_nowhere() {
    let stand = Stand::start().await;
    let id = user_writes(&stand).await;
    stand.tap.touched();
    let stranger = stand.api.with_key(Some(OTHER_KEY));
    for path in [SEND.to_owned(), MANY.to_owned(), format!("{MANY}?dry_run=true")] {
        let ask = |id: u64| {
            let named = json!({ "conversationId": id });
            let body = if path == SEND {
                with(named, &json!({ "content": "hola" }))
            } else {
                hello(&json!([named, { "phoneNumber": "+50287654321" }]))
            };
            let (stranger, path) = (stranger.clone(), path.clone());
            async move {
                let answer = stranger.post(&path, &body).await;
                let mut told = answer.json();
                if let Some(result) = told.pointer_mut("/results/0").map(Value::take) {
                    told = result;
                }
                told.as_object_mut().unwrap().remove("conversationId");
                (answer.status.as_u16(), told)
            }
        };
        let nowhere = ask(9_007_199_254_740_000).await;
        assert_eq!(nowhere.1["code"], "not_found", "{path}: {}", nowhere.1);
        assert_eq!(ask(id).await, nowhere, "{path}");
    }
    let foreign: Vec<String> =
        stand.tap.touched().into_iter().filter(|key| key.starts_with("T#demo#")).collect();
    assert!(foreign.is_empty(), "{foreign:?}");
    assert!(called(&stand).iter().all(|to| to == "50287654321"));
}

#[tokio::test]
async fn a_status_of_a_message_to_a_user_id_finds_it() {
    let stand = Stand::start().await;
    let sent = stand.api.post(SEND, &json!({ "userId": "GT.3", "content": "hola" })).await.json();
    stand.running.sandbox.until_idle().await;
    let id = sent["data"]["message"]["message_id"].clone();
    let message = stand.api.get(&format!("/v1/messages/{id}")).await.json()["message"].clone();
    let report = json!({ "id": message["provider_message_id"], "status": "read", "timestamp": "1795263680", "recipient_id": "GT.3" });
    tell(&stand, Carrier::Meta, json!({ "statuses": [report] })).await;
    assert_eq!(only_conversation(&stand).await["contact"]["user_id"], "GT.3");
}
