//! Who answers and who is assigned in a conversation, and its status.

use serde::{Deserialize, Serialize};

use super::{
    conversation::{ClosingPolicy, Conversation, Happening, Status},
    event::EventKind,
    time::Timestamp,
};

/// A text is not a valid agent id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 128 characters without control characters")]
pub struct AgentError;

/// A person of the company, by the id that the company's own system has for them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AgentId(String);

impl AgentId {
    /// The id as its owner spells it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for AgentId {
    type Error = AgentError;

    fn try_from(text: String) -> Result<Self, AgentError> {
        let fits = (1..=128).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if fits { Ok(Self(text)) } else { Err(AgentError) }
    }
}

impl From<AgentId> for String {
    fn from(id: AgentId) -> Self {
        id.0
    }
}

/// Who answers a customer. What a bot is, and whether there is one, is the company's own matter.
// Of two reports for the same second, the handler later in this list counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub enum Handler {
    /// The company's bot, if it has one.
    #[default]
    Bot,
    /// Meta's Business Agent; the company's own bots keep quiet.
    MetaAgent,
    /// A person; bots keep quiet.
    Human,
}

/// Whether a company has a bot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Bot {
    /// The company has a bot.
    Present,
    /// The company has no bot: nobody answers what a bot would.
    #[default]
    Absent,
}

impl Handler {
    /// The handler, unless it is a bot that the company does not have.
    #[must_use]
    pub fn present(self, bot: Bot) -> Option<Self> {
        (self != Self::Bot || bot == Bot::Present).then_some(self)
    }
}

/// How a conversation changed hands at the provider, in the provider's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ThreadHandover"))]
pub struct Handover {
    /// The kind of the event: `control_passed` or `control_taken`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The role of who had it, like `ai_agent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_owner_role: Option<String>,
    /// The role of who has it now, like `escalation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_owner_role: Option<String>,
    /// What who had it leaves to who has it; at most 2,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<String>,
    /// What was said until then, in short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
}

/// An action on a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConversationAction {
    /// Assigns it to an agent; `None` removes the assignee.
    Assign(Option<AgentId>),
    /// Closes it until one side writes again.
    Close {
        /// Who answers and who is assigned from then on.
        policy: ClosingPolicy,
        /// When it was closed, by our clock.
        at: Timestamp,
    },
    /// Opens a closed conversation again.
    Reopen,
    /// Hands it off to this handler.
    HandOver(Handler),
    /// Marks messages as read up to this time; `None` for all of them.
    Read {
        /// The time of the latest message that was read.
        up_to: Option<Timestamp>,
    },
}

/// A snapshot of a conversation, from which events are derived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusSnapshot {
    status: Status,
    handled_by: Handler,
    assignee: Option<AgentId>,
    unread: u64,
}

impl Conversation {
    /// A snapshot of the fields whose changes become events.
    #[must_use]
    pub fn snapshot(&self) -> StatusSnapshot {
        StatusSnapshot {
            status: self.status,
            handled_by: self.handled_by,
            assignee: self.assignee.clone(),
            unread: self.unread.count,
        }
    }

    /// The events for what changed since the snapshot. That there is more or less to read needs no event of
    /// its own: the message has one.
    #[must_use]
    pub fn events_since(&self, before: &StatusSnapshot) -> Vec<EventKind> {
        let conversation = self.id;
        let mut events = Vec::new();
        if self.status != before.status {
            events.push(EventKind::StatusChanged { conversation, status: self.status });
        }
        if self.handled_by != before.handled_by {
            let handled_by = self.handled_by;
            events.push(EventKind::HandedOver { conversation, handled_by, handover: None });
        }
        if self.assignee != before.assignee {
            events.push(EventKind::Assigned { conversation, assignee: self.assignee.clone() });
        }
        events
    }

    /// Applies an action; returns the events for what it changed. Applying it again changes nothing.
    pub fn apply_action(&mut self, action: &ConversationAction) -> Vec<EventKind> {
        let before = self.snapshot();
        self.apply(&match action {
            ConversationAction::Assign(agent) => Happening::Assigned(agent.as_ref()),
            ConversationAction::Close { policy, at } => Happening::Closed { policy: *policy, at: *at },
            ConversationAction::Reopen => Happening::Reopened,
            ConversationAction::HandOver(to) => Happening::HandedOver(*to),
            ConversationAction::Read { up_to } => Happening::Read { up_to: *up_to },
        });
        let mut events = self.events_since(&before);
        if self.unread.count != before.unread {
            events.push(EventKind::ConversationRead { conversation: self.id });
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_has_a_name_of_1_to_128_printable_characters() {
        for good in ["7", "ana@example.com", "Ana Ñ", &"é".repeat(128)] {
            assert!(AgentId::try_from((*good).to_owned()).is_ok(), "{good}");
        }
        for bad in ["", "a\nb", "\u{0}", &"x".repeat(129)] {
            assert_eq!(AgentId::try_from(bad.to_owned()), Err(AgentError), "{bad}");
        }
    }
}
