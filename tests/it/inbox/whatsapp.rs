//! The reading routes of AmbioSys's contract.

use serde_json::json;
use ventanilla::ports::clock::Clock;

use super::{ANA, BOB, done};
use crate::harness::Stand;

#[tokio::test]
async fn the_list_and_the_history_have_the_format_of_sent_messages() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let body = json!({ "phoneNumber": ANA, "content": "claro", "requestId": 123 });
    assert_eq!(stand.api.post("/api/whatsapp/send", &body).await.status, 200);
    // By a time after ours: the provider reports whole seconds.
    let later = json!({ "text": "gracias", "timestamp": stand.clock.now().seconds() + 2 });
    assert_eq!(stand.api.post(&format!("/sandbox/phones/{ANA}/messages"), &later).await.status, 200);
    done(&stand, id, "assign", json!({ "assignee": "ana" })).await;
    let closed = stand.customer_writes(BOB, "adiós").await;
    done(&stand, closed, "close", json!(null)).await;
    let listed = stand.api.get("/api/whatsapp/conversations?status=active&limit=50").await;
    let page = listed.json();
    assert_eq!(
        (listed.status.as_u16(), &page["success"], &page["next_cursor"]),
        (200, &json!(true), &json!(null))
    );
    let [it] = page["data"].as_array().unwrap().as_slice() else { panic!("{page}") };
    let shown = json!({
        "conversation_id": id, "phone_number": "50212345678", "contact_name": it["contact_name"], "status": "active",
        "last_message": "gracias", "last_message_at": it["last_message_at"], "unread_count": 1, "assigned_to": "ana",
        "request_id": 123, "created_at": it["created_at"],
    });
    assert_eq!(it, &shown);
    assert!(it["last_message_at"].as_str().is_some_and(|at| at.len() == 20 && at.ends_with('Z')), "{it}");
    assert_eq!(
        stand.api.get("/api/whatsapp/conversations").await.json()["data"].as_array().unwrap().len(),
        2
    );
    stand.running.sandbox.until_idle().await;
    let history = stand.api.get(&format!("/api/whatsapp/conversations/{id}")).await.json();
    assert_eq!(history["data"]["conversation"], shown);
    let texts: Vec<_> =
        history["data"]["messages"].as_array().unwrap().iter().map(|it| it["content"].clone()).collect();
    assert_eq!(texts.len(), 3);
    assert!(texts.contains(&json!("hola")) && texts.contains(&json!("claro")));
    // Page by page, back in time.
    let last = stand.api.get(&format!("/api/whatsapp/conversations/{id}?limit=2")).await.json();
    let cursor = last["next_cursor"].as_str().unwrap();
    let first =
        stand.api.get(&format!("/api/whatsapp/conversations/{id}?limit=2&cursor={cursor}")).await.json();
    let joined: Vec<_> = [&first, &last]
        .into_iter()
        .flat_map(|page| page["data"]["messages"].as_array().unwrap().clone())
        .collect();
    assert_eq!(json!(joined), history["data"]["messages"]);
}

#[tokio::test]
async fn errors_are_in_that_system_s_format() {
    let stand = Stand::start().await;
    for (path, field) in [
        ("/api/whatsapp/conversations?status=open", "status"),
        ("/api/whatsapp/conversations?limit=0", "limit"),
        ("/api/whatsapp/conversations?cursor=x", "cursor"),
        ("/api/whatsapp/conversations/x", "conversationId"),
        ("/api/whatsapp/conversations/1?limit=x", "limit"),
    ] {
        let answer = stand.api.get(path).await;
        let told = (answer.status.as_u16(), answer.json()["details"][0]["field"].clone());
        assert_eq!(told, (400, json!(field)), "{path}");
    }
    let nobody = stand.api.get("/api/whatsapp/conversations/999").await;
    let told = json!({ "success": false, "error": "Conversación no encontrada", "code": "not_found" });
    assert_eq!((nobody.status.as_u16(), nobody.json()), (404, told));
}
