//! A broadcast as `/v1` shows it.

use serde::Serialize;

use crate::common::ids::{broadcast_id, channel_id};
#[cfg(feature = "schema")]
use crate::common::schema;
use ventanilla_core::{
    domain::{
        broadcast::{Broadcast, Course},
        content::Content,
        rejection::{ProviderCode, Rejection},
    },
    usecases::broadcasts::{self, Overview},
};

/// A list of recipients that goes on, or went on, after its answer.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Broadcast", deny_unknown_fields))]
pub(super) struct BroadcastView {
    #[serde(flatten)]
    head: BroadcastHead,
    counts: Counts,
}

/// A broadcast in a list, without its counts.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(super) struct BroadcastHead {
    #[cfg_attr(feature = "schema", schemars(with = "schema::BroadcastId"))]
    id: String,
    state: BroadcastState,
    /// The refusal that stopped it, without the provider's words; else null.
    stopped_by: Option<Refusal>,
    /// The channel for recipients who are named by an address; null is the company's default channel.
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::ChannelId>"))]
    channel_id: Option<String>,
    /// The kind of the content that every recipient gets.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["template", "text", "interactive", "location", "contacts"])))]
    kind: &'static str,
    /// The template; null of anything else.
    template: Option<TemplateName>,
    /// All that the request named.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1000)))]
    total: usize,
    #[cfg_attr(feature = "schema", schemars(with = "schema::Instant"))]
    created_at: String,
}

/// Whether a broadcast goes on.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum BroadcastState {
    /// At least one recipient is `queued`.
    Running,
    /// Every recipient has an outcome; statuses may still follow.
    Done,
    /// Its caller ended it.
    Cancelled,
    /// A refusal that everybody would meet ended it.
    Stopped,
}

/// Which template it is.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
struct TemplateName {
    name: String,
    language: String,
}

/// How many recipients stand where: `queued`, `accepted`, `failed`, `unknown` and `not_begun` make up `total`. The
/// last three say how far those got who were sent to.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "BroadcastCounts", deny_unknown_fields))]
struct Counts {
    /// All that the request named.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1000)))]
    total: usize,
    /// Their turn is to come, or to come again.
    queued: usize,
    /// The provider took the message.
    accepted: usize,
    /// Certainly not sent: refused, wrong or repeated.
    failed: usize,
    /// It may or may not have been sent.
    unknown: usize,
    /// Nothing was begun before it was over.
    not_begun: usize,
    /// It reached the phone, also where it was read.
    delivered: usize,
    /// Messages that the provider reported as read or played.
    read: usize,
    /// The provider took it and could not deliver it.
    undelivered: usize,
}

/// A reason for which recipients were rejected, with their number.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
struct Refusal {
    /// Which failure it is.
    code: &'static str,
    /// The provider's own error code, if it was the provider who refused.
    #[cfg_attr(feature = "schema", schemars(schema_with = "schema::provider_code"))]
    provider_code: Option<ProviderCode>,
    /// The provider's explanation, in its words.
    #[cfg_attr(feature = "schema", schemars(length(max = 500)))]
    detail: Option<String>,
}

impl BroadcastView {
    /// A broadcast with the counts of its recipients.
    pub(super) fn of(Overview { broadcast, counts }: &Overview) -> Self {
        Self {
            head: BroadcastHead::of(broadcast, counts.queued > 0),
            counts: Counts::of(broadcast.total, counts),
        }
    }
}

impl BroadcastHead {
    /// A broadcast without the counts.
    pub(super) fn of(broadcast: &Broadcast, goes_on: bool) -> Self {
        let template = match &broadcast.content {
            Content::Template(it) => {
                Some(TemplateName { name: it.name.clone(), language: it.language.clone() })
            }
            _ => None,
        };
        let stopped_by = match &broadcast.course {
            Course::Stopped { rejection } => Some(Refusal::of(rejection)),
            _ => None,
        };
        Self {
            id: broadcast_id(broadcast.id),
            state: BroadcastState::of(broadcast, goes_on),
            stopped_by,
            channel_id: broadcast.channel.map(channel_id),
            kind: broadcast.content.kind(),
            template,
            total: broadcast.total,
            created_at: broadcast.created_at.iso_millis(),
        }
    }
}

impl BroadcastState {
    fn of(broadcast: &Broadcast, goes_on: bool) -> Self {
        match broadcast.course {
            Course::Cancelled { .. } => Self::Cancelled,
            Course::Stopped { .. } => Self::Stopped,
            Course::Running if goes_on => Self::Running,
            Course::Running => Self::Done,
        }
    }
}

impl Counts {
    fn of(total: usize, it: &broadcasts::Counts) -> Self {
        Self {
            total,
            queued: it.queued,
            accepted: it.sent,
            failed: it.failed,
            unknown: it.unknown,
            not_begun: it.dropped,
            delivered: it.delivered,
            read: it.read,
            undelivered: it.undelivered,
        }
    }
}

impl Refusal {
    fn of(rejection: &Rejection) -> Self {
        Self {
            code: rejection.reason.code(),
            provider_code: rejection.provider_code.clone(),
            detail: rejection.detail.clone(),
        }
    }
}
