//! The contract of the PHP bot.

use std::time::Duration;

use futures_util::{FutureExt, future::join_all};
use http::Method;
use serde_json::{Value, json};
use ventanilla::api::common::body::API_LIMIT;

use super::{
    ANA, BOB, EVA, NOWHERE, USER,
    call::{Auth, Call, READER, SENDER},
    failures, golden, kinds,
    scene::{Scene, with_sender},
};
use crate::harness::{CONFIG, Carrier, Fault, OTHER_KEY};

#[tokio::test]
async fn the_php_bot_is_answered_as_ever() {
    let scenes = [
        replies().boxed_local(),
        refused_replies().boxed_local(),
        sends_that_fail().boxed_local(),
        nobody_assumed().boxed_local(),
        conversations().boxed_local(),
        messages().boxed_local(),
        switch().boxed_local(),
        updates().boxed_local(),
    ];
    golden::check("php_bot", &join_all(scenes).await.concat());
}

const LISTS: [&str; 3] = ["/api/conversations", "/api/get-conversations", "/api/get-conversations.php"];

/// A reply into a conversation, under both spellings of its route.
fn spellings(conversation: u64) -> [(&'static str, Call); 2] {
    let body = json!({ "message": "Ya vamos" });
    [
        ("a reply", Call::post(format!("/api/conversations/{conversation}/reply"), body.clone())),
        ("a reply by the script", Call::post(format!("/api/reply-conversation.php?id={conversation}"), body)),
    ]
}

async fn replies() -> Vec<Value> {
    let mut scene = Scene::start("replies").await;
    let id = scene.writes(ANA, "hola").await;
    for (what, good) in spellings(id) {
        scene.call(what, &good).await;
        scene.call(&format!("{what} without a key"), &good.by(Auth::Nobody)).await;
        let sent_by = json!({ "type": "bot", "id": "agua", "name": "Agua" });
        scene.call(&format!("{what} of a bot"), &good.with("/sent_by", sent_by)).await;
        scene.call(&format!("{what} with fields that nobody knows"), &good.with("/more", json!([1]))).await;
        let free = good.header("delivery-policy", "at-least-once");
        scene.call(&format!("{what} with the delivery policy at-least-once"), &free).await;
        failures::of_keys(&mut scene, what, &good, &good.with("/message", json!("otra")), ANA).await;
    }
    let [_, (what, script)] = spellings(id);
    failures::of_methods(&mut scene, what, &script, &[Method::GET, Method::PUT, Method::DELETE]).await;
    scene.call("the script by GET without a body", &Call::get(&script.path)).await;
    scene.sends(USER, json!({ "text": "hi", "hide_phone": true })).await;
    let [(what, to_user), _] = spellings(scene.conversation(USER).await);
    scene.call(&format!("{what} to a customer who shows no number"), &to_user).await;
    scene.end()
}

async fn refused_replies() -> Vec<Value> {
    let mut scene = Scene::start("refused replies").await;
    let id = scene.writes(ANA, "hola").await;
    for (what, good) in spellings(id) {
        failures::of_callers(&mut scene, what, &good, READER).await;
        scene.call(&format!("{what} by another company"), &good.key(OTHER_KEY)).await;
        failures::of_bodies(&mut scene, what, &good, API_LIMIT).await;
        failures::of_sending(&mut scene, what, &good).await;
        scene.without(what, &good, &["/message"]).await;
        let values = [
            json!(null),
            json!(""),
            json!("0"),
            json!(" "),
            json!(7),
            json!(["x"]),
            json!("a\0b"),
            json!("x".repeat(4097)),
        ];
        scene.with(what, &good, &values.map(|value| ("/message", value))).await;
    }
    let [(what, by_path), (_, by_script)] = spellings(id);
    failures::of_methods(
        &mut scene,
        what,
        &by_path,
        &[Method::GET, Method::PUT, Method::DELETE, Method::PATCH],
    )
    .await;
    let [_, (what, script)] = spellings(id);
    failures::of_callers(&mut scene, &format!("{what} by GET"), &script.method(Method::GET), READER).await;
    for wrong in ["0", "abc", "1x", "-1", "99999999999999999999", &NOWHERE.to_string()] {
        scene
            .call(&format!("a reply to {wrong}"), &by_path.at(format!("/api/conversations/{wrong}/reply")))
            .await;
        let script = by_script.at(format!("/api/reply-conversation.php?id={wrong}"));
        scene.call(&format!("a reply by the script to {wrong}"), &script).await;
    }
    scene.call("a reply by the script to nobody", &by_script.at("/api/reply-conversation.php")).await;
    scene.end()
}

async fn sends_that_fail() -> Vec<Value> {
    let mut scene = Scene::start("sends that fail").await;
    let id = scene.writes(ANA, "hola").await;
    let [(what, good), (by_script, script)] = spellings(id);
    failures::of_store(&mut scene, what, &good, &["PutItem", "GetItem"]).await;
    failures::of_meta(&mut scene, what, &good).await;
    scene.call(&format!("{what} after WhatsApp closed the window"), &good).await;
    scene.stand.clock.advance(Duration::from_mins(1));
    scene.writes(ANA, "¿hay alguien?").await;
    scene.call(&format!("{what} after the customer wrote again"), &good).await;
    // Its status would tell the same, and mend the record.
    scene.stand.running.sandbox.set_webhook_url("1001", "http://127.0.0.1:9/nowhere");
    scene.stand.tap.next("TransactWriteItems", Fault::Outage);
    scene.call(&format!("{what} that is sent and cannot be recorded"), &good).await;
    scene.stand.clock.advance(Duration::from_hours(25));
    scene.call(&format!("{what} to a closed window"), &good).await;
    scene
        .call("the templates, so that there is something to offer", &Call::get("/api/whatsapp/templates"))
        .await;
    scene.call(&format!("{what} to a closed window, with templates"), &good).await;
    scene.call(&format!("{by_script} to a closed window, with templates"), &script).await;
    let mut heard = scene.end();
    let mut at_kaleyra = Scene::start_at("sends that fail at Kaleyra", Carrier::KaleyraV2).await;
    let [(what, good), _] = spellings(at_kaleyra.writes(ANA, "hola").await);
    failures::of_kaleyra(&mut at_kaleyra, what, &good).await;
    heard.extend(at_kaleyra.end());
    heard
}

/// On AWS no key is assumed for a caller without one.
async fn nobody_assumed() -> Vec<Value> {
    let config = with_sender(&CONFIG.replace("assume_key = \"demo\"", ""));
    let mut scene = Scene::start_with("nobody assumed", config).await;
    let id = scene.writes(ANA, "hola").await;
    let switch = json!({ "ai_enabled": true });
    for (what, good) in spellings(id) {
        failures::of_nobody(&mut scene, what, &good).await;
    }
    for path in LISTS.into_iter().chain([
        "/api/get-conversation-messages.php?id=1",
        "/api/check-updates",
        "/api/check-updates.php",
        "/api/check-conversation-updates",
        "/api/check-conversation-updates.php",
    ]) {
        failures::of_nobody(&mut scene, path, &Call::get(path)).await;
    }
    let messages = Call::get(format!("/api/conversations/{id}/messages"));
    failures::of_nobody(&mut scene, "messages", &messages).await;
    for path in [format!("/api/conversations/{id}/toggle-ai"), format!("/api/toggle-ai.php?id={id}")] {
        let what = if path.contains("php") { "the switch by the script" } else { "the switch" };
        failures::of_nobody(&mut scene, what, &Call::post(path, switch.clone())).await;
    }
    scene.end()
}

async fn conversations() -> Vec<Value> {
    let mut scene = Scene::start("conversations").await;
    for path in LISTS {
        scene.call(&format!("nobody wrote yet, {path}"), &Call::get(path)).await;
    }
    let ana = scene.writes(ANA, "→ hola").await;
    scene.phone(BOB, &json!({ "name": "Bob Ruiz" })).await;
    let bob = scene.writes(BOB, "buenas").await;
    scene.writes(EVA, "quiero hablar con humano").await;
    scene.sends(USER, json!({ "text": "hi", "hide_phone": true })).await;
    assert_eq!(scene.stand.reply(ana, "claro").await.status, 200);
    scene.rest().await;
    assert_eq!(scene.stand.api.post(&format!("/v1/conversations/{bob}/close"), &json!({})).await.status, 200);
    for path in LISTS {
        scene.call(path, &Call::get(path)).await;
        for status in ["", "active", "pending_human", "closed", "nonsense"] {
            let call = Call::get(path).query(&format!("status={status}"));
            scene.call(&format!("{path}, of status {status:?}"), &call).await;
        }
        scene.call(&format!("{path} of another company"), &Call::get(path).key(OTHER_KEY)).await;
        failures::of_callers(&mut scene, path, &Call::get(path), SENDER).await;
        failures::of_methods(&mut scene, path, &Call::get(path), &[Method::POST, Method::DELETE]).await;
        failures::of_store(&mut scene, path, &Call::get(path), &["Query"]).await;
    }
    scene.end()
}

async fn messages() -> Vec<Value> {
    let mut scene = Scene::start("messages").await;
    let id = kinds::every_kind(&mut scene, ANA).await;
    let template = json!({ "templateName": "hello_world", "languageCode": "en_US", "recipients": [{ "phoneNumber": ANA }] });
    assert_eq!(scene.stand.api.post("/api/whatsapp/send-template", &template).await.status, 200);
    scene.rest().await;
    let by_path = Call::get(format!("/api/conversations/{id}/messages"));
    let by_script = Call::get(format!("/api/get-conversation-messages.php?id={id}"));
    for (what, good) in [("messages", by_path.clone()), ("messages by the script", by_script)] {
        let all = scene.call(&format!("{what} of every kind"), &good.query("limit=100")).await.json();
        let as_many = good.query(&format!("limit={}", all["total"]));
        scene.call(&format!("{what}, as many as there are"), &as_many).await;
        scene.call(what, &good).await;
        scene
            .queries(
                what,
                &good,
                &[
                    "limit=2",
                    "offset=2&limit=2",
                    "offset=999",
                    "limit=0",
                    "limit=-1",
                    "offset=x&limit=x",
                    "limit=99999999999",
                ],
            )
            .await;
        scene.call(&format!("{what} of another company"), &good.key(OTHER_KEY)).await;
        failures::of_callers(&mut scene, what, &good, SENDER).await;
        failures::of_methods(&mut scene, what, &good, &[Method::POST, Method::PUT]).await;
        failures::of_store(&mut scene, what, &good, &["GetItem", "Query"]).await;
    }
    for wrong in ["0", "abc", "1x", &NOWHERE.to_string()] {
        scene
            .call(
                &format!("messages of {wrong}"),
                &by_path.at(format!("/api/conversations/{wrong}/messages")),
            )
            .await;
        let script = by_path.at(format!("/api/get-conversation-messages.php?id={wrong}"));
        scene.call(&format!("messages by the script of {wrong}"), &script).await;
    }
    scene.call("messages by the script of nobody", &by_path.at("/api/get-conversation-messages.php")).await;
    scene.end()
}

async fn switch() -> Vec<Value> {
    let mut scene = Scene::start("the switch").await;
    let id = scene.writes(ANA, "hola").await;
    let body = json!({ "ai_enabled": false });
    let by_path = Call::post(format!("/api/conversations/{id}/toggle-ai"), body.clone());
    let by_script = Call::post(format!("/api/toggle-ai.php?id={id}"), body);
    for (what, good) in [("the path", by_path.clone()), ("the script", by_script)] {
        scene.call(&format!("{what} without a key"), &good.by(Auth::Nobody)).await;
        for value in [json!(true), json!(false), json!(1), json!(0)] {
            let list = format!("conversations after {what} was told {value}");
            scene.with(what, &good, &[("/ai_enabled", value)]).await;
            scene.call(&list, &Call::get("/api/conversations")).await;
        }
        scene.without(what, &good, &["/ai_enabled"]).await;
        let wrong = [json!(null), json!("on"), json!(2), json!([])];
        scene.with(what, &good, &wrong.map(|value| ("/ai_enabled", value))).await;
        scene.call(&format!("{what} of another company"), &good.key(OTHER_KEY)).await;
        failures::of_callers(&mut scene, what, &good, READER).await;
        failures::of_bodies(&mut scene, what, &good, API_LIMIT).await;
        failures::of_methods(&mut scene, what, &good, &[Method::GET, Method::PUT]).await;
        failures::of_store(&mut scene, what, &good, &["GetItem"]).await;
    }
    for wrong in ["0", "abc", "1x", &NOWHERE.to_string()] {
        scene
            .call(
                &format!("the path of {wrong}"),
                &by_path.at(format!("/api/conversations/{wrong}/toggle-ai")),
            )
            .await;
        let script = by_path.at(format!("/api/toggle-ai.php?id={wrong}"));
        scene.call(&format!("the script of {wrong}"), &script).await;
    }
    scene.call("the script of nobody", &by_path.at("/api/toggle-ai.php")).await;
    scene.end()
}

async fn updates() -> Vec<Value> {
    let mut scene = Scene::start("updates").await;
    let ana = scene.writes(ANA, "hola").await;
    let bob = scene.writes(BOB, "buenas").await;
    scene.stand.clock.advance(Duration::from_mins(5));
    let (before, after) = ("last_check=2026-03-03%2010:00:00", "last_check=2026-03-03%2010:34:00");
    for path in ["/api/check-updates", "/api/check-updates.php"] {
        let good = Call::get(path);
        scene.call(&format!("{path} for the first time"), &good).await;
        scene.queries(path, &good, &[before, after, "last_check="]).await;
        for id in [ana.to_string(), NOWHERE.to_string(), "x".to_owned(), String::new()] {
            let query = format!("{before}&conversation_id={id}");
            let sentence = if id == ana.to_string() { "ana".to_owned() } else { format!("{id:?}") };
            scene.call(&format!("{path} of {sentence}"), &good.query(&query)).await;
        }
        let quiet = good.query(&format!("{after}&conversation_id={ana}"));
        scene.call(&format!("{path} of ana, who said nothing since"), &quiet).await;
        refused_updates(&mut scene, path, &good.query(before)).await;
    }
    for path in ["/api/check-conversation-updates", "/api/check-conversation-updates.php"] {
        let good = Call::get(path);
        scene.call(&format!("{path} without a time"), &good).await;
        scene.queries(path, &good, &[before, after, "last_check="]).await;
        refused_updates(&mut scene, path, &good.query(before)).await;
    }
    let (closed, list) =
        (format!("/v1/conversations/{bob}/close"), Call::get("/api/check-conversation-updates"));
    scene.stand.clock.advance(Duration::from_mins(5));
    assert_eq!(scene.stand.api.post(&closed, &json!({})).await.status, 200);
    let since = "last_check=2026-03-03%2010:38:00";
    scene.call("a conversation that was closed is news", &list.query(since)).await;
    scene.end()
}

async fn refused_updates(scene: &mut Scene, path: &str, good: &Call) {
    let bare = good.at(path);
    scene.queries(path, &bare, &["last_check=yesterday", "last_check=2026-03-03T10:00:00Z"]).await;
    scene.call(&format!("{path} of another company"), &good.key(OTHER_KEY)).await;
    failures::of_callers(scene, path, good, SENDER).await;
    failures::of_methods(scene, path, good, &[Method::POST]).await;
    failures::of_store(scene, path, good, &["Query"]).await;
}
