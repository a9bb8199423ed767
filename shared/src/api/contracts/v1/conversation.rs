//! A conversation as `/v1` shows it.

use serde::Serialize;
use serde_json::Value;

use super::{event::window, message::message_type};
use crate::{
    api::common::ids::{channel_id, contact_id, conversation_id},
    domain::{
        conversation::{Conversation, Shown, Status},
        handling::{AgentId, Bot, Handler},
        id::RequestRef,
        message::Direction,
        phone::{Bsuid, Phone},
        time::Timestamp,
    },
};

/// By what resources are shown, besides what they hold.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// The time.
    pub now: Timestamp,
    /// Whether the company has a bot.
    pub bot: Bot,
}

/// `Conversation` of openapi.yaml.
#[derive(Debug, Serialize)]
pub(super) struct ConversationView {
    id: String,
    channel_id: String,
    status: Status,
    handled_by: Option<Handler>,
    assignee: Option<AgentId>,
    contact: CustomerView,
    request_id: Option<u64>,
    window: Value,
    last_message: Option<LastMessageView>,
    last_message_at: String,
    unread_count: u64,
    closed_at: Option<String>,
    created_at: String,
    merged_into: Option<String>,
}

/// The customer of a conversation.
#[derive(Debug, Serialize)]
struct CustomerView {
    id: String,
    name: Option<String>,
    profile_name: Option<String>,
    username: Option<String>,
    phone_number: Option<String>,
    user_id: Option<Bsuid>,
}

/// The message at the head of a conversation, with the type that it has in full.
#[derive(Debug, Serialize)]
struct LastMessageView {
    direction: Direction,
    #[serde(rename = "type")]
    kind: &'static str,
    text: Option<String>,
}

/// A conversation as it is now.
pub(super) fn conversation(it: &Conversation, look: Look) -> ConversationView {
    ConversationView {
        id: conversation_id(it.id),
        channel_id: channel_id(it.channel),
        status: it.status,
        handled_by: it.handled_by.present(look.bot),
        assignee: it.assignee.clone(),
        contact: customer(it),
        request_id: it.request.map(RequestRef::get),
        window: window(it.window(look.now)),
        last_message: it.last().map(|last| last_message(&last)),
        last_message_at: it.last_message_at.iso_millis(),
        unread_count: it.unread,
        closed_at: it.closed_at.map(Timestamp::iso_millis),
        created_at: it.created_at.iso_millis(),
        merged_into: it.merged_into.map(conversation_id),
    }
}

fn customer(it: &Conversation) -> CustomerView {
    CustomerView {
        id: contact_id(it.contact),
        name: it.shown_name().map(str::to_owned),
        profile_name: it.name.clone(),
        username: it.username.clone(),
        phone_number: it.number.as_ref().map(Phone::e164),
        user_id: it.bsuid.clone(),
    }
}

fn last_message(it: &Shown<'_>) -> LastMessageView {
    LastMessageView { direction: it.direction, kind: message_type(it.kind), text: it.text.map(str::to_owned) }
}
