//! The provider's own ground truth: what it was asked, what it did, and what it told.

use serde::Serialize;

use crate::{clock::Clock, phone::Status};

/// One thing that happened, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum LogEntry {
    /// A call to send a message.
    Call(CallEntry),
    /// A call to mark a customer's message as read.
    Read(ReadEntry),
    /// A call that passes, releases or takes a conversation.
    Control(ControlEntry),
    /// A call to list templates.
    List(ListEntry),
    /// One try to deliver a callback.
    #[serde(rename = "callback")]
    Webhook(WebhookEntry),
}

/// A call to send a message, and what the provider made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallEntry {
    /// When, in ISO 8601.
    pub at: String,
    /// The business number that was to send; as the caller wrote it where it is not known.
    pub phone_number_id: String,
    /// The recipient: digits or BSUID where it could be read, else as it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The message type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The text, for types that have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// `biz_opaque_callback_data`; of Kaleyra's calls `ref`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_data: Option<String>,
    /// What became of the message, whatever the caller was told.
    #[serde(rename = "verdict")]
    pub outcome: CallOutcome,
    /// The id the answer gives, if the message was taken and it is another than the message's own.
    #[serde(rename = "answered", skip_serializing_if = "Option::is_none")]
    pub response_id: Option<String>,
    /// The kind of the scripted fault that shaped the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// The provider took the message under this id.
    Accepted {
        /// The message id.
        wamid: String,
    },
    /// The provider refused with this Graph error.
    #[serde(rename = "refused")]
    Rejected {
        /// The error code.
        code: u32,
    },
    /// Kaleyra refused.
    #[serde(rename = "declined")]
    RejectedByKaleyra {
        /// Its code, such as `WA400`; of an error of V1, which has none, the field it complains of.
        code: String,
    },
    /// The provider took nothing and said nothing a client could read.
    #[serde(rename = "lost")]
    NoResponse,
}

/// A call to mark a customer's message as read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadEntry {
    /// When, in ISO 8601.
    pub at: String,
    /// The business number that read it.
    pub phone_number_id: String,
    /// The customer's message.
    pub wamid: String,
    /// Whether a typing indicator was asked for.
    pub typing: bool,
}

/// A call to `thread_control`, whatever became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ControlEntry {
    /// When, in ISO 8601.
    pub at: String,
    /// The business number as the caller wrote it.
    pub phone_number_id: String,
    /// The customer: digits or BSUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// `pass`, `release` or `take`; whatever the caller wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// What the caller says of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<String>,
    /// The code of the Graph error, if it was refused.
    #[serde(rename = "refused", skip_serializing_if = "Option::is_none")]
    pub error_code: Option<u32>,
}

/// A call to list templates, whatever became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListEntry {
    /// When, in ISO 8601.
    pub at: String,
    /// The business account (WABA) as the caller wrote it; of Kaleyra's V1 the SID.
    pub account: String,
    /// Which page was asked for, from 0.
    pub page: u32,
    /// The answer.
    pub http_status: u16,
}

/// One try to deliver a callback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WebhookEntry {
    /// When the try ended, in ISO 8601.
    pub at: String,
    /// The business number the callback belongs to.
    pub phone_number_id: String,
    /// The message it speaks of, by its id on the phone; empty when it speaks of none.
    pub wamid: String,
    /// What it says.
    #[serde(flatten)]
    pub kind: WebhookKind,
    /// The receiver's answer; `None` when there was none.
    pub http_status: Option<u16>,
    /// Whether the receiver answered 200, the only answer that counts.
    pub delivered: bool,
    /// 1 for the first try.
    pub attempt: u32,
}

/// What a callback says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookKind {
    /// How far a message of the business has come.
    Status(Status),
    /// A customer wrote a message of this type.
    Message(String),
    /// Something has happened to the standing of the number.
    Quality(String),
    /// Something has happened to a template, of which this field tells.
    Template(String),
    /// A customer wishes marketing messages to `stop` or to `resume`.
    Preference(String),
    /// Something of this field that somebody had told over the control routes.
    Change(String),
}

impl CallEntry {
    /// An entry for a call of which nothing but the number is known yet.
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
    /// An entry for a call of which nothing but the number is known yet.
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
