//! An event in the format of `/v1`: with its message and conversation as they are when it is read.

use serde::Serialize;

use super::{
    conversation::Look,
    event_report::{Report, report},
    message::{Include, MessageView, message},
    types::WindowView,
};
#[cfg(feature = "schema")]
use crate::common::schema;
use crate::common::{
    delivery::{self, FailureView, PricingView, Reported},
    ids::{conversation_id, event_id},
};
use ventanilla_core::{
    domain::{
        conversation::{Conversation, Status},
        conversation_action::{AgentId, Handler},
        delivery::FactKind,
        event::EventKind,
        id::{RequestRef, Wamid},
        message::Message,
        provider_error::ProviderError,
        reference::References,
        time::Timestamp,
    },
    usecases::events::context::EventContext,
};

/// Something that happened, with the message and the conversation that it is about as they are when it is read. What the
/// event itself reports (`status`, `change` …) is as of then. Expect new types and fields.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Event"))]
pub(super) struct EventView {
    /// Its name, which never changes; the `eventId` of its frame is the same without `evt_`.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^evt_[0-9]{13,}-[0-9]{16,}-[0-9a-f]{16}$")))]
    id: String,
    /// Its place in the log.
    #[cfg_attr(feature = "schema", schemars(with = "schema::LogCursor"))]
    cursor: String,
    /// `message.received` (`media_pending`: a `message.updated` follows when its file is there; its message tells whether
    /// it is `late`, and whether it is under `standby`, which no bot should answer), `message.updated` (`change`: `media`,
    /// `edited`, `revoked`, `reaction`, `payment`, `call`, `unresolved`, `silent`), `message.status` (`status`: `accepted`,
    /// `unknown`, `failed`; or what the provider reported: `sent`, `delivered`, `read`, `played`, `failed`, with
    /// `reported_at`, `error`, `errors` and `pricing` as of that, and the message's `references`, `request_id` and
    /// `provider_message_id`), `conversation.updated` (`change`: `created`, `status`, `handed_over` (with `handled_by`),
    /// `assigned`, `read`, `window_refused`), `window.expiring`, `contact.updated` (`change`: `name`, `merged`,
    /// `lead_created`, `lead_updated`), `contact.opted_out` and `contact.opted_in` (`contact_id`, `addresses`, `since`, and
    /// the `reason`: `word`, a stop or start word; `button`, a template's quick reply; `preference`, WhatsApp's own switch;
    /// `refused`, the provider refused a message for it; `operator`, a call of `/v1/suppressions`), `template.updated`,
    /// `broadcast.progressed`, `channel.updated` (`change`: `low_balance`).
    #[serde(rename = "type")]
    kind: &'static str,
    /// When it was written down, by our clock.
    #[cfg_attr(feature = "schema", schemars(with = "schema::Instant"))]
    at: String,
    data: EventData,
}

/// What an event reports by itself, as of then, and what it is about, as that is now. It has the fields of its type.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = schema::only_parts))]
struct EventData {
    #[serde(flatten)]
    report: Report,
    #[serde(flatten)]
    status: Option<StatusReport>,
    #[serde(flatten)]
    about: Option<About>,
}

/// What the provider told with a status, and whose message it is about by the caller's own words.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct StatusReport {
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    provider_message_id: Option<Wamid>,
    /// When the provider saw the state.
    #[cfg_attr(feature = "schema", schemars(with = "schema::MaybeInstant"))]
    reported_at: Option<String>,
    error: Option<FailureView>,
    errors: Vec<ProviderError>,
    pricing: Option<PricingView>,
    references: References,
    #[cfg_attr(feature = "schema", schemars(with = "schema::RequestRef"))]
    request_id: Option<u64>,
}

/// What an event is about. A message that is not there any more is null.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
enum About {
    Message { message: Option<Box<MessageView>>, conversation: ConversationState },
    Conversation { conversation: ConversationState },
}

/// The conversation of an event.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "EventConversation"))]
struct ConversationState {
    #[cfg_attr(feature = "schema", schemars(with = "schema::ConversationId"))]
    id: String,
    status: Status,
    handled_by: Option<Handler>,
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::AgentName>"))]
    assignee: Option<AgentId>,
    unread_count: u64,
    window: WindowView,
}

/// An event with its resources.
pub(super) fn event(it: &EventContext, look: Look) -> EventView {
    let event = &it.entry.event;
    let (kind, report) = report(&event.kind, look.bot);
    EventView {
        id: event_id(&event.id),
        cursor: it.entry.cursor.to_string(),
        kind,
        at: event.at.iso_millis(),
        data: EventData { report, status: status(it), about: about(it, look) },
    }
}

fn status(it: &EventContext) -> Option<StatusReport> {
    match (&it.entry.event.kind, &it.message) {
        (EventKind::MessageStatus { status, .. }, Some(message)) => Some(status_report(message, *status)),
        _ => None,
    }
}

fn status_report(message: &Message, status: FactKind) -> StatusReport {
    let Reported { at, error, errors, pricing } = delivery::reported(message, Some(status));
    StatusReport {
        provider_message_id: message.wamid.clone(),
        reported_at: at.map(Timestamp::iso_millis),
        error,
        errors,
        pricing,
        references: message.references.clone(),
        request_id: message.request.map(RequestRef::get),
    }
}

fn about(it: &EventContext, look: Look) -> Option<About> {
    let place = it.conversation.as_ref()?;
    let conversation = conversation(place, look);
    if it.entry.event.kind.subject().1.is_none() {
        return Some(About::Conversation { conversation });
    }
    let message = it.message.as_ref().map(|row| Box::new(message(row, Some(place), Include::Nothing)));
    Some(About::Message { message, conversation })
}

fn conversation(it: &Conversation, look: Look) -> ConversationState {
    ConversationState {
        id: conversation_id(it.id),
        status: it.status,
        handled_by: it.handled_by.present(look.bot),
        assignee: it.assignee.clone(),
        unread_count: it.unread.count,
        window: it.window(look.now).into(),
    }
}
