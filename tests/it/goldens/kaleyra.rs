//! The contract of Kaleyra's own API.

use std::time::Duration;

use futures_util::{FutureExt, future::join_all};
use http::Method;
use serde_json::{Value, json};
use ventanilla::api::common::body::API_LIMIT;

use super::{
    ANA, BOB, USER,
    call::{Auth, Call, READER},
    failures, golden,
    scene::Scene,
};
use crate::harness::{Carrier, DEMO_KEY, OTHER_KEY, SID};

#[tokio::test]
async fn kaleyra_s_clients_are_answered_as_ever() {
    let scenes = [
        messages().boxed_local(),
        callers().boxed_local(),
        wrong_messages().boxed_local(),
        sends_that_fail().boxed_local(),
        at_kaleyra().boxed_local(),
    ];
    golden::check("kaleyra", &join_all(scenes).await.concat());
}

const PATH: &str = "/v2/demo/whatsapp/+15550100001/messages";

/// A message of this kind to Ana.
fn message(kind: &str, inner: &Value) -> Call {
    let object = json!({ "messaging_product": "whatsapp", "to": ANA, "type": kind, kind: inner });
    Call::post(PATH, json!({ "messaging_object": object })).by(Auth::ApiKey(DEMO_KEY))
}

/// The page's own sample.
fn text() -> Call {
    let references =
        json!({ "ref": "customer1", "ref1": "marketing", "ref2": "dictionary", "wa_source": "api" });
    message("text", &json!({ "preview_url": false, "body": "Thanks for your order!" }))
        .with("/extra_info", references)
}

/// Every kind of message that can be sent.
pub(super) fn kinds() -> Vec<(&'static str, &'static str, Value)> {
    let button = |id: &str| json!({ "type": "reply", "reply": { "id": id, "title": id } });
    let choices = json!({ "button": "Ver", "sections": [{ "title": "Planes", "rows": [{ "id": "a", "title": "A" }] }] });
    let link =
        json!({ "name": "cta_url", "parameters": { "display_text": "Open", "url": "https://sol.example" } });
    let file = |more: Value| {
        let mut file = json!({ "link": "https://files.example/a" });
        file.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        file
    };
    vec![
        ("a text with a preview", "text", json!({ "preview_url": true, "body": "https://sol.example" })),
        ("a template", "template", json!({ "name": "hello_world", "language": { "code": "en_US" } })),
        (
            "a place",
            "location",
            json!({ "latitude": 14.6, "longitude": "-90.5", "name": "Sol", "address": "Zona 10" }),
        ),
        ("a business card", "contacts", json!([{ "name": { "formatted_name": "Ana" } }])),
        (
            "buttons",
            "interactive",
            json!({ "type": "button", "body": { "text": "?" }, "action": { "buttons": [button("yes"), button("no")] } }),
        ),
        ("a list", "interactive", json!({ "type": "list", "body": { "text": "?" }, "action": choices })),
        ("a link", "interactive", json!({ "type": "cta_url", "body": { "text": "See" }, "action": link })),
        ("a picture", "image", file(json!({ "caption": "look" }))),
        ("a picture by its id", "image", json!({ "id": "4711" })),
        ("a song", "audio", file(json!({}))),
        ("a voice note", "audio", file(json!({ "voice": true }))),
        ("a video", "video", file(json!({ "caption": "look" }))),
        ("a document", "document", file(json!({ "caption": "the bill", "filename": "bill.pdf" }))),
        ("a sticker", "sticker", file(json!({}))),
    ]
}

async fn messages() -> Vec<Value> {
    let mut scene = Scene::start("messages").await;
    let heard = scene.sends(ANA, json!({ "text": "hola" })).await;
    scene.call("a text", &text()).await;
    for (what, kind, inner) in kinds() {
        let call = message(kind, &inner);
        if inner["id"].is_null() {
            scene.call(what, &call).await;
        } else {
            scene.call_with_upload(what, &call, |id| message(kind, &json!({ "id": id }))).await;
        }
    }
    let reaction = json!({ "message_id": heard, "emoji": "👍" });
    scene.call("a reaction", &message("reaction", &reaction)).await;
    let quoting = text().with("/messaging_object/context", json!({ "message_id": heard }));
    scene.call("a text that answers another", &quoting).await;
    scene.call("a text without a type", &text().without("/messaging_object/type")).await;
    scene.call("a text by hand", &text().with("/sent_by", json!({ "type": "human", "id": "ana" }))).await;
    scene.sends(USER, json!({ "text": "hi", "hide_phone": true })).await;
    scene.call("a text to a user id", &text().with("/messaging_object/to", json!(USER))).await;
    let by_recipient =
        text().without("/messaging_object/to").with("/messaging_object/recipient", json!(USER));
    scene.call("a text to a user id as recipient", &by_recipient).await;
    let long = json!({ "ref": "a".repeat(256), "ref1": "b".repeat(255), "ref2": "c".repeat(300) });
    scene.call("a text with references that are cut", &text().with("/extra_info", long)).await;
    let read = json!({ "messaging_product": "whatsapp", "status": "read", "message_id": heard });
    let read = text().json(json!({ "messaging_object": read }));
    scene.call("a message that was read", &read).await;
    scene.without("a message that was read", &read, &["/messaging_object/message_id"]).await;
    for (pointer, value) in [
        ("/messaging_object/status", json!("delivered")),
        ("/messaging_object/message_id", json!("wamid.nowhere")),
        ("/messaging_object/message_id", json!(7)),
    ] {
        scene.with("a message that was read", &read, &[(pointer, value)]).await;
    }
    let other = text().with("/messaging_object/text/body", json!("another"));
    failures::of_keys(&mut scene, "a text", &text(), &other, &ANA[1..]).await;
    scene.end()
}

async fn callers() -> Vec<Value> {
    let mut scene = Scene::start("callers").await;
    scene.writes(ANA, "hola").await;
    failures::of_nobody(&mut scene, "a text", &text()).await;
    failures::of_callers(&mut scene, "a text", &text(), READER).await;
    scene.call("a text by a bearer token", &text().by(Auth::Bearer(DEMO_KEY))).await;
    scene.call("a text by a bearer token that nobody knows", &text().by(Auth::Bearer("vk_short"))).await;
    scene.call("a text by two keys of the same kind", &text().header("api-key", "another")).await;
    for path in [
        "/v2/DEMO/whatsapp/15550100001/messages",
        "/v2/DEMO/whatsapp/+1%20555%20010%200001/messages",
        "/v2/HXAP16XXXXXX97IN/whatsapp/+15550100001/messages",
        "/v2/HXAP16XXXXXX97IN/whatsapp/+15559999999/messages",
        "/v2/other/whatsapp/+15550100002/messages",
        "/v2/demo/whatsapp/+15550100002/messages",
        "/v2/demo/whatsapp/+15559999999/messages",
        "/v2/demo/whatsapp/nobody/messages",
        "/v2/demo/whatsapp/12/messages",
    ] {
        scene.call(&format!("a text at {path}"), &text().at(path)).await;
    }
    scene.call("a text by another company", &text().key(OTHER_KEY)).await;
    failures::of_methods(&mut scene, "a text", &text(), &[Method::GET, Method::PUT, Method::DELETE]).await;
    scene.end()
}

async fn wrong_messages() -> Vec<Value> {
    let mut scene = Scene::start("wrong messages").await;
    scene.writes(ANA, "hola").await;
    let (what, good) = ("a text", text());
    failures::of_bodies(&mut scene, what, &good, API_LIMIT).await;
    failures::of_sending(&mut scene, what, &good).await;
    scene
        .without(
            what,
            &good,
            &[
                "/messaging_object",
                "/messaging_object/messaging_product",
                "/messaging_object/to",
                "/messaging_object/text",
                "/messaging_object/text/body",
                "/extra_info",
            ],
        )
        .await;
    scene
        .with(
            what,
            &good,
            &[
                ("/messaging_object", json!("x")),
                ("/messaging_object/messaging_product", json!("sms")),
                ("/messaging_object/recipient_type", json!("group")),
                ("/messaging_object/recipient_type", json!("individual")),
                ("/messaging_object/to", json!("nobody")),
                ("/messaging_object/to", json!(50_212_345_678_u64)),
                ("/messaging_object/type", json!("smoke")),
                ("/messaging_object/type", json!(7)),
                ("/messaging_object/text/body", json!("")),
                ("/messaging_object/text/body", json!("x".repeat(4097))),
                ("/messaging_object/text/preview_url", json!("perhaps")),
                ("/messaging_object/text/preview_url", json!("true")),
                ("/messaging_object/context", json!({ "message_id": 5 })),
                ("/messaging_object/dry_run", json!(true)),
                ("/extra_info", json!([])),
                ("/extra_info/ref", json!(5)),
                ("/extra_info/ref", json!("")),
            ],
        )
        .await;
    for (kind, inner) in [
        ("image", json!({})),
        ("image", json!({ "link": "ftp://files.example/a.jpg" })),
        ("image", json!({ "link": "https://files.example/a.jpg", "id": "4711" })),
        ("audio", json!({ "link": "https://files.example/a", "caption": "not for sounds" })),
        ("template", json!({ "name": "hello_world" })),
        ("template", json!({ "name": "Hello World", "language": { "code": "en_US" } })),
        (
            "template",
            json!({ "name": "hello_world", "language": { "code": "en_US" }, "components": [{ "type": "smoke!" }] }),
        ),
        ("location", json!({ "longitude": -90.5 })),
        ("location", json!({ "latitude": 91, "longitude": -90.5 })),
        ("contacts", json!([])),
        ("contacts", json!([{ "name": {} }])),
        ("reaction", json!({ "emoji": "👍" })),
        ("reaction", json!({ "message_id": "wamid.A" })),
        ("interactive", json!({ "type": "button" })),
    ] {
        scene.call(&format!("{kind} of {inner}"), &message(kind, &inner)).await;
    }
    scene.end()
}

async fn sends_that_fail() -> Vec<Value> {
    let mut scene = Scene::start("sends that fail").await;
    scene.writes(ANA, "hola").await;
    failures::of_store(&mut scene, "a text", &text(), &["PutItem", "GetItem"]).await;
    failures::of_meta(&mut scene, "a text", &text()).await;
    scene.stand.clock.advance(Duration::from_hours(25));
    scene.call("a text to a closed window", &text()).await;
    scene
        .call("the templates, so that there is something to offer", &Call::get("/api/whatsapp/templates"))
        .await;
    scene.call("a text to a closed window, with templates", &text()).await;
    let template = json!({ "name": "hello_world", "language": { "code": "en_US" } });
    let good = message("template", &template);
    scene.call("a template to a closed window", &good).await;
    let to_another = good.with("/messaging_object/to", json!(BOB));
    failures::of_templates(&mut scene, "a template", &good, &to_another).await;
    scene.end()
}

async fn at_kaleyra() -> Vec<Value> {
    let mut heard = Vec::new();
    for (title, carrier) in [("at Kaleyra V2", Carrier::KaleyraV2), ("at Kaleyra V1", Carrier::KaleyraV1)] {
        let mut scene = Scene::start_at(title, carrier).await;
        let wrote = scene.sends(ANA, json!({ "text": "hola" })).await;
        scene.call("a text", &text()).await;
        scene.call("a text by the account's own SID", &text().at(PATH.replace("demo", SID))).await;
        for (what, kind, inner) in kinds() {
            scene.call(what, &message(kind, &inner)).await;
        }
        scene.call("a reaction", &message("reaction", &json!({ "message_id": wrote, "emoji": "👍" }))).await;
        scene.call("a text to a user id", &text().with("/messaging_object/to", json!(USER))).await;
        let read = json!({ "messaging_product": "whatsapp", "status": "read", "message_id": wrote });
        scene.call("a message that was read", &text().json(json!({ "messaging_object": read }))).await;
        failures::of_kaleyra(&mut scene, "a text", &text()).await;
        heard.extend(scene.end());
    }
    heard
}
