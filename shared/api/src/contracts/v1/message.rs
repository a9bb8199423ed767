//! A message in the format of `/v1`.

use serde::Serialize;
use serde_json::Value;

use super::{
    message_part::{PartView, part},
    message_status::{MessageStatus, StatusTimes, status_times},
    message_type::{MessageType, message_type},
};
#[cfg(feature = "schema")]
use crate::common::schema;
use crate::common::{
    delivery::{self, FailureView, PaymentView, PricingView},
    ids::{broadcast_id, channel_id, contact_id, conversation_id, message_id},
};
use ventanilla_core::domain::{
    conversation::Conversation,
    delivery::{DeliveryStatus, Fact},
    id::RequestRef,
    message::{Direction, Extent, Message, Sender},
    parts::{Forwarded, Referral, ReferredProduct},
    provider_error::ProviderError,
    reference::References,
    source::{MessageSource, SourceKind},
    time::Timestamp,
    update::Reaction,
};

pub(super) use super::message_status::status;

/// A message. Beside the fields below it has one that is named like its type, with what it holds beside its text. Expect
/// new fields.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Message", transform = schema::optional_parts))]
#[expect(clippy::struct_excessive_bools, reason = "they are fields of the contract, each true or false")]
pub(super) struct MessageView {
    #[cfg_attr(feature = "schema", schemars(with = "schema::MessageName"))]
    id: String,
    /// The conversation; the one it was merged into, if it was. Null for a message that was refused before there was one.
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::ConversationId>"))]
    conversation_id: Option<String>,
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::ContactId>"))]
    contact_id: Option<String>,
    #[cfg_attr(feature = "schema", schemars(with = "schema::ChannelId"))]
    channel_id: String,
    direction: Direction,
    sender: SenderView,
    #[serde(rename = "type")]
    kind: MessageType,
    /// What a person reads of it, for every type - text, caption, title, rendered template, emoji. Null when there is
    /// nothing to read. An edited message has its latest text.
    text: Option<String>,
    #[serde(flatten)]
    part: Option<PartView>,
    /// Of contacts, how the customer came to share them, where told.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    reply_to: Option<ReplyTo>,
    /// The ad or post that brought the customer here, with all that Meta tells of it.
    referral: Option<Referral>,
    forwarded: bool,
    frequently_forwarded: bool,
    /// The product that the customer asks about.
    referred_product: Option<ReferredProduct>,
    late: bool,
    standby: bool,
    history: bool,
    #[cfg_attr(feature = "schema", schemars(with = "schema::MaybeInstant"))]
    edited_at: Option<String>,
    #[cfg_attr(feature = "schema", schemars(with = "schema::MaybeInstant"))]
    revoked_at: Option<String>,
    /// The latest reaction of each side.
    reactions: Vec<ReactionView>,
    status: MessageStatus,
    /// Whether it is `unknown` and nothing was heard of it within 15 minutes, so a person must decide.
    unresolved: bool,
    status_at: StatusTimes,
    /// Since when the message counts as silent: the provider took it, and then no status came for 30 minutes (a setting).
    /// Null again when one comes after all.
    #[cfg_attr(feature = "schema", schemars(with = "schema::MaybeInstant"))]
    silent_since: Option<String>,
    /// Why it failed or was refused.
    error: Option<FailureView>,
    /// All that the provider reports as wrong with the message: such as a file of a customer's that it could not read, or
    /// why one of ours failed, of which `error` is the first.
    #[cfg_attr(feature = "schema", schemars(length(max = 8)))]
    errors: Vec<ProviderError>,
    /// What it costs; null until the provider told.
    pricing: Option<PricingView>,
    /// What the customer paid on it, as the provider told it last. It says nothing about the delivery.
    #[cfg_attr(feature = "schema", schemars(length(max = 32)))]
    payments: Vec<PaymentView>,
    /// What the caller gave with it, of at most 255 characters each.
    references: References,
    /// Your own reference, given with this message.
    #[cfg_attr(feature = "schema", schemars(with = "schema::RequestRef"))]
    request_id: Option<u64>,
    /// Null while the provider has not named it. Customers' messages through Kaleyra's API V1 have no id; here they have
    /// one made of what they say, that begins with `content/`.
    #[cfg_attr(feature = "schema", schemars(length(max = 512)))]
    provider_message_id: Option<String>,
    /// By the provider's clock for inbound messages, by ours for outbound ones.
    #[cfg_attr(feature = "schema", schemars(with = "schema::Instant"))]
    at: String,
    /// When we wrote it down.
    #[cfg_attr(feature = "schema", schemars(with = "schema::Instant"))]
    created_at: String,
    /// There is more of it than fits into this answer; `url` leads to the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("const" = true)))]
    truncated: Option<bool>,
    /// Where the whole is, if something is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// The item as received, with `include=raw`.
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<Value>,
    /// Its statuses as received, with `include=raw`, in the detail.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("items" = {})))]
    raw_statuses: Option<Vec<Value>>,
}

/// Who wrote a message.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "MessageSender"))]
struct SenderView {
    /// The customer; a person or a bot through this API; a template or a broadcast; a person in the WhatsApp Business app;
    /// or Meta's Business Agent.
    #[serde(rename = "type")]
    kind: Sender,
    id: Option<String>,
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "schema::BroadcastId"))]
    broadcast_id: Option<String>,
}

/// The message that it quotes; `message_id` is null when that is none of ours.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ReplyTo"))]
struct ReplyTo {
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::MessageName>"))]
    message_id: Option<String>,
    provider_message_id: String,
}

/// The latest reaction of one side.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Reaction"))]
struct ReactionView {
    sender: Sender,
    emoji: String,
    #[cfg_attr(feature = "schema", schemars(with = "schema::Instant"))]
    at: String,
}

/// What the parameter `include` adds to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Include {
    /// Nothing: the message alone.
    Nothing,
    /// The item that brought it, as received.
    Raw,
}

/// A message of this conversation, from its row alone.
pub(super) fn message(it: &Message, place: Option<&Conversation>, include: Include) -> MessageView {
    let cut = it.extent == Extent::Cut;
    let kind = message_type(&it.kind);
    MessageView {
        id: message_id(it.address.id),
        conversation_id: place.map(|place| conversation_id(place.id)),
        contact_id: place.map(|place| contact_id(place.contact)),
        channel_id: channel_id(it.channel),
        direction: it.direction,
        sender: sender(it, place),
        kind,
        text: it.text.clone(),
        part: part(it),
        origin: it.parts.origin.clone().filter(|_| kind == MessageType::Contacts),
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
        unresolved: it.shown() == DeliveryStatus::Unresolved,
        status_at: status_times(it),
        silent_since: it.silent_since.map(Timestamp::iso_millis),
        error: it.facts.failed.as_ref().map(delivery::error),
        errors: errors(it),
        pricing: it.facts.price().map(delivery::pricing),
        payments: it.facts.payments.iter().map(delivery::payment).collect(),
        references: it.references.clone(),
        request_id: it.request.map(RequestRef::get),
        provider_message_id: it.wamid.as_ref().map(|id| id.as_str().to_owned()),
        at: it.address.at.iso_millis(),
        created_at: it.created_at.unwrap_or(it.address.at).iso_millis(),
        truncated: cut.then_some(true),
        url: cut.then(|| format!("/v1/messages/{}", message_id(it.address.id))),
        raw: it.raw.as_deref().filter(|_| include == Include::Raw).map(received),
        raw_statuses: None,
    }
}

/// The same in full, with the rows beside its row.
pub(super) fn whole_message(
    it: &Message,
    sources: &[MessageSource],
    place: Option<&Conversation>,
    include: Include,
) -> MessageView {
    let mut whole = it.clone();
    whole.restore_sources(sources);
    let mut view = message(&whole, place, include);
    if include == Include::Raw {
        let of = |kind| sources.iter().filter(move |source| source.kind == kind).map(|it| received(&it.body));
        view.raw = view.raw.or_else(|| of(SourceKind::Message).next());
        view.raw_statuses = Some(of(SourceKind::Status).collect());
    }
    view
}

impl MessageView {
    /// The same with the reason of its rejection.
    pub(super) fn refused(self, error: FailureView) -> Self {
        Self { error: Some(error), ..self }
    }
}

/// An item as received: parsed where it is JSON.
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

/// The quoted message; edits, revocations and reactions name their message in their part.
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

/// The provider's errors with the message, or why it failed.
fn errors(it: &Message) -> Vec<ProviderError> {
    match &it.facts.failed {
        Some(failed) if it.parts.errors.is_empty() => Fact::all_errors(failed),
        _ => it.parts.errors.clone(),
    }
}
