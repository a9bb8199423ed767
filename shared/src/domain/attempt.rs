//! An attempt: the intent to send one message, written before the provider is called.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    contact::Address,
    content::Content,
    delivery::{Facts, Handover},
    id::{ChannelId, RequestRef, TenantId, Wamid},
    message::{Direction, Message, MessageAddress, Sender},
    phone::Phone,
    rejection::Rejection,
    time::Timestamp,
};

/// How long an attempt may take before it counts as abandoned: longer than any function runs.
pub const LEASE: Duration = Duration::from_secs(35);

/// How long an attempt in doubt waits for a callback before a person is asked.
pub const GRACE: Duration = Duration::from_mins(15);

/// Where an attempt stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Under way until the lease ends.
    Sending {
        /// After this it counts as in doubt.
        lease_until: Timestamp,
    },
    /// The provider took it.
    Accepted {
        /// The provider's id.
        wamid: Wamid,
    },
    /// Definitely not sent.
    Rejected {
        /// Why.
        rejection: Rejection,
    },
    /// It may or may not have been sent. Never sent again by itself.
    Unknown {
        /// Since when.
        since: Timestamp,
    },
    /// In doubt for longer than [`GRACE`].
    Unresolved {
        /// Since when.
        since: Timestamp,
    },
}

/// Where a message is meant to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Into an existing conversation.
    Conversation,
    /// To a number, on the attempt's channel.
    Number(Address),
}

impl Target {
    /// The number that was named, if one was.
    #[must_use]
    pub fn number(&self) -> Option<&Phone> {
        match self {
            Self::Number(address) => address.number(),
            Self::Conversation => None,
        }
    }
}

/// An attempt to send one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Whose it is.
    pub tenant: TenantId,
    /// Where its message lies or will lie. For a send to a new number the conversation is a proposal
    /// until the attempt is settled.
    #[serde(flatten)]
    pub address: MessageAddress,
    /// The channel it goes through, once that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
    /// Where it is meant to go.
    pub target: Target,
    /// What is sent.
    pub content: Content,
    /// The caller's own reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestRef>,
    /// Where it stands.
    #[serde(flatten)]
    pub state: State,
    /// How many times the provider was or may have been called for it.
    pub tries: u32,
    /// Statuses that came before the message was kept.
    #[serde(default, skip_serializing_if = "Facts::is_empty")]
    pub parked: Facts,
    /// The provider's id, learned from such a status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parked_wamid: Option<Wamid>,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

impl Attempt {
    /// When somebody has to look at it again; `None` once it is settled.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        match &self.state {
            State::Sending { lease_until } => Some(*lease_until),
            State::Unknown { since } => Some(since.plus(GRACE)),
            State::Accepted { .. } | State::Rejected { .. } | State::Unresolved { .. } => None,
        }
    }

    /// The message that this attempt is about, as it stands.
    #[must_use]
    pub fn message(&self, channel: ChannelId, handover: Handover, wamid: Option<Wamid>) -> Message {
        Message {
            tenant: self.tenant.clone(),
            channel,
            address: self.address,
            direction: Direction::Outbound,
            sender: Sender::Human,
            kind: self.content.kind().to_owned(),
            text: self.content.text().map(str::to_owned),
            wamid,
            refers_to: None,
            request: self.request,
            nameless: None,
            handover,
            facts: Facts::default(),
            raw: None,
            rev: 0,
        }
    }
}
