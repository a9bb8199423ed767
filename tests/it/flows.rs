//! Whole conversations, over real HTTP.

use http::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use ventanilla::ports::clock::Clock;
use ventanilla_local::{
    server::{Options, start},
    store::Data,
};

use crate::harness::{Client, DEMO_KEY, IdNumber as _, Stand, config, eventually};

const ANA: &str = "+50212345678";

#[tokio::test]
async fn a_customer_writes_is_answered_and_the_deliveries_are_kept() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "Hola, ¿están abiertos? 👋").await;
    let answer = stand.reply(conversation, " Sí,\n hasta las 18:00 ").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    stand.running.sandbox.until_idle().await;
    let messages = stand.messages(conversation).await;
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[0]["text"], "Hola, ¿están abiertos? 👋");
    assert_eq!(messages[1]["text"], " Sí,\n hasta las 18:00 ");
    assert_eq!(messages[1]["status"], "read");
    for fact in ["sent", "delivered", "read"] {
        assert!(messages[1]["status_at"][fact].is_string(), "{fact}");
    }
    assert_eq!(stand.phone_got(ANA).await, [" Sí,\n hasta las 18:00 "], "byte for byte");
    let listed = stand.conversation_with(ANA).await;
    assert_eq!((&listed["unread_count"], &listed["status"]), (&json!(0), &json!("active")));
    assert_eq!(listed["window"]["open"], true);
}

#[tokio::test]
async fn a_send_to_a_new_number_starts_a_conversation_that_continues() {
    let stand = Stand::start().await;
    stand.window_opens(ANA).await;
    let body = json!({ "phoneNumber": ANA, "content": "Your technician is on the way", "requestId": 123 });
    let first = stand.api.post("/api/whatsapp/send", &body).await.json();
    let id = first["data"]["conversation"]["conversation_id"].as_u64().unwrap();
    let path = format!("/api/whatsapp/conversations/{id}/messages");
    let second = stand.api.post(&path, &json!({ "content": "He is here" })).await.json();
    assert_eq!(second["data"]["conversation_id"], id);
    // The customer's answer lands in the same conversation.
    assert_eq!(stand.customer_writes(ANA, "Thanks").await, id);
    let again =
        stand.api.post("/api/whatsapp/send", &json!({ "phoneNumber": ANA, "content": "Bye" })).await.json();
    assert_eq!(again["data"]["conversation"]["conversation_id"], id);
    assert_eq!(again["data"]["conversation"]["request_id"], 123, "linked once, linked for the conversation");
    let texts: Vec<Value> = stand.messages(id).await.iter().map(|m| m["text"].clone()).collect();
    assert_eq!(texts.len(), 4);
    assert_eq!(stand.phone_got(ANA).await, ["Your technician is on the way", "He is here", "Bye"]);
}

#[tokio::test]
async fn a_customer_without_a_phone_number_is_a_customer_like_any_other() {
    let stand = Stand::start().await;
    let user = "US.13491208655302741918";
    let path = format!("/sandbox/phones/{user}/messages");
    let body = json!({ "text": "I show no number", "hide_phone": true });
    assert_eq!(stand.api.post(&path, &body).await.status, 200);
    let listed = stand.conversations().await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["contact"]["user_id"], user);
    assert_eq!(listed[0]["contact"]["phone_number"], Value::Null);
    let id = listed[0]["id"].id_number();
    assert_eq!(stand.reply(id, "No need to").await.status, 200);
    stand.running.sandbox.until_idle().await;
    assert_eq!(stand.messages(id).await[1]["status"], "read");
    assert_eq!(stand.phone_got(user).await, ["No need to"]);
}

#[tokio::test]
async fn two_ways_to_reach_one_customer_become_one_contact() {
    let stand = Stand::start().await;
    let number = "+14155550123";
    let phone = stand.api.get(&format!("/sandbox/phones/{number}")).await.json();
    let user = phone["user_id"].as_str().unwrap().to_owned();
    // First without the number, then by number alone, at last a message that shows both. No status brings
    // the user id in between.
    let quiet = json!({ "reach": "none" }).to_string();
    stand.api.call(Method::PUT, &format!("/sandbox/phones/{number}"), &[], quiet.into()).await;
    let path = format!("/sandbox/phones/{number}/messages");
    assert_eq!(stand.api.post(&path, &json!({ "text": "hidden", "hide_phone": true })).await.status, 200);
    let body = json!({ "phoneNumber": number, "content": "by number" });
    assert_eq!(stand.api.post("/api/whatsapp/send", &body).await.status, 200);
    let before = stand.conversations().await;
    assert_eq!(before.len(), 2, "nobody can know yet");
    assert_eq!(stand.api.post(&path, &json!({ "text": "both" })).await.status, 200);
    let kept = stand.conversations().await;
    assert_eq!(kept.len(), 1, "{kept:?}");
    let merged: Vec<&Value> = before.iter().filter(|it| it["id"] != kept[0]["id"]).collect();
    assert_eq!(kept[0]["contact"]["user_id"], user.as_str());
    assert_eq!(kept[0]["contact"]["phone_number"], number);
    // A reply to the merged conversation goes into the remaining one.
    let old = merged[0]["id"].id_number();
    assert_eq!(stand.reply(old, "found you").await.status, 200);
    let texts: Vec<Value> =
        stand.messages(kept[0]["id"].id_number()).await.iter().map(|m| m["text"].clone()).collect();
    assert!(texts.contains(&json!("found you")) && texts.contains(&json!("both")), "{texts:?}");
}

#[tokio::test]
async fn the_providers_spelling_of_a_number_makes_no_second_contact() {
    let stand = Stand::start().await;
    let dialled = "+5511987654321";
    let change = json!({ "wa_id": "551187654321" });
    let path = format!("/sandbox/phones/{dialled}");
    let put = stand.api.call(Method::PUT, &path, &[], change.to_string().into()).await;
    assert_eq!(put.status, 200);
    stand.window_opens(dialled).await;
    let body = json!({ "phoneNumber": dialled, "content": "Olá" });
    let sent = stand.api.post("/api/whatsapp/send", &body).await.json();
    let path = format!("/sandbox/phones/{dialled}/messages");
    assert_eq!(stand.api.post(&path, &json!({ "text": "Oi" })).await.status, 200);
    let listed = stand.conversations().await;
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!(listed[0]["id"].id_number(), sent["data"]["conversation"]["conversation_id"]);
}

#[tokio::test]
async fn every_kind_of_message_arrives() {
    let stand = Stand::start().await;
    let kinds = [
        (json!({ "type": "image", "image": { "caption": "a roof" } }), "image", Some("a roof")),
        (json!({ "type": "document", "document": { "filename": "a.pdf" } }), "document", None),
        (json!({ "type": "audio", "audio": { "voice": true } }), "audio", None),
        (json!({ "type": "sticker", "sticker": {} }), "sticker", None),
        (
            json!({ "type": "button", "button": { "payload": "p", "text": "Yes" } }),
            "interactive",
            Some("Yes"),
        ),
        (
            json!({ "type": "location", "location": { "latitude": 1.5, "longitude": 2, "name": "Home" } }),
            "location",
            Some("Home"),
        ),
        (
            json!({ "type": "reaction", "reaction": { "message_id": "wamid.x", "emoji": "👍" } }),
            "reaction",
            Some("👍"),
        ),
        (
            json!({ "type": "interactive", "interactive": { "type": "list_reply", "list_reply": { "id": "1", "title": "Two" } } }),
            "interactive",
            Some("Two"),
        ),
        (json!({ "type": "hologram", "hologram": { "depth": 3 } }), "unknown", None),
    ];
    for (body, _, _) in &kinds {
        let answer = stand.api.post(&format!("/sandbox/phones/{ANA}/messages"), body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let id = stand.conversation_with(ANA).await["id"].id_number();
    let messages = stand.messages(id).await;
    for (body, kind, text) in kinds {
        let found =
            messages.iter().filter(|message| message["type"] == kind && message["text"].as_str() == text);
        assert_eq!(found.count(), 1, "{body}");
    }
}

#[tokio::test]
async fn stored_data_survives_a_restart() {
    let folder = std::env::temp_dir().join(format!("ventanilla-{}", std::process::id()));
    let mut seen = Vec::new();
    for round in 0..2 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let running = start(Options::new(listener, Data::Folder(folder.clone()), config())).await.unwrap();
        let http = ventanilla::whatsapp::http::client().unwrap();
        let api = Client::new(http, format!("http://{}", running.address), Some(DEMO_KEY));
        if round == 0 {
            let sent =
                api.post("/api/whatsapp/send", &json!({ "phoneNumber": ANA, "content": "keep me" })).await;
            assert_eq!(sent.status, 200, "{}", sent.text);
            running.sandbox.until_idle().await;
        }
        let listed = eventually("the list", || async {
            let listed = api.get("/v1/conversations").await.json();
            (listed["data"][0]["last_message"]["text"] == "keep me").then_some(listed)
        });
        seen.push(listed.await["data"][0]["id"].clone());
        // A second server on the same folder would point the channels at itself.
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let second = start(Options::new(listener, Data::Folder(folder.clone()), config())).await;
        assert!(second.is_err_and(|error| error.to_string().contains("in use")));
        running.stop().await;
    }
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn lists_page_by_cursor_without_gap_or_repeat() {
    let stand = Stand::start().await;
    let mut expected = Vec::new();
    for number in 0..5 {
        expected.push(stand.customer_writes(&format!("+5029000000{number}"), "hola").await);
        stand.clock.advance(std::time::Duration::from_secs(2));
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = stand.api.get(&format!("/v1/conversations?limit=2{cursor}")).await.json();
        seen.extend(page["data"].as_array().unwrap().iter().map(|it| it["id"].id_number()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    seen.sort_unstable();
    expected.sort_unstable();
    assert_eq!(seen, expected);
    let thread = expected[0];
    for number in 0..5 {
        assert_eq!(stand.reply(thread, &format!("no. {number}")).await.status, 200);
    }
    let (mut texts, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/conversations/{thread}/messages?limit=2{cursor}");
        let page = stand.api.get(&path).await.json();
        texts.extend(page["data"].as_array().unwrap().iter().map(|it| it["text"].clone()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(texts, ["no. 4", "no. 3", "no. 2", "no. 1", "no. 0", "hola"]);
    for (path, field) in [
        ("/v1/conversations?limit=0".to_owned(), "limit"),
        ("/v1/conversations?limit=101".to_owned(), "limit"),
        ("/v1/conversations?cursor=x".to_owned(), "cursor"),
        (format!("/v1/conversations/{}/messages?{}", expected[1], &cursor[1..]), "cursor"),
        ("/v1/messages/%ff".to_owned(), "id"),
    ] {
        let answer = stand.api.get(&path).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["field"]), (400, &json!(field)), "{path}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    }
}

#[tokio::test]
async fn every_change_is_in_the_event_log_once() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    assert_eq!(stand.reply(conversation, "hi").await.status, 200);
    stand.running.sandbox.until_idle().await;
    let mut kinds: Vec<String> = stand
        .rows()
        .await
        .into_values()
        .filter(|row| row["row"]["S"] == "event")
        .map(|row| {
            format!("{} {}", row["kind"]["S"].as_str().unwrap(), row["status"]["S"].as_str().unwrap_or(""))
        })
        .collect();
    kinds.sort();
    assert_eq!(
        kinds,
        [
            "conversation.created ",
            "conversation.handed_over ",
            "message.accepted ",
            "message.received ",
            "message.status delivered",
            "message.status read",
            "message.status sent",
        ]
    );
}

#[tokio::test]
async fn messages_from_the_business_s_phone_are_part_of_the_conversation() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    let echo = json!({ "id": "wamid.echo", "from": "15550100001", "to": "50212345678", "timestamp": "1772533800", "type": "text", "text": { "body": "from the phone" } });
    let body = json!({ "entry": [{ "id": "2001", "changes": [{ "field": "smb_message_echoes", "value": {
        "metadata": { "phone_number_id": "1001" }, "message_echoes": [echo],
    } }] }] });
    assert_eq!(stand.callback("demo", "demo-app-secret", &body).await.status, 200);
    let messages = stand.messages(conversation).await;
    let found = messages.iter().find(|message| message["text"] == "from the phone").unwrap();
    assert_eq!((&found["direction"], &found["sender"]["type"]), (&json!("outbound"), &json!("business_app")));
    // Its id leads to it, as that of any message.
    let detail = stand.api.get(&format!("/v1/messages/{}", found["id"].as_str().unwrap())).await.json();
    assert_eq!((&detail["attempt"], &detail["text"]), (&Value::Null, &json!("from the phone")));
}

#[tokio::test]
async fn a_given_up_number_belongs_to_its_next_owner() {
    let stand = Stand::start().await;
    let old = stand.customer_writes(ANA, "hola").await;
    let path = format!("/sandbox/phones/{ANA}/messages");
    let moved =
        json!({ "type": "system", "system": { "type": "user_changed_number", "wa_id": "50287654321" } });
    assert_eq!(stand.api.post(&path, &moved).await.status, 200);
    let body = json!({ "entry": [{ "changes": [{ "field": "messages", "value": {
        "metadata": { "phone_number_id": "1001" },
        "messages": [{ "id": "wamid.next", "from": "50212345678", "timestamp": (stand.clock.now().seconds() + 5).to_string(), "type": "text", "text": { "body": "who is this?" } }],
    } }] }] });
    assert_eq!(stand.callback("demo", "demo-app-secret", &body).await.status, 200);
    assert_eq!(stand.conversations().await.len(), 2);
    stand.window_opens("+50287654321").await;
    assert!(stand.messages(old).await.iter().all(|message| message["text"] != "who is this?"));
    assert_eq!(stand.reply(old, "still you").await.status, 200);
    assert_eq!(stand.phone_got("+50287654321").await, ["still you"]);
}

#[tokio::test]
async fn a_status_identifies_the_owner_of_the_number() {
    let stand = Stand::start().await;
    stand.window_opens(ANA).await;
    let sent =
        stand.api.post("/api/whatsapp/send", &json!({ "phoneNumber": ANA, "content": "hello" })).await.json();
    stand.running.sandbox.until_idle().await;
    let path = format!("/sandbox/phones/{ANA}/messages");
    assert_eq!(stand.api.post(&path, &json!({ "text": "no number", "hide_phone": true })).await.status, 200);
    let listed = stand.conversations().await;
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!(listed[0]["id"].id_number(), sent["data"]["conversation"]["conversation_id"]);
}

/// A webhook with one message from a number and a user id.
fn from(id: &str, number: &str, user: &str, at: i64) -> Value {
    let message = json!({ "id": id, "from": number, "from_user_id": user, "timestamp": at.to_string(), "type": "text", "text": { "body": id } });
    json!({ "entry": [{ "changes": [{ "field": "messages", "value": {
        "metadata": { "phone_number_id": "1001" }, "messages": [message],
    } }] }] })
}

#[tokio::test]
async fn a_number_with_a_new_owner_does_not_merge_two_people() {
    let stand = Stand::start().await;
    stand.window_opens("US.first").await;
    let now = stand.clock.now().seconds();
    for (id, user) in [("wamid.1", "US.first"), ("wamid.2", "US.second"), ("wamid.3", "US.second")] {
        let body = from(id, "50212345678", user, now);
        assert_eq!(stand.callback("demo", "demo-app-secret", &body).await.status, 200);
    }
    let listed = stand.conversations().await;
    assert_eq!(listed.len(), 2, "{listed:?}");
    let first = listed.iter().find(|it| it["contact"]["user_id"] == "US.first").unwrap();
    assert_eq!(first["contact"]["phone_number"], Value::Null);
    assert_eq!(stand.reply(first["id"].id_number(), "for the first").await.status, 200);
    assert_eq!(stand.phone_got("US.first").await, ["for the first"]);
    assert!(stand.phone_got(ANA).await.is_empty());
}

#[tokio::test]
async fn a_late_message_of_a_former_owner_merges_no_strangers_and_moves_no_number_back() {
    for (late, others) in [("US.first", 2), ("US.never-seen-before", 3)] {
        let stand = Stand::start().await;
        let now = stand.clock.now().seconds();
        let told = [("wamid.1", "US.first", 0), ("wamid.2", "US.second", 20), ("wamid.3", late, 10)];
        for (id, user, after) in told {
            let body = from(id, "50212345678", user, now - 100 + after);
            assert_eq!(stand.callback("demo", "demo-app-secret", &body).await.status, 200);
        }
        let listed = stand.conversations().await;
        assert_eq!(listed.len(), others, "{listed:?}");
        for place in &listed {
            let has_number = place["contact"]["phone_number"] == ANA;
            assert_eq!(has_number, place["contact"]["user_id"] == "US.second", "{place}");
            assert!(place["merged_into"].is_null(), "{place}");
        }
    }
}

#[tokio::test]
async fn an_old_message_that_comes_again_does_not_bring_an_old_number_back() {
    let stand = Stand::start().await;
    let now = stand.clock.now().seconds();
    let first = from("wamid.0", "50212345678", "US.ana", now - 100);
    assert_eq!(stand.callback("demo", "demo-app-secret", &first).await.status, 200);
    let moved = json!({ "id": "wamid.m", "from": "50212345678", "timestamp": (now - 10).to_string(), "type": "system", "system": { "type": "user_changed_number", "wa_id": "50287654321" } });
    let moved = json!({ "entry": [{ "changes": [{ "field": "messages", "value": { "metadata": { "phone_number_id": "1001" }, "messages": [moved] } }] }] });
    assert_eq!(stand.callback("demo", "demo-app-secret", &moved).await.status, 200);
    // Written before the move, delivered after it.
    let late = from("wamid.1", "50212345678", "US.ana", now - 50);
    assert_eq!(stand.callback("demo", "demo-app-secret", &late).await.status, 200);
    let listed = stand.conversations().await;
    assert_eq!((listed.len(), &listed[0]["contact"]["phone_number"]), (1, &json!("+50287654321")));
    // The next owner of the old number is another customer.
    let next = from("wamid.2", "50212345678", "US.bob", now);
    assert_eq!(stand.callback("demo", "demo-app-secret", &next).await.status, 200);
    assert_eq!(stand.conversations().await.len(), 2);
}
