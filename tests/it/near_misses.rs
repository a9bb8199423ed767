//! Near misses in the compatible contracts: a field that would change the recipient, the time, the channel
//! or the content is honoured or rejected by name; it was ignored once, and the message left at once, from
//! the wrong number, or plain. Beside each stands the same request without it, which sends.

use serde_json::{Value, json};
use ventanilla_sandbox::{CallEntry, LogEntry};

use crate::harness::{Answer, DEMO_KEY, IdNumber, OTHER_KEY, Socket, Stand};

const ANA: &str = "+50212345678";
const BOB: &str = "+50298765432";

fn called(stand: &Stand) -> Vec<CallEntry> {
    let log = stand.running.sandbox.log().into_iter();
    log.filter_map(|entry| match entry {
        LogEntry::Call(call) => Some(call),
        _ => None,
    })
    .collect()
}

/// A request that sends a text, and where in its body a client may put a field.
struct Sends {
    path: String,
    body: Value,
    within: Option<&'static str>,
    /// Names that this request has a field for, or honours.
    has: &'static [&'static str],
}

impl Sends {
    fn new(path: impl Into<String>, body: Value) -> Self {
        Self { path: path.into(), body, within: None, has: &[] }
    }

    /// The body with a field where the message has its own.
    fn with(&self, name: &str, value: &Value) -> Value {
        self.put(self.body.clone(), name, value)
    }

    fn put(&self, mut body: Value, name: &str, value: &Value) -> Value {
        match self.within {
            Some(place) => body[place][name] = value.clone(),
            None => body[name] = value.clone(),
        }
        body
    }
}

fn text_object() -> Value {
    json!({ "messaging_product": "whatsapp", "to": ANA, "type": "text", "text": { "body": "to be sent" } })
}

fn sending(conversation: u64, lead: u64) -> Vec<Sends> {
    let id = format!("conv_{conversation}");
    let php = json!({ "message": "to be sent" });
    let pool = json!({ "poolNumberId": "pn_1", "toNumber": ANA, "text": "to be sent" });
    vec![
        Sends::new(format!("/api/conversations/{conversation}/reply"), php.clone()),
        Sends::new(format!("/api/reply-conversation.php?id={conversation}"), php),
        Sends {
            within: Some("messaging_object"),
            ..Sends::new(
                "/v2/demo/whatsapp/+15550100001/messages",
                json!({ "messaging_object": text_object() }),
            )
        },
        Sends {
            has: &["channelId", "channel_id"],
            ..Sends::new("/api/whatsapp/send", json!({ "phoneNumber": ANA, "content": "to be sent" }))
        },
        Sends {
            has: &["channelId", "channel_id"],
            ..Sends::new(
                format!("/api/whatsapp/conversations/{conversation}/messages"),
                json!({ "content": "to be sent" }),
            )
        },
        Sends {
            has: &["channelId", "channel_id", "mediaUrl", "media_url"],
            ..Sends::new("/v1/messages/send", json!({ "conversationId": id, "text": "to be sent" }))
        },
        Sends::new(
            "/v1/messages/passthrough",
            json!({ "conversationId": id, "type": "text", "text": { "body": "to be sent" } }),
        ),
        Sends::new("/v1/messages/app/send", pool),
        Sends::new(
            format!("/v1/leads/{lead}/conversations/reply"),
            json!({ "content": "to be sent", "messaging_channel_connection_id": 1 }),
        ),
    ]
}

/// Names that no request honours, but for those that say so.
const NAMES: [&str; 14] = [
    "sendAt",
    "send_at",
    "scheduled_at",
    "SCHEDULE",
    "channelId",
    "channel_id",
    "category",
    "ttl_seconds",
    "messaging_ttl",
    "mediaUrl",
    "media_url",
    "recipients",
    "idempotency_key",
    "validate-only",
];

fn refused(answer: &Answer, name: &str, what: &str) {
    // ABC Sales's clients hear of wrong fields by 422, the PHP bot's of everything by 500.
    let of_php = what.starts_with("/api/conversations/") || what.starts_with("/api/reply-conversation.php");
    let documented: &[u16] = if of_php { &[500] } else { &[400, 422] };
    assert!(documented.contains(&answer.status.as_u16()), "{what}: {} {}", answer.status, answer.text);
    assert!(answer.text.contains(name), "{what}: {name}: {}", answer.text);
}

#[tokio::test]
async fn an_impossible_request_is_rejected_with_the_name_it_used() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let lead = stand.conversations().await[0]["contact"]["id"].id_number();
    for route in sending(id, lead) {
        let before = called(&stand).len();
        for name in NAMES.into_iter().filter(|name| !route.has.contains(name)) {
            let value = json!("2026-12-01T10:00:00Z");
            let body = route.with(name, &value);
            refused(&stand.api.post(&route.path, &body).await, name, &format!("{} {body}", route.path));
        }
        for name in NAMES {
            let mark = if route.path.contains('?') { '&' } else { '?' };
            let path = format!("{}{mark}{name}=2", route.path);
            refused(&stand.api.post(&path, &route.body).await, name, &path);
        }
        assert_eq!(called(&stand).len(), before, "{}", route.path);
        // Null requests nothing, and an unknown field changes nothing.
        for (name, value) in [("sendAt", Value::Null), ("channelId", Value::Null), ("note", json!("x"))] {
            let answer = stand.api.post(&route.path, &route.with(name, &value)).await;
            assert!(answer.status.is_success(), "{}: {}", route.path, answer.text);
        }
        assert_eq!(called(&stand).len(), before + 3, "{}", route.path);
    }
}

#[tokio::test]
async fn a_text_quotes_and_shows_a_preview_on_every_route() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let lead = stand.conversations().await[0]["contact"]["id"].id_number();
    let asked = stand.messages(id).await[0].clone();
    for route in sending(id, lead) {
        for (name, value) in [
            ("replyTo", asked["id"].clone()),
            ("reply_to", asked["provider_message_id"].clone()),
            ("context", json!({ "message_id": asked["provider_message_id"] })),
        ] {
            let body = route.put(route.with(name, &value), "previewUrl", &json!(true));
            let answer = stand.api.post(&route.path, &body).await;
            assert!(answer.status.is_success(), "{} {body}: {}", route.path, answer.text);
            let sent = stand.messages(id).await.pop().unwrap();
            assert_eq!(sent["direction"], "outbound");
            assert_eq!(sent["reply_to"]["message_id"], asked["id"], "{} {name}: {sent}", route.path);
        }
        let unknown = route.with("reply_to", &json!("msg_999"));
        refused(&stand.api.post(&route.path, &unknown).await, "reply_to", &route.path);
    }
    let rows = stand.rows().await;
    let previews = rows.values().filter(|row| row.to_string().contains("link_preview")).count();
    assert_eq!(previews, 9 * 3, "each attempt keeps that it asked for a preview");
}

#[tokio::test]
async fn ambiosys_chooses_a_channel_where_the_company_has_it() {
    let stand = Stand::start().await;
    let api = stand.api.with_key(Some(OTHER_KEY));
    stand.window_opens_at(ANA, &json!({ "to": "1003" })).await;
    let last = |stand: &Stand| called(stand).pop().unwrap().phone_number_id;
    for (name, id) in [("channelId", json!(3)), ("channel_id", json!("ch_3")), ("ChannelId", json!("3"))] {
        let body = json!({ "phoneNumber": ANA, "content": "x", name: id });
        let answer = api.post("/api/whatsapp/send", &body).await;
        assert_eq!((answer.status.as_u16(), last(&stand).as_str()), (200, "1003"), "{}", answer.text);
        let body = json!({
            "templateName": "hello_world", "languageCode": "en_US", "recipients": [{ "phoneNumber": ANA }], name: id,
        });
        let answer = api.post("/api/whatsapp/send-template", &body).await;
        assert_eq!(answer.json()["summary"]["sent"], 1, "{}", answer.text);
        assert_eq!(last(&stand), "1003");
    }
    let plain = json!({ "phoneNumber": BOB, "content": "x" });
    assert_eq!(api.post("/api/whatsapp/send", &plain).await.status, 200);
    assert_eq!(last(&stand), "1002", "the default channel");
    let before = called(&stand).len();
    for wrong in [json!(1), json!(99), json!("main"), json!([3])] {
        let body = json!({ "phoneNumber": ANA, "content": "x", "channelId": wrong });
        refused(&api.post("/api/whatsapp/send", &body).await, "channelId", "another's channel");
        let body = json!({
            "templateName": "hello_world", "languageCode": "en_US", "recipients": [{ "phoneNumber": ANA }], "channelId": wrong,
        });
        refused(&api.post("/api/whatsapp/send-template", &body).await, "channelId", "another's channel");
    }
    assert_eq!(called(&stand).len(), before);
}

#[tokio::test]
async fn a_broadcast_is_sent_on_the_chosen_channel() {
    let stand = Stand::start().await;
    let api = stand.api.with_key(Some(OTHER_KEY));
    let body = json!({
        "templateName": "hello_world", "languageCode": "en_US", "channelId": 3,
        "recipients": [{ "phoneNumber": ANA }, { "phoneNumber": BOB }],
    });
    let answer = api.post_with("/api/whatsapp/send-template", &[("prefer", "respond-async")], &body).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let place = answer.header("location").unwrap().to_owned();
    crate::harness::eventually("it is done", async || {
        (api.get(&place).await.json()["state"] == "done").then_some(())
    })
    .await;
    let through: Vec<String> = called(&stand).into_iter().map(|call| call.phone_number_id).collect();
    assert_eq!(through, ["1003", "1003"]);
}

#[tokio::test]
async fn a_template_to_many_passes_over_nothing() {
    let stand = Stand::start().await;
    let path = "/api/whatsapp/send-template";
    let body = json!({
        "templateName": "hello_world", "languageCode": "en_US", "recipients": [{ "phoneNumber": ANA }],
    });
    for name in
        ["sendAt", "schedule", "category", "ttl_seconds", "mediaUrl", "replyTo", "preview_url", "variables"]
    {
        let mut asked = body.clone();
        asked[name] = json!("x");
        refused(&stand.api.post(path, &asked).await, name, name);
        refused(&stand.api.post(&format!("{path}?{name}=x"), &body).await, name, name);
    }
    for name in ["components", "send_at", "channelId", "languageCode", "variables", "mediaUrl"] {
        let mut asked = body.clone();
        asked["recipients"] =
            json!([{ "phoneNumber": ANA, name: [{ "type": "body" }] }, { "phoneNumber": BOB }]);
        let before = called(&stand).len();
        let answer = stand.api.post(path, &asked).await.json();
        assert_eq!(answer["results"][0]["details"][0]["field"], name, "{answer}");
        // Who is wrong fails alone.
        assert_eq!((&answer["summary"]["sent"], called(&stand).len()), (&json!(1), before + 1), "{answer}");
    }
    for list in [json!([ANA]), json!([{ "phoneNumber": ANA }, BOB]), json!([[ANA]]), json!([null])] {
        let mut asked = body.clone();
        asked["recipients"] = list;
        let before = called(&stand).len();
        let answer = stand.api.post(path, &asked).await;
        assert_eq!((answer.status.as_u16(), called(&stand).len()), (400, before), "{}", answer.text);
        let told = answer.json();
        assert_eq!(told["details"][0]["field"], "recipients", "{told}");
        assert!(told["error"].as_str().unwrap().contains("phoneNumber"), "{told}");
    }
}

#[tokio::test]
async fn a_frame_is_rejected_with_the_name_of_its_unsupported_field() {
    let stand = Stand::start_live().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let mut socket = Socket::open(&stand.base(), &format!("apiKey={DEMO_KEY}"), &[]).await.unwrap();
    let frame = |name: &str, value: &Value| {
        let mut data = json!({ "conversationId": format!("conv_{id}"), "text": "to be sent" });
        data[name] = value.clone();
        json!({ "type": "whatsapp_reply", "data": data })
    };
    for name in ["sendAt", "scheduled_at", "mediaUrl", "category", "ttl", "template", "recipients"] {
        socket.send(&frame(name, &json!("x"))).await;
        let told = socket.next_of("error").await;
        assert_eq!(told["data"]["code"], "INVALID_REQUEST", "{told}");
        assert!(told["data"]["error"].as_str().unwrap().starts_with(name), "{told}");
    }
    assert!(called(&stand).is_empty());
    let asked = stand.messages(id).await[0]["id"].clone();
    socket.send(&frame("replyTo", &asked)).await;
    let status = socket.next_of("reply_status").await;
    assert_eq!(status["data"]["success"], true, "{status}");
    let sent = stand.messages(id).await.pop().unwrap();
    assert_eq!(sent["reply_to"]["message_id"], asked, "{sent}");
}

#[tokio::test]
async fn a_link_to_a_file_is_sent_as_one_where_files_are_accepted() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    // Nobody is there, so that the answer shows what was looked for.
    let body = json!({ "conversationId": format!("conv_{id}"), "text": "look", "media_url": "https://nowhere.invalid/a.png" });
    let answer = stand.api.post("/v1/messages/send", &body).await;
    assert!(!answer.status.is_success() && answer.text.contains("media"), "{}", answer.text);
    assert!(called(&stand).is_empty());
}
