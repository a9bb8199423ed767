//! The contract of AmbioSys.

use std::time::Duration;

use futures_util::{FutureExt, future::join_all};
use http::Method;
use serde_json::{Value, json};
use ventanilla::api::common::body::{API_LIMIT, MANY_LIMIT};
use ventanilla_sandbox::{Fault as ProviderFault, FaultRule};

use super::{
    ANA, BOB, EVA, NOWHERE, USER,
    call::{Call, READER, SENDER},
    failures, golden, kinds,
    scene::Scene,
};
use crate::harness::{Answer, Carrier, Fault, OTHER_KEY, eventually};

#[tokio::test]
async fn ambiosys_is_answered_as_ever() {
    let scenes = [
        to_a_number().boxed_local(),
        in_a_conversation().boxed_local(),
        sends_that_fail().boxed_local(),
        conversations().boxed_local(),
        history().boxed_local(),
        templates().boxed_local(),
        no_templates().boxed_local(),
        no_channel().boxed_local(),
        to_many().boxed_local(),
        refused_to_many().boxed_local(),
        some_of_many().boxed_local(),
        in_the_background().boxed_local(),
    ];
    golden::check("ambiosys", &join_all(scenes).await.concat());
}

const SEND: &str = "/api/whatsapp/send";
const CONVERSATIONS: &str = "/api/whatsapp/conversations";
const TEMPLATES: &str = "/api/whatsapp/templates";
const TO_MANY: &str = "/api/whatsapp/send-template";

fn to_ana() -> Call {
    let text = "Hello! Your service request has been received.";
    Call::post(SEND, json!({ "phoneNumber": "+502 1234-5678", "content": text, "requestId": 123 }))
}

fn into(conversation: u64) -> Call {
    let path = format!("{CONVERSATIONS}/{conversation}/messages");
    Call::post(path, json!({ "content": "Thank you", "messageType": "text" }))
}

async fn to_a_number() -> Vec<Value> {
    let mut scene = Scene::start("to a number").await;
    let id = scene.writes(ANA, "hola").await;
    let (what, good) = ("a text", to_ana());
    scene.call(what, &good).await;
    scene.call("a text without a request", &good.without("/requestId")).await;
    scene.call("a text of a bot", &good.with("/sent_by", json!({ "type": "bot" }))).await;
    scene.call("a text to who never wrote", &good.with("/phoneNumber", json!(BOB))).await;
    scene.sends(USER, json!({ "text": "hi", "hide_phone": true })).await;
    let named = |name: &str, value: Value| good.without("/phoneNumber").with(&format!("/{name}"), value);
    scene.call("a text to a user id", &named("userId", json!(USER))).await;
    scene.call("a text to a conversation", &named("conversationId", json!(id))).await;
    scene
        .call("a text to a conversation by its name", &named("conversationId", json!(format!("conv_{id}"))))
        .await;
    let user = scene.conversation(USER).await;
    scene.call("a text to the conversation of a user id", &named("conversationId", json!(user))).await;
    for (name, value) in [
        ("userId", json!(ANA)),
        ("userId", json!("ana")),
        ("conversationId", json!(NOWHERE)),
        ("conversationId", json!("conv_x")),
        ("conversationId", json!(1.5)),
    ] {
        scene.call(&format!("a text to {name} {value}"), &named(name, value)).await;
    }
    scene.call("a text to two of them", &good.with("/userId", json!(USER))).await;
    failures::of_keys(&mut scene, what, &good, &good.with("/content", json!("another")), &ANA[1..]).await;
    failures::of_nobody(&mut scene, what, &good).await;
    failures::of_callers(&mut scene, what, &good, READER).await;
    failures::of_methods(&mut scene, what, &good, &[Method::GET, Method::PUT]).await;
    failures::of_bodies(&mut scene, what, &good, API_LIMIT).await;
    failures::of_sending(&mut scene, what, &good).await;
    scene.without(what, &good, &["/phoneNumber", "/content"]).await;
    let content = [json!(null), json!(""), json!(7), json!("a\0b"), json!("x".repeat(4097))];
    scene.with(what, &good, &content.map(|value| ("/content", value))).await;
    let number = [json!(null), json!(50_212_345_678_u64), json!("call me"), json!("123")];
    scene.with(what, &good, &number.map(|value| ("/phoneNumber", value))).await;
    let request = [json!("7"), json!(-1), json!(1.5), json!(0)];
    scene.with(what, &good, &request.map(|value| ("/requestId", value))).await;
    scene.end()
}

async fn in_a_conversation() -> Vec<Value> {
    let mut scene = Scene::start("in a conversation").await;
    let id = scene.writes(ANA, "hola").await;
    let (what, good) = ("a text", into(id));
    scene.call(what, &good).await;
    scene.call("a text without a type", &good.without("/messageType")).await;
    failures::of_keys(&mut scene, what, &good, &good.with("/content", json!("another")), &ANA[1..]).await;
    failures::of_nobody(&mut scene, what, &good).await;
    failures::of_callers(&mut scene, what, &good, READER).await;
    failures::of_methods(&mut scene, what, &good, &[Method::GET, Method::PUT]).await;
    failures::of_bodies(&mut scene, what, &good, API_LIMIT).await;
    failures::of_sending(&mut scene, what, &good).await;
    scene.without(what, &good, &["/content"]).await;
    scene
        .with(
            what,
            &good,
            &[("/messageType", json!("image")), ("/messageType", json!(7)), ("/content", json!(""))],
        )
        .await;
    scene.call("a text by another company", &good.key(OTHER_KEY)).await;
    for wrong in ["0", "x", "conv_1", &NOWHERE.to_string()] {
        scene
            .call(&format!("a text into {wrong}"), &good.at(format!("{CONVERSATIONS}/{wrong}/messages")))
            .await;
    }
    scene.end()
}

async fn sends_that_fail() -> Vec<Value> {
    let mut scene = Scene::start("sends that fail").await;
    let id = scene.writes(ANA, "hola").await;
    for (what, good) in [("a text to a number", to_ana()), ("a text in a conversation", into(id))] {
        failures::of_store(&mut scene, what, &good, &["PutItem", "GetItem"]).await;
        failures::of_meta(&mut scene, what, &good).await;
        scene.call(&format!("{what} after WhatsApp closed the window"), &good).await;
        scene.stand.clock.advance(Duration::from_mins(1));
        scene.writes(ANA, "¿hay alguien?").await;
    }
    // Its status would tell the same, and mend the record.
    scene.stand.running.sandbox.set_webhook_url("1001", "http://127.0.0.1:9/nowhere");
    for (what, good) in [("a text to a number", to_ana()), ("a text in a conversation", into(id))] {
        scene.stand.tap.next("TransactWriteItems", Fault::Outage);
        scene.call(&format!("{what} that is sent and cannot be recorded"), &good).await;
    }
    scene.stand.clock.advance(Duration::from_hours(25));
    scene.call("a text to a closed window", &into(id)).await;
    scene.call("the templates, so that there is something to offer", &Call::get(TEMPLATES)).await;
    scene.call("a text to a closed window, with templates", &into(id)).await;
    scene.call("a text to the number of a closed window", &to_ana()).await;
    let mut heard = scene.end();
    let mut at_kaleyra = Scene::start_at("sends that fail at Kaleyra", Carrier::KaleyraV2).await;
    let id = at_kaleyra.writes(ANA, "hola").await;
    failures::of_kaleyra(&mut at_kaleyra, "a text", &into(id)).await;
    at_kaleyra
        .call("a text to a user id", &to_ana().without("/phoneNumber").with("/userId", json!(USER)))
        .await;
    heard.extend(at_kaleyra.end());
    heard
}

async fn conversations() -> Vec<Value> {
    let mut scene = Scene::start("conversations").await;
    let good = Call::get(CONVERSATIONS);
    scene.call("nobody wrote yet", &good).await;
    let ana = scene.writes(ANA, "→ hola").await;
    let bob = scene.writes(BOB, "buenas").await;
    let eva = scene.writes(EVA, "quiero hablar con humano").await;
    scene.sends(USER, json!({ "text": "hi", "hide_phone": true })).await;
    scene.call("a text with a request", &to_ana()).await;
    for (path, body) in [
        (format!("/v1/conversations/{bob}/close"), json!({})),
        (format!("/v1/conversations/{eva}/assign"), json!({ "assignee": "luis" })),
        (format!("/v1/conversations/{ana}/read"), json!({})),
    ] {
        assert_eq!(scene.stand.api.post(&path, &body).await.status, 200);
    }
    scene.call("all", &good).await;
    for status in ["active", "pending_human", "closed", ""] {
        scene.queries("all", &good, &[&format!("status={status}")]).await;
    }
    scene
        .queries(
            "all",
            &good,
            &["status=nonsense", "limit=0", "limit=101", "limit=x", "cursor=%21", "cursor=e30"],
        )
        .await;
    scene.pages("page", &good, "/next_cursor").await;
    refused_reading(&mut scene, "all", &good).await;
    scene.end()
}

async fn refused_reading(scene: &mut Scene, what: &str, good: &Call) {
    scene.call(&format!("{what} of another company"), &good.key(OTHER_KEY)).await;
    failures::of_nobody(scene, what, good).await;
    failures::of_callers(scene, what, good, SENDER).await;
    failures::of_methods(scene, what, good, &[Method::POST, Method::DELETE]).await;
    failures::of_store(scene, what, good, &["Query"]).await;
}

async fn history() -> Vec<Value> {
    let mut scene = Scene::start("history").await;
    let bob = scene.writes(BOB, "buenas").await;
    let id = kinds::every_kind(&mut scene, ANA).await;
    scene.stand.provider_will(ProviderFault::FailLater { code: 131_047, after_sent: false });
    scene.call("a text that fails later", &into(id)).await;
    let good = Call::get(format!("{CONVERSATIONS}/{id}"));
    scene.call("every kind", &good).await;
    let short = Call::get(format!("{CONVERSATIONS}/{bob}"));
    scene.call("a text", &into(bob)).await;
    scene.call("another text", &into(bob)).await;
    scene.pages("page", &short, "/next_cursor").await;
    let first = short.query("limit=2").make(&scene.stand.api).await.json();
    let cursor = format!("cursor={}", first["next_cursor"].as_str().unwrap());
    scene.call("a place in another conversation", &good.query(&cursor)).await;
    scene.queries("a text", &short, &["limit=0", "limit=x", "cursor=%21", "cursor=e30"]).await;
    for wrong in ["0", "x", "conv_1", &NOWHERE.to_string()] {
        scene.call(&format!("of {wrong}"), &good.at(format!("{CONVERSATIONS}/{wrong}"))).await;
    }
    failures::of_store(&mut scene, "a text", &short, &["GetItem"]).await;
    refused_reading(&mut scene, "a text", &short).await;
    scene.end()
}

async fn templates() -> Vec<Value> {
    let mut scene = Scene::start("templates").await;
    let good = Call::get(TEMPLATES);
    scene.call("all that can be sent", &good).await;
    scene.stand.clock.advance(Duration::from_secs(28));
    scene.call("the same half a minute later", &good).await;
    scene.queries("all", &good, &["all=true", "all", "all=perhaps", "refresh=1", "all=true&all=false"]).await;
    scene.call("of another company", &good.key(OTHER_KEY)).await;
    failures::of_nobody(&mut scene, "all", &good).await;
    failures::of_callers(&mut scene, "all", &good, SENDER).await;
    failures::of_methods(&mut scene, "all", &good, &[Method::POST, Method::DELETE]).await;
    failures::of_store(&mut scene, "all", &good, &["Query"]).await;
    scene.queries("all", &good, &["refresh=true"]).await;
    scene.end()
}

/// Without a copy there is nothing to fall back upon.
async fn no_templates() -> Vec<Value> {
    let mut scene = Scene::start("no templates").await;
    let good = Call::get(TEMPLATES);
    for (how, code) in [("does not take the token", 190), ("reports a fault of its own", 131_000)] {
        let fault = ProviderFault::TemplateList { page: 0, code };
        scene.stand.running.sandbox.inject(FaultRule::new(fault).times(2));
        scene.call(&format!("WhatsApp {how}"), &good).await;
    }
    // So often that the account has no calls left.
    let fault = ProviderFault::TemplateList { page: 0, code: 131_000 };
    scene.stand.running.sandbox.inject(FaultRule::new(fault).times(200));
    for _ in 0..100 {
        good.make(&scene.stand.api).await;
    }
    scene.call("asked for too often", &good).await;
    scene.end()
}

/// A company whose channel is gone.
async fn no_channel() -> Vec<Value> {
    let mut scene = Scene::start("no channel").await;
    scene.stand.drop_row("T#other#", "CH#0000000000000002").await;
    scene.stand.clock.advance(Duration::from_mins(2));
    for (what, call) in [
        ("templates", Call::get(TEMPLATES)),
        ("a text to a number", to_ana()),
        ("a template to many", reminder(&[ANA])),
        ("a template to many, dry", reminder(&[ANA]).query("dry_run")),
    ] {
        scene.call(what, &call.key(OTHER_KEY)).await;
    }
    scene.end()
}

/// The seed's request, for these numbers.
fn reminder(numbers: &[&str]) -> Call {
    let recipients = numbers
        .iter()
        .enumerate()
        .map(|(place, number)| json!({ "phoneNumber": number, "requestId": 123 + place }));
    Call::post(
        TO_MANY,
        json!({
            "templateName": "appointment_reminder",
            "languageCode": "es",
            "components": [{ "type": "body", "parameters": [
                { "type": "text", "text": "Juan Pérez" },
                { "type": "text", "text": "15 de marzo a las 10:00 AM" },
            ] }],
            "recipients": recipients.collect::<Vec<_>>(),
        }),
    )
}

fn template(name: &str, language: &str, components: &Value) -> Call {
    let recipients = json!([{ "phoneNumber": ANA }]);
    let body = json!({ "templateName": name, "languageCode": language, "components": components, "recipients": recipients });
    Call::post(TO_MANY, body)
}

async fn to_many() -> Vec<Value> {
    let mut scene = Scene::start("to many").await;
    let id = scene.writes(ANA, "hola").await;
    scene.call("a template to one", &reminder(&[ANA])).await;
    scene.call("a template to two", &reminder(&[ANA, BOB])).await;
    scene.sends(USER, json!({ "text": "hi", "hide_phone": true })).await;
    let others = json!([{ "userId": USER }, { "conversationId": id }, { "conversationId": format!("conv_{NOWHERE}") }]);
    scene
        .call("a template to whom other names are for", &reminder(&[]).with("/recipients", others.clone()))
        .await;
    let text = |text: &str| json!({ "type": "text", "text": text });
    let of_kinds = [
        ("hello_world", "en_US", json!([])),
        (
            "service_confirmation",
            "es",
            json!([
                { "type": "header", "parameters": [text("Confirmación de Servicio")] },
                { "type": "body", "parameters": [text("Juan"), text("SR-2024-001"), { "type": "date_time", "date_time": { "fallback_value": "15 de marzo" } }] },
                { "type": "button", "sub_type": "url", "index": "0", "parameters": [text("tracking-code-123")] },
            ]),
        ),
        (
            "promo_with_image",
            "es",
            json!([
                { "type": "header", "parameters": [{ "type": "image", "image": { "link": "https://files.example/a.jpg" } }] },
                { "type": "body", "parameters": [text("Ana")] },
                { "type": "button", "sub_type": "quick_reply", "index": 1, "parameters": [{ "type": "payload", "payload": "yes" }] },
            ]),
        ),
        (
            "order_update_named",
            "en_US",
            json!([{ "type": "body", "parameters": [
                { "type": "text", "parameter_name": "order_id", "text": "7" },
                { "type": "text", "parameter_name": "first_name", "text": "Ana" },
            ] }]),
        ),
        (
            "coupon",
            "es",
            json!([{ "type": "button", "sub_type": "copy_code", "index": 0, "parameters": [{ "type": "coupon_code", "coupon_code": "VERANO20" }] }]),
        ),
    ];
    for (name, language, components) in of_kinds {
        scene.call(&format!("the template {name}"), &template(name, language, &components)).await;
    }
    let dry = reminder(&[ANA, "nobody", ANA]).query("dry_run=true");
    scene.call("a dry run", &dry).await;
    scene.call("a dry run in the body", &reminder(&[ANA]).with("/dryRun", json!(true))).await;
    scene
        .call(
            "a dry run to whom other names are for",
            &reminder(&[]).with("/recipients", others).query("dry_run"),
        )
        .await;
    let under = |call: &Call| call.header("idempotency-key", "campaign-7");
    let limited = ProviderFault::RateLimit { retry_after: None };
    scene.stand.running.sandbox.inject(FaultRule::new(limited).to(BOB));
    scene.call("with an idempotency key, one of two is rate limited", &under(&reminder(&[ANA, BOB]))).await;
    scene.call("with that idempotency key again", &under(&reminder(&[ANA, BOB]))).await;
    let other = reminder(&[ANA]).with("/components/0/parameters/0/text", json!("María"));
    scene.call("with that idempotency key for something else", &under(&other)).await;
    scene
        .while_in_progress(
            "while the first one with its key is in progress",
            &reminder(&[EVA]).header("idempotency-key", "campaign-8"),
            EVA,
        )
        .await;
    scene.end()
}

async fn refused_to_many() -> Vec<Value> {
    let mut scene = Scene::start("to many, refused").await;
    scene.writes(ANA, "hola").await;
    let (what, good) = ("a template", reminder(&[ANA]));
    failures::of_nobody(&mut scene, what, &good).await;
    failures::of_callers(&mut scene, what, &good, READER).await;
    failures::of_methods(&mut scene, what, &good, &[Method::GET, Method::PUT]).await;
    failures::of_bodies(&mut scene, what, &good, MANY_LIMIT).await;
    failures::of_sending(&mut scene, what, &good).await;
    scene.without(what, &good, &["/templateName", "/languageCode", "/components", "/recipients"]).await;
    scene
        .with(
            what,
            &good,
            &[
                ("/templateName", json!(7)),
                ("/templateName", json!("never_heard_of")),
                ("/templateName", json!("Not A Name")),
                ("/templateName", json!("spring_sale")),
                ("/languageCode", json!("fr")),
                ("/languageCode", json!("español")),
                ("/components", json!("x")),
                ("/components", json!([])),
                ("/components", json!([{ "parameters": [] }])),
                ("/components", json!([{ "type": "footer" }])),
                ("/components", json!([{ "type": "button" }])),
                ("/components", json!([{ "type": "button", "sub_type": "url", "index": 10 }])),
                ("/components", json!([{ "type": "body", "parameters": "x" }])),
                ("/components", json!([{ "type": "body", "parameters": [{ "type": "smoke" }] }])),
                ("/components", json!([{ "type": "body", "parameters": [{ "type": "text", "text": "" }] }])),
                (
                    "/components",
                    json!([{ "type": "header", "parameters": [{ "type": "image", "image": {} }] }]),
                ),
                ("/recipients", json!({})),
                ("/recipients", json!([])),
                ("/recipients", json!(vec![json!({ "phoneNumber": ANA }); 1001])),
                ("/recipients", json!([ANA])),
                ("/recipients", json!([null])),
                ("/recipients", json!([{}])),
                ("/recipients/0/phoneNumber", json!("nobody")),
                ("/recipients/0/phoneNumber", json!(50_212_345_678_u64)),
                ("/recipients/0/requestId", json!("x")),
                ("/recipients/0/dry_run", json!(true)),
                ("/recipients/0/userId", json!(USER)),
            ],
        )
        .await;
    failures::of_store(&mut scene, what, &good, &["PutItem", "GetItem"]).await;
    scene.end()
}

/// What is said of those who fail, each in their place.
async fn some_of_many() -> Vec<Value> {
    let mut scene = Scene::start("some of many").await;
    for (customer, text) in [(ANA, "hola"), (EVA, "STOP")] {
        scene.writes(customer, text).await;
    }
    let refused = ProviderFault::Refuse { code: 131_026, http_status: None, details: None };
    scene.stand.running.sandbox.inject(FaultRule::new(refused).to(BOB));
    let mixed = reminder(&[ANA, BOB, "nobody", "+502 1234-5678", "+50255566677"])
        .with("/recipients/4/requestId", json!("x"));
    scene.call("one is sent and four are not", &mixed).await;
    let promo = template(
        "promo_with_image",
        "es",
        &json!([
            { "type": "header", "parameters": [{ "type": "image", "image": { "link": "https://files.example/a.jpg" } }] },
            { "type": "body", "parameters": [{ "type": "text", "text": "Ana" }] },
        ]),
    );
    let to_both = promo.with("/recipients", json!([{ "phoneNumber": ANA }, { "phoneNumber": EVA }]));
    scene.call("marketing to who does not want it", &to_both).await;
    scene.call("marketing to who does not want it, dry", &to_both.query("dry_run")).await;
    failures::of_meta(&mut scene, "a template", &reminder(&[ANA])).await;
    failures::of_templates(&mut scene, "a template", &reminder(&[ANA]), &reminder(&["+50244433322"])).await;
    scene.end()
}

async fn in_the_background() -> Vec<Value> {
    let mut scene = Scene::start("in the background").await;
    let later = |call: &Call| call.header("prefer", "respond-async").header("idempotency-key", "campaign-9");
    let refused = ProviderFault::Refuse { code: 131_026, http_status: None, details: None };
    scene.stand.running.sandbox.inject(FaultRule::new(refused).to(BOB));
    let good = later(&reminder(&[ANA, BOB, "nobody", ANA]));
    let begun = scene.call("a template that goes on", &good).await;
    is_done(&scene, &begun).await;
    scene.call("with that idempotency key again", &good).await;
    let other = reminder(&[ANA]).with("/components/0/parameters/0/text", json!("María"));
    scene.call("with that idempotency key for something else", &later(&other)).await;
    let one = reminder(&[ANA]).header("prefer", "wait=5, respond-async");
    let begun = scene.call("among other preferences", &one).await;
    is_done(&scene, &begun).await;
    scene.call("in a dry run", &one.query("dry_run")).await;
    scene.call("to nobody who can be read", &reminder(&["nobody"]).header("prefer", "respond-async")).await;
    failures::of_store(&mut scene, "a template that goes on", &one, &["TransactWriteItems"]).await;
    let numbers: Vec<String> = (0..101).map(|number| format!("+5023100{number:04}")).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let answer = reminder(&numbers).make(&scene.stand.api).await;
    let mut told = answer.json();
    told["results"].as_array_mut().unwrap().truncate(1);
    scene.keep_other("more than a hundred, the first one", &json!({
        "response": { "status": answer.status.as_u16(), "location": answer.header("location"), "body": told },
    }));
    scene.end()
}

/// Waits until a broadcast that was begun is done.
async fn is_done(scene: &Scene, begun: &Answer) {
    let overview = begun.header("location").unwrap();
    eventually("the broadcast is done", || async {
        let told = scene.stand.api.get(overview).await.json();
        (told["state"] == "done").then_some(())
    })
    .await;
    scene.rest().await;
}
