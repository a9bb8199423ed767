//! Who of the company sent a message, as the caller names them.

use serde::{Deserialize, Serialize};

use super::conversation_action::AgentId;

/// The kind of sender: a person, or a program that answers automatically.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SenderKind {
    /// A person, or a system in which one wrote it. The default: clients of the compatible APIs have no such
    /// field.
    #[default]
    Human,
    /// A program that answers automatically.
    Bot,
}

/// The sender of a message within the company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentBy {
    /// Whether it is a person or a bot.
    #[serde(rename = "type")]
    pub kind: SenderKind,
    /// The id that the company's own system has for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<AgentId>,
    /// The name to show for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl SentBy {
    /// A sender of whom only the kind is known.
    #[must_use]
    pub fn of_kind(kind: SenderKind) -> Self {
        Self { kind, id: None, name: None }
    }

    /// The agent's id, where a person is named.
    #[must_use]
    pub fn agent(&self) -> Option<&AgentId> {
        self.id.as_ref().filter(|_| self.kind == SenderKind::Human)
    }
}
