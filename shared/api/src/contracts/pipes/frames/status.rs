//! `message_status`: the status of a message of ours.

use serde::Serialize;

use super::{
    frame::{Named, Telling},
    message::OurMessageId,
    place::Place,
};
use crate::common::delivery::{self, FailureView, PricingView};
#[cfg(feature = "schema")]
use crate::common::schema;
use ventanilla_core::{
    domain::{
        delivery::{DeliveryStatus, FactKind},
        event::EventKind,
        id::{RequestRef, Wamid},
        message::Message,
        provider_error::ProviderError,
        reference::References,
        rejection::ProviderCode,
        time::Timestamp,
    },
    usecases::live::ConversationEvent,
};

/// The statuses of a message of ours.
#[cfg(feature = "schema")]
const STATES: [&str; 8] =
    ["unknown", "unresolved", "accepted", "sent", "failed", "delivered", "read", "played"];

/// The JSON types of a provider's code: Meta's are numbers, Kaleyra's words.
#[cfg(feature = "schema")]
const CODE: [&str; 3] = ["integer", "string", "null"];

/// The `data` of `message_status`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct MessageStatus {
    #[serde(flatten)]
    place: Place,
    /// The provider's id, as `reply_status` told it; null while there is none.
    message_id: Option<String>,
    id: OurMessageId,
    /// How far it is now. `unknown` may or may not have gone out; `unresolved` is that after 15 minutes.
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("enum" = STATES)))]
    status: DeliveryStatus,
    /// When it was written down, by our clock.
    #[cfg_attr(feature = "schema", schemars(with = "schema::Instant"))]
    timestamp: String,
    /// The state that WhatsApp reported, which this frame tells of; null where it is our own word.
    reported: Option<FactKind>,
    /// When, by WhatsApp's clock.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    reported_at: Option<String>,
    /// Why it will not arrive, as of the reported state; `code` and `message` are the first error's.
    error: Option<StatusError>,
    /// All that WhatsApp says went wrong, of which `error` is the first. Left out where `truncated` is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<OneError>>,
    /// What it costs, as of the reported state, in WhatsApp's words.
    pricing: Option<Pricing>,
    /// What you gave with the message, by your own names.
    #[cfg_attr(feature = "schema", schemars(with = "serde_json::Map<String, serde_json::Value>"))]
    references: References,
    /// Your own reference, given with the message.
    request_id: Option<u64>,
}

/// The first error of those that WhatsApp reported.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
struct StatusError {
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("type" = CODE)))]
    code: Option<ProviderCode>,
    message: Option<String>,
}

/// An error that WhatsApp reported.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
struct OneError {
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("type" = CODE)))]
    code: Option<ProviderCode>,
    title: Option<String>,
    message: Option<String>,
    details: Option<String>,
    href: Option<String>,
}

/// What a message costs.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
struct Pricing {
    #[serde(rename = "type")]
    kind: Option<String>,
    category: Option<String>,
    model: Option<String>,
    billable: Option<bool>,
    amount: Option<String>,
}

impl Named for MessageStatus {
    const TYPE: &'static str = "message_status";
}

impl Telling for MessageStatus {
    fn cut(&mut self) -> Option<String> {
        self.errors = None;
        self.message_id.clone()
    }
}

impl MessageStatus {
    pub(super) fn of(event: &ConversationEvent, message: &Message) -> Self {
        let reported = match &event.entry.event.kind {
            EventKind::MessageStatus { status, .. } => Some(*status),
            _ => None,
        };
        let reported_status = delivery::reported(message, reported);
        Self {
            place: event.into(),
            message_id: message.wamid.as_ref().map(Wamid::as_str).map(str::to_owned),
            id: message.address.id.into(),
            status: message.shown(),
            timestamp: event.entry.event.at.iso_millis(),
            reported,
            reported_at: reported_status.at.map(Timestamp::iso_millis),
            error: reported_status.error.map(StatusError::from),
            errors: Some(reported_status.errors.into_iter().map(OneError::from).collect()),
            pricing: reported_status.pricing.map(Pricing::from),
            references: message.references.clone(),
            request_id: message.request.map(RequestRef::get),
        }
    }
}

impl From<FailureView> for StatusError {
    fn from(FailureView { code, message }: FailureView) -> Self {
        Self { code, message }
    }
}

impl From<ProviderError> for OneError {
    fn from(error: ProviderError) -> Self {
        let ProviderError { code, title, message, details, href } = error;
        Self { code, title, message, details, href }
    }
}

impl From<PricingView> for Pricing {
    fn from(price: PricingView) -> Self {
        let PricingView { kind, category, model, billable, amount } = price;
        Self { kind, category, model, billable, amount }
    }
}
