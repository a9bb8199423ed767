//! Conversation routing from end to end: the simulated WhatsApp decides who owns a conversation, and all that we know of it
//! comes by webhooks and from what `thread_control` answers.

use http::Method;
use serde_json::{Value, json};
use ventanilla::config::file::ConfigFile;

use super::{events, state};
use crate::{
    harness::{Answer, CONFIG, DEMO_KEY, IdNumber as _, Socket, Stand},
    inbox::{ANA, done},
};

/// A stand whose number has routing: Meta's agent is the first to answer, and we have this role.
async fn routed(ours: &str) -> Stand {
    let token = "access_token = \"token-1\"";
    let config = CONFIG.replacen(token, &format!("{token}\nthread_control = true"), 1);
    let stand = Stand::start_with(ConfigFile::parse(&config).unwrap()).await;
    let routing = json!({ "primary": "ai_agent", "ours": ours });
    let body = routing.to_string().into_bytes();
    let answer = stand.api.call(Method::PUT, "/sandbox/numbers/1001/routing", &[], body).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, routing));
    stand
}

/// Who owns the conversation with Ana at WhatsApp; null if it is idle.
async fn owner(stand: &Stand) -> Value {
    stand.api.get("/sandbox/numbers/1001/routing").await.json()["threads"][0]["owner"].clone()
}

/// Ana writes; gives her conversation.
async fn writes(stand: &Stand, text: &str) -> Value {
    let path = format!("/sandbox/phones/{ANA}/messages");
    let answer = stand.api.post(&path, &json!({ "text": text })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    stand.clock.advance(std::time::Duration::from_secs(2));
    stand.conversation_with(ANA).await
}

/// Another responder does something with the conversation.
async fn other(stand: &Stand, deed: Value) -> Answer {
    let answer = stand.api.post(&format!("/sandbox/phones/{ANA}/thread"), &deed).await;
    stand.running.sandbox.until_idle().await;
    stand.clock.advance(std::time::Duration::from_secs(2));
    answer
}

/// The messages of the conversation: text, sender, and whether they are under standby.
async fn said(stand: &Stand, id: u64) -> Vec<Value> {
    let messages = stand.messages(id).await;
    messages.iter().map(|it| json!([it["text"], it["sender"]["type"], it["standby"]])).collect()
}

fn id(it: &Value) -> u64 {
    it["id"].id_number()
}

#[tokio::test]
async fn a_conversation_of_meta_s_agent_needs_no_answer_until_it_is_passed() {
    let stand = routed("escalation").await;
    let mut socket = Socket::open(&stand.base(), &format!("apiKey={DEMO_KEY}"), &[]).await.unwrap();
    stand.follow().await;
    socket.next_of("connected").await;

    let it = writes(&stand, "hola").await;
    assert_eq!(state(&it), ("active", "meta_agent", &Value::Null, 0));
    let message = json!({ "type": "text", "text": { "body": "Soy el asistente" } });
    assert_eq!(other(&stand, json!({ "action": "send", "message": message })).await.status, 200);
    let id = id(&it);
    assert_eq!(
        said(&stand, id).await,
        [json!(["hola", "customer", true]), json!(["Soy el asistente", "meta_agent", true])]
    );
    let answer = stand.messages(id).await.pop().unwrap();
    assert_eq!(answer["status"], "read", "statuses come for listening, too: {answer}");
    let told = events(&stand, "message.received").await;
    assert!(told.iter().all(|data| data["standby"] == true), "{told:?}");

    let passed = json!({ "action": "pass", "metadata": "ticket 7", "summary": "wants a person" });
    assert_eq!(other(&stand, passed).await.json()["owner"], "escalation");
    let it = stand.conversation_with(ANA).await;
    assert_eq!(state(&it), ("active", "human", &Value::Null, 0));
    let handed: Vec<Value> = events(&stand, "conversation.updated")
        .await
        .into_iter()
        .filter(|data| data["change"] == "handed_over" && data["handover"].is_object())
        .map(|data| json!([data["handled_by"], data["handover"]]))
        .collect();
    let handover = json!({
        "type": "control_passed", "previous_owner_role": "ai_agent", "new_owner_role": "escalation",
        "metadata": "ticket 7", "summary": "wants a person",
    });
    assert_eq!(handed, [json!(["human", handover])]);

    let it = writes(&stand, "¿sigue ahí?").await;
    assert_eq!(state(&it), ("active", "human", &Value::Null, 1));
    stand.follow().await;
    let heard = socket.next_of("whatsapp_message").await;
    assert_eq!(heard["data"]["text"], "¿sigue ahí?", "no bot heard what was said to the agent");
    assert_eq!(stand.reply(id, "Aquí estoy").await.status, 200);
    assert_eq!(stand.phone_got(ANA).await, ["Soy el asistente", "Aquí estoy"]);
    assert_eq!(state(&stand.conversation_with(ANA).await), ("active", "human", &Value::Null, 0));
    socket.close().await;
}

#[tokio::test]
async fn a_conversation_is_assigned_answered_and_given_back() {
    let stand = routed("escalation").await;
    let id = id(&writes(&stand, "hola").await);
    assert_eq!(owner(&stand).await, "ai_agent");
    let it = done(&stand, id, "handoff", json!({ "to": "human", "metadata": "refund" })).await;
    assert_eq!(state(&it), ("pending_human", "human", &Value::Null, 0));
    assert_eq!(owner(&stand).await, "escalation");
    stand.clock.advance(std::time::Duration::from_secs(2));
    let it = writes(&stand, "¿quién es?").await;
    assert_eq!(state(&it), ("pending_human", "human", &Value::Null, 1));
    assert_eq!(stand.reply(id, "Soy Luz").await.status, 200);
    assert_eq!(stand.phone_got(ANA).await, ["Soy Luz"]);
    assert_eq!(state(&stand.conversation_with(ANA).await), ("active", "human", &Value::Null, 0));

    // Passed, it is the agent's at once; released, it has no owner until the customer writes.
    for (body, owned) in [
        (json!({ "to": "meta_agent", "metadata": "done" }), json!("ai_agent")),
        (json!({ "to": "meta_agent", "action": "release" }), Value::Null),
    ] {
        if owner(&stand).await == "ai_agent" {
            done(&stand, id, "handoff", json!({ "to": "human", "action": "take" })).await;
        }
        stand.clock.advance(std::time::Duration::from_secs(2));
        let it = done(&stand, id, "handoff", body.clone()).await;
        assert_eq!((&it["handled_by"], owner(&stand).await), (&json!("meta_agent"), owned), "{body}");
        stand.clock.advance(std::time::Duration::from_secs(2));
        let it = writes(&stand, "gracias").await;
        assert_eq!((&it["handled_by"], &it["unread_count"]), (&json!("meta_agent"), &json!(0)), "{body}");
        assert_eq!(owner(&stand).await, "ai_agent");
    }
    let standby: Vec<Value> = stand.messages(id).await.iter().map(|it| it["standby"].clone()).collect();
    assert_eq!(standby, [true, false, false, true, true]);
}

#[tokio::test]
async fn an_app_that_is_not_the_escalation_partner_cannot_take_over_and_answers_once_it_was_passed() {
    let stand = routed("customer_service").await;
    let before = writes(&stand, "hola").await;
    let id = id(&before);
    let path = format!("/v1/conversations/{id}/handoff");
    let answer = stand.api.post(&path, &json!({ "to": "human" })).await;
    let problem = answer.json();
    assert_eq!((answer.status.as_u16(), &problem["code"]), (409, &json!("thread_control_refused")));
    assert_eq!(problem["provider"]["code"], 2_494_191, "{problem}");
    // Only the owner passes and releases.
    for action in ["pass", "release"] {
        let answer = stand.api.post(&path, &json!({ "to": "meta_agent", "action": action })).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["provider"]["code"]),
            (409, &json!(100)),
            "{action}"
        );
    }
    let reply = stand.reply(id, "¿En qué le ayudo?").await;
    assert_eq!(reply.status, 500, "the owner alone may answer: {}", reply.text);
    assert_eq!(stand.phone_got(ANA).await, [""; 0]);
    assert_eq!((owner(&stand).await, stand.conversation_with(ANA).await), (json!("ai_agent"), before));

    let passed = other(&stand, json!({ "action": "pass", "target_role": "customer_service" })).await;
    assert_eq!(passed.json()["owner"], "customer_service");
    let it = stand.conversation_with(ANA).await;
    assert_eq!(state(&it), ("active", "human", &Value::Null, 0));
    assert_eq!(stand.reply(id, "¿En qué le ayudo?").await.status, 200);
    assert_eq!(stand.phone_got(ANA).await, ["¿En qué le ayudo?"]);
    stand.clock.advance(std::time::Duration::from_secs(2));
    let it = writes(&stand, "un reembolso").await;
    assert_eq!(state(&it), ("active", "human", &Value::Null, 1));
}

#[tokio::test]
async fn the_escalation_partner_takes_over_by_sending_a_message() {
    let stand = routed("escalation").await;
    let id = id(&writes(&stand, "hola").await);
    assert_eq!(stand.reply(id, "Yo sigo").await.status, 200);
    assert_eq!(owner(&stand).await, "escalation");
    assert_eq!(state(&stand.conversation_with(ANA).await), ("active", "human", &Value::Null, 0));
    stand.clock.advance(std::time::Duration::from_secs(2));
    let message = json!({ "type": "text", "text": { "body": "Soy el asistente" } });
    let refused = other(&stand, json!({ "action": "send", "message": message })).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    let it = writes(&stand, "¿y ahora?").await;
    assert_eq!(state(&it), ("active", "human", &Value::Null, 1));
}

#[tokio::test]
async fn a_conversation_that_another_app_takes_over_is_reported_and_no_longer_ours() {
    let stand = routed("customer_service").await;
    let id = id(&writes(&stand, "hola").await);
    other(&stand, json!({ "action": "pass", "target_role": "customer_service" })).await;
    writes(&stand, "¿hay alguien?").await;
    let taken = other(&stand, json!({ "action": "take", "metadata": "mine now" })).await;
    assert_eq!(taken.json()["owner"], "escalation");
    let told = events(&stand, "conversation.updated").await;
    let handover = told.iter().find(|data| data["handover"]["type"] == "control_taken").unwrap();
    assert_eq!(
        (&handover["handover"]["previous_owner_role"], &handover["handover"]["new_owner_role"]),
        (&json!("customer_service"), &json!("escalation"))
    );
    let it = writes(&stand, "¿quién es usted?").await;
    assert_eq!(it["unread_count"], 0, "it is for who took it: {it}");
    assert_eq!(stand.messages(id).await.pop().unwrap()["standby"], true);
    // Without routing the number answers its customers by itself again.
    let gone = stand.api.call(Method::DELETE, "/sandbox/numbers/1001/routing", &[], Vec::new()).await;
    assert_eq!(gone.status, 204);
    assert_eq!(writes(&stand, "¿y ahora?").await["unread_count"], 1);
    assert_eq!(stand.reply(id, "Nosotros").await.status, 200);
    assert_eq!(stand.phone_got(ANA).await, ["Nosotros"]);
}

#[tokio::test]
async fn a_handover_and_statuses_of_any_shape_are_ingested() {
    let stand = routed("escalation").await;
    let id = id(&writes(&stand, "hola").await);
    let before = stand.conversation_with(ANA).await;
    let number = "/sandbox/numbers/1001";
    // The customer is not named: archived, and nothing is handed over.
    let handover = json!({
        "recipient": { "phone_number_id": "1001" }, "type": "control_passed", "timestamp": "1772533800",
        "control_passed": { "new_owner_role": "escalation" },
    });
    let change = json!({ "field": "messaging_handovers", "value": handover });
    assert_eq!(stand.api.post(&format!("{number}/changes"), &change).await.status, 200);
    assert_eq!(stand.conversation_with(ANA).await, before);
    // An older sample, without `type`, and a message, in one webhook.
    let now = ventanilla::ports::clock::Clock::now(stand.clock.as_ref()).seconds();
    let mut handover = handover;
    handover["sender"] = json!({ "phone_number": "50212345678" });
    handover["timestamp"] = json!(now.to_string());
    handover.as_object_mut().unwrap().remove("type");
    let value = json!({ "metadata": { "phone_number_id": "1001" }, "messages": [{
        "id": "wamid.w1", "from": "50212345678", "timestamp": (now + 1).to_string(), "type": "text", "text": { "body": "¿sí?" },
    }] });
    let body = json!({ "object": "whatsapp_business_account", "entry": [{ "id": "2001", "changes": [
        { "field": "messaging_handovers", "value": handover }, { "field": "messages", "value": value },
    ] }] });
    assert_eq!(stand.api.post(&format!("{number}/webhooks"), &body).await.status, 200);
    assert_eq!(state(&stand.conversation_with(ANA).await), ("active", "human", &Value::Null, 1));
    // A status that names no error in the way of the documents.
    stand.clock.advance(std::time::Duration::from_secs(2));
    assert_eq!(stand.reply(id, "sí").await.status, 200);
    stand.running.sandbox.until_idle().await;
    let wamid = stand.messages(id).await.pop().unwrap()["provider_message_id"].clone();
    let payment =
        json!({ "id": wamid, "status": "captured", "type": "payment", "payment": { "reference_id": "o-1" } });
    assert_eq!(stand.api.post(&format!("{number}/statuses"), &payment).await.status, 200);
    let shown = stand.messages(id).await.pop().unwrap();
    assert_eq!((&shown["payments"][0]["reference_id"], &shown["status"]), (&json!("o-1"), &json!("read")));
}
