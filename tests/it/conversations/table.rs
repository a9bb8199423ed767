//! The table, row by row, through the real routes.

use std::time::Duration;

use serde_json::{Value, json};

use super::{echo, events, received, state, text, webhook};
use crate::{
    harness::{IdNumber as _, Stand},
    inbox::{ANA, done},
    templates::reminder,
};

const FROM: &str = "50212345678";

async fn shown(stand: &Stand) -> Value {
    stand.conversation_with(ANA).await
}

fn id(it: &Value) -> u64 {
    it["id"].id_number()
}

/// Sends the template that the sandbox has, to the number.
async fn template(stand: &Stand) {
    let answer = stand.api.post("/api/whatsapp/send-template", &reminder(&[ANA])).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["summary"]["sent"]),
        (200, &json!(1)),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn a_template_leaves_a_waiting_customer_in_the_queue() {
    let stand = Stand::start().await;
    let place = stand.customer_writes(ANA, "quiero hablar con humano").await;
    template(&stand).await;
    let it = shown(&stand).await;
    assert_eq!(state(&it), ("pending_human", "human", &Value::Null, 1));
    // It heads the list all the same.
    assert_eq!(
        (&it["last_message"]["direction"], &it["last_message"]["type"]),
        (&json!("outbound"), &json!("template"))
    );
    done(&stand, place, "close", json!(null)).await;
    template(&stand).await;
    assert_eq!(state(&shown(&stand).await), ("closed", "bot", &Value::Null, 0));
}

#[tokio::test]
async fn the_newest_by_the_provider_s_time_heads_the_list_in_either_order() {
    let old = ("wamid.1", 5, "Hola");
    let new = ("wamid.2", 3, "¿Están abiertos?");
    for order in [[old, new], [new, old]] {
        let stand = Stand::start().await;
        for (id, ago, body) in order {
            text(&stand, FROM, id, ago, body).await;
        }
        let it = shown(&stand).await;
        assert_eq!(
            it["last_message"],
            json!({ "direction": "inbound", "type": "text", "text": "¿Están abiertos?" }),
            "{it}"
        );
        let messages = stand.messages(id(&it)).await;
        assert_eq!(it["last_message_at"], messages[1]["at"], "its own time, not ours");
        assert_eq!(messages.len(), 2);
    }
}

#[tokio::test]
async fn a_reaction_its_removal_a_deletion_and_an_edit_need_no_answer() {
    let stand = Stand::start().await;
    text(&stand, FROM, "wamid.1", 0, "hola").await;
    let place = id(&shown(&stand).await);
    done(&stand, place, "close", json!(null)).await;
    let before = shown(&stand).await;
    let react =
        |emoji: &str| json!({ "type": "reaction", "reaction": { "message_id": "wamid.1", "emoji": emoji } });
    let edit = json!({ "type": "edit", "edit": { "original_message_id": "wamid.0",
        "message": { "type": "text", "text": { "body": "otra" } } } });
    let revoke = json!({ "type": "revoke", "revoke": { "original_message_id": "wamid.0" } });
    let contents = [react("👍"), react(""), edit, revoke];
    for (number, content) in contents.into_iter().enumerate() {
        received(&stand, FROM, &format!("wamid.other{number}"), 0, content).await;
        assert_eq!(shown(&stand).await, before, "{number}");
    }
}

#[tokio::test]
async fn only_messages_hold_the_window_open_and_a_reaction_leaves_it_to_the_provider() {
    let stand = Stand::start().await;
    text(&stand, FROM, "wamid.1", 0, "hola").await;
    let open = shown(&stand).await["window"].clone();
    assert_eq!(open["open"], true);
    let reaction = json!({ "type": "reaction", "reaction": { "message_id": "wamid.1", "emoji": "👍" } });
    stand.clock.advance(Duration::from_hours(2));
    received(&stand, FROM, "wamid.2", 0, reaction.clone()).await;
    assert_eq!(shown(&stand).await["window"], open);
    stand.clock.advance(Duration::from_hours(23));
    assert_eq!(shown(&stand).await["window"], json!({ "open": null, "expires_at": null }));
    stand.clock.advance(Duration::from_hours(2));
    assert_eq!(shown(&stand).await["window"]["open"], false);
    let removal = json!({ "type": "reaction", "reaction": { "message_id": "wamid.1", "emoji": "" } });
    received(&stand, FROM, "wamid.4", 0, removal).await;
    assert_eq!(shown(&stand).await["window"]["open"], false, "who takes a reaction back opens nothing");
    // The provider decides, so a reply is tried.
    received(&stand, FROM, "wamid.3", 0, reaction).await;
    assert_eq!(shown(&stand).await["window"]["open"], json!(null));
}

#[tokio::test]
async fn a_call_heads_the_list_asks_nothing_and_leaves_the_window_to_the_provider() {
    let stand = Stand::start().await;
    let now = ventanilla::ports::clock::Clock::now(stand.clock.as_ref()).seconds();
    for event in ["connect", "terminate"] {
        let call = json!({ "id": "wacid.1", "from": FROM, "to": "15550100001", "event": event, "timestamp": now.to_string() });
        webhook(&stand, "calls", json!({ "calls": [call] })).await;
    }
    let ours = json!({ "id": "wacid.2", "from": "15550100001", "to": FROM, "event": "connect", "direction": "BUSINESS_INITIATED" });
    webhook(&stand, "calls", json!({ "calls": [ours] })).await;
    let it = shown(&stand).await;
    assert_eq!(state(&it), ("active", "bot", &Value::Null, 0));
    assert_eq!(it["last_message"], json!({ "direction": "inbound", "type": "call", "text": null }));
    assert_eq!(it["window"], json!({ "open": null, "expires_at": null }));
    assert_eq!((stand.messages(id(&it)).await.len(), stand.conversations().await.len()), (1, 1));
}

#[tokio::test]
async fn a_message_that_comes_days_late_counts_opens_and_says_so() {
    let stand = Stand::start().await;
    text(&stand, FROM, "wamid.1", 60, "hola").await;
    let place = id(&shown(&stand).await);
    done(&stand, place, "close", json!(null)).await;
    text(&stand, FROM, "wamid.2", 3 * 86_400, "me escuchan").await;
    let it = shown(&stand).await;
    assert_eq!(state(&it), ("active", "bot", &Value::Null, 1));
    // By its own time it does not head the list, nor hold the window.
    assert_eq!(it["last_message"]["text"], "hola");
    let late: Vec<_> = stand.messages(place).await.iter().map(|it| it["late"].clone()).collect();
    assert_eq!(late, [json!(true), json!(false)]);
    let told = events(&stand, "message.received").await;
    assert_eq!((&told[0]["late"], &told[1]["late"]), (&json!(false), &json!(true)), "{told:?}");
}

#[tokio::test]
async fn a_reply_in_the_business_app_answers_all_earlier_messages_in_any_order() {
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [1, 0, 2]] {
        let stand = Stand::start().await;
        for step in order {
            match step {
                0 => text(&stand, FROM, "wamid.1", 30, "quiero hablar con humano").await,
                1 => echo(&stand, FROM, "wamid.2", 20, "aquí estoy").await,
                _ => text(&stand, FROM, "wamid.3", 10, "gracias").await,
            }
        }
        let it = shown(&stand).await;
        assert_eq!(state(&it), ("active", "human", &Value::Null, 1), "{order:?}");
        assert_eq!(it["last_message"]["text"], "gracias");
    }
}

#[tokio::test]
async fn closing_gives_the_conversation_back_to_the_bot_and_a_message_opens_it_again() {
    let stand = Stand::start().await;
    let place = stand.customer_writes(ANA, "hablar con humano").await;
    done(&stand, place, "assign", json!({ "assignee": "ana" })).await;
    let closed = done(&stand, place, "close", json!(null)).await;
    assert_eq!(state(&closed), ("closed", "bot", &Value::Null, 0));
    assert!(closed["closed_at"].is_string(), "{closed}");
    stand.customer_writes(ANA, "otra cosa").await;
    let it = shown(&stand).await;
    assert_eq!((state(&it), &it["closed_at"]), (("active", "bot", &Value::Null, 1), &Value::Null));
}

#[tokio::test]
async fn a_rejected_reply_changes_only_the_window_and_one_of_unknown_outcome_counts() {
    let stand = Stand::start().await;
    let place = stand.customer_writes(ANA, "hablar con humano").await;
    let before = shown(&stand).await;
    stand.provider_will(ventanilla_sandbox::Fault::Refuse {
        code: 131_026,
        http_status: None,
        details: None,
    });
    assert_ne!(stand.reply(place, "no llega").await.status, 200);
    assert_eq!(shown(&stand).await, before);
    stand.provider_will(ventanilla_sandbox::Fault::Cut { accepted: false });
    stand.reply(place, "quizás").await;
    let it = shown(&stand).await;
    assert_eq!(
        (state(&it), &it["last_message"]["text"]),
        (("active", "human", &Value::Null, 0), &json!("quizás"))
    );
}

#[tokio::test]
async fn messages_are_read_up_to_the_named_one() {
    let stand = Stand::start().await;
    for (id, ago) in [("wamid.1", 30), ("wamid.2", 20), ("wamid.3", 10)] {
        text(&stand, FROM, id, ago, id).await;
    }
    let it = shown(&stand).await;
    let messages = stand.messages(id(&it)).await;
    let read = async |message: Value| {
        let body = json!({ "message_id": message });
        stand.api.post(&format!("/v1/conversations/{}/read", id(&it)), &body).await
    };
    let bare = messages[0]["id"].as_str().unwrap().strip_prefix("msg_").unwrap();
    assert_eq!(read(json!(bare)).await.json()["conversation"]["unread_count"], 2);
    assert_eq!(read(messages[1]["id"].clone()).await.json()["conversation"]["unread_count"], 1);
    assert_eq!(read(messages[0]["id"].clone()).await.json()["conversation"]["unread_count"], 1);
    assert_eq!(read(json!(7)).await.status, 404);
    assert_eq!(read(json!("wamid.1")).await.json()["conversation"]["unread_count"], 1);
    assert_eq!(read(json!("wamid.none")).await.status, 404);
    assert_eq!(read(json!(true)).await.json()["field"], "message_id");
    assert_eq!(read(Value::Null).await.json()["conversation"]["unread_count"], 0);
}

#[tokio::test]
async fn a_notice_is_shown_in_the_thread_only() {
    let stand = Stand::start().await;
    text(&stand, FROM, "wamid.1", 5, "hola").await;
    let before = shown(&stand).await;
    let notice = json!({ "type": "system", "system": { "body": "Ana changed her number", "type": "user_changed_number", "wa_id": FROM } });
    received(&stand, FROM, "wamid.2", 0, notice).await;
    assert_eq!(shown(&stand).await, before);
    assert_eq!(stand.messages(id(&before)).await.len(), 2);
    // Nothing of a status moves it either.
    let now = ventanilla::ports::clock::Clock::now(stand.clock.as_ref()).seconds();
    let status =
        json!({ "id": "wamid.x", "status": "read", "timestamp": now.to_string(), "recipient_id": FROM });
    webhook(&stand, "messages", json!({ "statuses": [status] })).await;
    assert_eq!(shown(&stand).await, before);
}

/// A webhook of one customer's, delivered this many seconds after it happened.
async fn tell(stand: &Stand, number: usize) {
    match number {
        0 => text(stand, FROM, "wamid.0", 60, "quiero hablar con humano").await,
        1 => text(stand, FROM, "wamid.1", 50, "¿hola?").await,
        2 => echo(stand, FROM, "wamid.2", 40, "aquí estoy").await,
        3 => text(stand, FROM, "wamid.3", 30, "necesito a una persona").await,
        4 => {
            let reaction =
                json!({ "type": "reaction", "reaction": { "message_id": "wamid.2", "emoji": "👍" } });
            received(stand, FROM, "wamid.4", 20, reaction).await;
        }
        _ => {
            let edit = json!({ "type": "edit", "edit": { "original_message_id": "wamid.1",
                "message": { "type": "text", "text": { "body": "¿hola??" } } } });
            received(stand, FROM, "wamid.5", 10, edit).await;
        }
    }
}

#[tokio::test]
async fn any_order_and_repetition_of_webhooks_ends_alike_in_the_store() {
    let orders: [&[usize]; 7] = [
        &[0, 1, 2, 3, 4, 5],
        &[5, 4, 3, 2, 1, 0],
        &[2, 0, 0, 3, 5, 1, 4, 2],
        &[3, 2, 1, 0, 4, 5, 3, 3],
        &[1, 3, 0, 2, 5, 4, 0, 1, 2],
        &[4, 0, 2, 1, 3, 5],
        &[2, 3, 5, 4, 1, 1, 0, 2],
    ];
    let mut first = None;
    for order in orders {
        let stand = Stand::start().await;
        for number in order {
            tell(&stand, *number).await;
        }
        let it = shown(&stand).await;
        let told =
            ["status", "handled_by", "assignee", "unread_count", "window", "last_message", "closed_at"];
        let mut state: Vec<Value> = told.iter().map(|name| it[name].clone()).collect();
        // When exactly it ends follows from when each stand began.
        state[4].as_object_mut().unwrap().remove("expires_at");
        let messages = stand.messages(id(&it)).await.len();
        let expected = first.get_or_insert_with(|| (state.clone(), messages));
        assert_eq!((&state, messages), (&expected.0, expected.1), "{order:?}");
    }
    assert_eq!(first.unwrap().0[..4], [json!("active"), json!("human"), Value::Null, json!(1)]);
}
