//! `reply_status`, which answers a client's frame, and `error` for one that cannot be decoded.

use serde::Serialize;
use serde_json::Value;

use super::{
    super::{
        commands::asked,
        errors::{CodedError, Particulars, coded_error},
        types::SentId,
    },
    frame::{Frame, Named, text},
};
use crate::common::{Failure, ids};
use ventanilla_core::{
    domain::{frame::Frame as ClientFrame, id::MessageId},
    usecases::sending::Sent,
};

/// Why a reply over a socket was not sent, or why that is unknown.
#[derive(Debug)]
pub struct Unsent {
    error: CodedError,
    particulars: Particulars,
}

impl From<CodedError> for Unsent {
    fn from(error: CodedError) -> Self {
        Self { error, particulars: Particulars::default() }
    }
}

impl From<Failure> for Unsent {
    fn from(failure: Failure) -> Self {
        Self { error: coded_error(&failure), particulars: Particulars::of(&failure) }
    }
}

/// The `data` of `reply_status`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(inline, deny_unknown_fields, transform = one_of_two))]
pub(super) struct ReplyStatus {
    /// As the frame had it; left out where that cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_id: Option<String>,
    success: bool,
    /// The provider's id, when it took the message. Should it ever have none, `msg_` and our own id.
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<String>,
    /// For people; may change, but for that of `SERVICE_WINDOW_EXPIRED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// Which failure it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(flatten)]
    particulars: Particulars,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<ClientId>,
}

/// Whatever the client calls its frame; comes back as it was. Also taken beside `data`. For telling answers apart only.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct ClientId(Value);

/// A reply that was sent has an id, another one a failure.
#[cfg(feature = "schema")]
fn one_of_two(schema: &mut schemars::Schema) {
    let either = serde_json::json!([
        { "properties": { "success": { "const": true } }, "required": ["messageId"] },
        { "properties": { "success": { "const": false } }, "required": ["error", "code"] },
    ]);
    schema.insert("oneOf".to_owned(), either);
}

impl Named for ReplyStatus {
    const TYPE: &'static str = "reply_status";
}

/// Encodes the result of a reply over a socket (the vendor's documents). `client` is the client's own id of
/// the frame.
#[must_use]
pub fn reply_status(given: Option<&str>, ended: Result<&Sent, &Unsent>, client: Option<&Value>) -> String {
    let status = match ended {
        Ok(sent) => ReplyStatus::sent(given, sent, client),
        Err(unsent) => ReplyStatus::unsent(given, unsent, client),
    };
    text(&Frame::from(status))
}

impl ReplyStatus {
    fn sent(given: Option<&str>, sent: &Sent, client: Option<&Value>) -> Self {
        let place = || sent.conversation.map(ids::conversation_id);
        Self {
            conversation_id: given.map(str::to_owned).or_else(place),
            success: true,
            message_id: Some(SentId::from(sent).0),
            error: None,
            code: None,
            particulars: Particulars::default(),
            client_id: client.cloned().map(ClientId),
        }
    }

    fn unsent(given: Option<&str>, unsent: &Unsent, client: Option<&Value>) -> Self {
        Self {
            conversation_id: given.map(str::to_owned),
            success: false,
            message_id: None,
            error: Some(unsent.error.text.to_string()),
            code: Some(unsent.error.code),
            particulars: unsent.particulars.clone(),
            client_id: client.cloned().map(ClientId),
        }
    }
}

/// Encodes the answer to a frame that is not processed any more.
pub(super) fn unanswered(frame: &ClientFrame, sent: Option<MessageId>) -> String {
    let command = asked(frame.body.as_bytes()).ok();
    let unsent = match sent {
        Some(id) => Unsent {
            error: CodedError {
                code: "OUTCOME_UNKNOWN",
                text: "It broke off after the message was begun; ask for the message by its id.".into(),
            },
            particulars: Particulars::in_doubt(id),
        },
        None => Unsent::from(CodedError {
            code: "NOT_SENT",
            text: "The frame could not be dealt with in time; nothing was sent.".into(),
        }),
    };
    let given = command.as_ref().map(|command| command.given.as_str());
    let client = command.as_ref().and_then(|command| command.client.as_ref());
    reply_status(given, Err(&unsent), client)
}

/// The `data` of `error`.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
#[cfg_attr(feature = "schema", schemars(rename = "Error"))]
pub(super) struct FrameError {
    /// What is wrong, beginning with the field.
    error: String,
    #[cfg_attr(
        feature = "schema",
        schemars(extend("enum" = ["INVALID_REQUEST", "UNAVAILABLE", "CONNECTION_LOST"]))
    )]
    code: String,
}

impl Named for FrameError {
    const TYPE: &'static str = "error";
}

/// Encodes the answer to an invalid frame; the socket stays open.
#[must_use]
pub fn error(code: &str, problem: &str) -> String {
    text(&Frame::from(FrameError { error: problem.to_owned(), code: code.to_owned() }))
}
