//! Who sent a message, and what that does to its conversation.

use serde_json::{Value, json};
use ventanilla::domain::caller::{ApiKey, KeyHash, KeyKind, Scope};

use super::state;
use crate::{
    harness::{Socket, Stand},
    inbox::{ANA, done},
    templates::reminder,
};

/// A key of tenant `demo` that a bot uses.
async fn bot_key(stand: &Stand) -> String {
    let key = format!("vk_{}", "b".repeat(43));
    let record = ApiKey {
        name: "bot".to_owned(),
        tenant: Stand::tenant(),
        scopes: vec![Scope::Send, Scope::Read],
        kind: KeyKind::Bot,
        created_at: None,
        revoked_at: None,
    };
    stand.running.table.put_api_key(&KeyHash::of(&key).unwrap(), &record).await.unwrap();
    key
}

async fn last(stand: &Stand, id: u64) -> Value {
    stand.messages(id).await.pop().unwrap()
}

#[tokio::test]
async fn a_bot_s_message_leaves_the_queue_as_it_is_and_marks_read_only_for_the_bot() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let path = format!("/api/conversations/{id}/reply");
    let key = bot_key(&stand).await;
    let bot = stand.api.with_key(Some(&key));
    assert_eq!(bot.post(&path, &json!({ "message": "¡Hola!" })).await.status, 200);
    assert_eq!(state(&stand.conversation_with(ANA).await), ("active", "bot", &Value::Null, 0));
    let php = stand.api.get("/api/conversations").await.json()["conversations"][0].clone();
    assert_eq!(
        (&php["last_sender_type"], php["last_bot_message_at"].is_string()),
        (&json!("bot"), true),
        "{php}"
    );
    let sent = last(&stand, id).await;
    assert_eq!(sent["sender"], json!({ "type": "bot", "id": null, "name": null }));
    // Once a person is asked for, a bot's message does not answer the customer, whichever key sent it.
    stand.customer_writes(ANA, "hablar con humano").await;
    assert_eq!(bot.post(&path, &json!({ "message": "Un momento" })).await.status, 200);
    let named = json!({ "message": "Enseguida", "sent_by": { "type": "bot", "id": "b1", "name": "Botín" } });
    assert_eq!(stand.api.post(&path, &named).await.status, 200);
    assert_eq!(state(&stand.conversation_with(ANA).await), ("pending_human", "human", &Value::Null, 1));
    assert_eq!(last(&stand, id).await["sender"], json!({ "type": "bot", "id": "b1", "name": "Botín" }));
    // A person may write with the bot's key.
    let ana = json!({ "message": "Soy Ana", "sent_by": { "type": "human", "id": "ana" } });
    assert_eq!(bot.post(&path, &ana).await.status, 200);
    assert_eq!(state(&stand.conversation_with(ANA).await), ("active", "human", &json!("ana"), 0));
    assert_eq!(last(&stand, id).await["sender"]["type"], "human");
}

#[tokio::test]
async fn every_route_that_sends_records_the_sender_and_names_the_invalid_field() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let to = "50212345678";
    let template = json!({ "name": "hello_world", "language": { "code": "en_US" } });
    let routes = [
        (format!("/api/conversations/{id}/reply"), json!({ "message": "a" }), "bot"),
        ("/api/whatsapp/send".to_owned(), json!({ "phoneNumber": ANA, "content": "b" }), "bot"),
        (format!("/api/whatsapp/conversations/{id}/messages"), json!({ "content": "c" }), "bot"),
        (
            "/v1/messages/send".to_owned(),
            json!({ "conversationId": format!("conv_{id}"), "text": "d" }),
            "bot",
        ),
        (
            "/v1/messages/app/send".to_owned(),
            json!({ "poolNumberId": "pn_1", "toNumber": ANA, "text": "e" }),
            "bot",
        ),
        (
            "/v1/messages/passthrough".to_owned(),
            json!({ "messaging_product": "whatsapp", "poolNumberId": "pn_1", "to": to, "type": "template", "template": template }),
            "template",
        ),
        ("/api/whatsapp/send-template".to_owned(), reminder(&[ANA]), "template"),
    ];
    for (path, body, sender) in routes {
        let mut wrong = body.clone();
        wrong["sent_by"] = json!({ "type": "robot" });
        let answer = stand.api.post(&path, &wrong).await;
        assert!(
            answer.status.as_u16() >= 400 && answer.text.contains("sent_by.type"),
            "{path}: {}",
            answer.text
        );
        let mut body = body;
        body["sent_by"] = json!({ "type": "bot", "id": path });
        let answer = stand.api.post(&path, &body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        let sent = last(&stand, id).await;
        assert_eq!(
            (&sent["sender"]["type"], &sent["sender"]["id"]),
            (&json!(sender), &json!(path)),
            "{sent}"
        );
    }
}

#[tokio::test]
async fn a_repeat_with_another_sender_is_a_repeat() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let path = format!("/api/conversations/{id}/reply");
    let headers = [("idempotency-key", "k1"), ("content-type", "application/json")];
    for agent in ["ana", "bob"] {
        let body = json!({ "message": "claro", "sent_by": { "type": "human", "id": agent } });
        let answer = stand.api.call(http::Method::POST, &path, &headers, body.to_string().into()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    assert_eq!(stand.messages(id).await.len(), 2);
    assert_eq!(last(&stand, id).await["sender"]["id"], "ana");
    assert_eq!(stand.conversation_with(ANA).await["assignee"], "ana");
    // The current assignee stays.
    let body = json!({ "message": "yo también", "sent_by": { "type": "human", "id": "bob" } });
    assert_eq!(stand.api.post(&path, &body).await.status, 200);
    assert_eq!(stand.conversation_with(ANA).await["assignee"], "ana");
}

#[tokio::test]
async fn a_reply_over_a_socket_says_who_it_is_from() {
    let stand = Stand::start_live().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let key = bot_key(&stand).await;
    let mut socket = Socket::open(&stand.base(), &format!("apiKey={key}"), &[]).await.unwrap();
    socket.next_of("connected").await;
    let reply = |sent_by: Value| {
        json!({ "type": "whatsapp_reply", "data": {
        "conversationId": format!("conv_{id}"), "text": "hola", "sent_by": sent_by,
    } })
    };
    socket.send(&reply(Value::Null)).await;
    assert_eq!(socket.next_of("reply_status").await["data"]["success"], true);
    assert_eq!(last(&stand, id).await["sender"]["type"], "bot");
    socket.send(&reply(json!({ "type": "human", "id": "ana" }))).await;
    assert_eq!(socket.next_of("reply_status").await["data"]["success"], true);
    assert_eq!(last(&stand, id).await["sender"], json!({ "type": "human", "id": "ana", "name": null }));
    socket.send(&reply(json!("ana"))).await;
    let wrong = socket.next_of("error").await;
    assert!(wrong.to_string().contains("sent_by"), "{wrong}");
    socket.close().await;
}

#[tokio::test]
async fn the_first_of_sixteen_agents_gets_the_conversation() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let path = format!("/v1/conversations/{id}/assign");
    let asked = (0..16).map(|agent| {
        let (api, path) = (stand.api.with_key(Some(crate::harness::DEMO_KEY)), path.clone());
        let body = json!({ "assignee": format!("agent-{agent}"), "if_assignee": null });
        tokio::spawn(async move { api.post(&path, &body).await })
    });
    let (mut won, mut lost) = (Vec::new(), Vec::new());
    for answer in asked.collect::<Vec<_>>() {
        let answer = answer.await.unwrap();
        if answer.status == 200 { won.push(answer.json()) } else { lost.push(answer) }
    }
    let [winner] = won.as_slice() else { panic!("{won:?}") };
    let agent = winner["assignee"].as_str().unwrap();
    assert_eq!(lost.len(), 15);
    for answer in lost {
        let problem = answer.json();
        assert_eq!(
            (answer.status.as_u16(), &problem["code"]),
            (409, &json!("assignee_changed")),
            "{problem}"
        );
        assert_eq!(problem["assignee"], agent);
        assert!(problem["detail"].as_str().unwrap().contains(agent), "{problem}");
    }
    assert_eq!(crate::inbox::events(&stand, "assigned").await.len(), 1);
    // From the one who has it to another, and what is wrong is named.
    let it = done(&stand, id, "assign", json!({ "assignee": "bob", "if_assignee": agent })).await;
    assert_eq!(it["assignee"], "bob");
    for (body, field) in [
        (json!({ "assignee": "ana", "if_assignee": 7 }), "if_assignee"),
        (json!({ "assignee": "ana", "if_assignee": "" }), "if_assignee"),
        (json!({ "if_assignee": null }), "assignee"),
    ] {
        let answer = stand.api.post(&path, &body).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["field"]), (400, &json!(field)), "{body}");
    }
}
