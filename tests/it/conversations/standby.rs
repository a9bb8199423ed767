//! Conversations under standby: owned by Meta's Business Agent, or by another app of the number.

use std::sync::{Arc, Mutex};

use axum::{Router, extract::State, routing::post};
use http::StatusCode;
use serde_json::{Value, json};
use ventanilla::config::file::ConfigFile;

use super::{events, message, state, text, webhook};
use crate::{
    harness::{CONFIG, DEMO_KEY, IdNumber as _, Socket, Stand},
    inbox::{ANA, done},
};

const FROM: &str = "50212345678";

async fn standby(stand: &Stand, value: Value) {
    webhook(stand, "standby", json!({ "standby": value })).await;
}

async fn to_agent(stand: &Stand, id: &str, ago: i64, body: &str) {
    let content = json!({ "type": "text", "text": { "body": body } });
    let message = message(stand, json!({ "from": FROM, "id": id }), ago, content);
    standby(stand, json!({ "messages": [message] })).await;
}

async fn handover(stand: &Stand, kind: &str, role: &str, at: i64) {
    let value = json!({
        "sender": { "phone_number": FROM },
        "recipient": { "phone_number_id": "1001", "display_phone_number": "15550100001" },
        "type": kind, "timestamp": at.to_string(),
        kind: { "previous_owner_role": "ai_agent", "new_owner_role": role, "metadata": "wants a refund" },
    });
    let body = json!({ "object": "whatsapp_business_account", "entry": [{
        "id": "2001", "changes": [{ "field": "messaging_handovers", "value": value }],
    }] });
    assert_eq!(stand.callback("demo", "demo-app-secret", &body).await.status, 200);
}

#[tokio::test]
async fn messages_to_meta_s_agent_are_stored_and_need_no_answer() {
    let stand = Stand::start().await;
    text(&stand, FROM, "wamid.1", 30, "hola").await;
    to_agent(&stand, "wamid.2", 20, "hablar con humano").await;
    to_agent(&stand, "wamid.3", 15, "stop").await;
    let now = ventanilla::ports::clock::Clock::now(stand.clock.as_ref()).seconds();
    let echo = json!({ "id": "wamid.4", "timestamp": (now - 10).to_string(), "message": {
        "messaging_product": "whatsapp", "to": FROM, "type": "text", "text": { "body": "Soy el asistente" } } });
    standby(&stand, json!({ "message_echoes": [echo] })).await;
    let it = stand.conversation_with(ANA).await;
    assert_eq!(state(&it), ("active", "meta_agent", &Value::Null, 0), "neither phrase nor stop word counts");
    assert_eq!(
        it["last_message"],
        json!({ "direction": "outbound", "type": "text", "text": "Soy el asistente" })
    );
    assert_eq!(it["window"]["open"], true);
    let shown: Vec<Value> = stand
        .messages(it["id"].id_number())
        .await
        .iter()
        .map(|it| json!([it["text"], it["sender"]["type"], it["standby"]]))
        .collect();
    let expected = [
        json!(["hola", "customer", false]),
        json!(["hablar con humano", "customer", true]),
        json!(["stop", "customer", true]),
        json!(["Soy el asistente", "meta_agent", true]),
    ];
    assert_eq!(shown, expected);
    assert_eq!(stand.api.get("/v1/suppressions").await.json()["data"], json!([]));
    let told = events(&stand, "message.received").await;
    let marked: Vec<_> = told.iter().map(|data| data["standby"].clone()).collect();
    assert_eq!(marked, [false, true, true, true]);
}

#[tokio::test]
async fn no_bot_on_a_socket_gets_messages_to_meta_s_agent() {
    let stand = Stand::start_live().await;
    text(&stand, FROM, "wamid.1", 30, "hola").await;
    let mut socket = Socket::open(&stand.base(), &format!("apiKey={DEMO_KEY}"), &[]).await.unwrap();
    socket.next_of("connected").await;
    to_agent(&stand, "wamid.2", 20, "para el agente").await;
    text(&stand, FROM, "wamid.3", 10, "para ustedes").await;
    for heard in ["hola", "para ustedes"] {
        assert_eq!(socket.next_of("whatsapp_message").await["data"]["text"], heard);
    }
    socket.close().await;
}

#[tokio::test]
async fn a_handover_is_returned_with_its_roles_and_ordered_by_its_time() {
    for order in [[0, 1], [1, 0]] {
        let stand = Stand::start().await;
        to_agent(&stand, "wamid.1", 60, "hola").await;
        // The same webhook again has the same time, however long this takes.
        let now = ventanilla::ports::clock::Clock::now(stand.clock.as_ref()).seconds();
        for step in order {
            match step {
                0 => handover(&stand, "control_passed", "ai_agent", now - 30).await,
                _ => handover(&stand, "control_passed", "escalation", now - 20).await,
            }
        }
        let it = stand.conversation_with(ANA).await;
        assert_eq!(state(&it), ("active", "human", &Value::Null, 0), "{order:?}");
        let told = events(&stand, "conversation.updated").await;
        let last = told.iter().find(|data| data["handover"]["new_owner_role"] == "escalation").unwrap();
        assert_eq!(
            last["handover"],
            json!({ "type": "control_passed", "previous_owner_role": "ai_agent", "new_owner_role": "escalation", "metadata": "wants a refund" })
        );
        // Told again after we decided otherwise, it is no news.
        let id = it["id"].id_number();
        done(&stand, id, "handoff", json!({ "to": "bot" })).await;
        handover(&stand, "control_passed", "escalation", now - 20).await;
        assert_eq!(stand.conversation_with(ANA).await["handled_by"], "bot");
    }
}

/// An emulated thread control of Meta's: its requests and responses.
#[derive(Clone, Default)]
struct Graph {
    asked: Arc<Mutex<Vec<Value>>>,
    says: Arc<Mutex<Option<(u16, Value)>>>,
}

async fn control(State(graph): State<Graph>, body: String) -> (StatusCode, String) {
    graph.asked.lock().unwrap().push(serde_json::from_str(&body).unwrap());
    let said = graph.says.lock().unwrap().clone();
    let (status, body) =
        said.unwrap_or((200, json!({ "messaging_product": "whatsapp", "request_id": "r1" })));
    (StatusCode::from_u16(status).unwrap(), body.to_string())
}

/// A stand whose first channel has thread control.
async fn with_thread_control() -> (Stand, Graph) {
    let graph = Graph::default();
    let routes = Router::new().route("/v26.0/1001/thread_control", post(control)).with_state(graph.clone());
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let config = CONFIG.replacen(
        "access_token = \"token-1\"\ngraph_base_url = \"sandbox\"",
        &format!("access_token = \"token-1\"\nthread_control = true\ngraph_base_url = \"{base}\""),
        1,
    );
    (Stand::start_with(ConfigFile::parse(&config).unwrap()).await, graph)
}

#[tokio::test]
async fn a_conversation_is_taken_over_from_meta_s_agent_and_passed_to_it() {
    let (stand, graph) = with_thread_control().await;
    to_agent(&stand, "wamid.1", 30, "hola").await;
    let id = stand.conversation_with(ANA).await["id"].id_number();
    let it = done(&stand, id, "handoff", json!({ "to": "human", "metadata": "refund" })).await;
    assert_eq!((&it["handled_by"], &it["status"]), (&json!("human"), &json!("pending_human")));
    let it = done(&stand, id, "handoff", json!({ "to": "meta_agent" })).await;
    assert_eq!((&it["handled_by"], &it["status"]), (&json!("meta_agent"), &json!("active")));
    done(&stand, id, "handoff", json!({ "to": "meta_agent", "action": "release" })).await;
    // Between our own bot and people the provider has no say.
    done(&stand, id, "handoff", json!({ "to": "bot" })).await;
    done(&stand, id, "handoff", json!({ "to": "human" })).await;
    let to = "+50212345678";
    let expected = [
        json!({ "messaging_product": "whatsapp", "to": to, "action": "take", "metadata": "refund" }),
        json!({ "messaging_product": "whatsapp", "to": to, "action": "pass", "control_pass": { "target_role": "ai_agent" } }),
        json!({ "messaging_product": "whatsapp", "to": to, "action": "release" }),
        json!({ "messaging_product": "whatsapp", "to": to, "action": "take" }),
    ];
    assert_eq!(*graph.asked.lock().unwrap(), expected);
}

#[tokio::test]
async fn a_rejection_is_explained_in_plain_words_and_changes_nothing() {
    let (stand, graph) = with_thread_control().await;
    to_agent(&stand, "wamid.1", 30, "hola").await;
    let before = stand.conversation_with(ANA).await;
    let path = format!("/v1/conversations/{}/handoff", before["id"].id_number());
    for (code, words) in
        [(2_494_191, "escalation partner"), (100, "WhatsApp refused to hand the conversation over")]
    {
        let error = json!({ "error": { "message": "(#1) No", "code": code } });
        *graph.says.lock().unwrap() = Some((400, error));
        let answer = stand.api.post(&path, &json!({ "to": "human" })).await;
        let problem = answer.json();
        assert_eq!(
            (answer.status.as_u16(), &problem["code"]),
            (409, &json!("thread_control_refused")),
            "{problem}"
        );
        assert!(problem["detail"].as_str().unwrap().contains(words), "{problem}");
        assert_eq!(problem["provider"]["code"], code);
        assert_eq!(stand.conversation_with(ANA).await, before);
    }
    *graph.says.lock().unwrap() = Some((500, json!("?")));
    assert_eq!(stand.api.post(&path, &json!({ "to": "human" })).await.status, 502);
    assert_eq!(stand.conversation_with(ANA).await, before);
}

#[tokio::test]
async fn without_thread_control_only_our_own_handler_changes() {
    let stand = Stand::start().await;
    to_agent(&stand, "wamid.1", 30, "hola").await;
    let id = stand.conversation_with(ANA).await["id"].id_number();
    let path = format!("/v1/conversations/{id}/handoff");
    for (body, field) in [
        (json!({ "to": "meta_agent" }), "to"),
        (json!({ "to": "human", "action": "take" }), "action"),
        (json!({ "to": "human", "action": "pass" }), "action"),
        (json!({ "to": "meta_agent", "action": "take" }), "action"),
        (json!({ "to": "human", "action": "give" }), "action"),
        (json!({ "to": "human", "metadata": "x".repeat(2_001) }), "metadata"),
        (json!({ "to": "me" }), "to"),
    ] {
        let answer = stand.api.post(&path, &body).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["field"]), (400, &json!(field)), "{body}");
    }
    let it = done(&stand, id, "handoff", json!({ "to": "human" })).await;
    assert_eq!(it["handled_by"], "human");
}
