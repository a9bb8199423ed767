//! What sockets are sent, and what is written of them and of what comes over them.

use std::{fmt::Write as _, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{ANA, BOB, joined, kept, outside::LATE_FILE, stage::Stage};
use crate::harness::DEMO_KEY;

/// The frames that sockets got, step by step.
#[derive(Default)]
struct Log(String);

impl Log {
    /// Follows the stream, and collects the frames that sockets got.
    async fn hears(&mut self, stage: &Stage, step: &str) {
        stage.work().await;
        stage.follow().await;
        writeln!(self.0, "{step}").unwrap();
        self.0 += &stage.frames().await;
    }
}

async fn opens(stage: &Stage, socket: &str, more: &[(&str, &str)]) {
    let mut query = vec![("apiKey", DEMO_KEY)];
    query.extend(more);
    assert_eq!(stage.gateway(socket, "CONNECT", &query, None).await, 200, "{socket}");
}

/// Says something over a socket; each frame has a name of the gateway's.
async fn says(stage: &Stage, socket: &str, name: &str, text: &str) {
    stage.gateway(socket, "MESSAGE", &[], Some((name, text))).await;
}

fn frame(kind: &str, conversation: u64, data: Value) -> String {
    let whole = joined(
        json!({ "conversationId": format!("conv_{conversation}"), "poolNumberId": "pn_1", "toNumber": ANA }),
        data,
    );
    json!({ "type": kind, "data": whole }).to_string()
}

#[tokio::test]
async fn frames_to_sockets_are_unchanged() {
    let stage = Stage::start().await;
    stage.sync_templates().await;
    let mut log = Log::default();
    let ana = stage.writes_text(ANA, "wamid.ANA-1", "hola").await;
    log.hears(&stage, "nobody is there").await;
    let made = stage.post("/v1/socket/tickets", &json!({})).await;
    let ticket = made["ticket"].as_str().unwrap();
    stage.hides_hash(ticket, "<hash of the ticket>").await;
    assert_eq!(stage.gateway("by-ticket", "CONNECT", &[("ticket", ticket)], None).await, 200);
    log.hears(&stage, "one opens by a ticket, and gets what waited").await;
    opens(&stage, "narrow", &[("conversationId", &format!("conv_{ana}"))]).await;
    opens(&stage, "of-channel", &[("poolNumberId", "pn_1")]).await;
    opens(&stage, "from-start", &[("resume_from", "0")]).await;
    log.hears(&stage, "three more open").await;
    customers(&stage, &mut log).await;
    clients(&stage, &mut log, ana).await;
    says(&stage, "unknown", "f-99", "{\"type\":\"whatsapp_reply\"}").await;
    log.hears(&stage, "a socket of which nothing is known").await;
    assert_eq!(stage.gateway("narrow", "DISCONNECT", &[], None).await, 200);
    let rows = stage.rows().await;
    ends(&stage, &mut log).await;
    kept::check(&[("sockets.rows", rows), ("sockets.frames", log.0)]);
}

/// Events about customers and conversations.
async fn customers(stage: &Stage, log: &mut Log) {
    let ad = json!({ "source_type": "ad", "source_id": "S", "source_url": "https://fb.example/x", "headline": "Oferta",
        "body": "b", "ctwa_clid": "C", "media_type": "image" });
    let steps = [
        (
            "a text",
            json!({ "type": "text", "text": { "body": "¿Hay agua?" }, "referral": ad,
            "context": { "id": "wamid.ANA-1", "from": "15550100001" } }),
        ),
        (
            "a picture",
            json!({ "type": "image", "image": { "id": "101", "caption": "la fuga", "mime_type": "image/jpeg" } }),
        ),
        (
            "a reaction",
            json!({ "type": "reaction", "reaction": { "message_id": "wamid.ANA-1", "emoji": "👍" } }),
        ),
        (
            "an edit",
            json!({ "type": "edit", "edit": { "original_message_id": "wamid.ANA-1",
            "message": { "type": "text", "text": { "body": "buenas" } } } }),
        ),
        ("a revocation", json!({ "type": "revoke", "revoke": { "original_message_id": "wamid.ANA-1" } })),
        ("no marketing", json!({ "type": "text", "text": { "body": "STOP" } })),
        ("marketing again", json!({ "type": "text", "text": { "body": "START" } })),
        ("a call for a person", json!({ "type": "text", "text": { "body": "quiero hablar con humano" } })),
    ];
    for (place, (step, message)) in steps.into_iter().enumerate() {
        stage.writes(ANA, &format!("wamid.TOLD-{place}"), message).await;
        log.hears(stage, step).await;
    }
    let late = json!({ "type": "image", "image": { "id": LATE_FILE, "mime_type": "image/jpeg" } });
    stage.writes(ANA, "wamid.LATE", late).await;
    log.hears(stage, "a picture that is not there yet").await;
    stage.late_file_comes();
    stage.later(Duration::from_mins(1));
    stage.sweep().await;
    log.hears(stage, "it is there").await;
}

/// What clients say, and how they are answered.
async fn clients(stage: &Stage, log: &mut Log, ana: u64) {
    let picture = json!({ "media": { "data": STANDARD.encode(b"\x89PNG\r\n\x1a\n"), "mimeType": "image/png" }, "text": "look" });
    for (place, (step, text)) in [
        ("a ping", json!({ "type": "ping" }).to_string()),
        ("a reply", frame("whatsapp_reply", ana, json!({ "text": "Thanks!", "clientId": "c1" }))),
        (
            "a reaction",
            frame("whatsapp_reaction", ana, json!({ "messageId": "wamid.TOLD-0", "emoji": "🙏" })),
        ),
        ("a file", frame("whatsapp_media_reply", ana, picture)),
        ("no text", frame("whatsapp_reply", ana, json!({ "clientId": 7 }))),
        ("no JSON", "no json".to_owned()),
        ("a kind that nobody knows", json!({ "type": "unheard_of" }).to_string()),
    ]
    .into_iter()
    .enumerate()
    {
        says(stage, "of-channel", &format!("f-{place}"), &text).await;
        log.hears(stage, step).await;
    }
    let status = json!({ "id": "wamid.OUT-1", "status": "delivered", "timestamp": (stage.now() / 1000).to_string(),
        "recipient_id": &ANA[1..] });
    stage.told(json!({ "statuses": [status] })).await;
    log.hears(stage, "a status").await;
}

/// Sockets that close, and the frames about missed events.
async fn ends(stage: &Stage, log: &mut Log) {
    stage.later(Duration::from_mins(116));
    stage.sweep().await;
    log.hears(stage, "the gateway's time is nearly over").await;
    for socket in ["by-ticket", "of-channel", "from-start"] {
        assert_eq!(stage.gateway(socket, "DISCONNECT", &[], None).await, 200);
    }
    for tenth in 0..11 {
        let messages = (10 * tenth..103.min(10 * tenth + 10)).map(|number| {
            json!({ "from": &BOB[1..], "id": format!("wamid.BOB-{number:03}"), "timestamp": (stage.now() / 1000).to_string(),
                "type": "text", "text": { "body": format!("no. {number}") } })
        });
        stage.told(json!({ "messages": messages.collect::<Vec<_>>() })).await;
    }
    stage.follow().await;
    opens(stage, "late", &[]).await;
    log.hears(stage, "of a sender the latest hundred wait").await;
    stage.later(Duration::from_mins(21 * 60 + 30));
    opens(stage, "next-day", &[]).await;
    log.hears(stage, "the next day").await;
    stage.sweep().await;
    log.hears(stage, "windows are nearly closed").await;
    stage.later(Duration::from_hours(8 * 24));
    opens(stage, "too-late", &[("resume_from", "0")]).await;
    log.hears(stage, "from a place that is not kept any more").await;
}
