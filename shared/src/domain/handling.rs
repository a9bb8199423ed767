//! Who looks after a conversation, and how far that has come.

use serde::{Deserialize, Serialize};

use super::{
    conversation::{Conversation, Status},
    event::EventKind,
};

/// A text is no name of an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 128 characters without control characters")]
pub struct AgentError;

/// Somebody of the company who looks after conversations, by whatever name the company's own system has for them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AgentId(String);

impl AgentId {
    /// The name as its owner spells it.
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handler {
    /// The company's bot, if it has one.
    #[default]
    Bot,
    /// A person; bots keep quiet.
    Human,
}

/// What somebody wants to become of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handling {
    /// An agent is to look after it; none: nobody in particular.
    Assign(Option<AgentId>),
    /// It is over until somebody writes.
    Close,
    /// It goes on.
    Reopen,
    /// Somebody else is to answer.
    HandOver(Handler),
    /// Somebody of the company has seen what the customer wrote.
    Read,
}

/// How a conversation stood: what news of it is told against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stood {
    status: Status,
    handled_by: Handler,
    assignee: Option<AgentId>,
    unread: u64,
}

impl Conversation {
    /// How it stands.
    #[must_use]
    pub fn stands(&self) -> Stood {
        Stood {
            status: self.status,
            handled_by: self.handled_by,
            assignee: self.assignee.clone(),
            unread: self.unread,
        }
    }

    /// What has changed since it stood so. A message tells for itself that there is more, or nothing more, to read.
    #[must_use]
    pub fn news_since(&self, before: &Stood) -> Vec<EventKind> {
        let conversation = self.id;
        let mut news = Vec::new();
        if self.status != before.status {
            news.push(EventKind::StatusChanged { conversation, status: self.status });
        }
        if self.handled_by != before.handled_by {
            news.push(EventKind::HandedOver { conversation, handled_by: self.handled_by });
        }
        if self.assignee != before.assignee {
            news.push(EventKind::Assigned { conversation, assignee: self.assignee.clone() });
        }
        news
    }

    /// Does what somebody wants; gives what has changed by it. Wanting it again changes nothing.
    pub fn carry_out(&mut self, wanted: &Handling) -> Vec<EventKind> {
        let before = self.stands();
        match wanted {
            Handling::Assign(agent) => self.assignee.clone_from(agent),
            Handling::Close => self.status = Status::Closed,
            Handling::Reopen if self.status == Status::Closed => self.status = Status::Active,
            Handling::Reopen => {}
            Handling::HandOver(to) => self.hand_over(*to),
            Handling::Read => self.unread = 0,
        }
        let mut news = self.news_since(&before);
        if self.unread != before.unread {
            news.push(EventKind::ConversationRead { conversation: self.id });
        }
        news
    }

    /// Lets somebody else answer. Handed to a person, the customer waits for one; handed to the bot, no more. What
    /// is over stays over.
    pub fn hand_over(&mut self, to: Handler) {
        self.handled_by = to;
        self.status = match (to, self.status) {
            (Handler::Human, Status::Active) => Status::PendingHuman,
            (Handler::Bot, Status::PendingHuman) => Status::Active,
            (Handler::Human | Handler::Bot, other) => other,
        };
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
