//! Which conversations somebody wants to see.

use super::{
    conversation::{Conversation, Status},
    handling::AgentId,
    id::ChannelId,
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

    /// Whether a conversation is wanted. One that went into another is not: it is the other.
    #[must_use]
    pub fn fits(&self, it: &Conversation) -> bool {
        let assigned = match &self.assigned {
            Assigned::ToAnyone => true,
            Assigned::ToNobody => it.assignee.is_none(),
            Assigned::To(agent) => it.assignee.as_ref() == Some(agent),
        };
        assigned
            && it.merged_into.is_none()
            && self.status.is_none_or(|status| it.status == status)
            && self.channel.is_none_or(|channel| it.channel == channel)
            && (self.unread == Unread::OrNot || it.unread > 0)
    }
}
