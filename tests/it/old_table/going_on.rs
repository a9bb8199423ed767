//! Work that continues after a new version replaced an earlier one.

use std::time::Duration;

use serde_json::{Value, json};
use ventanilla::domain::{inbound::Disposition, raw::RawOwner, time::Timestamp};
use ventanilla_local::replay::TimeRange;

use super::{ANA, KILLED_AT, LUZ, log, of_ana, stand, with};
use crate::{
    conversations::{state, text, webhook},
    harness::{DEMO_KEY, IdNumber as _, Socket, Stand, eventually},
};

/// What a row of the fixture says under a name, as text.
async fn attempt_of(stand: &Stand, text: &str) -> Value {
    let rows = stand.rows().await;
    let found =
        rows.values().find(|row| row["row"]["S"] == "attempt" && row["content"]["M"]["body"]["S"] == text);
    found.unwrap_or_else(|| panic!("no attempt to send {text}")).clone()
}

/// A status of an old message that only our own callback data identifies.
async fn told_by_callback_data(stand: &Stand, attempt: &Value, to: &str, wamid: &str, status: &str) {
    let number = |name: &str| attempt[name]["N"].as_str().unwrap();
    let data = format!("v1.{}.{}.{}", number("conversation"), number("at"), number("id"));
    let now = ventanilla::ports::clock::Clock::now(stand.clock.as_ref()).seconds();
    let status = json!({
        "id": wamid, "status": status, "timestamp": now.to_string(), "recipient_id": to.trim_start_matches('+'),
        "biz_opaque_callback_data": data,
    });
    webhook(stand, "messages", json!({ "statuses": [status] })).await;
}

#[tokio::test]
async fn a_customer_writes_into_an_old_conversation() {
    let stand = stand().await;
    let before = with(&stand, ANA).await;
    text(&stand, "50212345678", "wamid.new.1", 0, "¿Siguen ahí?").await;
    let it = stand.conversation_with(ANA).await;
    assert_eq!((it["id"].id_number(), state(&it)), (before, ("active", "bot", &Value::Null, 1)));
    assert_eq!(it["last_message"]["text"], "¿Siguen ahí?");
    stand.window_opens(ANA).await;
    assert_eq!(stand.reply(before, "Sí").await.status, 200);
    assert_eq!(state(&stand.conversation_with(ANA).await), ("active", "human", &Value::Null, 0));
    stand.follow().await;
    let cursors: Vec<String> =
        log(&stand).await.iter().map(|it| it["cursor"].as_str().unwrap().to_owned()).collect();
    assert_eq!(cursors[80], "81", "the log goes on where it was");
    assert_eq!(cursors, (1..=cursors.len()).map(|it| it.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn old_unread_messages_are_read_by_a_reply_and_counted_with_new_ones() {
    let stand = stand().await;
    let unread = async |name: &str| {
        let all = stand.conversations().await;
        all.into_iter().find(|it| it["contact"]["name"] == name).unwrap()
    };
    text(&stand, "50266667777", "wamid.new.1", 0, "y otra").await;
    assert_eq!(unread("Eva").await["unread_count"], 4);
    stand.window_opens("+50266667777").await;
    assert_eq!(stand.reply(unread("Eva").await["id"].id_number(), "Sí").await.status, 200);
    assert_eq!(unread("Eva").await["unread_count"], 0);
    // A customer who waits for a person still does after a template, and is answered by a person.
    let luz = with(&stand, LUZ).await;
    stand.window_opens(LUZ).await;
    assert_eq!(stand.reply(luz, "Soy Ana").await.status, 200);
    assert_eq!(state(&stand.conversation_with(LUZ).await), ("active", "human", &json!("ana"), 0));
    // One that was closed before closing followed a policy follows it when the customer writes.
    text(&stand, "50277778888", "wamid.new.2", 0, "hola otra vez").await;
    let it = unread("Customer 8888").await;
    assert_eq!(state(&it), ("active", "bot", &Value::Null, 2));
}

#[tokio::test]
async fn statuses_edits_and_reactions_find_old_messages() {
    let stand = stand().await;
    let now = ventanilla::ports::clock::Clock::now(stand.clock.as_ref()).seconds().to_string();
    let quiet = of_ana(&stand, "Nadie dice nada").await;
    let status = json!({
        "id": quiet["provider_message_id"], "status": "delivered", "timestamp": now,
        "pricing": { "billable": true, "pricing_model": "PMP", "type": "regular", "category": "service" },
    });
    webhook(&stand, "messages", json!({ "statuses": [status] })).await;
    let quiet = of_ana(&stand, "Nadie dice nada").await;
    assert_eq!((&quiet["status"], &quiet["pricing"]["category"]), (&json!("delivered"), &json!("service")));
    let path = format!("/v1/messages/{}?include=raw", quiet["id"].as_str().unwrap());
    let raw = stand.api.get(&path).await.json();
    assert_eq!(raw["raw_statuses"].as_array().map(Vec::len), Some(1));

    let old = of_ana(&stand, "Hola, ¿están abiertos?").await;
    let of = old["provider_message_id"].clone();
    let told = |id: &str, kind: &str, part: Value| json!({ "id": id, "from": "50212345678", "timestamp": now, "type": kind, kind: part });
    let edit =
        json!({ "original_message_id": of, "message": { "type": "text", "text": { "body": "Hola" } } });
    let reply = of_ana(&stand, "Sí, hasta las 18:00").await;
    let reaction = json!({ "message_id": reply["provider_message_id"], "emoji": "🙏" });
    webhook(
        &stand,
        "messages",
        json!({ "messages": [
        told("wamid.new.1", "edit", edit), told("wamid.new.2", "reaction", reaction),
    ] }),
    )
    .await;
    let shown = stand.api.get(&format!("/v1/messages/{}", of.as_str().unwrap())).await.json();
    assert_eq!((&shown["text"], shown["edited_at"].is_string()), (&json!("Hola"), true));
    assert_eq!(of_ana(&stand, "Sí, hasta las 18:00").await["reactions"][0]["emoji"], "🙏");
    // A repeat of a webhook from before the change is one.
    let again = json!({ "id": of, "from": "50212345678", "timestamp": now, "type": "text", "text": { "body": "Hola, ¿están abiertos?" } });
    let count = stand.messages(with(&stand, ANA).await).await.len();
    webhook(&stand, "messages", json!({ "messages": [again] })).await;
    assert_eq!(stand.messages(with(&stand, ANA).await).await.len(), count);
}

#[tokio::test]
async fn an_unknown_outcome_is_resolved_by_a_status() {
    let stand = stand().await;
    let doubt = attempt_of(&stand, "¿Salió esto?").await;
    told_by_callback_data(&stand, &doubt, ANA, "wamid.settled.1", "delivered").await;
    let shown = of_ana(&stand, "¿Salió esto?").await;
    assert_eq!(
        (&shown["status"], &shown["provider_message_id"]),
        (&json!("delivered"), &json!("wamid.settled.1"))
    );
    // One that was being sent when the server was killed, and is on no list of messages yet.
    let sending = attempt_of(&stand, "Se cortó la luz").await;
    told_by_callback_data(&stand, &sending, LUZ, "wamid.settled.2", "sent").await;
    stand.clock.advance(Duration::from_mins(1));
    stand.sweep().await;
    let shown = stand.messages(with(&stand, LUZ).await).await.pop().unwrap();
    assert_eq!((&shown["text"], &shown["status"]), (&json!("Se cortó la luz"), &json!("sent")));
    // A repeat of the request returns the same, though another version began it.
    let answer = repeat(
        &stand,
        "visit-125",
        json!({ "phoneNumber": ANA, "content": "¿Salió esto?", "requestId": 125 }),
    )
    .await;
    assert_eq!(answer["data"]["message"]["content"], "¿Salió esto?", "{answer}");
}

/// Sends again what was sent under this key; nothing goes out.
async fn repeat(stand: &Stand, key: &str, body: Value) -> Value {
    let answer = stand.api.post_with("/api/whatsapp/send", &[("Idempotency-Key", key)], &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("idempotent-replayed"), Some("true"), "{}", answer.text);
    let phone = body["phoneNumber"].as_str().unwrap();
    assert_eq!(stand.phone_got(phone).await, [""; 0]);
    answer.json()
}

#[tokio::test]
async fn an_old_key_is_a_repeat_for_the_same_request_and_rejects_another() {
    let stand = stand().await;
    let body = json!({ "phoneNumber": ANA, "content": "Your technician is on the way", "requestId": 124 });
    let answer = repeat(&stand, "visit-123", body).await;
    assert_eq!(answer["data"]["message"]["content"], "Your technician is on the way", "{answer}");
    let other = json!({ "phoneNumber": ANA, "content": "Something else" });
    let answer = stand.api.post_with("/api/whatsapp/send", &[("Idempotency-Key", "visit-123")], &other).await;
    assert_eq!(answer.status, 422, "{}", answer.text);
    // A broadcast, too.
    let list = json!({ "templateName": "hello_world", "languageCode": "en_US",
        "recipients": [{ "phoneNumber": ANA, "requestId": 1 }, { "phoneNumber": "+50211112222", "requestId": 2 }] });
    let headers = [("Prefer", "respond-async"), ("Idempotency-Key", "campaign-1")];
    let answer = stand.api.post_with("/api/whatsapp/send-template", &headers, &list).await;
    assert!(answer.status.is_success(), "{}", answer.text);
    assert_eq!(answer.json()["summary"]["total"], 2, "{}", answer.text);
    assert_eq!(stand.phone_got("+50211112222").await, [""; 0], "{}", answer.text);
}

#[tokio::test]
async fn the_sweep_continues_the_unfinished_work() {
    let stand = stand().await;
    stand.window_opens(ANA).await;
    stand.window_opens(LUZ).await;
    // An attempt that was being sent is unknown once its lease is over.
    stand.clock.advance(Duration::from_secs(40));
    let swept = stand.sweep().await;
    assert_eq!((swept.abandoned, swept.failed), (5, 0), "{swept:?}");
    let cut = stand.messages(with(&stand, LUZ).await).await.pop().unwrap();
    assert_eq!((&cut["text"], &cut["status"]), (&json!("Se cortó la luz"), &json!("unknown")));
    // The unfinished batch is run; a recipient with an unknown outcome is not sent to again.
    stand.clock.advance(Duration::from_mins(3));
    let swept = stand.sweep().await;
    assert_eq!((swept.queued, swept.failed), (1, 0), "{swept:?}");
    let rows = stand.rows().await;
    let id =
        rows.values().find(|row| row["row"]["S"] == "broadcast" && row["key"]["S"] == "campaign-2").unwrap()
            ["id"]["N"]
            .as_str()
            .unwrap()
            .to_owned();
    let ended = eventually("the broadcast is done", async || {
        let it = stand.api.get(&format!("/v1/broadcasts/{id}")).await.json();
        (it["counts"]["queued"] == 0).then_some(it)
    })
    .await;
    assert_eq!((&ended["counts"]["total"], &ended["counts"]["unknown"]), (&json!(3), &json!(3)), "{ended}");
    for number in ["+50233330001", "+50233330002", "+50233330003"] {
        assert_eq!(stand.phone_got(number).await, [""; 0], "{number}");
        // Fields that the earlier version did not store with an attempt are looked up when its outcome is
        // committed.
        let message = stand.messages(with(&stand, number).await).await.pop().unwrap();
        assert_eq!(
            (&message["status"], &message["template"]["name"]),
            (&json!("unknown"), &json!("hello_world"))
        );
        assert!(
            message["text"].as_str().is_some_and(|text| text == message["template"]["body"]),
            "{message}"
        );
    }
    // After the grace time one that may be repeated is sent again, all others are left to a person.
    stand.clock.advance(Duration::from_mins(16));
    let swept = stand.sweep().await;
    assert_eq!((swept.repeated, swept.failed), (1, 0), "{swept:?}");
    assert_eq!(stand.phone_got(ANA).await, ["Esto se repite"]);
    assert_eq!(of_ana(&stand, "¿Salió esto?").await["unresolved"], true);
}

#[tokio::test]
async fn a_frame_of_the_old_server_s_socket_has_an_unknown_outcome_and_is_not_sent_twice() {
    let stand = stand().await;
    stand.window_opens(ANA).await;
    stand.clock.advance(Duration::from_mins(2));
    stand.sweep().await;
    stand.sweep().await;
    assert_eq!(stand.phone_got(ANA).await, [""; 0], "its call was begun");
    assert_eq!(of_ana(&stand, "Por el socket, cortado").await["status"], "unknown");
    let left: Vec<String> =
        stand.rows().await.values().filter(|row| row["row"]["S"] == "frame").map(Value::to_string).collect();
    assert_eq!(left, [""; 0]);
}

#[tokio::test]
async fn waiting_messages_are_pushed_to_a_new_socket() {
    let stand = stand().await;
    stand.follow().await;
    let mut socket = Socket::open(&stand.base(), &format!("apiKey={DEMO_KEY}"), &[]).await.unwrap();
    stand.follow().await;
    let mut heard = Vec::new();
    while heard.last() != Some(&json!("con ambos")) {
        heard.push(socket.next_of("whatsapp_message").await["data"]["text"].clone());
    }
    for text in ["Hola, ¿están abiertos?", "Buenas tardes"] {
        assert_eq!(heard.iter().filter(|it| **it == json!(text)).count(), 1, "{text}: {heard:?}");
    }
}

#[tokio::test]
async fn archived_webhooks_are_ingested_again_and_recognised() {
    let stand = stand().await;
    let before = stand.rows().await;
    let killed_at = Timestamp::from_millis(KILLED_AT);
    let span = TimeRange { from: Timestamp::from_millis(KILLED_AT - 3_600_000), until: killed_at };
    let owner = RawOwner::Tenant(Stand::tenant());
    let replayed = stand.replayer().replay(&owner, span, |_, _| {}).await.unwrap();
    assert_eq!((replayed.webhooks, replayed.failed), (3, 0));
    assert_eq!(replayed.items.get(&Disposition::Duplicate), Some(&3), "{:?}", replayed.items);
    assert!(stand.rows().await == before, "a replay changed what was right");
}

#[tokio::test]
async fn an_old_opt_out_holds_and_a_lead_is_answered() {
    let stand = stand().await;
    stand.window_opens(ANA).await;
    // Luz stopped marketing, by the other spelling of her number as well.
    let promo = json!({
        "templateName": "promo_with_image", "languageCode": "es",
        "components": [
            { "type": "header", "parameters": [{ "type": "image", "image": { "link": "https://files.example/a.jpg" } }] },
            { "type": "body", "parameters": [{ "type": "text", "text": "Ana" }] },
        ],
        "recipients": [{ "phoneNumber": LUZ }, { "phoneNumber": "+50299990000" }, { "phoneNumber": ANA }],
    });
    let answer = stand.api.post("/api/whatsapp/send-template?dry_run=true", &promo).await.json();
    let codes: Vec<&Value> = answer["results"].as_array().unwrap().iter().map(|it| &it["code"]).collect();
    assert_eq!(codes, [&json!("suppressed"), &json!("suppressed"), &Value::Null], "{answer}");
    let mut other = promo;
    other["recipients"] = json!([{ "phoneNumber": "+5215512345678" }]);
    let answer = stand.api.post("/api/whatsapp/send-template?dry_run=true", &other).await.json();
    assert_eq!(answer["results"][0]["code"], "suppressed", "{answer}");
    let reply = json!({ "content": "Con gusto", "messaging_channel_connection_id": 1 });
    let answer = stand.api.post("/v1/leads/crm-7/conversations/reply", &reply).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(stand.phone_got(ANA).await, ["Con gusto"]);
}
