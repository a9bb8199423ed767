//! A conversation in the format of `/v1`.

use serde::Serialize;

use super::{
    message_type::{MessageType, message_type},
    read::look,
    types::WindowView,
};
use crate::app::App;
#[cfg(feature = "schema")]
use crate::common::schema;
use crate::common::{
    Failure, Missing,
    ids::{channel_id, contact_id, conversation_id},
};
use ventanilla_core::domain::{
    caller::Caller,
    conversation::{Conversation, LatestMessage, Status},
    conversation_action::{AgentId, Bot, Handler},
    id::RequestRef,
    message::Direction,
    phone::{Bsuid, Phone},
    time::Timestamp,
};

/// What the format of a resource depends on, besides its content.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// The current time, by our clock.
    pub(super) now: Timestamp,
    /// Whether the company has a bot.
    pub(super) bot: Bot,
}

/// All messages between one customer and one channel, for ever.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Conversation", deny_unknown_fields))]
pub(super) struct ConversationView {
    #[cfg_attr(feature = "schema", schemars(with = "schema::ConversationId"))]
    id: String,
    /// The company's number that it runs on.
    #[cfg_attr(feature = "schema", schemars(with = "schema::ChannelId"))]
    channel_id: String,
    /// Who has to act. `pending_human` waits for a person; `closed` is over until somebody writes.
    status: Status,
    /// Who answers: the company's bot, a person, or Meta's Business Agent. Null where the company has no bot and nobody
    /// else answers: it has one where it has an API key of the kind `bot`, or the operator says so (`bot`).
    handled_by: Option<Handler>,
    /// Who of the company looks after it; null for nobody in particular.
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::AgentName>"))]
    assignee: Option<AgentId>,
    contact: CustomerView,
    /// Your own reference, the latest one given.
    #[cfg_attr(feature = "schema", schemars(with = "schema::RequestRef"))]
    request_id: Option<u64>,
    window: WindowView,
    last_message: Option<LastMessageView>,
    /// When that was; the creation while there is none.
    #[cfg_attr(feature = "schema", schemars(with = "schema::Instant"))]
    last_message_at: String,
    /// The customer's messages that nobody has read or answered.
    unread_count: u64,
    /// When it was closed; null while it is open.
    #[cfg_attr(feature = "schema", schemars(with = "schema::MaybeInstant"))]
    closed_at: Option<String>,
    #[cfg_attr(feature = "schema", schemars(with = "schema::Instant"))]
    created_at: String,
    /// The conversation that goes on in its place, when two customers turned out to be one.
    // Always null: every read gives the one that goes on.
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::ConversationId>"))]
    merged_into: (),
}

/// The customer. At least one of `phone_number` and `user_id` is known.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Customer", deny_unknown_fields))]
struct CustomerView {
    #[cfg_attr(feature = "schema", schemars(with = "schema::ContactId"))]
    id: String,
    /// The name that the company has for them, else that of their profile; null while there is neither.
    #[cfg_attr(feature = "schema", schemars(length(max = 256)))]
    name: Option<String>,
    /// The name of their WhatsApp profile; null until they wrote.
    #[cfg_attr(feature = "schema", schemars(length(max = 256)))]
    profile_name: Option<String>,
    /// Their user name on WhatsApp, which is nobody else's; null where they have or show none.
    #[cfg_attr(feature = "schema", schemars(length(max = 256)))]
    username: Option<String>,
    /// With `+`; null for a customer who shows none.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = r"^\+[1-9][0-9]{7,14}$")))]
    phone_number: Option<String>,
    /// The provider's id of the customer for this business, like `US.13491208655302741918`.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("pattern" = "^[!-~]{1,200}$")))]
    user_id: Option<Bsuid>,
}

/// The latest message by its own time: the provider's for the customer's messages, that of sending for ours. Null while
/// there is none.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "LastMessage", deny_unknown_fields))]
struct LastMessageView {
    direction: Direction,
    /// The type that it has in full.
    #[serde(rename = "type")]
    kind: MessageType,
    /// The beginning (120 characters) of what a person reads of it.
    #[cfg_attr(feature = "schema", schemars(length(max = 512)))]
    text: Option<String>,
}

/// The conversation that a route found, in the format of `/v1`.
///
/// # Errors
/// When there is none, or the store fails.
pub(super) async fn shown(
    app: &App,
    caller: &Caller,
    found: Option<Conversation>,
) -> Result<ConversationView, Failure> {
    let found = found.ok_or(Failure::NotFound(Missing::Conversation))?;
    Ok(conversation(&found, look(app, &caller.tenant).await?))
}

/// A conversation in the format of `/v1`.
pub(super) fn conversation(it: &Conversation, look: Look) -> ConversationView {
    ConversationView {
        id: conversation_id(it.id),
        channel_id: channel_id(it.channel),
        status: it.status,
        handled_by: it.handled_by.present(look.bot),
        assignee: it.assignee.clone(),
        contact: customer(it),
        request_id: it.request.map(RequestRef::get),
        window: it.window(look.now).into(),
        last_message: it.latest.shown().map(|last| last_message(&last)),
        last_message_at: it.latest.at.iso_millis(),
        unread_count: it.unread.count,
        closed_at: it.closed_at.map(Timestamp::iso_millis),
        created_at: it.created_at.iso_millis(),
        merged_into: (),
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

fn last_message(it: &LatestMessage<'_>) -> LastMessageView {
    LastMessageView { direction: it.direction, kind: message_type(it.kind), text: it.text.map(str::to_owned) }
}
