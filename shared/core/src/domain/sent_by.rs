//! Who of the company sent a message, as its own systems tell it.

use serde::{Deserialize, Serialize};

use super::handling::AgentId;

/// What sends messages: a person, or a program that answers by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SenderKind {
    /// A person, or a system in which one wrote it. What says nothing counts as this: the compatible APIs' own
    /// clients know no such field.
    #[default]
    Human,
    /// A program that answers by itself.
    Bot,
}

/// Who sent a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentBy {
    /// A person, or a bot.
    #[serde(rename = "type")]
    pub kind: SenderKind,
    /// By what id the company's own system has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<AgentId>,
    /// What they are called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl SentBy {
    /// A sender of whom no more is known.
    #[must_use]
    pub fn of_kind(kind: SenderKind) -> Self {
        Self { kind, id: None, name: None }
    }

    /// The agent, where a person is named.
    #[must_use]
    pub fn agent(&self) -> Option<&AgentId> {
        self.id.as_ref().filter(|_| self.kind == SenderKind::Human)
    }
}
