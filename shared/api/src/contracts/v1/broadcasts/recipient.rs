//! A recipient of a broadcast as `/v1` shows them.

use serde::{
    Deserialize, Serialize,
    de::{self, IntoDeserializer, value::StrDeserializer},
};

#[cfg(feature = "schema")]
use crate::common::schema;
use crate::{
    common::{
        InputError,
        ids::{conversation_id, message_id},
    },
    contracts::v1::message_status::{MessageStatus, status},
};
use ventanilla_core::{
    domain::{
        broadcast::{Dropped, EntryOutcome, EntryRecipient, RecipientEntry},
        delivery::shown,
        id::{ConversationId, RequestRef},
        phone::Phone,
        rejection::{ProviderCode, Rejection},
    },
    usecases::broadcasts::{RecipientProgress, RecipientState},
};

/// A recipient, and where they stand.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Recipient", deny_unknown_fields))]
pub(super) struct RecipientView {
    #[serde(flatten)]
    named: NamedRecipient,
    outcome: RecipientOutcome,
    /// Why there is no message; of the queued, why the last try was refused. Null for the accepted, and for the
    /// queued who were not tried yet.
    error: Option<RecipientError>,
    /// Our id of the message where one went out or may have, and of some refusals, for `/v1/messages/{id}`; else
    /// null.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^msg_[1-9][0-9]*$")))]
    message_id: Option<String>,
    /// Where it is kept, or the conversation that the entry names; null where there is no message, or not yet.
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::ConversationId>"))]
    conversation_id: Option<String>,
    /// The provider's id of it; null while that is not known.
    #[cfg_attr(feature = "schema", schemars(length(max = 512)))]
    provider_message_id: Option<String>,
    /// The furthest the message got, as in `Message`; null where there is none to show.
    #[cfg_attr(feature = "schema", schemars(
        with = "Option<String>",
        extend("enum" = ["unknown", "accepted", "sent", "failed", "delivered", "read", "played", null])
    ))]
    status: Option<MessageStatus>,
}

/// Whom an entry names, in the fields that a recipient has for it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct NamedRecipient {
    /// With `+`; null where the entry names no number.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = r"^\+[1-9][0-9]{7,14}$")))]
    phone_number: Option<String>,
    /// The customer's user id for this business; null where the entry names none.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[!-~]{1,200}$")))]
    user_id: Option<String>,
    #[cfg_attr(feature = "schema", schemars(schema_with = "given"))]
    given: String,
    /// The number that the request gave for this recipient; null where it gave none.
    #[cfg_attr(feature = "schema", schemars(with = "schema::RequestRef"))]
    request_id: Option<u64>,
}

/// Where a recipient stands.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum RecipientOutcome {
    /// Their turn is to come, or to come again.
    Queued,
    /// The provider took the message.
    Accepted,
    /// It may or may not have been sent.
    Unknown,
    /// The provider rejected it, or it was never called: nothing was sent.
    Failed,
    /// Nothing was begun before the broadcast was over.
    NotBegun,
}

/// Why a recipient has no message.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(super) struct RecipientError {
    /// Which failure it is. Of those not begun `cancelled`, `expired`, or the code of the refusal that stopped the
    /// broadcast.
    code: &'static str,
    /// The provider's own error code; present of a refusal, null where the refusal is ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(schema_with = "schema::provider_code"))]
    provider_code: Option<OfProvider>,
    /// What is wrong with the entry, for `invalid_request`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(
        extend("enum" = ["phoneNumber", "userId", "conversationId", "requestId", "body", "contact_id"])
    ))]
    field: Option<String>,
    /// What is wrong, in a sentence, or the provider's explanation.
    #[cfg_attr(feature = "schema", schemars(length(max = 500)))]
    detail: Option<String>,
}

/// The provider's own error code of a refusal, which may be ours.
#[derive(Debug, Serialize)]
struct OfProvider(Option<ProviderCode>);

/// The schema of a recipient as the caller spelled it, which other contracts describe.
#[cfg(feature = "schema")]
fn given(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schema::named("GivenNumber")
}

impl RecipientView {
    /// A recipient with the current state.
    pub(super) fn of(recipient: &RecipientProgress) -> Self {
        let entry = &recipient.entry;
        let (message, conversation) = match &entry.outcome {
            EntryOutcome::Sent { message, conversation, .. } => (Some(*message), *conversation),
            EntryOutcome::Unknown { message } | EntryOutcome::Refused { message, .. } => (*message, None),
            _ => (None, None),
        };
        let kept = recipient.message.as_ref();
        let (named, in_entry) = NamedRecipient::of(entry);
        let conversation = kept.map(|kept| kept.address.conversation).or(conversation).or(in_entry);
        Self {
            named,
            outcome: recipient.state.into(),
            error: error(recipient),
            message_id: message.map(message_id),
            conversation_id: conversation.map(conversation_id),
            provider_message_id: kept.and_then(|kept| kept.wamid.as_ref()).map(|it| it.as_str().to_owned()),
            status: kept.map(|kept| status(shown(kept.handover, &kept.facts))),
        }
    }
}

impl NamedRecipient {
    /// The recipient, and the conversation where one is named.
    pub(super) fn of(entry: &RecipientEntry) -> (Self, Option<ConversationId>) {
        let (mut number, mut user, mut conversation) = (None, None, None);
        match entry.recipient() {
            Some(EntryRecipient::Number(given)) => number = Some(given),
            Some(EntryRecipient::UserId(given)) => user = Some(given),
            Some(EntryRecipient::Conversation(given)) => conversation = Some(given),
            None => {}
        }
        let named = Self {
            phone_number: number.as_ref().map(Phone::e164),
            user_id: user.map(|id| id.as_str().to_owned()),
            given: entry.given.clone(),
            request_id: entry.request.map(RequestRef::get),
        };
        (named, conversation)
    }
}

impl From<RecipientState> for RecipientOutcome {
    fn from(standing: RecipientState) -> Self {
        match standing {
            RecipientState::Queued => Self::Queued,
            RecipientState::Sent => Self::Accepted,
            RecipientState::Unknown => Self::Unknown,
            RecipientState::Failed => Self::Failed,
            RecipientState::Dropped => Self::NotBegun,
        }
    }
}

impl From<RecipientOutcome> for RecipientState {
    fn from(outcome: RecipientOutcome) -> Self {
        match outcome {
            RecipientOutcome::Queued => Self::Queued,
            RecipientOutcome::Accepted => Self::Sent,
            RecipientOutcome::Unknown => Self::Unknown,
            RecipientOutcome::Failed => Self::Failed,
            RecipientOutcome::NotBegun => Self::Dropped,
        }
    }
}

/// The state with this name.
pub(super) fn read_state(given: &str) -> Result<RecipientState, InputError> {
    let word: StrDeserializer<'_, de::value::Error> = given.into_deserializer();
    let problem = |_| InputError::field("outcome", "must be queued, accepted, unknown, failed or not_begun");
    RecipientOutcome::deserialize(word).map(RecipientState::from).map_err(problem)
}

impl RecipientError {
    /// An error of ours.
    pub(super) fn plain(code: &'static str, detail: &str) -> Self {
        Self { code, provider_code: None, field: None, detail: Some(detail.to_owned()) }
    }

    /// The rejection of one recipient.
    pub(super) fn of_rejection(rejection: &Rejection) -> Self {
        Self {
            code: rejection.reason.code(),
            provider_code: Some(OfProvider(rejection.provider_code.clone())),
            field: None,
            detail: rejection.detail.clone(),
        }
    }

    /// Why a recipient has no message, by the outcome in the batch.
    pub(super) fn of(entry: &RecipientEntry) -> Option<Self> {
        let error = match &entry.outcome {
            EntryOutcome::Refused { rejection, .. } | EntryOutcome::Queued { last: Some(rejection), .. } => {
                Self::of_rejection(rejection)
            }
            EntryOutcome::Invalid { field, problem } => {
                Self { field: Some(field.clone()), ..Self::plain("invalid_request", problem) }
            }
            EntryOutcome::Duplicate => {
                Self::plain("duplicate_recipient", "the customer came before in the list")
            }
            EntryOutcome::Unknown { .. } => {
                Self::plain("outcome_unknown", "it may or may not have been sent")
            }
            EntryOutcome::Dropped { why: Dropped::Cancelled } => {
                Self::plain("cancelled", "the broadcast was cancelled")
            }
            EntryOutcome::Dropped { why: Dropped::Late } => {
                Self::plain("expired", "its turn did not come within a day")
            }
            EntryOutcome::Dropped { why: Dropped::Stopped { reason } } => {
                Self::plain(reason.code(), "the broadcast was stopped before its turn")
            }
            EntryOutcome::Sent { .. } | EntryOutcome::Queued { last: None, .. } => return None,
        };
        Some(error)
    }
}

/// Why a recipient has no message; for queued ones, the latest rejection.
fn error(recipient: &RecipientProgress) -> Option<RecipientError> {
    match &recipient.entry.outcome {
        _ if recipient.state == RecipientState::Sent => None,
        EntryOutcome::Unknown { .. } if recipient.state == RecipientState::Failed => {
            recipient.rejection.as_ref().map(RecipientError::of_rejection)
        }
        _ => RecipientError::of(&recipient.entry),
    }
}
