//! A request for a dry run never sends: a template to many has dry runs, under any spelling, and every other
//! request that sends rejects them by name. Beside each stands the same request without it, which sends.

use serde_json::{Value, json};
use ventanilla_sandbox::LogEntry;

use crate::harness::{Answer, DEMO_KEY, IdNumber as _, Socket, Stand};

const ANA: &str = "+50212345678";

/// How often the provider was called to send something.
fn calls(stand: &Stand) -> usize {
    stand.running.sandbox.log().iter().filter(|entry| matches!(entry, LogEntry::Call(_))).count()
}

/// Every way to say it in a query, and whether it can be understood.
const QUERIES: [(&str, bool); 6] = [
    ("dry_run", true),
    ("dry_run=", true),
    ("dry_run=true", true),
    ("dryRun=true", true),
    ("dry_run=maybe", false),
    ("dry_run=false&dry_run=true", false),
];

/// Every way to say it in a body.
fn fields() -> [(&'static str, Value, bool); 4] {
    [
        ("dry_run", json!(true), true),
        ("dryRun", json!(true), true),
        ("dry_run", json!("true"), false),
        ("dry_run", json!(1), false),
    ]
}

/// A request that sends.
struct Sends {
    path: String,
    body: Value,
    /// Where in the body a client may put a field: at its top, and within objects of these names.
    within: &'static [&'static str],
}

impl Sends {
    fn new(path: impl Into<String>, body: Value) -> Self {
        Self { path: path.into(), body, within: &[] }
    }

    fn asked(&self, query: &str) -> String {
        let mark = if self.path.contains('?') { '&' } else { '?' };
        format!("{}{mark}{query}", self.path)
    }

    /// The body with a field, at each place where it may be.
    fn with(&self, name: &str, value: &Value) -> Vec<Value> {
        let mut bodies = Vec::new();
        for place in std::iter::once("").chain(self.within.iter().copied()) {
            let mut body = self.body.clone();
            let object = if place.is_empty() { &mut body } else { &mut body[place] };
            object[name] = value.clone();
            bodies.push(body);
        }
        bodies
    }
}

async fn sending(stand: &Stand) -> Vec<Sends> {
    let id = stand.customer_writes(ANA, "hola").await;
    let text = json!({ "body": "to be sent" });
    let lead = stand.conversations().await[0]["contact"]["id"].id_number();
    let object = json!({ "messaging_product": "whatsapp", "to": ANA, "type": "text", "text": text });
    vec![
        Sends::new(format!("/api/conversations/{id}/reply"), json!({ "message": "to be sent" })),
        Sends::new(format!("/api/reply-conversation.php?id={id}"), json!({ "message": "to be sent" })),
        Sends {
            within: &["messaging_object"],
            ..Sends::new("/v2/demo/whatsapp/+15550100001/messages", json!({ "messaging_object": object }))
        },
        Sends::new("/api/whatsapp/send", json!({ "phoneNumber": ANA, "content": "to be sent" })),
        Sends::new(format!("/api/whatsapp/conversations/{id}/messages"), json!({ "content": "to be sent" })),
        Sends::new(
            "/v1/messages/send",
            json!({ "conversationId": format!("conv_{id}"), "text": "to be sent" }),
        ),
        Sends::new(
            "/v1/messages/passthrough",
            json!({ "conversationId": format!("conv_{id}"), "type": "text", "text": text }),
        ),
        Sends::new(
            "/v1/messages/app/send",
            json!({ "poolNumberId": "pn_1", "toNumber": ANA, "text": "to be sent" }),
        ),
        Sends::new(format!("/v1/conversations/{id}/messages"), json!({ "text": "to be sent" })),
        Sends::new("/v1/messages", json!({ "to": { "phone": ANA }, "text": "to be sent" })),
        Sends::new(
            format!("/v1/leads/{lead}/conversations/reply"),
            json!({ "content": "to be sent", "messaging_channel_connection_id": 1 }),
        ),
    ]
}

fn refused(answer: &Answer, what: &str) {
    // ABC Sales's clients hear of wrong fields by 422, the PHP bot's of everything by 500.
    let of_php = what.starts_with("/api/conversations/") || what.starts_with("/api/reply-conversation.php");
    let documented: &[u16] = if of_php { &[500] } else { &[400, 422] };
    assert!(documented.contains(&answer.status.as_u16()), "{what}: {} {}", answer.status, answer.text);
    // Our own contract names the parameter as it was spelled.
    let named = answer.text.replace('_', "").to_lowercase().contains("dryrun");
    assert!(named, "{what}: {}", answer.text);
}

#[tokio::test]
async fn operations_without_a_dry_run_reject_it_by_name() {
    let stand = Stand::start().await;
    for route in sending(&stand).await {
        let before = calls(&stand);
        for (query, _) in QUERIES {
            let path = route.asked(query);
            refused(&stand.api.post(&path, &route.body).await, &path);
        }
        for (name, value, _) in fields() {
            for body in route.with(name, &value) {
                refused(&stand.api.post(&route.path, &body).await, &format!("{} {body}", route.path));
            }
        }
        assert_eq!(calls(&stand), before, "{}", route.path);
        // The same without it, and when it says no. Our own contract has no such parameter, whatever it says.
        let ours = route.path.ends_with("/messages") && route.path.starts_with("/v1/");
        let no = if ours { route.path.clone() } else { route.asked("dry_run=false") };
        for path in [route.path.clone(), no] {
            let answer = stand.api.post(&path, &route.body).await;
            assert!(answer.status.is_success(), "{path}: {}", answer.text);
        }
        for body in route.with("dry_run", &json!(false)) {
            let answer = stand.api.post(&route.path, &body).await;
            assert!(answer.status.is_success(), "{body}: {}", answer.text);
        }
        assert_eq!(calls(&stand), before + 3 + route.within.len(), "{}", route.path);
    }
}

#[tokio::test]
async fn a_template_to_many_has_dry_runs_in_any_spelling() {
    let stand = Stand::start().await;
    let components = json!([{ "type": "body", "parameters": [
        { "type": "text", "text": "Ana" }, { "type": "text", "text": "lunes" },
    ] }]);
    let route = Sends::new(
        "/api/whatsapp/send-template",
        json!({
            "templateName": "appointment_reminder", "languageCode": "es", "components": components,
            "recipients": [{ "phoneNumber": ANA }],
        }),
    );
    let dry = |answer: &Answer, understood: bool, what: &str| {
        if understood {
            assert_eq!(answer.status, 200, "{what}: {}", answer.text);
            assert_eq!(answer.json()["results"][0]["dry_run"], true, "{what}: {}", answer.text);
        } else {
            refused(answer, what);
        }
    };
    for (query, understood) in QUERIES {
        let path = route.asked(query);
        dry(&stand.api.post(&path, &route.body).await, understood, &path);
        // Nor does anything begin in the background.
        let later = [("prefer", "respond-async")];
        dry(&stand.api.post_with(&path, &later, &route.body).await, understood, &path);
    }
    for (name, value, understood) in fields() {
        for body in route.with(name, &value) {
            dry(&stand.api.post(&route.path, &body).await, understood, &body.to_string());
            // One of the two is enough.
            let path = route.asked("dry_run=false");
            dry(&stand.api.post(&path, &body).await, understood, &body.to_string());
        }
    }
    // One recipient alone has no dry run: the entry is rejected, and gets nothing.
    let mut one = route.body.clone();
    one["recipients"][0]["dry_run"] = json!(true);
    let answer = stand.api.post(&route.path, &one).await;
    assert!(answer.json()["results"][0].to_string().contains("dry_run"), "{}", answer.text);
    assert_eq!(calls(&stand), 0);
    assert_eq!(stand.api.post(&route.path, &route.body).await.json()["summary"]["sent"], 1);
    assert_eq!(calls(&stand), 1);
}

#[tokio::test]
async fn a_frame_that_asks_for_a_dry_run_is_rejected() {
    let stand = Stand::start_live().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let mut socket = Socket::open(&stand.base(), &format!("apiKey={DEMO_KEY}"), &[]).await.unwrap();
    let conversation = format!("conv_{id}");
    let picture = json!({ "data": "iVBORw0KGgo=", "mimeType": "image/png" });
    let wamid = stand.messages(id).await[0]["provider_message_id"].clone();
    let mut sent = 0;
    for (kind, data) in [
        ("whatsapp_reply", json!({ "conversationId": conversation, "text": "to be sent" })),
        ("whatsapp_reaction", json!({ "conversationId": conversation, "messageId": wamid, "emoji": "👍" })),
        ("whatsapp_media_reply", json!({ "conversationId": conversation, "media": picture })),
    ] {
        let frame = Sends { within: &["data"], ..Sends::new("", json!({ "type": kind, "data": data })) };
        for (name, value, _) in fields() {
            for asked in frame.with(name, &value) {
                socket.send(&asked).await;
                let told = socket.next_of("error").await;
                assert_eq!(told["data"]["code"], "INVALID_REQUEST", "{asked}");
                assert!(told["data"]["error"].as_str().unwrap().starts_with("dry_run"), "{told}");
            }
        }
        assert_eq!(calls(&stand), sent, "{kind}");
        for asked in frame.with("dry_run", &json!(false)) {
            socket.send(&asked).await;
            assert_eq!(socket.next_of("reply_status").await["data"]["success"], true, "{asked}");
            sent += 1;
        }
        assert_eq!(calls(&stand), sent, "{kind}");
    }
}
