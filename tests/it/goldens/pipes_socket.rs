//! The contract of Pipes.bot on its sockets: who may open one, what is said on it, and what is answered.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::{FutureExt, future::join_all};
use serde_json::{Value, json};
use ventanilla::{
    domain::{
        content::{Content, MessageText},
        frame::{Frame, OPERATION},
        id::TenantId,
        socket::SocketId,
    },
    ports::{
        clock::{Clock, Deadline},
        store::{Record, Write},
    },
    usecases::sending::{Recipient, SendCommand},
};
use ventanilla_sandbox::{Fault as ProviderFault, FileFault, Status, WebhookShape};

use super::{
    ANA, BOB, NOWHERE, USER,
    call::{READER, SENDER, UNKNOWN, short},
    failures::refused,
    golden, kinds,
    scene::Scene,
};
use crate::{
    files::{fetch_fails, first_fetch_failed, media_there},
    harness::{DEMO_KEY, IdNumber as _, OTHER_KEY, Socket, Stand, eventually},
};

#[tokio::test]
async fn pipes_bot_s_sockets_send_the_recorded_frames() {
    let scenes = [
        openings().boxed_local(),
        customers().boxed_local(),
        changes().boxed_local(),
        statuses().boxed_local(),
        conversations().boxed_local(),
        replies().boxed_local(),
        refused_frames().boxed_local(),
        frames_that_fail().boxed_local(),
        narrow_sockets().boxed_local(),
        late_listeners().boxed_local(),
        nobody_answered().boxed_local(),
    ];
    golden::check("pipes_socket", &join_all(scenes).await.concat());
}

/// A client that listens.
struct Listener {
    scene: Scene,
    socket: Socket,
    tenant: TenantId,
    id: SocketId,
}

impl Listener {
    /// Opens a socket of tenant `demo`, with this query after its key; stores its first frames.
    async fn open(scene: Scene, sentence: &str, more: &str) -> Self {
        Self::open_with(scene, sentence, DEMO_KEY, more).await
    }

    async fn open_with(scene: Scene, sentence: &str, key: &str, more: &str) -> Self {
        let socket = Socket::open(&scene.stand.base(), &format!("apiKey={key}{more}"), &[]).await.unwrap();
        let mut listener = Self::new(scene, socket, key);
        listener.hears(sentence).await;
        listener
    }

    /// One with the socket that was opened last.
    fn new(scene: Scene, socket: Socket, key: &str) -> Self {
        let tenant = if key == OTHER_KEY { "other".parse().unwrap() } else { Stand::tenant() };
        let id = scene.stand.running.gateway.connections().pop().unwrap();
        Self { scene, socket, tenant, id: id.try_into().unwrap() }
    }

    /// Stores the frames of everything that happened until now.
    async fn hears(&mut self, sentence: &str) {
        let frames = self.frames(0).await;
        self.scene.keep_other(sentence, &json!({ "received": frames }));
    }

    /// Sends a frame, and stores the frames that follow: this many answers, and the others.
    async fn says(&mut self, sentence: &str, frame: &Value, answers: usize) -> Vec<Value> {
        self.says_text(sentence, &frame.to_string(), frame, answers).await
    }

    async fn says_text(&mut self, sentence: &str, text: &str, shown: &Value, answers: usize) -> Vec<Value> {
        self.socket.send_text(text).await;
        if shown["type"] != "ping" {
            self.deal(sentence).await;
        }
        let frames = self.frames(answers).await;
        self.scene.keep_other(sentence, &json!({ "sent": short(shown), "received": frames }));
        frames
    }

    /// A frame waits a moment for earlier ones before it is dealt with: lets that moment pass, and waits for the end.
    async fn deal(&self, sentence: &str) {
        let stand = &self.scene.stand;
        let sockets = &stand.running.functions.app.core.ports.sockets;
        let waiting = async || sockets.first_frame(&self.tenant, &self.id).await.unwrap().is_some();
        eventually(&format!("{sentence} comes"), async || waiting().await.then_some(())).await;
        stand.clock.advance(Duration::from_secs(1));
        eventually(&format!("{sentence} is dealt with"), async || (!waiting().await).then_some(())).await;
    }

    /// So many frames, and those that are there once everything has come to its end.
    async fn frames(&mut self, answers: usize) -> Vec<Value> {
        let mut frames = Vec::new();
        for _ in 0..answers {
            frames.push(self.socket.next().await);
        }
        self.scene.rest().await;
        self.scene.stand.follow().await;
        // All pending frames are sent before this is answered.
        self.socket.send(&json!({ "type": "ping" })).await;
        loop {
            let frame = self.socket.next().await;
            if frame == json!({ "type": "pong" }) {
                return frames;
            }
            frames.push(frame);
        }
    }
}

fn frame(kind: &str, conversation: u64, data: &Value) -> Value {
    let mut whole =
        json!({ "conversationId": format!("conv_{conversation}"), "poolNumberId": "pn_1", "toNumber": ANA });
    whole.as_object_mut().unwrap().extend(data.as_object().unwrap().clone());
    json!({ "type": kind, "data": whole })
}

fn reply(conversation: u64, text: &str) -> Value {
    frame("whatsapp_reply", conversation, &json!({ "text": text }))
}

async fn openings() -> Vec<Value> {
    let mut scene = Scene::start("openings").await;
    let id = scene.writes(ANA, "hola").await;
    scene.stand.follow().await;
    let narrow = format!("&conversationId=conv_{id}");
    for (sentence, query) in [
        ("without a key", String::new()),
        ("with an unknown key", format!("apiKey={UNKNOWN}")),
        ("with what can be no key", "apiKey=vk_short".to_owned()),
        ("with a key that may only send", format!("apiKey={SENDER}")),
        ("to another company's conversation", format!("apiKey={OTHER_KEY}{narrow}")),
        ("to another company's number", format!("apiKey={OTHER_KEY}&poolNumberId=pn_1")),
        ("to a conversation that is nowhere", format!("apiKey={DEMO_KEY}&conversationId=conv_{NOWHERE}")),
        ("to what is no conversation", format!("apiKey={DEMO_KEY}&conversationId=x")),
        ("to what is no number", format!("apiKey={DEMO_KEY}&poolNumberId=conv_1")),
        ("from what is no place", format!("apiKey={DEMO_KEY}&resume_from=x")),
        ("with a ticket that nobody made", "ticket=x".to_owned()),
    ] {
        let refused = Socket::open(&scene.stand.base(), &query, &[]).await.err();
        scene.keep_other(sentence, &json!({ "refused": refused }));
    }
    let made = scene.stand.api.post("/v1/socket/tickets", &json!({})).await.json();
    let ticket = format!("ticket={}", made["ticket"].as_str().unwrap());
    let by_ticket = Socket::open(&scene.stand.base(), &ticket, &[]).await.unwrap();
    let mut listener = Listener::new(scene, by_ticket, DEMO_KEY);
    listener.hears("with a ticket").await;
    let again = Socket::open(&listener.scene.stand.base(), &ticket, &[]).await.err();
    listener.scene.keep_other("with a ticket again", &json!({ "refused": again }));
    let bearer = [("authorization", format!("Bearer {DEMO_KEY}"))];
    let bearer = bearer.each_ref().map(|(name, value)| (*name, value.as_str()));
    let by_header = Socket::open(&listener.scene.stand.base(), "", &bearer).await.unwrap();
    let mut listener = Listener::new(listener.scene, by_header, DEMO_KEY);
    listener.hears("with a bearer token").await;
    let mut scene = listener.scene;
    for (sentence, key, more) in [
        ("to everything", DEMO_KEY, String::new()),
        ("to everything by a key that may only read", READER, String::new()),
        ("to a conversation", DEMO_KEY, narrow),
        ("to a number", DEMO_KEY, "&poolNumberId=pool_1".to_owned()),
        ("from the beginning", DEMO_KEY, "&resume_from=0".to_owned()),
    ] {
        scene = Listener::open_with(scene, sentence, key, &more).await.scene;
    }
    scene.end()
}

/// What customers send, each kind in its frame.
async fn customers() -> Vec<Value> {
    let scene = Scene::start("customers").await;
    let mut listener = Listener::open(scene, "to begin with", "").await;
    listener.scene.writes(ANA, "hola").await;
    listener.hears("the first text").await;
    for (what, message) in kinds::plain() {
        listener.scene.sends(ANA, message).await;
        listener.hears(what).await;
    }
    for (what, message) in kinds::files() {
        listener.scene.sends_file(ANA, message).await;
        listener.hears(what).await;
    }
    listener.scene.sends(USER, json!({ "text": "hi", "hide_phone": true })).await;
    listener.hears("a text of who shows no number").await;
    late_file(&mut listener).await;
    listener.scene.sends(ANA, json!({ "text": "ж".repeat(65_536) })).await;
    let frames = listener.frames(0).await;
    listener
        .scene
        .keep_other("a text that is too long for a frame", &json!({ "received": short(&json!(frames)) }));
    listener.scene.end()
}

/// A picture whose message is emitted before it is there, and one that is never stored.
async fn late_file(listener: &mut Listener) {
    fetch_fails(&listener.scene.stand, FileFault::NotFound);
    listener.scene.sends(BOB, json!({ "type": "image", "image": { "id": "4711" } })).await;
    first_fetch_failed(&listener.scene.stand).await;
    listener.hears("a picture that is not there yet").await;
    listener.scene.stand.clock.advance(Duration::from_secs(31));
    assert_eq!(listener.scene.stand.sweep().await.fetching, 1);
    let bob = listener.scene.conversation(BOB).await;
    media_there(&listener.scene.stand, bob).await;
    listener.hears("the picture is there").await;
    fetch_fails(&listener.scene.stand, FileFault::NotFound);
    listener.scene.sends(BOB, json!({ "type": "image", "image": { "id": "4712" } })).await;
    first_fetch_failed(&listener.scene.stand).await;
    listener.hears("another picture that is not there yet").await;
    listener.scene.stand.clock.advance(Duration::from_hours(7 * 24 + 1));
    assert_eq!(listener.scene.stand.sweep().await.lost, 1);
    listener.hears("the picture is lost").await;
}

/// What customers change of earlier messages, and what they say about them.
async fn changes() -> Vec<Value> {
    let mut scene = Scene::start("changes").await;
    let first = scene.sends(ANA, json!({ "text": "hola" })).await;
    let id = scene.conversation(ANA).await;
    let mut listener = Listener::open(scene, "to begin with", "&resume_from=0").await;
    let answered = listener.says("a reply", &reply(id, "claro"), 1).await;
    let ours = answered[0]["data"]["messageId"].clone();
    let edited = json!({ "type": "text", "text": { "body": "buenas" } });
    for (what, message) in [
        ("an answer to a message of theirs", json!({ "text": "digo", "context": { "id": first } })),
        ("an answer to ours", json!({ "text": "gracias", "context": { "id": ours } })),
        (
            "an answer to nothing that we know",
            json!({ "text": "¿y eso?", "context": { "id": "wamid.unknown" } }),
        ),
        (
            "a reaction to ours",
            json!({ "type": "reaction", "reaction": { "message_id": ours, "emoji": "👍" } }),
        ),
        (
            "a reaction that is taken back",
            json!({ "type": "reaction", "reaction": { "message_id": ours, "emoji": "" } }),
        ),
        (
            "a reaction to nothing that we know",
            json!({ "type": "reaction", "reaction": { "message_id": "wamid.unknown", "emoji": "👍" } }),
        ),
        ("an edit", json!({ "type": "edit", "edit": { "original_message_id": first, "message": edited } })),
        ("a revocation", json!({ "type": "revoke", "revoke": { "original_message_id": first } })),
        (
            "a revocation of nothing that we know",
            json!({ "type": "revoke", "revoke": { "original_message_id": "wamid.unknown" } }),
        ),
    ] {
        listener.scene.sends(ANA, message).await;
        listener.hears(what).await;
    }
    listener.scene.end()
}

/// The statuses of messages that were sent over HTTP.
async fn statuses() -> Vec<Value> {
    let mut scene = Scene::start("statuses").await;
    let id = scene.writes(ANA, "hola").await;
    let mut listener = Listener::open(scene, "to begin with", "").await;
    let only =
        |drop: &[Status]| ProviderFault::Webhooks(WebhookShape { drop: drop.to_vec(), ..Default::default() });
    for (what, fault) in [
        ("a text that is read", None),
        ("a text that is delivered", Some(only(&[Status::Read]))),
        ("a text that is sent", Some(only(&[Status::Delivered, Status::Read]))),
        ("a text that is accepted", Some(only(&[Status::Sent, Status::Delivered, Status::Read]))),
        ("a text that fails later", Some(ProviderFault::FailLater { code: 131_026, after_sent: true })),
        ("a text that is refused", Some(refused(131_026))),
        ("a text of which nobody knows", Some(ProviderFault::Cut { accepted: false })),
        ("a text that finds the window closed", Some(refused(131_047))),
    ] {
        if let Some(fault) = fault {
            listener.scene.stand.provider_will(fault);
        }
        listener.scene.stand.reply(id, what).await;
        listener.hears(what).await;
    }
    let body = json!({ "templateName": "hello_world", "languageCode": "en_US",
        "recipients": [{ "phoneNumber": BOB, "requestId": 77 }] });
    assert_eq!(listener.scene.stand.api.post("/api/whatsapp/send-template", &body).await.status, 200);
    listener.hears("a template to who never wrote").await;
    listener.scene.end()
}

/// Actions on conversations, and customers' opt-outs.
async fn conversations() -> Vec<Value> {
    let mut scene = Scene::start("conversations").await;
    let id = scene.writes(ANA, "hola").await;
    let mut listener = Listener::open(scene, "to begin with", "").await;
    for (what, action, body) in [
        ("it is assigned", "assign", json!({ "assignee": "luis" })),
        ("it is handed to a person", "handoff", json!({ "to": "human" })),
        ("it is read", "read", json!({})),
        ("it is closed", "close", json!({})),
        ("it is opened again", "reopen", json!({})),
        ("it is handed to the bot", "handoff", json!({ "to": "bot" })),
    ] {
        let path = format!("/v1/conversations/{id}/{action}");
        assert_eq!(listener.scene.stand.api.post(&path, &body).await.status, 200);
        listener.hears(what).await;
    }
    for (what, text) in [
        ("the customer asks for a person", "quiero hablar con humano"),
        ("the customer wants no marketing", "STOP"),
        ("the customer wants it again", "START"),
    ] {
        listener.scene.writes(ANA, text).await;
        listener.hears(what).await;
    }
    listener.scene.stand.clock.advance(Duration::from_mins(116));
    assert_eq!(listener.scene.stand.sweep().await.sent_away, 1);
    listener.hears("the gateway's time is nearly over").await;
    listener.scene.stand.clock.advance(Duration::from_mins(21 * 60 + 30));
    let mut listener = Listener::open(listener.scene, "to go on with", "").await;
    assert_eq!(listener.scene.stand.sweep().await.expiring, 1);
    listener.hears("the window is nearly closed").await;
    listener.scene.end()
}

async fn replies() -> Vec<Value> {
    let mut scene = Scene::start("replies").await;
    let first = scene.sends(ANA, json!({ "text": "hola" })).await;
    let id = scene.conversation(ANA).await;
    let ours = scene.stand.messages(id).await[0]["id"].clone();
    let mut listener = Listener::open(scene, "to begin with", "").await;
    let picture = STANDARD.encode(b"\x89PNG\r\n\x1a\n");
    let media = |more: Value| {
        let mut media = json!({ "media": { "data": picture, "mimeType": "image/png" } });
        media.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        frame("whatsapp_media_reply", id, &media)
    };
    let text = |more: Value| frame("whatsapp_reply", id, &more);
    for (what, asked) in [
        ("a ping", json!({ "type": "ping" })),
        ("a text", reply(id, "Thanks for reaching out!")),
        ("a text that calls itself something", text(json!({ "text": "x", "clientId": "c1" }))),
        ("a text that calls itself a number", text(json!({ "text": "x", "clientId": 7 }))),
        ("a text by the bare number", text(json!({ "text": "x", "conversationId": id.to_string() }))),
        ("a text of a bot", text(json!({ "text": "x", "sent_by": { "type": "bot" } }))),
        ("a picture", media(json!({}))),
        ("a picture with a text", media(json!({ "text": "look", "clientId": "c2" }))),
        ("a picture as a document", media(json!({ "mediaType": "document" }))),
        (
            "a reaction by our id",
            frame("whatsapp_reaction", id, &json!({ "messageId": ours, "emoji": "👍" })),
        ),
        (
            "a reaction by WhatsApp's id",
            frame("whatsapp_reaction", id, &json!({ "messageId": first, "emoji": "🙏" })),
        ),
        ("no reaction any more", frame("whatsapp_reaction", id, &json!({ "messageId": ours }))),
    ] {
        listener.says(what, &asked, 1).await;
    }
    listener.scene.end()
}

async fn refused_frames() -> Vec<Value> {
    let mut scene = Scene::start("refused frames").await;
    let id = scene.writes(ANA, "hola").await;
    let mut listener = Listener::open(scene, "to begin with", "").await;
    for text in ["no json", "[]", "null", "{}", "", "{\"type\":\"whatsapp_reply\",\"type\":\"ping\"}"] {
        listener.says_text(&format!("the text {text:?}"), text, &json!(text), 1).await;
    }
    let text = |more: Value| frame("whatsapp_reply", id, &more);
    let media = |more: Value| frame("whatsapp_media_reply", id, &more);
    for (what, asked) in [
        ("a kind that nobody knows", json!({ "type": "unheard_of", "data": {} })),
        ("a kind that is no text", json!({ "type": 7, "data": {} })),
        ("no data", json!({ "type": "whatsapp_reply" })),
        ("data that is no object", json!({ "type": "whatsapp_reply", "data": [] })),
        ("no conversation", json!({ "type": "whatsapp_reply", "data": { "text": "x" } })),
        (
            "a conversation that is no text",
            json!({ "type": "whatsapp_reply", "data": { "conversationId": 7, "text": "x" } }),
        ),
        ("no text", text(json!({}))),
        ("an empty text", text(json!({ "text": "" }))),
        ("a text that is too long", text(json!({ "text": "x".repeat(4097) }))),
        ("a dry run", text(json!({ "text": "x", "dryRun": true }))),
        ("a sender that nobody knows", text(json!({ "text": "x", "sent_by": { "type": "robot" } }))),
        ("a reaction to nothing", frame("whatsapp_reaction", id, &json!({ "emoji": "👍" }))),
        (
            "a reaction to what is nowhere",
            frame("whatsapp_reaction", id, &json!({ "messageId": format!("msg_{NOWHERE}") })),
        ),
        (
            "a reaction that is no text",
            frame("whatsapp_reaction", id, &json!({ "messageId": "wamid.A", "emoji": 7 })),
        ),
        ("no file", media(json!({}))),
        ("a file that is no object", media(json!({ "media": "QUJD" }))),
        ("a file without a type", media(json!({ "media": { "data": "QUJD" } }))),
        ("a file that is no Base64", media(json!({ "media": { "data": "?", "mimeType": "image/png" } }))),
        ("an empty file", media(json!({ "media": { "data": "", "mimeType": "image/png" } }))),
        (
            "a kind of file that nobody knows",
            media(json!({ "media": { "data": "QUJD", "mimeType": "image/png" }, "mediaType": "smoke" })),
        ),
    ] {
        listener.says(what, &asked, 1).await;
    }
    // As the vendor's own server, it says nothing to what is none of the company's.
    listener.says("a conversation that is nowhere", &reply(NOWHERE, "x"), 0).await;
    let strange =
        json!({ "type": "whatsapp_reply", "data": { "conversationId": "conv_xyz789", "text": "x" } });
    listener.says("a conversation in a foreign spelling", &strange, 0).await;
    let scene = listener.scene;
    let mut reader = Listener::open_with(scene, "by a key that may only read", READER, "").await;
    reader.says("a text by a key that may only read", &reply(id, "x"), 1).await;
    reader.scene.end()
}

async fn frames_that_fail() -> Vec<Value> {
    let mut scene = Scene::start("frames that fail").await;
    let id = scene.writes(ANA, "hola").await;
    let mut listener = Listener::open(scene, "to begin with", "").await;
    for (how, fault) in [
        ("finds fault with it", refused(100)),
        ("cannot reach the customer", refused(131_026)),
        ("finds it too fast", ProviderFault::RateLimit { retry_after: Some(7) }),
        ("has restricted the account", refused(368)),
        ("does not take the token", ProviderFault::ExpiredToken),
        ("does not answer", ProviderFault::Cut { accepted: false }),
        ("says that the window is closed", refused(131_047)),
    ] {
        listener.scene.stand.provider_will(fault);
        listener.says(&format!("a text when WhatsApp {how}"), &reply(id, "x"), 1).await;
    }
    listener.scene.stand.clock.advance(Duration::from_hours(25));
    let mut listener = Listener::open(listener.scene, "a day later", "").await;
    listener.says("a text to a closed window", &reply(id, "late"), 1).await;
    assert_eq!(listener.scene.stand.api.get("/api/whatsapp/templates").await.status, 200);
    listener.hears("the templates").await;
    listener.says("a text to a closed window, with templates", &reply(id, "late"), 1).await;
    for row in listener.scene.stand.rows().await.into_values() {
        if ["connection", "connection_route"].iter().any(|kind| row["row"]["S"] == *kind) {
            listener
                .scene
                .stand
                .drop_row(row["pk"]["S"].as_str().unwrap(), row["sk"]["S"].as_str().unwrap())
                .await;
        }
    }
    listener.socket.send(&reply(id, "who am I?")).await;
    let lost = listener.socket.next().await;
    let closed = listener.socket.closed().await;
    let heard = json!({ "received": [lost], "closed": closed });
    listener.scene.keep_other("a text on a socket of which nothing is known", &heard);
    listener.scene.end()
}

/// Sockets that listen to one conversation, or to one number.
async fn narrow_sockets() -> Vec<Value> {
    let mut scene = Scene::start("narrow sockets").await;
    let (ana, bob) = (scene.writes(ANA, "hola").await, scene.writes(BOB, "hola").await);
    let mut listener =
        Listener::open(scene, "to a conversation", &format!("&conversationId=conv_{ana}")).await;
    listener.scene.writes(BOB, "not for you").await;
    listener.scene.writes(ANA, "for you").await;
    listener.hears("only what is said there").await;
    listener.says("a text into another conversation", &reply(bob, "no"), 1).await;
    let mut scene = listener.scene;
    let other = json!({ "text": "hola", "to": "1003" });
    scene.sends(ANA, other).await;
    let theirs = scene.stand.api.with_key(Some(OTHER_KEY)).get("/v1/conversations").await.json();
    let theirs = theirs["data"][0]["id"].id_number();
    let mut listener = Listener::open_with(scene, "to a number", OTHER_KEY, "&poolNumberId=pn_2").await;
    listener.says("a text through another number", &reply(theirs, "no"), 1).await;
    listener.scene.end()
}

/// Who comes when much was missed.
async fn late_listeners() -> Vec<Value> {
    let scene = Scene::start("late listeners").await;
    let now = scene.stand.clock.now().seconds();
    for tenth in 0..11 {
        let messages = (10 * tenth..103.min(10 * tenth + 10)).map(|number| {
            json!({ "from": &ANA[1..], "id": format!("wamid.number-{number:03}"), "timestamp": now.to_string(),
                "type": "text", "text": { "body": format!("no. {number}") } })
        });
        let value = json!({ "messaging_product": "whatsapp", "metadata": { "phone_number_id": "1001" },
            "messages": messages.collect::<Vec<_>>() });
        let body =
            json!({ "entry": [{ "id": "2001", "changes": [{ "field": "messages", "value": value }] }] });
        assert_eq!(scene.stand.callback("demo", "demo-app-secret", &body).await.status, 200);
    }
    scene.stand.follow().await;
    let socket = Socket::open(&scene.stand.base(), &format!("apiKey={DEMO_KEY}"), &[]).await.unwrap();
    let mut listener = Listener::new(scene, socket, DEMO_KEY);
    let mut frames = listener.frames(0).await;
    let (first, last) =
        (frames.remove(0), frames.iter().rposition(|frame| frame["type"] == "whatsapp_message"));
    let last = frames[last.unwrap()].clone();
    frames.retain(|frame| frame["type"] != "whatsapp_message");
    let heard = json!({ "first": first, "last of 100": last, "besides": frames });
    listener.scene.keep_other("of a sender the latest hundred wait, and the rest is counted", &heard);
    listener.scene.stand.clock.advance(Duration::from_hours(7 * 24));
    let listener =
        Listener::open(listener.scene, "from a place that is not kept any more", "&resume_from=0").await;
    listener.scene.end()
}

/// Frames whose functions died.
async fn nobody_answered() -> Vec<Value> {
    let mut scene = Scene::start("nobody answered").await;
    let id = scene.writes(ANA, "hola").await;
    let mut listener = Listener::open(scene, "to begin with", "").await;
    let stand = &listener.scene.stand;
    let left = |name: &str| Frame {
        tenant: Stand::tenant(),
        socket: listener.id.clone(),
        came_at: stand.clock.now(),
        name: name.to_owned(),
        body: frame("whatsapp_reply", id, &json!({ "text": "hello", "clientId": name })).to_string(),
        grant: None,
    };
    let (never, begun) = (left("never"), left("begun"));
    let text = Content::plain(MessageText::try_from("hello".to_owned()).unwrap());
    let recipient = Recipient::Conversation(id.to_string().parse().unwrap());
    let deadline = Deadline(stand.clock.now().plus(Duration::from_secs(20)));
    let command = SendCommand {
        key: Some(begun.key()),
        ..SendCommand::new(Stand::tenant(), OPERATION, recipient, text, deadline)
    };
    assert!(stand.running.functions.send.sending.send(&command).await.outcome.is_ok());
    listener.scene.rest().await;
    for (frame, sentence) in [(never, "nothing was begun"), (begun, "it was begun")] {
        let stand = &listener.scene.stand;
        stand
            .running
            .functions
            .app
            .core
            .ports
            .ctx
            .store
            .commit(vec![Write::Put(Record::Frame(frame))])
            .await
            .unwrap();
        stand.clock.advance(Duration::from_secs(61));
        assert_eq!(stand.sweep().await.unanswered, 1, "{sentence}");
        listener.hears(sentence).await;
    }
    listener.scene.end()
}
