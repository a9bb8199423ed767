//! The PHP bot's own browser client: what it reads, and its switch.

use std::time::Duration;

use serde_json::{Value, json};

use super::{ANA, BOB};
use crate::harness::{Client, OTHER_KEY, Stand};

async fn get(api: &Client, path: &str) -> Value {
    let answer = api.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("pragma"), Some("no-cache"));
    answer.json()
}

fn is_time(text: &Value) -> bool {
    let spelled = text.as_str().unwrap_or_default();
    spelled.len() == 19 && spelled.as_bytes()[10] == b' ' && !spelled.contains(['T', 'Z'])
}

#[tokio::test]
async fn the_list_has_the_fields_and_types_of_that_client_under_all_spellings() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "→ hola").await;
    // Its client sends no key at all.
    let api = stand.api.with_key(None);
    let first = get(&api, "/api/conversations").await;
    for path in ["/api/get-conversations", "/api/get-conversations.php", "/api/conversations?status="] {
        assert_eq!(get(&api, path).await, first, "{path}");
    }
    let it = &first["conversations"][0];
    for time in ["last_message_at", "created_at", "updated_at", "last_message_created_at"] {
        assert!(is_time(&it[time]), "{time} {it}");
    }
    assert_eq!((&first["success"], &it["id"], &it["ai_enabled"]), (&json!(true), &json!(id), &json!(1)));
    assert_eq!((&it["phone_number"], &it["status"]), (&json!("50212345678"), &json!("active")));
    assert_eq!((&it["last_message"], &it["last_sender_type"]), (&json!("→ hola"), &json!("user")));
    assert!(it["contact_name"].is_string() && it["last_bot_message_at"].is_null(), "{it}");
    assert_eq!(it.as_object().unwrap().len(), 12);
    assert_eq!(stand.reply(id, "claro").await.status, 200);
    let it = get(&api, "/api/conversations?status=active").await["conversations"][0].clone();
    assert_eq!((&it["last_message"], &it["last_sender_type"]), (&json!("claro"), &json!("human")));
    for other in ["closed", "pending_human", "nonsense"] {
        let none = get(&api, &format!("/api/conversations?status={other}")).await;
        assert_eq!(none, json!({ "success": true, "conversations": [] }), "{other}");
    }
}

#[tokio::test]
async fn messages_come_by_offset_from_the_newest_and_oldest_first() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    for number in 0..4 {
        assert_eq!(stand.reply(id, &format!("no. {number}")).await.status, 200);
    }
    let (rest, script) =
        (format!("/api/conversations/{id}/messages"), format!("/api/get-conversation-messages.php?id={id}"));
    let all = get(&stand.api, &rest).await;
    assert_eq!(get(&stand.api, &script).await, all);
    let texts = |page: &Value| -> Vec<String> {
        let all = page["messages"].as_array().unwrap().iter();
        all.map(|it| it["message_text"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(texts(&all), ["hola", "no. 0", "no. 1", "no. 2", "no. 3"]);
    assert_eq!((&all["total"], &all["has_more"]), (&json!(5), &json!(false)));
    assert!(is_time(&all["server_time"]));
    let first = &all["messages"][0];
    assert!(is_time(&first["created_at"]) && first["id"].is_u64(), "{first}");
    let known = json!({ "sender_type": first["sender_type"], "media_type": first["media_type"], "audio_url": first["audio_url"] });
    assert_eq!(known, json!({ "sender_type": "user", "media_type": "text", "audio_url": null }));
    let page = get(&stand.api, &format!("{rest}?limit=2")).await;
    assert_eq!(
        (texts(&page), &page["has_more"]),
        (vec!["no. 2".to_owned(), "no. 3".to_owned()], &json!(true))
    );
    let page = get(&stand.api, &format!("{script}&offset=3&limit=2")).await;
    assert_eq!(
        (texts(&page), &page["has_more"]),
        (vec!["hola".to_owned(), "no. 0".to_owned()], &json!(false))
    );
    assert_eq!(texts(&get(&stand.api, &format!("{rest}?offset=x&limit=x")).await), Vec::<String>::new());
    let nobody = get(&stand.api, "/api/conversations/999/messages").await;
    assert_eq!((&nobody["messages"], &nobody["total"]), (&json!([]), &json!(0)));
    assert_eq!(stand.api.get("/api/conversations/x/messages").await.text, "404 - Not Found");
    let missing = stand.api.get("/api/get-conversation-messages.php").await;
    assert_eq!(
        (missing.status.as_u16(), &missing.json()["error"]),
        (500, &json!("Error al obtener mensajes"))
    );
}

#[tokio::test]
async fn a_message_of_unknown_outcome_is_counted_once() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    stand.provider_will(ventanilla_sandbox::Fault::Cut { accepted: true });
    stand.reply(id, "perhaps").await;
    stand.running.sandbox.until_idle().await;
    assert_eq!(stand.messages(id).await[1]["status"], "read");
    let page = get(&stand.api, &format!("/api/conversations/{id}/messages")).await;
    assert_eq!((&page["total"], page["messages"].as_array().unwrap().len()), (&json!(2), 2));
}

#[tokio::test]
async fn the_switch_hands_over_under_both_spellings() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let (rest, script) =
        (format!("/api/conversations/{id}/toggle-ai"), format!("/api/toggle-ai.php?id={id}"));
    let switched = json!({ "success": true, "message": "AI state updated successfully" });
    for (path, ai, status) in
        [(&rest, false, "pending_human"), (&script, true, "active"), (&script, false, "pending_human")]
    {
        let answer = stand.api.with_key(None).post(path, &json!({ "ai_enabled": ai })).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (200, switched.clone()), "{path}");
        let it = get(&stand.api, "/api/conversations").await["conversations"][0].clone();
        assert_eq!((&it["ai_enabled"], &it["status"]), (&json!(u8::from(ai)), &json!(status)));
    }
    // A reply ends the waiting; the bot stays off.
    assert_eq!(stand.reply(id, "aquí").await.status, 200);
    let it = get(&stand.api, "/api/conversations").await["conversations"][0].clone();
    assert_eq!((&it["ai_enabled"], &it["status"]), (&json!(0), &json!("active")));
    let nobody = stand.api.post("/api/toggle-ai.php?id=999", &json!({ "ai_enabled": true })).await;
    assert_eq!(nobody.json(), switched);
    for body in [json!({}), json!({ "ai_enabled": null }), json!({ "ai_enabled": "on" })] {
        let answer = stand.api.post(&rest, &body).await;
        let told = (answer.status.as_u16(), answer.json()["error"].clone());
        assert_eq!(told, (500, json!("Error al cambiar estado de IA")), "{body}");
    }
    let foreign = stand.api.with_key(Some(OTHER_KEY)).post(&rest, &json!({ "ai_enabled": true })).await;
    assert_eq!(foreign.json(), switched);
    assert_eq!(get(&stand.api, "/api/conversations").await["conversations"][0]["ai_enabled"], 0);
}

#[tokio::test]
async fn a_poll_with_the_last_returned_time_misses_nothing_of_the_same_second() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    stand.clock.advance(Duration::from_secs(10));
    let begin = get(&stand.api, "/api/check-updates.php").await;
    assert_eq!((&begin["has_update"], &begin["has_updates"]), (&json!(false), &json!(false)));
    let mut told = begin["server_time"].clone();
    let ask = async |path: &str, last: &Value, more: &str| {
        let last = last.as_str().unwrap().replace(' ', "%20");
        get(&stand.api, &format!("{path}?last_check={last}{more}")).await
    };
    assert_eq!(ask("/api/check-updates", &told, "").await["has_updates"], false);
    // Polled and written in the very same instant, over and over: the next poll has it.
    for round in 0..3 {
        told = ask("/api/check-updates", &told, "").await["server_time"].clone();
        stand.customer_writes(ANA, &format!("no. {round}")).await;
        let one = ask("/api/check-updates", &told, &format!("&conversation_id={id}")).await;
        assert_eq!((&one["has_update"], &one["conversation_id"]), (&json!(true), &json!(id.to_string())));
        let all = ask("/api/check-updates.php", &told, "").await;
        assert_eq!((&all["has_updates"], &all["updated_conversations"]), (&json!(true), &json!([id])));
        stand.clock.advance(Duration::from_millis(700));
    }
    let listed = ask("/api/check-conversation-updates.php", &told, "").await;
    assert_eq!(listed["updated_conversations"].as_array().unwrap().len(), 1);
    let it = &listed["updated_conversations"][0];
    assert_eq!(
        (&it["id"], &it["status"], is_time(&it["last_message_at"])),
        (&json!(id), &json!("active"), true)
    );
    assert_eq!(ask("/api/check-updates", &told, "&conversation_id=999").await["has_update"], false);
    // Without events there are no more updates, and a change of status is one as well.
    stand.clock.advance(Duration::from_secs(10));
    told = ask("/api/check-updates", &told, "").await["server_time"].clone();
    assert_eq!(ask("/api/check-conversation-updates", &told, "").await["has_updates"], false);
    super::done(&stand, id, "close", json!(null)).await;
    let closed = ask("/api/check-conversation-updates", &told, "").await;
    assert_eq!(closed["updated_conversations"][0]["status"], "closed");
    assert_eq!(stand.reply(id, "hola").await.status, 200);
    stand.customer_writes(BOB, "hola").await;
    let two = ask("/api/check-updates", &told, "").await;
    assert_eq!(two["updated_conversations"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_question_for_news_without_a_time_is_the_documented_500() {
    let stand = Stand::start().await;
    for path in [
        "/api/check-conversation-updates",
        "/api/check-conversation-updates.php?last_check=",
        "/api/check-updates?last_check=yesterday",
        "/api/check-updates?last_check=2026-01-01%2010:00:00&conversation_id=x",
    ] {
        let answer = stand.api.get(path).await;
        let told = (answer.status.as_u16(), answer.json()["error"].clone());
        assert_eq!(told, (500, json!("Error al verificar actualizaciones")), "{path}");
        assert_eq!(answer.json()["code"], "invalid_request", "{path}");
    }
    let nobody = stand.api.with_key(Some("vk_wrong")).get("/api/conversations").await;
    assert_eq!((nobody.status.as_u16(), &nobody.json()["code"]), (401, &json!("unauthenticated")));
}
