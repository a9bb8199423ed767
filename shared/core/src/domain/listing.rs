//! Which conversations somebody wants to see.

use super::{
    contact::Contact,
    conversation::{Conversation, Status},
    handling::AgentId,
    id::ChannelId,
    phrases::begins_like,
};

/// Whose conversations are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Assigned {
    /// Everybody's.
    #[default]
    ToAnyone,
    /// Those that nobody in particular looks after.
    ToNobody,
    /// Those of one agent.
    To(AgentId),
}

/// Which conversations are wanted, by what there is to read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unread {
    /// All.
    #[default]
    OrNot,
    /// Those with something that nobody has read.
    Only,
}

/// Which conversations somebody wants to see: those that fit in every way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Who has to act; none: whoever.
    pub status: Option<Status>,
    /// The channel; none: whichever.
    pub channel: Option<ChannelId>,
    /// Who looks after them.
    pub assigned: Assigned,
    /// What there is to read.
    pub unread: Unread,
}

impl Filter {
    /// Those of one status, or all.
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
            && (self.unread == Unread::OrNot || it.unread > 0)
    }
}

/// Longest beginning of a name that is searched for, in characters.
const LONGEST_SEARCH: usize = 64;

/// A text is no beginning of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 64 characters, not all of them spaces")]
pub struct NameSearchError;

/// How the name of a wanted contact begins, or a word in it: 1 to 64 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameSearch(String);

impl NameSearch {
    /// Whether a contact has such a name: the company's for them, that of their profile, or their user name.
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
