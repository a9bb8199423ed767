//! Taps on buttons and list rows, answers to Flows, and the interactive messages that offered them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An interactive message in either direction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Interactive {
    /// What a customer tapped or answered.
    Reply(InteractiveReply),
    /// What was sent, as Meta defines it (facts: meta.md 2.3).
    Sent(Value),
}

/// The customer's tap or answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InteractiveReply {
    /// The kind of what was tapped.
    pub kind: ReplyKind,
    /// The id that the sender gave the button or row; for a template's quick reply its payload.
    #[serde(default)]
    pub id: Option<String>,
    /// The label of it; for a Flow its name.
    #[serde(default)]
    pub title: Option<String>,
    /// The description of a list row.
    #[serde(default)]
    pub description: Option<String>,
    /// A Flow's answers or other data: an object where it is JSON, else its text.
    #[serde(default)]
    pub data: Option<Value>,
}

/// The kind of a customer's tap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyKind {
    /// A reply button, of up to three.
    ButtonReply,
    /// A row of a list.
    ListReply,
    /// A template's quick reply.
    QuickReply,
    /// A Flow that was completed.
    FlowReply,
    /// The answer whether the company may call.
    CallPermissionReply,
    /// A kind that is not known to us; `data` holds it.
    Other,
}
