//! A message, with the state of our attempt to send it.

use serde::Serialize;

use super::message::{Include, MessageView, whole_message};
use crate::common::delivery::FailureView;
#[cfg(feature = "schema")]
use crate::common::schema;
use ventanilla_core::{
    domain::{
        attempt::{Attempt, DeliveryPolicy, Ended, State, Try},
        id::Wamid,
        rejection::{ProviderCode, Reason, Rejection},
        time::Timestamp,
    },
    usecases::conversations::list::MessageDetail,
};

/// A message, and how our attempt to send it stands.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "MessageDetail", transform = schema::beside::<MessageView>))]
pub(super) struct DetailView {
    #[serde(flatten)]
    #[cfg_attr(feature = "schema", schemars(with = "()"))]
    message: MessageView,
    /// How our attempt to send it stands; null for messages that did not come from us.
    attempt: Option<AttemptView>,
    /// Further ids that the provider was heard to have for it.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Vec<String>", length(max = 8), inner(length(min = 1, max = 512)))
    )]
    aliases: Vec<Wamid>,
}

/// Our attempt to send a message.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Attempt", deny_unknown_fields))]
struct AttemptView {
    /// `sending` is under way; `accepted` by the provider; `failed`, so definitely not sent; `unknown`, so it may or may
    /// not have gone out.
    state: AttemptState,
    /// Its place in the conversation; after a refusal that passed, when it was tried anew.
    #[cfg_attr(feature = "schema", schemars(with = "schema::Instant"))]
    at: String,
    /// What is done if its outcome stays open; see `Delivery-Policy`.
    policy: PolicyView,
    /// How often the provider was or may have been called.
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    tries: u32,
    /// These calls in their order; of more than ten, the latest.
    #[cfg_attr(feature = "schema", schemars(length(max = 10)))]
    history: Vec<TryView>,
    #[cfg_attr(feature = "schema", schemars(with = "schema::MaybeInstant"))]
    in_doubt_since: Option<String>,
    rejection: Option<RejectionView>,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(inline))]
#[serde(rename_all = "snake_case")]
enum AttemptState {
    Sending,
    Accepted,
    Failed,
    Unknown,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(inline))]
#[serde(rename_all = "kebab-case")]
enum PolicyView {
    AtMostOnce,
    AtLeastOnce,
}

/// A call to the provider.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "SendTry", deny_unknown_fields))]
struct TryView {
    #[cfg_attr(feature = "schema", schemars(with = "schema::Instant"))]
    at: String,
    /// `accepted` also when a status said so later; of several calls in doubt the status may mean an earlier one.
    outcome: TryOutcome,
    /// Why it was refused; as `rejection.code`.
    code: Option<&'static str>,
    /// The provider's own error code, if it was the provider who refused.
    provider_code: Option<ProviderCode>,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(inline))]
#[serde(rename_all = "snake_case")]
enum TryOutcome {
    UnderWay,
    Accepted,
    Failed,
    Unknown,
}

/// Why it was definitely not sent.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Rejection", deny_unknown_fields))]
struct RejectionView {
    code: Reason,
    /// The provider's own error code, if it was the provider who refused.
    provider_code: Option<ProviderCode>,
    /// The provider's explanation, in its words.
    #[cfg_attr(feature = "schema", schemars(length(max = 500)))]
    detail: Option<String>,
}

/// A message, with its attempt if it is ours. A rejected one has nothing but its attempt.
pub(super) fn detail(it: &MessageDetail, include: Include) -> DetailView {
    let message = whole_message(&it.message, &it.sources, it.conversation.as_ref(), include);
    let error = it.attempt.as_ref().and_then(failure_view);
    DetailView {
        message: match error {
            Some(error) => message.refused(error),
            None => message,
        },
        attempt: it.attempt.as_ref().map(attempt),
        aliases: it.message.aliases.clone(),
    }
}

/// Why a message was rejected.
fn failure_view(it: &Attempt) -> Option<FailureView> {
    let State::Rejected { rejection } = &it.state else { return None };
    let ours = || ProviderCode::Word(rejection.reason.code().to_owned());
    let code = rejection.provider_code.clone().unwrap_or_else(ours);
    Some(FailureView { code: Some(code), message: rejection.detail.clone() })
}

fn attempt(it: &Attempt) -> AttemptView {
    let (state, since, refusal) = match &it.state {
        State::Sending { .. } => (AttemptState::Sending, None, None),
        State::Accepted { .. } => (AttemptState::Accepted, None, None),
        State::Rejected { rejection } => (AttemptState::Failed, None, Some(rejection)),
        State::Unknown { since } | State::Unresolved { since } => (AttemptState::Unknown, Some(*since), None),
        // For the caller a retry is part of the unknown outcome.
        State::Repeating { .. } => (AttemptState::Unknown, None, None),
    };
    AttemptView {
        state,
        at: it.address.at.iso_millis(),
        policy: match it.policy {
            DeliveryPolicy::AtMostOnce => PolicyView::AtMostOnce,
            DeliveryPolicy::AtLeastOnce => PolicyView::AtLeastOnce,
        },
        tries: it.tries,
        history: it.history.iter().map(one_try).collect(),
        in_doubt_since: since.map(Timestamp::iso_millis),
        rejection: refusal.map(rejection),
    }
}

fn rejection(it: &Rejection) -> RejectionView {
    RejectionView { code: it.reason, provider_code: it.provider_code.clone(), detail: it.detail.clone() }
}

fn one_try(it: &Try) -> TryView {
    let (outcome, reason, provider_code) = match &it.ended {
        None => (TryOutcome::UnderWay, None, None),
        Some(Ended::Accepted) => (TryOutcome::Accepted, None, None),
        Some(Ended::Unknown) => (TryOutcome::Unknown, None, None),
        Some(Ended::Refused { reason, provider_code }) => {
            (TryOutcome::Failed, Some(reason.code()), provider_code.clone())
        }
    };
    TryView { at: it.at.iso_millis(), outcome, code: reason, provider_code }
}
