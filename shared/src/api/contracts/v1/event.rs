//! An event as `/v1` shows it: with the message and the conversation that it is about, as they are when it is read.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    conversation::Look,
    message::{Include, MessageView, message},
};
use crate::{
    api::common::{
        delivery::{self, StatusWords},
        ids::{broadcast_id, channel_id, contact_id, conversation_id, event_id, message_id},
    },
    domain::{
        contact::Address,
        conversation::{Conversation, Status},
        event::{EventKind, MarketingChoice, Telling},
        handling::{Bot, Handler},
        window::Window,
    },
    service::event_context::EventContext,
};

/// `Event` of openapi.yaml.
#[derive(Debug, Serialize)]
pub struct EventView {
    id: String,
    cursor: String,
    #[serde(rename = "type")]
    kind: &'static str,
    at: String,
    data: Map<String, Value>,
}

/// The conversation of an event.
#[derive(Debug, Serialize)]
struct ConversationState {
    id: String,
    status: Status,
    handled_by: Option<Handler>,
    assignee: Option<String>,
    unread_count: u64,
    window: Value,
}

/// The names in `/v1` of the fields that go with a status.
const STATUS_WORDS: StatusWords = StatusWords { reported_at: "reported_at", request_id: "request_id" };

/// An event with what it is about.
#[must_use]
pub fn event(it: &EventContext, look: Look) -> EventView {
    let event = &it.entry.event;
    let (kind, mut data) = report(&event.kind, look.bot);
    if let (EventKind::MessageStatus { status, .. }, Some(message)) = (&event.kind, &it.message) {
        data.insert("provider_message_id".to_owned(), json!(message.wamid));
        data.extend(delivery::status(message, Some(*status), STATUS_WORDS));
    }
    if let Some(place) = &it.conversation {
        if event.kind.subject().1.is_some() {
            let shown: Option<MessageView> =
                it.message.as_ref().map(|row| message(row, Some(place), Include::Nothing));
            data.insert("message".to_owned(), json!(shown));
        }
        data.insert("conversation".to_owned(), json!(conversation(place, look)));
    }
    EventView {
        id: event_id(&event.id),
        cursor: it.entry.cursor.to_string(),
        kind,
        at: event.at.iso_millis(),
        data,
    }
}

fn conversation(it: &Conversation, look: Look) -> ConversationState {
    ConversationState {
        id: conversation_id(it.id),
        status: it.status,
        handled_by: it.handled_by.present(look.bot),
        assignee: it.assignee.as_ref().map(|agent| agent.as_str().to_owned()),
        unread_count: it.unread,
        window: window(it.window(look.now)),
    }
}

/// Whether free-form messages may be sent, and until when; `open` is null where only the provider knows.
#[must_use]
pub fn window(it: Window) -> Value {
    match it {
        Window::Unheard => json!({ "open": null, "expires_at": null }),
        Window::Open { expires_at } => json!({ "open": true, "expires_at": expires_at.iso_millis() }),
        Window::Grey { expires_at } => json!({ "open": null, "expires_at": expires_at.iso_millis() }),
        Window::Closed { since } => json!({ "open": false, "expires_at": since.iso_millis() }),
    }
}

fn marketing_choice(it: &MarketingChoice) -> Value {
    let address = |it: &Address| match it {
        Address::Number(number) => json!({ "type": "phone_number", "phone_number": number.e164() }),
        Address::Bsuid(id) | Address::Parent(id) => json!({ "type": "user_id", "user_id": id }),
    };
    json!({
        "contact_id": it.contact.map(contact_id),
        "addresses": it.addresses.iter().map(address).collect::<Vec<_>>(),
        "reason": it.reason,
        "since": it.since.iso_millis(),
    })
}

/// Every type of event.
pub(super) const TYPES: [&str; 11] = [
    "message.received",
    "message.updated",
    "message.status",
    "conversation.updated",
    "contact.updated",
    "contact.opted_out",
    "contact.opted_in",
    "template.updated",
    "broadcast.progressed",
    "channel.updated",
    "window.expiring",
];

/// The type of an event.
pub(super) fn type_of(kind: &EventKind) -> &'static str {
    report(kind, Bot::Absent).0
}

/// The type of an event, and what it reports by itself, as of then.
fn report(kind: &EventKind, bot: Bot) -> (&'static str, Map<String, Value>) {
    let (name, data) = match kind {
        EventKind::MessageReceived { file, late, standby, .. } => {
            ("message.received", json!({ "media_pending": file.is_some(), "late": late, "standby": standby }))
        }
        EventKind::MessageMedia { telling, .. } => {
            ("message.updated", json!({ "change": "media", "first": *telling == Telling::First }))
        }
        EventKind::MessageUpdated { change, by, .. } => {
            ("message.updated", json!({ "change": change, "by_message_id": message_id(*by) }))
        }
        EventKind::MessagePayment { .. } => ("message.updated", json!({ "change": "payment" })),
        EventKind::MessageCall { .. } => ("message.updated", json!({ "change": "call" })),
        EventKind::MessageAccepted { .. } => ("message.status", json!({ "status": "accepted" })),
        EventKind::MessageUnknown { .. } => ("message.status", json!({ "status": "unknown" })),
        // Neither changes how far the message is.
        EventKind::MessageUnresolved { .. } => ("message.updated", json!({ "change": "unresolved" })),
        EventKind::MessageSilent { .. } => ("message.updated", json!({ "change": "silent" })),
        EventKind::MessageRejected { .. } => ("message.status", json!({ "status": "failed" })),
        EventKind::MessageStatus { status, .. } => ("message.status", json!({ "status": status })),
        EventKind::ConversationCreated { .. } => ("conversation.updated", json!({ "change": "created" })),
        EventKind::StatusChanged { status, .. } => {
            ("conversation.updated", json!({ "change": "status", "status": status }))
        }
        EventKind::HandedOver { handled_by, handover, .. } => (
            "conversation.updated",
            json!({ "change": "handed_over", "handled_by": handled_by.present(bot), "handover": handover }),
        ),
        EventKind::Assigned { assignee, .. } => {
            ("conversation.updated", json!({ "change": "assigned", "assignee": assignee }))
        }
        EventKind::ConversationRead { .. } => ("conversation.updated", json!({ "change": "read" })),
        EventKind::WindowRefused { channel, .. } => (
            "conversation.updated",
            json!({ "change": "window_refused", "channel_id": channel_id(*channel) }),
        ),
        EventKind::WindowExpiring { expires_at, .. } => {
            ("window.expiring", json!({ "expires_at": expires_at.iso_millis() }))
        }
        EventKind::LowBalance { channel } => {
            ("channel.updated", json!({ "change": "low_balance", "channel_id": channel_id(*channel) }))
        }
        EventKind::TemplateChanged { channel, name, language, status } => (
            "template.updated",
            json!({ "channel_id": channel_id(*channel), "name": name, "language": language, "status": status }),
        ),
        EventKind::BroadcastProgressed { broadcast } => {
            ("broadcast.progressed", json!({ "broadcast_id": broadcast_id(*broadcast) }))
        }
        EventKind::LeadCreated { lead } => {
            ("contact.updated", json!({ "change": "lead_created", "contact_id": contact_id(*lead) }))
        }
        EventKind::LeadUpdated { lead } => {
            ("contact.updated", json!({ "change": "lead_updated", "contact_id": contact_id(*lead) }))
        }
        EventKind::ContactUpdated { contact } => {
            ("contact.updated", json!({ "change": "name", "contact_id": contact_id(*contact) }))
        }
        EventKind::OptedOut(choice) => ("contact.opted_out", marketing_choice(choice)),
        EventKind::OptedIn(choice) => ("contact.opted_in", marketing_choice(choice)),
        EventKind::ContactMerged { contact, absorbed } => (
            "contact.updated",
            json!({ "change": "merged", "contact_id": contact_id(*contact), "merged_contact_id": contact_id(*absorbed) }),
        ),
    };
    let Value::Object(data) = data else { return (name, Map::new()) };
    (name, data)
}
