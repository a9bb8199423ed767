//! Filters of lists of conversations and contacts.

use super::{
    contact::Contact,
    conversation::{Conversation, Status},
    conversation_action::AgentId,
    id::ChannelId,
    phrases::begins_like,
};

/// A filter by assignee.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Assigned {
    /// No filter: assigned or not.
    #[default]
    ToAnyone,
    /// Not assigned to anyone.
    ToNobody,
    /// Assigned to this agent.
    To(AgentId),
}

/// A filter by unread messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unread {
    /// With or without unread messages.
    #[default]
    OrNot,
    /// With at least one unread message.
    Only,
}

/// A filter of conversations: those that match in every field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The status; `None` for any.
    pub status: Option<Status>,
    /// The channel; `None` for any.
    pub channel: Option<ChannelId>,
    /// The assignee of the conversations.
    pub assigned: Assigned,
    /// Whether they have unread messages.
    pub unread: Unread,
}

impl Filter {
    /// A filter by status only; `None` for all conversations.
    #[must_use]
    pub fn of_status(status: Option<Status>) -> Self {
        Self { status, ..Self::default() }
    }

    /// Whether a conversation is wanted.
    #[must_use]
    pub fn fits(&self, it: &Conversation) -> bool {
        let assigned = match &self.assigned {
            Assigned::ToAnyone => true,
            Assigned::ToNobody => it.assignee.is_none(),
            Assigned::To(agent) => it.assignee.as_ref() == Some(agent),
        };
        assigned
            && self.status.is_none_or(|status| it.status == status)
            && self.channel.is_none_or(|channel| it.channel == channel)
            && (self.unread == Unread::OrNot || it.unread.count > 0)
    }
}

/// Longest prefix of a name that is searched for, in characters.
const LONGEST_SEARCH: usize = 64;

/// A text is not a prefix of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 64 characters, not all of them spaces")]
pub struct NameSearchError;

/// The prefix of a contact's name, or of a word in it: 1 to 64 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameSearch(String);

impl NameSearch {
    /// Whether it matches one of a contact's names: the company's, the profile's, or the user name.
    #[must_use]
    pub fn fits(&self, it: &Contact) -> bool {
        let names = [it.shown_name(), it.name.as_deref(), it.username.as_deref()];
        names.into_iter().flatten().any(|name| begins_like(name, &self.0))
    }
}

impl TryFrom<&str> for NameSearch {
    type Error = NameSearchError;

    fn try_from(text: &str) -> Result<Self, NameSearchError> {
        let text = text.trim();
        let fits = (1..=LONGEST_SEARCH).contains(&text.chars().count());
        if fits { Ok(Self(text.to_owned())) } else { Err(NameSearchError) }
    }
}
