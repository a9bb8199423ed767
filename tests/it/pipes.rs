//! Pipes.bot over HTTP, as its clients see it.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use ventanilla_sandbox::Fault;

use crate::harness::{Answer, Carrier, IdNumber as _, OTHER_KEY, Stand};

const ANA: &str = "+50212345678";
const READ_ONLY: &str = "vk_cmVhZC1vbmx5LWtleS1mb3ItdGhpcy1tYWNoaW5lISE";

const SEND: &str = "/v1/messages/send";
const PASSTHROUGH: &str = "/v1/messages/passthrough";
const APP_SEND: &str = "/v1/messages/app/send";

const EXPIRED: &str = "Service window expired — last inbound message is older than 24 hours.";

fn text(conversation: u64, words: &str) -> Value {
    json!({ "conversationId": format!("conv_{conversation}"), "text": words })
}

fn hello(way: &Value) -> Value {
    let mut body =
        json!({ "type": "template", "template": { "name": "hello_world", "language": { "code": "en_US" } } });
    body.as_object_mut().unwrap().extend(way.as_object().unwrap().clone());
    body
}

fn through(pool_number: &str, to: &str) -> Value {
    json!({ "messaging_product": "whatsapp", "poolNumberId": pool_number, "to": to })
}

/// A sound request for each of the routes, through channel 1 or into a conversation on it.
fn sound(conversation: u64) -> [(&'static str, Value); 4] {
    [
        (SEND, text(conversation, "x")),
        (PASSTHROUGH, hello(&json!({ "conversationId": format!("conv_{conversation}") }))),
        (PASSTHROUGH, hello(&through("pn_1", ANA))),
        (APP_SEND, json!({ "poolNumberId": "pn_1", "toNumber": ANA, "text": "x" })),
    ]
}

/// An answer's code, wherever its route has it.
fn code(answer: &Answer) -> Value {
    let body = answer.json();
    if body["code"].is_null() { body["error"]["ventanilla_code"].clone() } else { body["code"].clone() }
}

/// The latest message on a phone that came from the business.
async fn latest(stand: &Stand, phone: &str) -> Value {
    let phone = stand.api.get(&format!("/sandbox/phones/{phone}")).await.json();
    let mut all = phone["messages"].as_array().unwrap().iter();
    all.rfind(|message| message["direction"] == "received").unwrap().clone()
}

#[tokio::test]
async fn a_text_into_a_conversation_is_answered_as_documented() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let answer = stand.api.post(SEND, &text(id, "Here's the info you requested")).await;
    let body = answer.json();
    let wamid = body["messageId"].as_str().unwrap();
    assert!(wamid.starts_with("wamid."), "{wamid}");
    let documented = json!({ "success": true, "messageId": wamid, "conversationId": format!("conv_{id}") });
    assert_eq!((answer.status.as_u16(), &body), (200, &documented));
    assert_eq!(latest(&stand, ANA).await["wamid"], wamid);
    assert_eq!(stand.messages(id).await[1]["provider_message_id"], wamid);
    let bare = json!({ "conversationId": id.to_string(), "text": "by the bare number" });
    assert_eq!(stand.api.post(SEND, &bare).await.status, 200);
    assert_eq!(stand.phone_got(ANA).await, ["Here's the info you requested", "by the bare number"]);
}

#[tokio::test]
async fn a_customer_without_a_number_is_answered_as_well() {
    let stand = Stand::start().await;
    let user = "US.13491208655302741918";
    let path = format!("/sandbox/phones/{user}/messages");
    assert_eq!(stand.api.post(&path, &json!({ "text": "hi", "hide_phone": true })).await.status, 200);
    let id = stand.conversations().await[0]["id"].id_number();
    assert_eq!(stand.api.post(SEND, &text(id, "hello")).await.status, 200);
    let within = hello(&json!({ "conversationId": format!("conv_{id}") }));
    let answer = stand.api.post(PASSTHROUGH, &within).await;
    let named = json!([{ "input": user, "user_id": user }]);
    assert_eq!((answer.status.as_u16(), &answer.json()["contacts"]), (200, &named));
    assert_eq!(latest(&stand, user).await["type"], "template");
    let mut by_id = hello(&through("pn_1", ANA));
    let object = by_id.as_object_mut().unwrap();
    object.remove("to");
    object.insert("recipient".to_owned(), json!(user));
    let answer = stand.api.post(PASSTHROUGH, &by_id).await.json();
    assert_eq!(answer["contacts"], named);
}

#[tokio::test]
async fn a_closed_window_is_reported_in_the_seed_s_words() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    stand.clock.advance(Duration::from_hours(25));
    stand.api.get("/api/whatsapp/templates").await;
    let answer = stand.api.post(SEND, &text(id, "too late")).await;
    let body = answer.json();
    let expires_at = body["expires_at"].as_str().unwrap();
    assert!(
        expires_at.len() == "2026-03-03T10:30:00.000Z".len() && expires_at.ends_with('Z'),
        "{expires_at}"
    );
    let told = json!({
        "success": false, "error": EXPIRED, "message": EXPIRED, "code": "SERVICE_WINDOW_EXPIRED",
        "expires_at": expires_at, "templates": ["hello_world"],
    });
    assert_eq!((answer.status.as_u16(), &body), (403, &told));
    let app = json!({ "poolNumberId": "pn_1", "toNumber": ANA, "text": "too late" });
    let answer = stand.api.post(APP_SEND, &app).await;
    let told = json!({ "error": {
        "message": EXPIRED, "type": "OAuthException", "code": 131_047,
        "ventanilla_code": "SERVICE_WINDOW_EXPIRED", "expires_at": expires_at, "templates": ["hello_world"],
    } });
    assert_eq!((answer.status.as_u16(), answer.json()), (403, told));
    assert!(stand.phone_got(ANA).await.is_empty());
    // What can be sent instead.
    let within = hello(&json!({ "conversationId": format!("conv_{id}") }));
    assert_eq!(stand.api.post(PASSTHROUGH, &within).await.status, 200);
}

#[tokio::test]
async fn a_meta_object_is_sent_from_a_pool_number_and_answered_as_meta_does() {
    let stand = Stand::start().await;
    let answer = stand.api.post(PASSTHROUGH, &hello(&through("pn_1", "+502 1234-5678"))).await;
    let body = answer.json();
    let wamid = body["messages"][0]["id"].as_str().unwrap();
    let documented = json!({
        "messaging_product": "whatsapp",
        "contacts": [{ "input": "+502 1234-5678", "wa_id": "50212345678" }],
        "messages": [{ "id": wamid }],
    });
    assert_eq!((answer.status.as_u16(), &body), (200, &documented));
    let got = latest(&stand, ANA).await;
    assert_eq!(
        (&got["wamid"], &got["type"], &got["phone_number_id"]),
        (&json!(wamid), &json!("template"), &json!("1001"))
    );
    // Tenant `other` has two numbers; the one that is named speaks, not the default one.
    let stranger = stand.api.with_key(Some(OTHER_KEY));
    for pool_number in ["pn_3", "pool_3", "3"] {
        assert_eq!(stranger.post(PASSTHROUGH, &hello(&through(pool_number, ANA))).await.status, 200);
        assert_eq!(latest(&stand, ANA).await["phone_number_id"], "1003", "{pool_number}");
    }
}

#[tokio::test]
async fn a_text_from_a_pool_number_is_answered_as_meta_does() {
    let stand = Stand::start().await;
    stand.window_opens(ANA).await;
    for number in ["50212345678", ANA] {
        let body = json!({ "poolNumberId": "pn_1", "toNumber": number, "text": "Your code is ready" });
        let answer = stand.api.post(APP_SEND, &body).await;
        let json = answer.json();
        let documented = json!({
            "messaging_product": "whatsapp",
            "contacts": [{ "input": number, "wa_id": "50212345678" }],
            "messages": [{ "id": latest(&stand, ANA).await["wamid"] }],
        });
        assert_eq!((answer.status.as_u16(), json), (200, documented));
    }
    assert_eq!(stand.conversations().await.len(), 1);
    assert_eq!(stand.phone_got(ANA).await, ["Your code is ready", "Your code is ready"]);
}

#[tokio::test]
async fn every_documented_kind_is_passed_through_into_a_conversation() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let button = |id: &str| json!({ "type": "reply", "reply": { "id": id, "title": id } });
    for (kind, object) in [
        ("text", json!({ "body": "hola" })),
        ("template", json!({ "name": "hello_world", "language": { "code": "en_US" } })),
        ("location", json!({ "latitude": 14.6, "longitude": -90.5, "name": "Sol" })),
        ("contacts", json!([{ "name": { "formatted_name": "Ana" } }])),
        (
            "interactive",
            json!({ "type": "button", "body": { "text": "?" }, "action": { "buttons": [button("yes"), button("no")] } }),
        ),
        (
            "interactive",
            json!({
                "type": "cta_url", "header": { "type": "text", "text": "Sol" }, "body": { "text": "See" },
                "action": { "name": "cta_url", "parameters": { "display_text": "Open", "url": "https://sol.example" } },
            }),
        ),
    ] {
        let body = json!({ "conversationId": format!("conv_{id}"), "type": kind, kind: object });
        let answer = stand.api.post(PASSTHROUGH, &body).await;
        let got = latest(&stand, ANA).await;
        let documented = json!({
            "messaging_product": "whatsapp",
            "contacts": [{ "input": "50212345678", "wa_id": "50212345678" }],
            "messages": [{ "id": got["wamid"] }],
        });
        assert_eq!((answer.status.as_u16(), answer.json()), (200, documented), "{kind}");
        assert_eq!((&got["type"], &got["content"]), (&json!(kind), &object), "nothing is added or lost");
    }
}

#[tokio::test]
async fn a_received_message_is_named_by_our_id_or_by_whatsapp_s() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let heard = stand.messages(id).await[0].clone();
    let (ours, theirs) =
        (heard["id"].as_str().unwrap().to_owned(), heard["provider_message_id"].as_str().unwrap());
    for named in [ours.as_str(), theirs] {
        let reaction = json!({ "message_id": named, "emoji": "👍" });
        let body =
            json!({ "conversationId": format!("conv_{id}"), "type": "reaction", "reaction": reaction });
        assert_eq!(stand.api.post(PASSTHROUGH, &body).await.status, 200);
        assert_eq!(latest(&stand, ANA).await["content"], json!({ "message_id": theirs, "emoji": "👍" }));
        let mut body = hello(&json!({ "conversationId": format!("conv_{id}") }));
        body["context"] = json!({ "message_id": named });
        assert_eq!(stand.api.post(PASSTHROUGH, &body).await.status, 200);
        assert_eq!(latest(&stand, ANA).await["context"]["message_id"], theirs);
    }
    // Another tenant's message is none.
    let stranger = stand.api.with_key(Some(OTHER_KEY));
    let mut told = Vec::new();
    for named in [ours.as_str(), "msg_9007199254740991"] {
        let mut body = through("pn_2", ANA);
        body["type"] = json!("reaction");
        body["reaction"] = json!({ "message_id": named, "emoji": "👍" });
        let answer = stranger.post(PASSTHROUGH, &body).await;
        assert_eq!(answer.json()["error"]["field"], "reaction.message_id");
        told.push((answer.status.as_u16(), answer.json()));
    }
    assert_eq!((told[0].0, &told[0]), (400, &told[1]));
}

#[tokio::test]
async fn another_tenants_objects_are_answered_like_absent_ones() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let stranger = stand.api.with_key(Some(OTHER_KEY));
    let nowhere = 9_007_199_254_740_991;
    for ((path, foreign), (_, mut none)) in sound(id).into_iter().zip(sound(nowhere)) {
        let foreign = stranger.post(path, &foreign).await;
        if none["poolNumberId"].is_string() {
            none["poolNumberId"] = json!(format!("pn_{nowhere}"));
        }
        let none = stranger.post(path, &none).await;
        assert_eq!((foreign.status.as_u16(), code(&foreign)), (404, json!("NOT_FOUND")), "{path}");
        assert_eq!((foreign.status, foreign.json()), (none.status, none.json()), "{path}");
    }
    let mine =
        stand.api.post(APP_SEND, &json!({ "poolNumberId": "pn_2", "toNumber": ANA, "text": "x" })).await;
    assert_eq!((mine.status.as_u16(), code(&mine)), (404, json!("NOT_FOUND")));
    assert!(stand.phone_got(ANA).await.is_empty());
}

#[tokio::test]
async fn bad_input_is_a_400_that_names_the_field() {
    let stand = Stand::start().await;
    let within = |kind: &str| json!({ "conversationId": "conv_7", "type": kind });
    let mut both = hello(&through("pn_1", ANA));
    both["conversationId"] = json!("conv_7");
    for (path, body, field) in [
        (SEND, json!([]), "body"),
        (SEND, json!({ "text": "x" }), "conversationId"),
        (SEND, json!({ "conversationId": "conv_xyz789", "text": "x" }), "conversationId"),
        (SEND, json!({ "conversationId": "conv_7" }), "text"),
        (SEND, json!({ "conversationId": "conv_7", "text": "x".repeat(4097) }), "text"),
        (SEND, json!({ "conversationId": "conv_7", "media": "http://files.example/a.jpg" }), "media"),
        (SEND, json!({ "conversationId": "conv_7", "media": "https://127.0.0.1/a.jpg" }), "media"),
        (SEND, json!({ "conversationId": "conv_7", "media": "media_999" }), "media"),
        (SEND, json!({ "conversationId": "conv_7", "media": "QUJD" }), "mimeType"),
        (PASSTHROUGH, json!({ "type": "text", "text": { "body": "x" } }), "poolNumberId"),
        (PASSTHROUGH, within("image"), "type"),
        (PASSTHROUGH, within("location"), "location.latitude"),
        (PASSTHROUGH, hello(&json!({ "poolNumberId": "pn_1", "to": ANA })), "messaging_product"),
        (PASSTHROUGH, both, "conversationId"),
        (PASSTHROUGH, hello(&through("pn_1", "nobody")), "to"),
        (APP_SEND, json!({ "toNumber": ANA, "text": "x" }), "poolNumberId"),
        (APP_SEND, json!({ "poolNumberId": "conv_1", "toNumber": ANA, "text": "x" }), "poolNumberId"),
        (APP_SEND, json!({ "poolNumberId": "pn_1", "text": "x" }), "toNumber"),
        (APP_SEND, json!({ "poolNumberId": "pn_1", "toNumber": ANA }), "text"),
    ] {
        let answer = stand.api.post(path, &body).await;
        assert_eq!((answer.status.as_u16(), code(&answer)), (400, json!("INVALID_REQUEST")), "{path} {body}");
        let json = answer.json();
        let told = if path == SEND { &json } else { &json["error"] };
        assert_eq!(told["field"], field, "{path} {body}");
        assert!(told["message"].as_str().unwrap().starts_with(field), "{json}");
    }
    // What may hold a file may be larger.
    for (path, mib) in [(SEND, 6), (PASSTHROUGH, 1), (APP_SEND, 1)] {
        let huge = stand.api.call(Method::POST, path, &[], vec![b' '; mib * 1024 * 1024]).await;
        assert_eq!((huge.status.as_u16(), code(&huge)), (413, json!("PAYLOAD_TOO_LARGE")));
    }
    assert!(stand.conversations().await.is_empty());
}

#[tokio::test]
async fn only_a_key_that_may_send_does() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    for (path, body) in sound(id) {
        for (key, status, told) in [
            (None, 401, "UNAUTHENTICATED"),
            (Some("vk_short"), 401, "UNAUTHENTICATED"),
            (Some(READ_ONLY), 403, "FORBIDDEN"),
        ] {
            let answer = stand.api.with_key(key).post(path, &body).await;
            assert_eq!((answer.status.as_u16(), code(&answer)), (status, json!(told)), "{path} {key:?}");
            let names_scope = answer.text.contains("The API key lacks the scope: send.");
            assert_eq!(names_scope, status == 403, "{}", answer.text);
        }
    }
    assert!(stand.phone_got(ANA).await.is_empty());
}

#[tokio::test]
async fn an_unknown_outcome_is_reported_as_such_and_a_repeat_gets_it_again() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    // No status reaches us, so the doubts stay.
    stand.running.sandbox.set_webhook_url("1001", "http://127.0.0.1:9/nowhere");
    for (place, (path, body)) in sound(id).into_iter().enumerate() {
        let key = format!("key-{place}");
        let headers = [("idempotency-key", key.as_str())];
        stand.provider_will(Fault::NoId);
        let first = stand.api.post_with(path, &headers, &body).await;
        assert_eq!((first.status.as_u16(), code(&first)), (502, json!("OUTCOME_UNKNOWN")), "{path}");
        let json = first.json();
        let told = if path == SEND { &json } else { &json["error"] };
        assert!(told["message"].as_str().unwrap().contains("Do not send it again"), "{json}");
        let detail = stand.api.get(&format!("/v1/messages/{}", told["message_id"])).await.json();
        assert_eq!(detail["attempt"]["state"], "unknown");
        let again = stand.api.post_with(path, &headers, &body).await;
        assert_eq!((again.status, again.json()), (first.status, first.json()));
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        let phone = stand.api.get(&format!("/sandbox/phones/{ANA}")).await.json();
        let got =
            phone["messages"].as_array().unwrap().iter().filter(|it| it["direction"] == "received").count();
        assert_eq!(got, place + 1, "each once");
    }
}

#[tokio::test]
async fn a_repeat_under_its_key_is_answered_alike_and_sends_nothing() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    // One key, for every route counts it on its own; the two ways of passing through are one route.
    for (path, body) in sound(id).into_iter().filter(|(_, body)| body["to"].is_null()) {
        let headers = [("idempotency-key", "the key")];
        let first = stand.api.post_with(path, &headers, &body).await;
        assert_eq!(
            (first.status.as_u16(), first.header("idempotent-replayed")),
            (200, None),
            "{}",
            first.text
        );
        let again = stand.api.post_with(path, &headers, &body).await;
        assert_eq!((again.status, again.json()), (first.status, first.json()));
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        let mut other = body.clone();
        if path == PASSTHROUGH {
            other["template"]["language"]["code"] = json!("es");
        } else {
            other["text"] = json!("another");
        }
        let other = stand.api.post_with(path, &headers, &other).await;
        assert_eq!((other.status.as_u16(), code(&other)), (422, json!("IDEMPOTENCY_KEY_REUSED")));
    }
    assert_eq!(stand.phone_got(ANA).await.len(), 3);
    let free = [("delivery-policy", "at-least-once")];
    assert_eq!(stand.api.post_with(SEND, &free, &text(id, "y")).await.status, 200);
    for (path, body) in sound(id).into_iter().skip(1) {
        assert_eq!(stand.api.post_with(path, &free, &body).await.status, 400, "{path}");
    }
}

#[tokio::test]
async fn the_provider_s_rejections_have_the_statuses_of_this_contract() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    for (fault, status, told, number) in [
        (Fault::Refuse { code: 100, http_status: None, details: None }, 400, "INVALID_INPUT", 100),
        (Fault::RateLimit { retry_after: Some(7) }, 429, "RATE_LIMITED", 130_429),
        (
            Fault::Refuse { code: 131_026, http_status: None, details: None },
            502,
            "RECIPIENT_UNREACHABLE",
            131_026,
        ),
        (Fault::Refuse { code: 368, http_status: None, details: None }, 502, "ACCOUNT_BLOCKED", 368),
        (
            Fault::Refuse { code: 131_047, http_status: None, details: None },
            403,
            "SERVICE_WINDOW_EXPIRED",
            131_047,
        ),
    ] {
        stand.clock.advance(Duration::from_secs(2));
        stand.provider_will(fault.clone());
        let app = json!({ "poolNumberId": "pn_1", "toNumber": "+50287654321", "text": "x" });
        let answer = stand.api.post(APP_SEND, &app).await;
        assert_eq!((answer.status.as_u16(), code(&answer)), (status, json!(told)), "{fault:?}");
        assert_eq!(answer.json()["error"]["code"], number, "{fault:?}");
        stand.provider_will(fault.clone());
        let answer = stand.api.post(SEND, &text(id, "x")).await;
        assert_eq!((answer.status.as_u16(), code(&answer)), (status, json!(told)), "{fault:?}");
        assert_eq!(answer.header("retry-after"), (status == 429).then_some("7"));
    }
}

#[tokio::test]
async fn a_number_at_kaleyra_answers_with_the_ids_that_kaleyra_gives() {
    for carrier in [Carrier::KaleyraV2, Carrier::KaleyraV1] {
        let stand = Stand::start_with(carrier.config()).await;
        let id = stand.customer_writes(ANA, "hola").await;
        let sent = stand.api.post(SEND, &text(id, "x")).await;
        let given = sent.json()["messageId"].as_str().unwrap().to_owned();
        assert_eq!((sent.status.as_u16(), given.is_empty()), (200, false), "{carrier:?}");
        assert_eq!(stand.messages(id).await[1]["provider_message_id"], given, "{carrier:?}");
        stand.provider_will(Fault::Kaleyra { code: "E110".to_owned(), http_status: None });
        let poor = stand.api.post(SEND, &text(id, "x")).await;
        let told = (poor.status.as_u16(), code(&poor), poor.json()["provider_code"].clone());
        assert_eq!(told, (402, json!("LOW_BALANCE"), json!("E110")), "{carrier:?}");
    }
}
