//! Taps on buttons and list rows, answers to Flows; and what was sent for them to tap on.

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

/// What a customer tapped or answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InteractiveReply {
    /// The kind of what was tapped.
    pub kind: ReplyKind,
    /// The id that the sender gave the button or row; a template's quick reply has its payload here.
    #[serde(default)]
    pub id: Option<String>,
    /// Its label; of a Flow its name.
    #[serde(default)]
    pub title: Option<String>,
    /// The description of a list row.
    #[serde(default)]
    pub description: Option<String>,
    /// A Flow's answers, or what else came along: an object where it is JSON, else its text.
    #[serde(default)]
    pub data: Option<Value>,
}

/// What a customer tapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyKind {
    /// A reply button.
    ButtonReply,
    /// A row of a list.
    ListReply,
    /// A template's quick reply.
    QuickReply,
    /// A Flow that was completed.
    FlowReply,
    /// The question whether the company may call.
    CallPermissionReply,
    /// One not yet known to us; `data` holds it.
    Other,
}
