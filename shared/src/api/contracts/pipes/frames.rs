//! What the server says on a socket (facts: seed-apis.md 3.2, 3.3). `eventId` and `cursor` are ours: a client that
//! knows them loses nothing; the vendor's pass over them.

use serde_json::{Map, Value, json};

use super::errors::{Told, particulars, told};
use crate::{
    api::common::{
        Failure,
        delivery::{self, StatusWords},
        file::{Words, attachment, download_path},
        ids,
    },
    domain::{
        contact::Address,
        event::{EventKind, MarketingChoice},
        file::Presence,
        frame::Frame,
        id::{ConversationId, MessageId},
        log::Cursor,
        message::{Extent, Message},
        parts::Forwarded,
        phone::Phone,
        socket::{Audience, Socket},
        update::UpdateKind,
    },
    service::{
        send::Sent,
        socket::{Scene, Tongue},
    },
};

/// The largest frame that the gateway takes for certain, in bytes (facts: platform-limits.md 2.2).
const LARGEST: usize = 120_000;

/// What is told of a text that does not fit, in characters: twice, and each may take several bytes.
const LONGEST_TEXT: usize = 8_000;

/// What a frame is told without when it does not fit; the message itself has it all.
const LARGE: [&str; 7] = ["contacts", "interactive", "order", "referral", "system", "unsupported", "errors"];

/// Where the provider's own object of a message stands in what it told.
const OBJECT: &str = "/entry/0/changes/0/value/messages/0";

/// The frames of this contract.
#[derive(Debug, Clone, Copy)]
pub struct Frames;

impl Tongue for Frames {
    fn hello(&self, socket: &Socket, end: Cursor) -> String {
        let mut frame = Map::new();
        frame.insert("type".to_owned(), "connected".into());
        frame.insert("userId".to_owned(), format!("user_{}", socket.tenant).into());
        frame.insert("connectionId".to_owned(), socket.id.as_str().into());
        let scope = match socket.audience {
            Audience::Tenant => "user",
            Audience::Channel { of_channel } => {
                frame.insert("poolNumberId".to_owned(), ids::pool_number(of_channel).into());
                "user"
            }
            Audience::Conversation { of_conversation } => {
                frame.insert("conversationId".to_owned(), ids::conversation_id(of_conversation).into());
                "conversation"
            }
        };
        frame.insert("scope".to_owned(), scope.into());
        // Who told no cursor begins at the end of the log as it was on opening.
        let from = socket.since().unwrap_or(end);
        frame.insert("cursor".to_owned(), from.to_string().into());
        frame.insert("logEnd".to_owned(), end.to_string().into());
        Value::Object(frame).to_string()
    }

    fn frame(&self, scene: &Scene) -> Option<String> {
        let (kind, data) = match (&scene.told.event.kind, &scene.message) {
            // It is told together with its file, or with what became of that.
            (EventKind::MessageReceived { file: Some(_), .. }, _) => return None,
            (kind, Some(message)) if kind.brings_message() && message.is_for_us() => {
                // An edit or a revocation is no message of its own: a client that answers must not answer twice.
                match message.as_update().map(|update| update.change.kind()) {
                    Some(change @ (UpdateKind::Edited | UpdateKind::Revoked)) => {
                        ("message_updated", update_data(scene, message, change))
                    }
                    _ => ("whatsapp_message", message_data(scene, message)),
                }
            }
            // Whoever answers what comes must not answer these.
            (EventKind::MessageMedia { .. }, Some(message)) if !message.standby && !message.history => {
                ("message_media", media_data(scene, message))
            }
            (
                EventKind::MessageAccepted { .. }
                | EventKind::MessageUnknown { .. }
                | EventKind::MessageUnresolved { .. }
                | EventKind::MessageSilent { .. }
                | EventKind::MessageRejected { .. }
                | EventKind::MessageStatus { .. },
                Some(message),
            ) => ("message_status", status_data(scene, message)),
            (
                EventKind::ConversationCreated { .. }
                | EventKind::StatusChanged { .. }
                | EventKind::HandedOver { .. }
                | EventKind::Assigned { .. }
                | EventKind::ConversationRead { .. }
                | EventKind::WindowRefused { .. }
                | EventKind::MessageReceived { .. },
                _,
            ) => ("conversation_updated", conversation_data(scene)),
            (EventKind::OptedOut(choice), _) => ("contact_opted_out", choice_data(scene, choice)),
            (EventKind::OptedIn(choice), _) => ("contact_opted_in", choice_data(scene, choice)),
            (EventKind::WindowExpiring { expires_at, .. }, _) => {
                let mut data = conversation_data(scene);
                data.insert("expiresAt".to_owned(), expires_at.iso_millis().into());
                ("window_expiring", data)
            }
            _ => return None,
        };
        let frame = |data: &Map<String, Value>| {
            let cursor = scene.told.cursor.to_string();
            json!({ "type": kind, "data": data, "eventId": scene.told.event.id, "cursor": cursor })
                .to_string()
        };
        let whole = frame(&data);
        let cut = scene.message.as_ref().is_some_and(|message| message.extent == Extent::Cut);
        if whole.len() <= LARGEST && !cut {
            return Some(whole);
        }
        // Cards and long texts can be larger than the gateway takes; the message itself is told all the same.
        let mut data = data;
        data.retain(|name, _| !LARGE.contains(&name.as_str()));
        for name in ["text", "body"] {
            if let Some(Value::String(text)) = data.get_mut(name) {
                *text = text.chars().take(LONGEST_TEXT).collect();
            }
        }
        data.insert("truncated".to_owned(), true.into());
        if let Some(Value::String(id)) = data.get("messageId").cloned() {
            data.insert("url".to_owned(), format!("/v1/messages/{id}").into());
        }
        Some(frame(&data))
    }

    fn resync(&self, end: Cursor) -> String {
        json!({ "type": "resync_required", "cursor": end.to_string() }).to_string()
    }

    fn leave(&self, socket: &Socket) -> String {
        let mut frame = Map::new();
        frame.insert("type".to_owned(), "reconnect".into());
        frame.insert("reconnectAt".to_owned(), socket.closes_at().iso_millis().into());
        // Where the client is by now only the client knows: this is where it came in, the latest place that is
        // certainly behind it.
        frame.extend(socket.since().map(|since| ("cursor".to_owned(), since.to_string().into())));
        Value::Object(frame).to_string()
    }

    fn unanswered(&self, frame: &Frame, sent: Option<MessageId>) -> String {
        let asked = super::asked(frame.body.as_bytes()).ok();
        let unsent = match sent {
            Some(id) => {
                let mut unsent = Unsent::from(Told {
                    code: "OUTCOME_UNKNOWN",
                    text: "It broke off after the message was begun; ask for the message by its id.".into(),
                });
                unsent.particulars.insert("message_id".to_owned(), id.get().into());
                unsent
            }
            None => Unsent::from(Told {
                code: "NOT_SENT",
                text: "The frame could not be dealt with in time; nothing was sent.".into(),
            }),
        };
        let given = asked.as_ref().map(|asked| asked.given.as_str());
        reply_status(given, Err(&unsent), asked.as_ref().and_then(|asked| asked.client.as_ref()))
    }

    fn dropped(&self, messages: u64) -> String {
        json!({ "type": "messages_dropped", "data": { "count": messages } }).to_string()
    }
}

fn with_plus(number: &Phone) -> Value {
    number.e164().into()
}

/// Where something happened.
fn place(scene: &Scene) -> Map<String, Value> {
    let place = &scene.conversation;
    let mut data = Map::new();
    data.insert("conversationId".to_owned(), ids::conversation_id(place.id).into());
    data.insert("poolNumberId".to_owned(), ids::pool_number(place.channel).into());
    if let Some(business) = &scene.business {
        data.insert("poolNumberPhoneNumber".to_owned(), with_plus(business));
    }
    data
}

/// Whom it is about. A customer who shows no number has a user id.
fn customer(scene: &Scene) -> Map<String, Value> {
    let place = &scene.conversation;
    let mut data = Map::new();
    if let Some(number) = &place.number {
        data.insert("fromNumber".to_owned(), with_plus(number));
    }
    if let (None, Some(Address::Bsuid(id))) = (&place.number, place.recipient()) {
        data.insert("fromUserId".to_owned(), id.as_str().into());
    }
    if let Some(name) = place.shown_name() {
        data.insert("fromName".to_owned(), name.into());
    }
    data
}

fn message_data(scene: &Scene, message: &Message) -> Map<String, Value> {
    let mut data = place(scene);
    data.insert("messageId".to_owned(), ids::message_id(message.address.id).into());
    data.extend(customer(scene));
    let text = message.readable().unwrap_or_default();
    data.insert("text".to_owned(), text.as_ref().into());
    data.insert("body".to_owned(), text.as_ref().into());
    data.insert("timestamp".to_owned(), message.address.at.iso_millis().into());
    let object = object(message);
    let (kind, extra) = match message.kind.as_str() {
        kind @ ("image" | "audio" | "video" | "document" | "sticker") => {
            (kind, Some(("media", media(message, object.get(kind)))))
        }
        "location" => ("location", object.get("location").map(|it| ("location", it.clone()))),
        "contacts" => ("contacts", object.get("contacts").map(|it| ("contacts", it.clone()))),
        "reaction" => ("reaction", Some(("reaction", reaction(message, object.get("reaction"))))),
        // Answers to buttons and lists have their label for a text.
        _ if !text.is_empty() => ("text", None),
        _ => ("unsupported", None),
    };
    data.insert("type".to_owned(), kind.into());
    data.extend(extra.map(|(name, value)| (name.to_owned(), value)));
    data.extend(beside(message));
    data
}

/// What a message changes of an earlier one.
fn update_data(scene: &Scene, message: &Message, change: UpdateKind) -> Map<String, Value> {
    let mut data = place(scene);
    data.insert("messageId".to_owned(), subject(message));
    data.extend(customer(scene));
    data.insert("change".to_owned(), json!(change));
    if change == UpdateKind::Edited {
        data.insert("text".to_owned(), message.text.as_deref().unwrap_or_default().into());
        data.extend(message.media.as_ref().map(|_| ("media".to_owned(), media(message, None))));
    }
    data.insert("updateId".to_owned(), ids::message_id(message.address.id).into());
    data.insert("timestamp".to_owned(), message.address.at.iso_millis().into());
    data
}

fn media_data(scene: &Scene, message: &Message) -> Map<String, Value> {
    let mut data = place(scene);
    data.insert("messageId".to_owned(), ids::message_id(message.address.id).into());
    data.insert("timestamp".to_owned(), scene.told.event.at.iso_millis().into());
    data.insert("media".to_owned(), media(message, None));
    data
}

/// The file of a message. One that is still not there when its message is told is what the vendor tells of a file that
/// it could not get; a `message_media` follows when it is.
fn media(message: &Message, object: Option<&Value>) -> Value {
    if let Some(known) = &message.media {
        let mut media = attachment(known, MEDIA_WORDS);
        let id = ids::media_id(known.file);
        // Relative, as the vendor tells it: its clients put their own server in front.
        if known.presence == Presence::Here {
            media.insert("downloadUrl".to_owned(), download_path(&id).into());
        }
        media.insert("mediaId".to_owned(), id.into());
        if message.parts.voice == Some(true) {
            media.insert("voice".to_owned(), true.into());
        }
        return Value::Object(media);
    }
    // A message from before files were kept.
    let field = |name: &str| object.and_then(|object| object.get(name)).cloned();
    let mime = field("mime_type").unwrap_or_else(|| "application/octet-stream".into());
    json!({ "mimeType": mime, "byteSize": 0, "unavailable": true })
}

/// The provider's own object of a message, as it came.
fn object(message: &Message) -> Value {
    let raw: Value =
        message.raw.as_deref().and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default();
    raw.pointer(OBJECT).cloned().unwrap_or(raw)
}

/// What this contract calls what is known of a file (facts: seed-apis.md 3.3).
const MEDIA_WORDS: Words = Words { mime: "mimeType", name: "fileName", size: "byteSize" };

/// The message that this one is about: by our id, or by the provider's where it is none of ours.
fn subject(message: &Message) -> Value {
    message.refers_to_message.map_or_else(|| json!(message.refers_to), |id| ids::message_id(id).into())
}

/// What the vendor's frames have no field for (fields of ours, named as in `/v1`).
fn beside(message: &Message) -> Map<String, Value> {
    let parts = &message.parts;
    let mut beside = Map::new();
    let mut add = |name: &str, value: Value| {
        if !value.is_null() {
            beside.insert(name.to_owned(), value);
        }
    };
    add("interactive", json!(parts.interactive));
    add("order", json!(parts.order));
    add("referral", json!(parts.referral));
    add("referredProduct", json!(parts.referred_product));
    add("system", json!(parts.system));
    add("unsupported", json!(parts.unsupported));
    if let Some(forwarded) = parts.forwarded {
        add("forwarded", true.into());
        add("frequentlyForwarded", (forwarded == Forwarded::Frequently).into());
    }
    if message.as_update().is_none() && message.refers_to.is_some() {
        add("replyTo", json!({ "messageId": subject(message) }));
    }
    if !parts.errors.is_empty() {
        add("errors", json!(parts.errors));
    }
    beside
}
/// What this contract calls what is told with a status.
const STATUS_WORDS: StatusWords = StatusWords { reported_at: "reportedAt", request_id: "requestId" };

fn reaction(message: &Message, object: Option<&Value>) -> Value {
    let emoji = object.and_then(|object| object.get("emoji")).and_then(Value::as_str);
    let mut reaction = Map::new();
    reaction.insert("messageId".to_owned(), subject(message));
    if let Some(emoji) = emoji.filter(|emoji| !emoji.is_empty()) {
        reaction.insert("emoji".to_owned(), emoji.into());
    }
    Value::Object(reaction)
}

fn status_data(scene: &Scene, message: &Message) -> Map<String, Value> {
    let mut data = place(scene);
    data.insert("messageId".to_owned(), json!(message.wamid));
    data.insert("id".to_owned(), ids::message_id(message.address.id).into());
    data.insert("status".to_owned(), json!(message.shown()));
    data.insert("timestamp".to_owned(), scene.told.event.at.iso_millis().into());
    let reported = match &scene.told.event.kind {
        EventKind::MessageStatus { status, .. } => Some(*status),
        _ => None,
    };
    data.insert("reported".to_owned(), json!(reported));
    data.extend(delivery::status(message, reported, STATUS_WORDS));
    data
}

/// A customer's choice about marketing.
fn choice_data(scene: &Scene, choice: &MarketingChoice) -> Map<String, Value> {
    let mut data = place(scene);
    data.extend(customer(scene));
    let address = |it: &Address| match it {
        Address::Number(number) => number.e164(),
        Address::Bsuid(id) | Address::Parent(id) => id.as_str().to_owned(),
    };
    data.insert("addresses".to_owned(), choice.addresses.iter().map(address).collect::<Vec<_>>().into());
    data.insert("reason".to_owned(), json!(choice.reason));
    data.insert("since".to_owned(), choice.since.iso_millis().into());
    data
}

fn conversation_data(scene: &Scene) -> Map<String, Value> {
    let it = &scene.conversation;
    let mut data = place(scene);
    data.extend(customer(scene));
    data.insert("status".to_owned(), json!(it.status));
    data.insert("handledBy".to_owned(), json!(it.handled_by));
    data.insert("assignee".to_owned(), json!(it.assignee));
    data.insert("unreadCount".to_owned(), it.unread.into());
    data.insert("lastMessageAt".to_owned(), it.last_message_at.iso_millis().into());
    data.insert("preview".to_owned(), json!(it.last_text()));
    data
}

/// Why a reply that came over a socket was not sent, or not certainly.
#[derive(Debug)]
pub struct Unsent {
    told: Told,
    particulars: Map<String, Value>,
}

impl From<Told> for Unsent {
    fn from(told: Told) -> Self {
        Self { told, particulars: Map::new() }
    }
}

impl From<Failure> for Unsent {
    fn from(failure: Failure) -> Self {
        Self { told: told(&failure), particulars: particulars(&failure) }
    }
}

/// How a reply that came over a socket ended (the vendor's documents). `client` is what the frame called itself.
#[must_use]
pub fn reply_status(asked: Option<&str>, ended: Result<&Sent, &Unsent>, client: Option<&Value>) -> String {
    let mut data = Map::new();
    let asked = asked.map(Value::from);
    match ended {
        Ok(sent) => {
            let place = sent.conversation.map(|id: ConversationId| ids::conversation_id(id).into());
            data.extend(asked.or(place).map(|id| ("conversationId".to_owned(), id)));
            data.insert("success".to_owned(), true.into());
            data.insert("messageId".to_owned(), super::send::message_id(sent));
        }
        Err(Unsent { told, particulars }) => {
            data.extend(asked.map(|id| ("conversationId".to_owned(), id)));
            data.insert("success".to_owned(), false.into());
            data.insert("error".to_owned(), told.text.as_ref().into());
            data.insert("code".to_owned(), told.code.into());
            data.extend(particulars.clone());
        }
    }
    data.extend(client.map(|client| ("clientId".to_owned(), client.clone())));
    json!({ "type": "reply_status", "data": data }).to_string()
}

/// What came cannot be read; the socket stays open.
#[must_use]
pub fn error(code: &str, text: &str) -> String {
    json!({ "type": "error", "data": { "error": text, "code": code } }).to_string()
}
