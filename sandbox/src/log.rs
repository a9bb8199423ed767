//! The provider's own record: the calls it got, their outcome, and the webhooks it sent.

use serde::Serialize;

use crate::{clock::Clock, phone::Status};

/// An entry of the log. Entries are in the order of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum LogEntry {
    /// A call to send a message.
    Call(CallEntry),
    /// A call to mark a customer's message as read.
    Read(ReadEntry),
    /// A call that passes, releases or takes control of a conversation.
    Control(ControlEntry),
    /// A call to list templates.
    List(ListEntry),
    /// An attempt to deliver a webhook.
    #[serde(rename = "callback")]
    Webhook(WebhookEntry),
}

/// A call to send a message, and its outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallEntry {
    /// When the call came, in ISO 8601.
    pub at: String,
    /// The business number that was to send; as the caller wrote it if it is unknown.
    pub phone_number_id: String,
    /// The recipient: digits or BSUID if it is valid, else as the caller wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The message type, such as `text`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The visible text, for types that have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The callback data: `biz_opaque_callback_data`, at Kaleyra `ref`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_data: Option<String>,
    /// What happened to the message, whatever the response said.
    #[serde(rename = "verdict")]
    pub outcome: CallOutcome,
    /// The id in the response, if the message was accepted and the id differs from the message's own.
    #[serde(rename = "answered", skip_serializing_if = "Option::is_none")]
    pub response_id: Option<String>,
    /// The kind of the scripted fault that applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// The outcome of a call to send a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// The provider accepted the message under this id.
    Accepted {
        /// The message id, `wamid.…`.
        wamid: String,
    },
    /// The provider rejected the message with this Graph error.
    #[serde(rename = "refused")]
    Rejected {
        /// Meta's error code, such as 131047.
        code: u32,
    },
    /// Kaleyra rejected the message with an error of its own.
    #[serde(rename = "declined")]
    RejectedByKaleyra {
        /// Kaleyra's code, such as `WAV2101`; on V1, which has no codes, the invalid field.
        code: String,
    },
    /// The provider accepted nothing, and the client got no readable response.
    #[serde(rename = "lost")]
    NoResponse,
}

/// A call to mark a customer's message as read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadEntry {
    /// When the call came, in ISO 8601.
    pub at: String,
    /// The business number that read it.
    pub phone_number_id: String,
    /// The id of the customer's message.
    pub wamid: String,
    /// Whether a typing indicator was requested.
    pub typing: bool,
}

/// A call to `thread_control`, and its outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ControlEntry {
    /// When the call came, in ISO 8601.
    pub at: String,
    /// The business number as the caller wrote it.
    pub phone_number_id: String,
    /// The customer: digits or BSUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// `pass`, `release` or `take`; as the caller wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The metadata that the caller gave along.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<String>,
    /// The code of the Graph error, if the call was rejected.
    #[serde(rename = "refused", skip_serializing_if = "Option::is_none")]
    pub error_code: Option<u32>,
}

/// A call to list templates, and its outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListEntry {
    /// When the call came, in ISO 8601.
    pub at: String,
    /// The business account (WABA) as the caller wrote it; of Kaleyra's V1 the SID.
    pub account: String,
    /// The requested page, from 0.
    pub page: u32,
    /// The HTTP status of the response.
    pub http_status: u16,
}

/// An attempt to deliver a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WebhookEntry {
    /// When the attempt ended, in ISO 8601.
    pub at: String,
    /// The business number of the webhook.
    pub phone_number_id: String,
    /// The message that the webhook is about, by its id on the phone; empty if there is none.
    pub wamid: String,
    /// What the webhook reports.
    #[serde(flatten)]
    pub kind: WebhookKind,
    /// The HTTP status of the receiver; `None` if it did not respond.
    pub http_status: Option<u16>,
    /// Whether the receiver responded with 200, the only status that counts.
    pub delivered: bool,
    /// The number of the attempt, from 1.
    pub attempt: u32,
}

/// What a webhook reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookKind {
    /// A status of a message of the business.
    Status(Status),
    /// A customer's message of this type.
    Message(String),
    /// An event that changed the number's quality.
    Quality(String),
    /// A change of a template, under this webhook field.
    Template(String),
    /// A customer's marketing preference: `stop` or `resume`.
    Preference(String),
    /// A change of this field that a control call requested.
    Change(String),
}

impl CallEntry {
    /// An entry for a call of which only the number is known yet.
    pub(crate) fn new(clock: &Clock, phone_number_id: &str, outcome: CallOutcome) -> Self {
        Self {
            at: clock.iso_now(),
            phone_number_id: phone_number_id.to_owned(),
            to: None,
            kind: None,
            text: None,
            callback_data: None,
            outcome,
            response_id: None,
            fault: None,
        }
    }
}

impl ControlEntry {
    /// An entry for a call of which only the number is known yet.
    pub(crate) fn new(clock: &Clock, phone_number_id: &str) -> Self {
        Self {
            at: clock.iso_now(),
            phone_number_id: phone_number_id.to_owned(),
            to: None,
            action: None,
            metadata: None,
            error_code: None,
        }
    }
}

impl ListEntry {
    /// An entry for a call that has not been answered yet.
    pub(crate) fn new(clock: &Clock, account: &str) -> Self {
        Self { at: clock.iso_now(), account: account.to_owned(), page: 0, http_status: 0 }
    }
}
