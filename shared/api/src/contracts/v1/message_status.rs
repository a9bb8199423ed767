//! The status of a message, with its times.

use serde::Serialize;

#[cfg(feature = "schema")]
use crate::common::schema;
use ventanilla_core::domain::{
    delivery::{AttemptOutcome, DeliveryStatus, Fact, FactKind},
    message::{Direction, Message},
    time::Timestamp,
};

/// The furthest that a message got. Inbound: `received`. Outbound: `accepted` (by the provider), `sent`, `delivered`,
/// `read`, `played`; `failed`; `unknown` when it may or may not have gone out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum MessageStatus {
    Received,
    Unknown,
    Accepted,
    Sent,
    Failed,
    Delivered,
    Read,
    Played,
}

impl From<FactKind> for MessageStatus {
    fn from(kind: FactKind) -> Self {
        match kind {
            FactKind::Sent => Self::Sent,
            FactKind::Delivered => Self::Delivered,
            FactKind::Read => Self::Read,
            FactKind::Played => Self::Played,
            FactKind::Failed => Self::Failed,
        }
    }
}

/// When a message came to each state, by the provider's clock (`accepted` by ours). A state can be skipped. Of a message
/// of the `history`, whose state came without a time, it is that of the message.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "StatusTimes"))]
pub(super) struct StatusTimes {
    #[cfg_attr(feature = "schema", schemars(with = "schema::MaybeInstant"))]
    received: Option<String>,
    #[cfg_attr(feature = "schema", schemars(with = "schema::MaybeInstant"))]
    accepted: Option<String>,
    #[cfg_attr(feature = "schema", schemars(with = "schema::MaybeInstant"))]
    sent: Option<String>,
    #[cfg_attr(feature = "schema", schemars(with = "schema::MaybeInstant"))]
    delivered: Option<String>,
    #[cfg_attr(feature = "schema", schemars(with = "schema::MaybeInstant"))]
    read: Option<String>,
    #[cfg_attr(feature = "schema", schemars(with = "schema::MaybeInstant"))]
    played: Option<String>,
    #[cfg_attr(feature = "schema", schemars(with = "schema::MaybeInstant"))]
    failed: Option<String>,
}

/// The status of a message. An unknown outcome has one status, however long it lasts.
pub(super) fn status(it: DeliveryStatus) -> MessageStatus {
    match it {
        DeliveryStatus::Received => MessageStatus::Received,
        DeliveryStatus::Unknown | DeliveryStatus::Unresolved => MessageStatus::Unknown,
        DeliveryStatus::Accepted => MessageStatus::Accepted,
        DeliveryStatus::Sent => MessageStatus::Sent,
        DeliveryStatus::Failed => MessageStatus::Failed,
        DeliveryStatus::Delivered => MessageStatus::Delivered,
        DeliveryStatus::Read => MessageStatus::Read,
        DeliveryStatus::Played => MessageStatus::Played,
    }
}

pub(super) fn status_times(it: &Message) -> StatusTimes {
    let facts = &it.facts;
    let at = |fact: &Option<Fact>| fact.as_ref().map(|fact| fact.at.iso_millis());
    let inbound = it.direction == Direction::Inbound;
    let accepted = (!inbound && it.handover == AttemptOutcome::Accepted).then_some(it.accepted_at).flatten();
    StatusTimes {
        received: inbound.then(|| it.address.at.iso_millis()),
        accepted: accepted.map(Timestamp::iso_millis),
        sent: at(&facts.sent),
        delivered: at(&facts.delivered),
        read: at(&facts.read),
        played: at(&facts.played),
        failed: at(&facts.failed),
    }
}
