//! The contract of Pipes.bot over HTTP.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::{FutureExt, future::join_all};
use http::Method;
use serde_json::{Value, json};
use ventanilla::api::common::body::{API_LIMIT, FILE_LIMIT};

use super::{
    ANA, BOB, NOWHERE, USER,
    call::{Call, READER},
    failures, golden,
    kaleyra::kinds,
    scene::Scene,
};
use crate::{
    files::put_in,
    harness::{Carrier, OTHER_KEY},
};

#[tokio::test]
async fn pipes_bot_is_answered_as_ever() {
    let scenes = [
        texts().boxed_local(),
        files().boxed_local(),
        fetched_files().boxed_local(),
        passed_through().boxed_local(),
        wrong_objects().boxed_local(),
        from_a_pool_number().boxed_local(),
        refused().boxed_local(),
        sends_that_fail().boxed_local(),
        at_kaleyra().boxed_local(),
    ];
    golden::check("pipes", &join_all(scenes).await.concat());
}

const SEND: &str = "/v1/messages/send";
const PASSTHROUGH: &str = "/v1/messages/passthrough";
const APP_SEND: &str = "/v1/messages/app/send";

fn text(conversation: u64) -> Call {
    let body =
        json!({ "conversationId": format!("conv_{conversation}"), "text": "Here's the info you requested" });
    Call::post(SEND, body)
}

/// A message object of this kind into a conversation.
fn within(conversation: u64, kind: &str, inner: &Value) -> Call {
    Call::post(
        PASSTHROUGH,
        json!({ "conversationId": format!("conv_{conversation}"), "type": kind, kind: inner }),
    )
}

/// A template through a pool number.
fn through(pool_number: &str, to: &str) -> Call {
    Call::post(
        PASSTHROUGH,
        json!({
            "messaging_product": "whatsapp", "poolNumberId": pool_number, "to": to,
            "type": "template", "template": { "name": "hello_world", "language": { "code": "en_US" } },
        }),
    )
}

fn from_pool(pool_number: &str, to: &str) -> Call {
    Call::post(APP_SEND, json!({ "poolNumberId": pool_number, "toNumber": to, "text": "Your code is ready" }))
}

/// A sound request for each route.
fn each(conversation: u64) -> [(&'static str, Call); 4] {
    [
        ("a text", text(conversation)),
        ("an object in a conversation", within(conversation, "text", &json!({ "body": "hola" }))),
        ("a template through a pool number", through("pn_1", ANA)),
        ("a text from a pool number", from_pool("pn_1", ANA)),
    ]
}

async fn texts() -> Vec<Value> {
    let mut scene = Scene::start("texts").await;
    let id = scene.writes(ANA, "hola").await;
    let good = text(id);
    scene.call("a text", &good).await;
    scene.call("a text by the bare number", &good.with("/conversationId", json!(id.to_string()))).await;
    scene.call("a text without a file", &good.with("/media", json!(null))).await;
    scene.call("a text of a bot", &good.with("/sent_by", json!({ "type": "bot" }))).await;
    scene.sends(USER, json!({ "text": "hi", "hide_phone": true })).await;
    let user = scene.conversation(USER).await;
    scene.call("a text to who shows no number", &text(user)).await;
    scene.without("a text", &good, &["/conversationId", "/text"]).await;
    let places = [
        json!(null),
        json!(7),
        json!("conv_xyz789"),
        json!("conv_0"),
        json!("pn_1"),
        json!(format!("conv_{NOWHERE}")),
    ];
    scene.with("a text", &good, &places.map(|value| ("/conversationId", value))).await;
    let texts = [json!(null), json!(""), json!(7), json!("a\0b"), json!("x".repeat(4097))];
    scene.with("a text", &good, &texts.map(|value| ("/text", value))).await;
    scene.end()
}

async fn files() -> Vec<Value> {
    let mut scene = Scene::start("files").await;
    let id = scene.writes(ANA, "hola").await;
    let picture = put_in(&scene.stand, "image/png", b"a picture").await["id"].clone();
    let sound = put_in(&scene.stand, "audio/ogg", b"spoken").await["id"].clone();
    let promised =
        scene.stand.api.post("/v1/media", &json!({ "mime_type": "image/png", "size": 5 })).await.json();
    let theirs = scene.stand.api.with_key(Some(OTHER_KEY));
    let theirs = theirs.post("/v1/media", &json!({ "mime_type": "image/png", "size": 5 })).await.json();
    let bytes = STANDARD.encode(b"%PDF");
    let large = STANDARD.encode(vec![0; 500 * 1024 + 1]);
    for (what, more) in [
        ("a file by its reference", json!({ "media": picture, "caption": "look" })),
        ("a file with a text", json!({ "media": picture, "text": "look" })),
        (
            "a picture as a document",
            json!({ "media": picture, "mediaType": "document", "fileName": "a.png" }),
        ),
        ("a voice note", json!({ "media": sound, "mediaType": "voice" })),
        (
            "bytes",
            json!({ "media": bytes, "mimeType": "application/pdf", "fileName": "bill.pdf", "text": "the bill" }),
        ),
        ("a picture as a voice note", json!({ "media": picture, "mediaType": "voice" })),
        ("a kind that nobody knows", json!({ "media": picture, "mediaType": "smoke" })),
        ("a caption that is too long", json!({ "media": picture, "caption": "x".repeat(1025) })),
        ("a caption that is no text", json!({ "media": picture, "caption": 7 })),
        ("a name that is no text", json!({ "media": picture, "fileName": 7 })),
        ("a text beside a sound", json!({ "media": sound, "text": "listen" })),
        ("bytes without a type", json!({ "media": bytes })),
        ("bytes of a type that is none", json!({ "media": bytes, "mimeType": "pdf" })),
        ("bytes that are too many", json!({ "media": large, "mimeType": "image/webp" })),
        ("no bytes", json!({ "media": "", "mimeType": "image/png" })),
        ("what is no file", json!({ "media": "no base64!", "mimeType": "image/png" })),
        ("a number for a file", json!({ "media": 7 })),
        ("a file that is not there yet", json!({ "media": promised["id"] })),
        ("another company's file", json!({ "media": theirs["id"] })),
        ("a file that is nowhere", json!({ "media": "media_4711" })),
        ("an address of this machine", json!({ "media": "https://127.0.0.1/a.png" })),
        ("an address without encryption", json!({ "media": "http://files.example/a.png" })),
    ] {
        let mut body = json!({ "conversationId": format!("conv_{id}") });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        scene.call(what, &Call::post(SEND, body)).await;
    }
    let media = scene.sends_file(ANA, json!({ "type": "audio" })).await;
    let on = json!({ "conversationId": format!("conv_{id}"), "media": media["media_id"] });
    scene.call("a file that a customer sent", &Call::post(SEND, on)).await;
    scene.end()
}

/// Files by their address: the one host on this machine that may be opened is the sandbox.
async fn fetched_files() -> Vec<Value> {
    let mut scene = Scene::start_at("fetched files", Carrier::KaleyraV2).await;
    let id = scene.writes(ANA, "hola").await;
    scene.sends_file(ANA, json!({ "type": "image", "image": { "id": "4711" } })).await;
    for (what, name) in [("a file by its address", "4711"), ("an address of nothing", "4712")] {
        let url = format!("{}/sandbox/kaleyra/media/{name}", scene.stand.base());
        let body = json!({ "conversationId": format!("conv_{id}"), "media": url });
        scene.call(what, &Call::post(SEND, body)).await;
    }
    scene.end()
}

async fn passed_through() -> Vec<Value> {
    let mut scene = Scene::start("passed through").await;
    let heard = scene.sends(ANA, json!({ "text": "hola" })).await;
    let id = scene.conversation(ANA).await;
    let ours = scene.stand.messages(id).await[0]["id"].as_str().unwrap().to_owned();
    scene.call("a text", &within(id, "text", &json!({ "body": "hola" }))).await;
    for (what, kind, inner) in kinds() {
        scene.call(what, &within(id, kind, &inner)).await;
    }
    for (what, named) in
        [("our id", ours), ("WhatsApp's id", heard), ("an id of nothing", format!("msg_{NOWHERE}"))]
    {
        let reaction = json!({ "message_id": named, "emoji": "👍" });
        scene.call(&format!("a reaction by {what}"), &within(id, "reaction", &reaction)).await;
        let quoting =
            within(id, "text", &json!({ "body": "sí" })).with("/context", json!({ "message_id": named }));
        scene.call(&format!("an answer by {what}"), &quoting).await;
    }
    scene.call("through a pool number", &through("pn_1", "+502 1234-5678")).await;
    for pool_number in ["pn_3", "pool_3", "3"] {
        let through = through(pool_number, ANA).key(OTHER_KEY);
        scene.call(&format!("through {pool_number} of another company"), &through).await;
    }
    scene.call("through a pool number to who never wrote", &through("pn_1", BOB)).await;
    scene.sends(USER, json!({ "text": "hi", "hide_phone": true })).await;
    let user = scene.conversation(USER).await;
    scene.call("to who shows no number", &within(user, "text", &json!({ "body": "hi" }))).await;
    scene.call("to a user id", &through("pn_1", USER)).await;
    let by_recipient = through("pn_1", USER).without("/to").with("/recipient", json!(USER));
    scene.call("to a user id as recipient", &by_recipient).await;
    scene.end()
}

async fn wrong_objects() -> Vec<Value> {
    let mut scene = Scene::start("wrong objects").await;
    let id = scene.writes(ANA, "hola").await;
    let (what, good) = ("through a pool number", through("pn_1", ANA));
    scene.without(what, &good, &["/messaging_product", "/poolNumberId", "/to", "/type", "/template"]).await;
    scene
        .with(
            what,
            &good,
            &[
                ("/messaging_product", json!("sms")),
                ("/messaging_product", json!(7)),
                ("/poolNumberId", json!("conv_1")),
                ("/poolNumberId", json!("pn_2")),
                ("/poolNumberId", json!(format!("pn_{NOWHERE}"))),
                ("/poolNumberId", json!(1)),
                ("/conversationId", json!(format!("conv_{id}"))),
                ("/to", json!("nobody")),
                ("/to", json!(50_212_345_678_u64)),
                ("/type", json!("image")),
                ("/type", json!(7)),
                ("/template", json!({ "name": "hello_world" })),
                ("/recipient_type", json!("group")),
                ("/context", json!({})),
            ],
        )
        .await;
    let what = "in a conversation";
    let good = within(id, "text", &json!({ "body": "hola" }));
    scene.without(what, &good, &["/conversationId", "/type", "/text"]).await;
    scene
        .with(
            what,
            &good,
            &[
                ("/conversationId", json!("conv_x")),
                ("/conversationId", json!(7)),
                ("/conversationId", json!(format!("conv_{NOWHERE}"))),
                ("/to", json!(ANA)),
                ("/recipient", json!(USER)),
                ("/text/body", json!("")),
                ("/text/body", json!("x".repeat(4097))),
                ("/text", json!("hola")),
            ],
        )
        .await;
    for (kind, inner) in [
        ("location", json!({ "longitude": -90.5 })),
        ("contacts", json!([])),
        ("reaction", json!({ "emoji": "👍" })),
        ("interactive", json!({ "type": "button" })),
    ] {
        scene.call(&format!("{kind} of {inner}"), &within(id, kind, &inner)).await;
    }
    scene.end()
}

async fn from_a_pool_number() -> Vec<Value> {
    let mut scene = Scene::start("from a pool number").await;
    scene.writes(ANA, "hola").await;
    let (what, good) = ("a text", from_pool("pn_1", ANA));
    scene.call(what, &good).await;
    scene.call("a text by digits", &good.with("/toNumber", json!("50212345678"))).await;
    scene.call("a text to who never wrote", &good.with("/toNumber", json!(BOB))).await;
    scene.sends(USER, json!({ "text": "hi", "hide_phone": true })).await;
    scene.call("a text to a user id", &good.with("/toNumber", json!(USER))).await;
    scene.call("a text to a recipient", &good.without("/toNumber").with("/recipient", json!(USER))).await;
    scene.without(what, &good, &["/poolNumberId", "/toNumber", "/text"]).await;
    scene
        .with(
            what,
            &good,
            &[
                ("/poolNumberId", json!("conv_1")),
                ("/poolNumberId", json!("pn_2")),
                ("/poolNumberId", json!(1)),
                ("/toNumber", json!("nobody")),
                ("/toNumber", json!(50_212_345_678_u64)),
                ("/text", json!("")),
                ("/text", json!(7)),
                ("/text", json!("x".repeat(4097))),
            ],
        )
        .await;
    scene.end()
}

async fn refused() -> Vec<Value> {
    let mut scene = Scene::start("refused").await;
    let id = scene.writes(ANA, "hola").await;
    for (what, good) in each(id) {
        failures::of_nobody(&mut scene, what, &good).await;
        failures::of_callers(&mut scene, what, &good, READER).await;
        scene.call(&format!("{what} by another company"), &good.key(OTHER_KEY)).await;
        failures::of_methods(&mut scene, what, &good, &[Method::GET, Method::PUT, Method::DELETE]).await;
        let longest = if good.path == SEND { FILE_LIMIT } else { API_LIMIT };
        failures::of_bodies(&mut scene, what, &good, longest).await;
        failures::of_sending(&mut scene, what, &good).await;
        let other = match what {
            "an object in a conversation" => good.with("/text/body", json!("otra")),
            "a template through a pool number" => good.with("/to", json!(BOB)),
            _ => good.with("/text", json!("otra")),
        };
        failures::of_keys(&mut scene, what, &good, &other, &ANA[1..]).await;
    }
    scene.end()
}

async fn sends_that_fail() -> Vec<Value> {
    let mut scene = Scene::start("sends that fail").await;
    let id = scene.writes(ANA, "hola").await;
    for (what, good) in each(id) {
        failures::of_store(&mut scene, what, &good, &["PutItem", "GetItem"]).await;
        failures::of_meta(&mut scene, what, &good).await;
        scene.call(&format!("{what} after WhatsApp closed the window"), &good).await;
        scene.stand.clock.advance(Duration::from_mins(1));
        scene.writes(ANA, "¿hay alguien?").await;
    }
    let template = "a template through a pool number";
    failures::of_templates(&mut scene, template, &through("pn_1", ANA), &through("pn_1", BOB)).await;
    scene.stand.clock.advance(Duration::from_hours(25));
    for (what, good) in each(id) {
        scene.call(&format!("{what} to a closed window"), &good).await;
    }
    scene
        .call("the templates, so that there is something to offer", &Call::get("/api/whatsapp/templates"))
        .await;
    for (what, good) in each(id) {
        scene.call(&format!("{what} to a closed window, with templates"), &good).await;
    }
    scene.end()
}

async fn at_kaleyra() -> Vec<Value> {
    let mut heard = Vec::new();
    for (title, carrier) in [("at Kaleyra V2", Carrier::KaleyraV2), ("at Kaleyra V1", Carrier::KaleyraV1)] {
        let mut scene = Scene::start_at(title, carrier).await;
        let id = scene.writes(ANA, "hola").await;
        for (what, good) in each(id) {
            scene.call(what, &good).await;
            failures::of_kaleyra(&mut scene, what, &good).await;
        }
        scene
            .call("a place", &within(id, "location", &json!({ "latitude": 14.6, "longitude": -90.5 })))
            .await;
        scene.call("a text to a user id", &from_pool("pn_1", USER)).await;
        heard.extend(scene.end());
    }
    heard
}
