//! Response bodies of a template to many.

use serde::Serialize;

use crate::contracts::ambiosys::{
    errors::ErrorBody,
    recipient::Given,
    types::{Always, MaybeConversationId},
};
#[cfg(feature = "schema")]
use crate::{common::schema, contracts::ambiosys::document};
use ventanilla_core::domain::id::{BroadcastId, MessageId};

/// All recipients were gone through.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(in crate::contracts::ambiosys) struct SentToMany<'a> {
    /// The request was gone through. How each message ended, `results` tell.
    pub(super) success: Always<true>,
    pub(super) summary: Summary,
    /// One for each recipient, in the order of the request.
    #[cfg_attr(feature = "schema", schemars(schema_with = "document::ended"))]
    pub(super) results: Vec<OfOne<'a>>,
}

/// How many ended how. `sent`, `failed` and `would_be_sent` make up `total`.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
pub(super) struct Summary {
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1000)))]
    pub(super) total: usize,
    #[cfg_attr(feature = "schema", schemars(range(max = 1000)))]
    pub(super) sent: usize,
    /// Whoever was not certainly sent to.
    #[cfg_attr(feature = "schema", schemars(range(max = 1000)))]
    pub(super) failed: usize,
    /// How many of the failed may have got it all the same (`outcome_unknown`).
    #[cfg_attr(feature = "schema", schemars(range(max = 1000)))]
    pub(super) unknown: usize,
    /// Of a `dry_run`, to how many nothing speaks against sending; absent when to none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1000)))]
    pub(super) would_be_sent: Option<usize>,
}

/// It is on record and goes on.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(in crate::contracts::ambiosys) struct GoesOn<'a> {
    /// The request is on record and is carried out.
    pub(super) success: Always<true>,
    pub(super) summary: Progress,
    /// One for each recipient, in the order of the request.
    #[cfg_attr(feature = "schema", schemars(schema_with = "document::under_way"))]
    pub(super) results: Vec<OfOne<'a>>,
}

/// How many stand where. `sent`, `failed` and `queued` make up `total`.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
pub(super) struct Progress {
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1000)))]
    pub(super) total: usize,
    #[cfg_attr(feature = "schema", schemars(range(max = 1000)))]
    pub(super) sent: usize,
    /// Whoever was not certainly sent to and whose turn is not to come.
    #[cfg_attr(feature = "schema", schemars(range(max = 1000)))]
    pub(super) failed: usize,
    /// How many of the failed may have got it all the same (`outcome_unknown`).
    #[cfg_attr(feature = "schema", schemars(range(max = 1000)))]
    pub(super) unknown: usize,
    /// Whose turn is to come, or to come again.
    #[cfg_attr(feature = "schema", schemars(range(max = 1000)))]
    pub(super) queued: usize,
    /// The broadcast, for `/v1/broadcasts/{id}`.
    #[serde(rename = "jobId")]
    #[cfg_attr(feature = "schema", schemars(with = "schema::Id"))]
    pub(super) job: BroadcastId,
}

/// What is said of one recipient.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum OfOne<'a> {
    Sent(SentToOne<'a>),
    NotSent(NotSentToOne<'a>),
    Queued(QueuedForOne<'a>),
    WouldBeSent(WouldBeSentToOne<'a>),
}

/// Present when it is what an earlier request with the same key brought about.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct Replayed(pub(super) Always<true>);

/// The provider took the message.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = document::closed))]
pub(in crate::contracts::ambiosys) struct SentToOne<'a> {
    #[serde(flatten)]
    pub(super) given: Given<'a>,
    pub(super) success: Always<true>,
    pub(super) data: SentMessage<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) replayed: Option<Replayed>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
pub(super) struct SentMessage<'a> {
    /// The message by the provider's id; empty while that is not known.
    #[cfg_attr(feature = "schema", schemars(length(max = 1)))]
    pub(super) messages: Vec<ProviderMessage<'a>>,
    /// Our id of it; `/v1/messages/{id}` tells what became of it.
    #[cfg_attr(feature = "schema", schemars(with = "schema::Id"))]
    pub(super) message_id: MessageId,
    pub(super) conversation_id: MaybeConversationId,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
pub(super) struct ProviderMessage<'a> {
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 512)))]
    pub(super) id: &'a str,
}

/// It was not sent, or not certainly.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(
        extend(
            "if" = { "properties": { "code": { "enum": ["invalid_request"] } } },
            "then" = { "required": ["details"] }
        ),
        transform = document::of_one
    )
)]
pub(in crate::contracts::ambiosys) struct NotSentToOne<'a> {
    #[serde(flatten)]
    pub(super) given: Given<'a>,
    #[serde(flatten)]
    pub(super) error: ErrorBody<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) replayed: Option<Replayed>,
}

/// Their turn comes later.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = document::closed))]
pub(in crate::contracts::ambiosys) struct QueuedForOne<'a> {
    #[serde(flatten)]
    pub(super) given: Given<'a>,
    pub(super) success: Always<true>,
    pub(super) queued: Always<true>,
    pub(super) data: NoMessage,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) replayed: Option<Replayed>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
pub(super) struct NoMessage {
    /// There is none yet.
    #[cfg_attr(feature = "schema", schemars(extend("items" = {})))]
    pub(super) messages: [u8; 0],
}

/// Of a dry run: nothing speaks against sending.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = document::closed))]
pub(in crate::contracts::ambiosys) struct WouldBeSentToOne<'a> {
    #[serde(flatten)]
    pub(super) given: Given<'a>,
    pub(super) success: Always<true>,
    pub(super) dry_run: Always<true>,
}

/// What does not fit, for everybody. Nothing was sent.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(in crate::contracts::ambiosys) struct TemplateProblems<'a> {
    pub(super) success: Always<false>,
    #[cfg_attr(feature = "schema", schemars(extend("const" = "Problema con la plantilla")))]
    pub(super) error: &'static str,
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["template_problem"])))]
    pub(super) code: &'static str,
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub(super) problems: Vec<ProblemView<'a>>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
pub(super) struct ProblemView<'a> {
    /// Where it is; `template` for the template itself.
    #[cfg_attr(
        feature = "schema",
        schemars(extend("pattern" = "^(template|header|body|button [0-9]{1,2})$"))
    )]
    pub(super) component: &'a str,
    /// What is wrong, for people; may change.
    pub(super) problem: &'a str,
}

/// It is open whether the broadcast goes on.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(in crate::contracts::ambiosys) struct BegunOrNot {
    pub(super) success: Always<false>,
    /// For people, in Spanish; may change.
    pub(super) error: &'static str,
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["outcome_unknown"])))]
    pub(super) code: &'static str,
    /// The broadcast, if there is one.
    #[serde(rename = "jobId")]
    #[cfg_attr(feature = "schema", schemars(with = "schema::Id"))]
    pub(super) job: BroadcastId,
}
