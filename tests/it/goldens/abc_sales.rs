//! The contract of ABC Sales.

use std::time::Duration;

use futures_util::{FutureExt, future::join_all};
use http::Method;
use serde_json::{Value, json};
use ventanilla::{api::common::body::API_LIMIT, config::file::ConfigFile};
use ventanilla_sandbox::{Fault as ProviderFault, FileFault};

use super::{
    ANA, BOB, NOWHERE, USER,
    call::{Auth, Call, READER, SENDER, UNKNOWN},
    failures, golden, kinds,
    scene::{Scene, with_sender},
};
use crate::{
    files::{fetch_fails, first_fetch_failed, put_in},
    harness::{CONFIG, Carrier, DEMO_KEY, IdNumber, OTHER_KEY},
};

#[tokio::test]
async fn abc_sales_is_answered_as_ever() {
    let scenes = [
        connections().boxed_local(),
        leads().boxed_local(),
        refused_leads().boxed_local(),
        reading().boxed_local(),
        replies().boxed_local(),
        refused_replies().boxed_local(),
        replies_that_fail().boxed_local(),
        attachments().boxed_local(),
    ];
    golden::check("abc_sales", &join_all(scenes).await.concat());
}

const CONNECTIONS: &str = "/v1/messaging-channel-connections";
const LEADS: &str = "/v1/webhooks/leads";

async fn connections() -> Vec<Value> {
    let named = "number = \"+15550100001\"\nname = \"Main WhatsApp\"";
    let config: ConfigFile = with_sender(&CONFIG.replace("number = \"+15550100001\"", named));
    let mut scene = Scene::start_with("connections", config).await;
    let good = Call::get(CONNECTIONS);
    scene.call("of a company with one number", &good).await;
    scene.call("of a company with two", &good.key(OTHER_KEY)).await;
    let company = Call::get("/v1/companies/me");
    scene.call("the company of a key", &company).await;
    // The key is read from the store the first time only.
    failures::of_store(&mut scene, "the company", &company.key(SENDER), &["GetItem"]).await;
    scene.call("the company of a key that only sends", &company.key(SENDER)).await;
    failures::of_nobody(&mut scene, "the company", &company).await;
    for (sentence, user, key) in [
        ("by a password of nobody", "", DEMO_KEY),
        ("by a password of anybody", "anyone", DEMO_KEY),
        ("by a password that is no key", "anyone", UNKNOWN),
        ("by a key for a name", "<demo>", ""),
    ] {
        scene.call(sentence, &good.by(Auth::Basic(user, key))).await;
    }
    scene.call("by a password that is no Base64", &good.by(Auth::Other("Basic ?"))).await;
    refused_reading(&mut scene, "connections", &good).await;
    failures::of_store(&mut scene, "connections", &good, &["Query", "GetItem"]).await;
    scene.end()
}

async fn refused_reading(scene: &mut Scene, what: &str, good: &Call) {
    failures::of_nobody(scene, what, good).await;
    failures::of_callers(scene, what, good, SENDER).await;
    failures::of_methods(scene, what, good, &[Method::POST, Method::DELETE]).await;
}

fn lead() -> Call {
    Call::post(
        LEADS,
        json!({
            "id": "crm-7", "name": "Ana Ruiz", "email": "ana@example.com", "phone": "+502 1234-5678",
            "naver_line_id": "U1", "source": "fair", "tags": ["vip"], "timezone": "America/Guatemala", "locale": "es-GT",
            "currency": "GTQ", "custom_fields": { "meter": { "no": 7, "read": [1.5, null] } },
            "automations": { "subscribe": [1] }, "user_assignments": [2],
        }),
    )
}

async fn leads() -> Vec<Value> {
    let mut scene = Scene::start("leads").await;
    scene.call("a new lead", &lead()).await;
    scene.call("the same again", &lead()).await;
    scene
        .call("the same with news", &Call::post(LEADS, json!({ "id": "crm-7", "name": "Ana", "tags": [] })))
        .await;
    scene
        .call("a lead by a password", &lead().with("/id", json!("crm-8")).by(Auth::Basic("crm", DEMO_KEY)))
        .await;
    for body in [
        json!({ "name": "Bob" }),
        json!({ "name": "Bob", "phone": BOB }),
        json!({ "name": "Bob", "phone": BOB, "email": "bob@example.com" }),
        json!({ "id": 77, "name": "Eve", "phone": "ask Bob", "tags": ["vip"] }),
        json!({ "id": "77", "name": "Eve Ruiz", "phone": null }),
    ] {
        scene.call(&format!("the lead {body}"), &Call::post(LEADS, body)).await;
    }
    scene.writes("+50255566677", "hola").await;
    let wrote = json!({ "id": "crm-9", "name": "Eva", "phone": "+50255566677" });
    scene.call("a lead who wrote before", &Call::post(LEADS, wrote)).await;
    scene.call("a lead of another company", &lead().key(OTHER_KEY)).await;
    scene.end()
}

async fn refused_leads() -> Vec<Value> {
    let mut scene = Scene::start("refused leads").await;
    let (what, good) = ("a lead", lead());
    failures::of_nobody(&mut scene, what, &good).await;
    failures::of_callers(&mut scene, what, &good, READER).await;
    failures::of_methods(&mut scene, what, &good, &[Method::GET, Method::PUT]).await;
    failures::of_bodies(&mut scene, what, &good, API_LIMIT).await;
    scene.without(what, &good, &["/name"]).await;
    scene
        .with(
            what,
            &good,
            &[
                ("/name", json!("A")),
                ("/name", json!("a".repeat(101))),
                ("/name", json!("An\0a")),
                ("/id", json!("")),
                ("/id", json!("x".repeat(51))),
                ("/id", json!(["7"])),
                ("/id", json!(7.5)),
                ("/phone", json!("1".repeat(51))),
                ("/phone", json!(50_212_345_678_u64)),
                ("/email", json!("a\n@b")),
                ("/source", json!("x".repeat(256))),
                ("/tags", json!("vip")),
                ("/tags", json!([1])),
                ("/tags", json!(vec!["x"; 101])),
                ("/custom_fields", json!([])),
            ],
        )
        .await;
    // Numbers are longer when they are written out.
    let numbers = vec!["1e15"; 20_000].join(",");
    let many = format!("{{\"name\":\"Ana\",\"custom_fields\":{{\"a\":[{numbers}]}}}}");
    scene.call("a lead with more fields than can be kept", &good.text(many)).await;
    failures::of_store(&mut scene, what, &good, &["GetItem", "TransactWriteItems"]).await;
    scene.end()
}

/// The lead that a customer of tenant `demo` is.
async fn lead_of(scene: &Scene, customer: &str) -> u64 {
    let conversation = scene.conversation(customer).await;
    let found = scene.stand.api.get(&format!("/v1/conversations/{conversation}")).await.json();
    found["contact"]["id"].id_number()
}

fn said(lead: &str) -> Call {
    Call::get(format!("/v1/leads/{lead}/conversations"))
}

async fn reading() -> Vec<Value> {
    let mut scene = Scene::start("reading").await;
    kinds::every_kind(&mut scene, ANA).await;
    let ana = lead_of(&scene, ANA).await.to_string();
    scene.stand.provider_will(ProviderFault::FailLater { code: 131_047, after_sent: false });
    scene.call("a reply that fails later", &reply(&ana)).await;
    scene.call("every kind", &said(&ana)).await;
    scene
        .call(
            "a lead who never wrote",
            &Call::post(LEADS, json!({ "id": "crm 7/ä", "name": "Bob", "phone": BOB })),
        )
        .await;
    let bob = said("crm%207%2F%C3%A4");
    scene.call("nothing yet", &bob).await;
    for number in 0..3 {
        scene.writes(BOB, &format!("no. {number}")).await;
    }
    scene.pages("page", &bob, "/meta/next_cursor").await;
    scene.queries("page", &bob, &["limit=0", "limit=x", "cursor=%21", "cursor=e30"]).await;
    scene.call("of a lead by a password", &bob.by(Auth::Basic("", DEMO_KEY))).await;
    for wrong in ["0", "crm-unknown", &NOWHERE.to_string()] {
        scene.call(&format!("of the lead {wrong}"), &said(wrong)).await;
    }
    scene.call("of another company's lead", &bob.key(OTHER_KEY)).await;
    refused_reading(&mut scene, "page", &bob).await;
    failures::of_store(&mut scene, "page", &bob, &["GetItem", "Query"]).await;
    scene.end()
}

fn reply(lead: &str) -> Call {
    let body = json!({ "content": "Thanks for reaching out! How can we help?", "messaging_channel_connection_id": 1 });
    Call::post(format!("/v1/leads/{lead}/conversations/reply"), body)
}

async fn replies() -> Vec<Value> {
    let mut scene = Scene::start("replies").await;
    scene.writes(ANA, "hola").await;
    let ana = lead_of(&scene, ANA).await.to_string();
    let good = reply(&ana);
    scene.call("a text", &good).await;
    scene.call("a text by a password", &good.by(Auth::Basic("anyone", DEMO_KEY))).await;
    scene.call("a text of a bot", &good.with("/sent_by", json!({ "type": "bot" }))).await;
    scene
        .call("a text on a channel in words", &good.with("/messaging_channel_connection_id", json!("1")))
        .await;
    scene.call("a text with an empty attachment", &good.with("/s3_attachment", json!(" "))).await;
    for (mime, bytes, content) in [
        ("image/png", &b"a picture"[..], json!("look")),
        ("application/pdf", b"%PDF", json!(null)),
        ("audio/ogg", b"spoken", json!("")),
    ] {
        let file = put_in(&scene.stand, mime, bytes).await;
        let with_file = good.with("/s3_attachment", file["id"].clone()).with("/content", content);
        scene.call(&format!("a file of type {mime}"), &with_file).await;
    }
    scene
        .call(
            "a lead by the company's own id",
            &Call::post(LEADS, json!({ "id": "crm-7", "name": "Ana", "phone": ANA })),
        )
        .await;
    scene.call("a text to the company's own id", &reply("crm-7")).await;
    scene.stand.window_opens(BOB).await;
    scene
        .call(
            "a lead who never wrote",
            &Call::post(LEADS, json!({ "id": "crm-8", "name": "Bob", "phone": BOB })),
        )
        .await;
    scene.call("a text to who never wrote", &reply("crm-8")).await;
    scene.sends(USER, json!({ "text": "hi", "hide_phone": true })).await;
    let user = lead_of(&scene, USER).await.to_string();
    scene.call("a text to who shows no number", &reply(&user)).await;
    failures::of_keys(&mut scene, "a text", &good, &good.with("/content", json!("another")), &ANA[1..]).await;
    scene.end()
}

async fn refused_replies() -> Vec<Value> {
    let mut scene = Scene::start("refused replies").await;
    scene.writes(ANA, "hola").await;
    let good = reply(&lead_of(&scene, ANA).await.to_string());
    let what = "a text";
    failures::of_nobody(&mut scene, what, &good).await;
    failures::of_callers(&mut scene, what, &good, READER).await;
    failures::of_methods(&mut scene, what, &good, &[Method::GET, Method::PUT]).await;
    failures::of_bodies(&mut scene, what, &good, API_LIMIT).await;
    failures::of_sending(&mut scene, what, &good).await;
    let channel = "/messaging_channel_connection_id";
    scene.without(what, &good, &["/content", channel]).await;
    let channels = [json!(null), json!("main"), json!(0), json!(1.5), json!(2), json!(9)];
    scene.with(what, &good, &channels.map(|value| (channel, value))).await;
    let contents = [json!(null), json!(""), json!(7), json!("a\0b"), json!("x".repeat(4097))];
    scene.with(what, &good, &contents.map(|value| ("/content", value))).await;
    let files = [json!(7), json!("nowhere"), json!("uploads/none"), json!("media_4711")];
    scene.with(what, &good, &files.map(|value| ("/s3_attachment", value))).await;
    let sound = put_in(&scene.stand, "audio/ogg", b"spoken").await;
    let with_sound = good.with("/s3_attachment", sound["id"].clone());
    scene.call("a text beside a sound", &with_sound).await;
    let promised = json!({ "mime_type": "image/png", "size": 5 });
    let promised = scene.stand.api.post("/v1/media", &promised).await.json();
    scene.call("a file that is not there yet", &good.with("/s3_attachment", promised["id"].clone())).await;
    for wrong in ["0", "crm-unknown", &NOWHERE.to_string()] {
        scene.call(&format!("a text to the lead {wrong}"), &reply(wrong)).await;
    }
    scene.call("a text by another company", &good.key(OTHER_KEY)).await;
    scene
        .call(
            "a lead without a number",
            &Call::post(LEADS, json!({ "id": "crm-9", "name": "Eve", "phone": "ask Bob" })),
        )
        .await;
    scene.call("a text to a lead without a number", &reply("crm-9")).await;
    scene.end()
}

async fn replies_that_fail() -> Vec<Value> {
    let mut scene = Scene::start("replies that fail").await;
    scene.writes(ANA, "hola").await;
    let good = reply(&lead_of(&scene, ANA).await.to_string());
    failures::of_store(&mut scene, "a text", &good, &["PutItem", "GetItem"]).await;
    failures::of_meta(&mut scene, "a text", &good).await;
    scene.stand.clock.advance(Duration::from_hours(25));
    scene.call("a text to a closed window", &good).await;
    let mut heard = scene.end();
    let mut at_kaleyra = Scene::start_at("replies that fail at Kaleyra", Carrier::KaleyraV2).await;
    at_kaleyra.writes(ANA, "hola").await;
    let good = reply(&lead_of(&at_kaleyra, ANA).await.to_string());
    failures::of_kaleyra(&mut at_kaleyra, "a text", &good).await;
    heard.extend(at_kaleyra.end());
    heard
}

fn download(id: &str) -> Call {
    Call::get(format!("/v1/attachments/{id}/download")).by(Auth::Basic("anyone", DEMO_KEY))
}

async fn attachments() -> Vec<Value> {
    let mut scene = Scene::start("attachments").await;
    let media = scene.sends_file(ANA, json!({ "type": "image", "image": { "caption": "la fuga" } })).await;
    let reference = media["media_id"].as_str().unwrap().to_owned();
    let good = download(&reference);
    scene.call("a picture of a customer's", &good).await;
    scene.call("a picture by its number", &download(reference.trim_start_matches("media_"))).await;
    scene.call("a picture by a bearer token", &good.by(Auth::Bearer(DEMO_KEY))).await;
    let named = json!({ "type": "document", "document": { "filename": "la factura \"vieja\".pdf" } });
    let named = scene.sends_file(ANA, named).await;
    scene.call("a document with a name", &download(named["media_id"].as_str().unwrap())).await;
    let file = put_in(&scene.stand, "image/png", b"a picture").await;
    scene.call("a file that was put in", &download(file["id"].as_str().unwrap())).await;
    let promised =
        scene.stand.api.post("/v1/media", &json!({ "mime_type": "image/png", "size": 5 })).await.json();
    scene.call("a file that is not there yet", &download(promised["id"].as_str().unwrap())).await;
    for wrong in ["0", "media_4711", "not-a-reference"] {
        scene.call(&format!("the attachment {wrong}"), &download(wrong)).await;
    }
    scene.call("another company's", &good.key(OTHER_KEY)).await;
    refused_reading(&mut scene, "a picture", &good).await;
    failures::of_store(&mut scene, "a picture", &good, &["GetItem"]).await;
    lost(&mut scene).await;
    scene.end()
}

/// A file that WhatsApp did not give while it had it.
async fn lost(scene: &mut Scene) {
    fetch_fails(&scene.stand, FileFault::NotFound);
    scene.sends(BOB, json!({ "type": "image" })).await;
    first_fetch_failed(&scene.stand).await;
    let bob = scene.conversation(BOB).await;
    let message = scene.stand.messages(bob).await.remove(0);
    let good = download(message["image"]["media_id"].as_str().unwrap());
    scene.call("a picture that is not there yet", &good).await;
    scene.stand.clock.advance(Duration::from_hours(24 * 8));
    assert_eq!(scene.stand.sweep().await.lost, 1);
    scene.call("a picture that is lost", &good).await;
}
