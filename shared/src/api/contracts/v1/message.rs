//! A message as `/v1` shows it.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    api::common::{
        delivery,
        file::download_path,
        ids::{broadcast_id, channel_id, contact_id, conversation_id, media_id, message_id},
    },
    domain::{
        conversation::Conversation,
        delivery::{Fact, Handover, Shown},
        file::{Attachment, Presence},
        id::RequestRef,
        message::{Direction, Extent, Message, Sender},
        parts::{Forwarded, Parts, Referral, ReferredProduct},
        reference::References,
        source::{Source, SourceKind},
        time::Timestamp,
        update::Reaction,
    },
};

/// The kinds of messages that are files, each with its part.
const FILES: [&str; 5] = ["image", "video", "audio", "document", "sticker"];

/// `Message` of openapi.yaml.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "they are fields of the contract, each true or false")]
pub struct MessageView {
    id: String,
    /// None for a message that was refused before there was one.
    conversation_id: Option<String>,
    contact_id: Option<String>,
    channel_id: String,
    direction: Direction,
    sender: SenderView,
    #[serde(rename = "type")]
    kind: &'static str,
    text: Option<String>,
    /// What the message holds beside its text, under the name of its type.
    #[serde(flatten)]
    part: Map<String, Value>,
    reply_to: Option<ReplyTo>,
    referral: Option<Referral>,
    forwarded: bool,
    frequently_forwarded: bool,
    referred_product: Option<ReferredProduct>,
    late: bool,
    standby: bool,
    history: bool,
    edited_at: Option<String>,
    revoked_at: Option<String>,
    reactions: Vec<ReactionView>,
    status: &'static str,
    /// Whether it has been in doubt for so long that a person must decide.
    unresolved: bool,
    status_at: StatusAt,
    silent_since: Option<String>,
    error: Option<Value>,
    errors: Value,
    pricing: Option<Value>,
    payments: Vec<Value>,
    references: References,
    request_id: Option<u64>,
    provider_message_id: Option<String>,
    at: String,
    created_at: String,
    /// Whether text or part are cut; `GET` of the message has them whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    truncated: Option<bool>,
    /// Where the whole is, if something is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_statuses: Option<Vec<Value>>,
}

#[derive(Debug, Serialize)]
struct SenderView {
    #[serde(rename = "type")]
    kind: Sender,
    id: Option<String>,
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    broadcast_id: Option<String>,
}

/// The message that it quotes.
#[derive(Debug, Serialize)]
struct ReplyTo {
    message_id: Option<String>,
    provider_message_id: String,
}

/// The latest reaction of one side.
#[derive(Debug, Serialize)]
struct ReactionView {
    sender: Sender,
    emoji: String,
    at: String,
}

/// When it came to each state.
#[derive(Debug, Serialize)]
struct StatusAt {
    received: Option<String>,
    accepted: Option<String>,
    sent: Option<String>,
    delivered: Option<String>,
    read: Option<String>,
    played: Option<String>,
    failed: Option<String>,
}

/// What `?include=` adds to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Include {
    /// The message alone.
    Nothing,
    /// The item that brought it, as received.
    Raw,
}

/// A message of this conversation, as its row holds it.
#[must_use]
pub fn message(it: &Message, place: Option<&Conversation>, include: Include) -> MessageView {
    let cut = it.extent == Extent::Cut;
    MessageView {
        id: message_id(it.address.id),
        conversation_id: place.map(|place| conversation_id(place.id)),
        contact_id: place.map(|place| contact_id(place.contact)),
        channel_id: channel_id(it.channel),
        direction: it.direction,
        sender: sender(it, place),
        kind: kind(it),
        text: it.text.clone(),
        part: part(it),
        reply_to: reply_to(it),
        referral: it.parts.referral.clone(),
        forwarded: it.parts.forwarded.is_some(),
        frequently_forwarded: it.parts.forwarded == Some(Forwarded::Frequently),
        referred_product: it.parts.referred_product.clone(),
        late: it.late,
        standby: it.standby,
        history: it.history,
        edited_at: it.edited.map(|edit| edit.at.iso_millis()),
        revoked_at: it.revoked_at.map(Timestamp::iso_millis),
        reactions: it.reactions.iter().filter_map(reaction).collect(),
        status: status(it.shown()),
        unresolved: it.shown() == Shown::Unresolved,
        status_at: status_at(it),
        silent_since: it.silent_since.map(Timestamp::iso_millis),
        error: it.facts.failed.as_ref().map(delivery::error),
        errors: errors(it),
        pricing: it.facts.price().as_ref().map(delivery::pricing),
        payments: it.facts.payments.iter().map(delivery::payment).collect(),
        references: it.references.clone(),
        request_id: it.request.map(RequestRef::get),
        provider_message_id: it.wamid.as_ref().map(|id| id.as_str().to_owned()),
        at: it.address.at.iso_millis(),
        created_at: it.created_at.unwrap_or(it.address.at).iso_millis(),
        truncated: cut.then_some(true),
        url: cut.then(|| format!("/v1/messages/{}", message_id(it.address.id))),
        raw: match include {
            Include::Nothing => None,
            Include::Raw => it.raw.as_deref().map(received),
        },
        raw_statuses: None,
    }
}

/// The same in full, with what lies apart from its row.
#[must_use]
pub fn message_detail(
    it: &Message,
    sources: &[Source],
    place: Option<&Conversation>,
    include: Include,
) -> MessageView {
    let mut whole = it.clone();
    whole.restore(sources);
    let mut view = message(&whole, place, include);
    if include == Include::Raw {
        let of = |kind| sources.iter().filter(move |source| source.kind == kind).map(|it| received(&it.body));
        view.raw = view.raw.or_else(|| of(SourceKind::Message).next());
        view.raw_statuses = Some(of(SourceKind::Status).collect());
    }
    view
}

/// How far a message is. Each state has one word; a doubt is the same state however long it lasts.
#[must_use]
pub(super) fn status(it: Shown) -> &'static str {
    match it {
        Shown::Received => "received",
        Shown::Unknown | Shown::Unresolved => "unknown",
        Shown::Accepted => "accepted",
        Shown::Sent => "sent",
        Shown::Failed => "failed",
        Shown::Delivered => "delivered",
        Shown::Read => "read",
        Shown::Played => "played",
    }
}

/// An item as received: JSON where it is.
fn received(body: &str) -> Value {
    serde_json::from_str(body).unwrap_or_else(|_| body.into())
}

fn sender(it: &Message, place: Option<&Conversation>) -> SenderView {
    let customer = place.filter(|_| it.sender == Sender::Customer);
    let agent = it.sent_by.as_deref();
    let named = || agent.and_then(|by| by.id.as_ref()).map(|id| id.as_str().to_owned());
    SenderView {
        kind: it.sender,
        id: customer.map(|place| contact_id(place.contact)).or_else(named),
        name: customer
            .and_then(|place| place.shown_name().map(str::to_owned))
            .or_else(|| agent.and_then(|by| by.name.clone())),
        broadcast_id: it.broadcast.map(broadcast_id),
    }
}

/// The type of a message that the provider calls so. What it calls by another name is in the part.
#[must_use]
pub fn message_type(kind: &str) -> &'static str {
    match kind {
        "text" => "text",
        "image" => "image",
        "video" => "video",
        "audio" | "voice" => "audio",
        "document" => "document",
        "sticker" => "sticker",
        "location" => "location",
        "contacts" => "contacts",
        "interactive" | "button" => "interactive",
        "order" => "order",
        "template" => "template",
        "reaction" => "reaction",
        "edit" => "edit",
        "revoke" => "revoke",
        "system" => "system",
        "call" => "call",
        "unsupported" => "unsupported",
        _ => "unknown",
    }
}

fn kind(it: &Message) -> &'static str {
    message_type(&it.kind)
}

/// The part of a message, under the name of its type.
fn part(it: &Message) -> Map<String, Value> {
    let kind = kind(it);
    let parts = &it.parts;
    let mut part = Map::new();
    let value = match kind {
        "text" => return part,
        kind if FILES.contains(&kind) => file_part(it),
        "location" => json!(parts.location),
        "contacts" => json!(parts.contacts),
        "interactive" => json!(parts.interactive),
        "order" => json!(parts.order),
        "template" => json!(parts.template),
        "reaction" => about(it, |it| json!({ "emoji": it.reacts_with() })),
        "edit" => about(it, edit_part),
        "revoke" => about(it, |_| json!({})),
        "system" => json!(parts.system),
        "call" => json!(parts.call),
        "unsupported" => json!(parts.unsupported),
        _ => json!({ "kind": it.kind }),
    };
    part.insert(kind.to_owned(), value);
    if let (true, Some(origin)) = (kind == "contacts", &parts.origin) {
        part.insert("origin".to_owned(), origin.as_str().into());
    }
    part
}

/// What names the message that this one is about.
fn about(it: &Message, rest: impl Fn(&Message) -> Value) -> Value {
    let mut part = rest(it);
    if let Some(fields) = part.as_object_mut() {
        fields.insert("message_id".to_owned(), json!(it.refers_to_message.map(message_id)));
        fields.insert("provider_message_id".to_owned(), json!(it.refers_to));
    }
    part
}

fn edit_part(it: &Message) -> Value {
    let edited = it.parts.edit.as_ref();
    let mut part =
        json!({ "type": edited.map(|it| &it.kind), "text": edited.and_then(|it| it.text.as_ref()) });
    if let (Some(_), Some(fields)) = (&it.media, part.as_object_mut()) {
        fields.insert("media".to_owned(), file_part(it));
    }
    part
}

/// The file of a message. What the customer wrote below it is its text, too.
fn file_part(it: &Message) -> Value {
    let caption = it.text.as_deref().filter(|_| it.kind != "edit");
    let mut part = match it.media.as_deref() {
        Some(file) => file_view(file),
        None => json!({
            "media_id": null, "mime_type": null, "size": null, "sha256": null, "file_name": null,
            "state": "unavailable", "download_url": null,
        }),
    };
    if let Some(fields) = part.as_object_mut() {
        fields.insert("caption".to_owned(), json!(caption));
        let Parts { voice, animated, .. } = it.parts.as_ref();
        match kind(it) {
            "audio" => fields.insert("voice".to_owned(), json!(voice.unwrap_or(false))),
            "sticker" => fields.insert("animated".to_owned(), json!(animated)),
            _ => None,
        };
    }
    part
}

/// A file as its message shows it. It can be downloaded once it is there.
fn file_view(it: &Attachment) -> Value {
    let id = media_id(it.file);
    let url = (it.presence == Presence::Here).then(|| download_path(&id));
    json!({
        "media_id": id,
        "mime_type": it.mime.essence(),
        "size": it.size,
        "sha256": it.sha256.as_ref().map(crate::domain::file::ContentHash::as_str),
        "file_name": it.name,
        "state": it.presence.word(),
        "download_url": url,
    })
}

/// The quoted message; what edits, revokes or reacts names its message in its part.
fn reply_to(it: &Message) -> Option<ReplyTo> {
    if it.as_update().is_some() {
        return None;
    }
    let provider_message_id = it.refers_to.as_ref()?.as_str().to_owned();
    Some(ReplyTo { message_id: it.refers_to_message.map(message_id), provider_message_id })
}

fn reaction(it: &Reaction) -> Option<ReactionView> {
    let emoji = it.emoji.clone()?;
    Some(ReactionView { sender: it.sender, emoji, at: it.at.iso_millis() })
}

fn status_at(it: &Message) -> StatusAt {
    let facts = &it.facts;
    let at = |fact: &Option<Fact>| fact.as_ref().map(|fact| fact.at.iso_millis());
    let inbound = it.direction == Direction::Inbound;
    let accepted = (!inbound && it.handover == Handover::Accepted).then_some(it.accepted_at).flatten();
    StatusAt {
        received: inbound.then(|| it.address.at.iso_millis()),
        accepted: accepted.map(Timestamp::iso_millis),
        sent: at(&facts.sent),
        delivered: at(&facts.delivered),
        read: at(&facts.read),
        played: at(&facts.played),
        failed: at(&facts.failed),
    }
}

/// What the provider reports as wrong with it, or why it failed.
fn errors(it: &Message) -> Value {
    match &it.facts.failed {
        Some(failed) if it.parts.errors.is_empty() => delivery::errors(failed),
        _ => json!(it.parts.errors),
    }
}
