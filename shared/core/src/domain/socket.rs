//! Sockets: who listens, to what, and from where on.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    caller::{KeyHash, hex},
    id::{ChannelId, ConversationId, TenantId},
    log::Cursor,
    time::Timestamp,
};

/// The longest that the gateway keeps a socket open.
pub const LONGEST: Duration = Duration::from_hours(2);

/// How much longer the row of a socket may stay of whose end nobody told.
pub const MARGIN: Duration = Duration::from_mins(5);

/// How long after its opening a client is told to come again: in good time before the gateway ends the socket.
pub const TOLD_TO_LEAVE_AFTER: Duration = Duration::from_mins(115);

/// How long it takes until a socket is closed once more that could not be closed.
pub const CLOSED_AGAIN_AFTER: Duration = Duration::from_secs(30);

/// How long a ticket is good for.
pub const TICKET_LIFE: Duration = Duration::from_mins(1);

/// The gateway's name for a connection.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SocketId(String);

/// A connection's name is 1 to 128 letters, digits and `=-_`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not the name of a connection")]
pub struct NoSocketId;

impl SocketId {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for SocketId {
    type Error = NoSocketId;

    fn try_from(text: String) -> Result<Self, NoSocketId> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"=-_".contains(&byte);
        let named = (1..=128).contains(&text.len()) && text.bytes().all(plain);
        if named { Ok(Self(text)) } else { Err(NoSocketId) }
    }
}

impl From<SocketId> for String {
    fn from(id: SocketId) -> Self {
        id.0
    }
}

/// What somebody listens to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "audience", rename_all = "snake_case")]
pub enum Audience {
    /// Everything of the tenant.
    Tenant,
    /// What happens on one channel.
    Channel {
        /// Which.
        of_channel: ChannelId,
    },
    /// What happens in one conversation.
    Conversation {
        /// Which.
        of_conversation: ConversationId,
    },
}

impl Audience {
    /// Whether what waited for somebody to come is for them, or some of it: what is asked for by one conversation is not
    /// (facts: seed-apis.md 3.5).
    #[must_use]
    pub fn takes_what_waited(&self) -> bool {
        !matches!(self, Self::Conversation { .. })
    }

    /// Whether what happens there is for them.
    #[must_use]
    pub fn hears(&self, channel: ChannelId, conversation: ConversationId) -> bool {
        match self {
            Self::Tenant => true,
            Self::Channel { of_channel } => *of_channel == channel,
            Self::Conversation { of_conversation } => *of_conversation == conversation,
        }
    }
}

/// From where on somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum Phase {
    /// It catches up: what follows `from` is still to be delivered to it.
    Opening {
        /// The last entry that was delivered or passed over.
        from: Cursor,
        /// Whether its client named a place to go on from.
        start: Start,
        /// Whether its first frame was delivered.
        #[serde(default)]
        greeted: bool,
    },
    /// Everything after `since` is delivered as it happens.
    Live {
        /// The last entry that was delivered or passed over before.
        since: Cursor,
        /// Whether its client named a place to go on from.
        start: Start,
        /// Whether the offline queue has to be looked through for it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        drains: bool,
    },
    /// It missed something and could not be closed yet: it is told no more, so that its client comes again for
    /// what was missed as soon as it is closed.
    Lost,
}

/// What somebody knows when they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// A place in the log, where they go on.
    Cursor,
    /// Nothing: who listens to more than one conversation gets what waited for somebody to come.
    Queue,
}

/// By whose right frames of a socket are carried out, and where they may speak: for as long as the gateway may know
/// the socket, and whatever became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The key that it was opened with.
    pub key: KeyHash,
    /// What it was opened for.
    #[serde(flatten)]
    pub audience: Audience,
}

/// What is known of a socket that was opened, also after it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Whose it is.
    pub tenant: TenantId,
    /// What it may say; not known of sockets that were opened before this was kept.
    pub grant: Option<Grant>,
    /// The socket, until it ends.
    pub socket: Option<Socket>,
}

impl Opened {
    /// What it may say, where that is known.
    #[must_use]
    pub fn grant(&self) -> Option<Grant> {
        self.grant.clone().or_else(|| self.socket.as_ref().map(Socket::grant))
    }

    /// Whether it is told what happens. One that is not, and is open all the same, is to be closed, so that its
    /// client comes again.
    #[must_use]
    pub fn listens(&self) -> bool {
        self.socket.as_ref().is_some_and(|socket| socket.phase != Phase::Lost)
    }
}

/// An open socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Socket {
    /// The gateway's name for it.
    pub id: SocketId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The key that it was opened with.
    pub key: KeyHash,
    /// What they listen to.
    #[serde(flatten)]
    pub audience: Audience,
    /// From where on they are told.
    #[serde(flatten)]
    pub phase: Phase,
    /// How far the log went when it was opened. What follows is delivered to it and need not stay in the offline queue.
    #[serde(default)]
    pub opened_after: Cursor,
    /// Since when it is open.
    pub opened_at: Timestamp,
    /// When somebody has to look at it, if anybody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

impl Socket {
    /// What may be said over it.
    #[must_use]
    pub fn grant(&self) -> Grant {
        Grant { key: self.key.clone(), audience: self.audience }
    }

    /// When its row is not worth anything any more.
    #[must_use]
    pub fn ends_at(&self) -> Timestamp {
        self.opened_at.plus(LONGEST + MARGIN)
    }

    /// When the gateway ends it at the latest.
    #[must_use]
    pub fn closes_at(&self) -> Timestamp {
        self.opened_at.plus(LONGEST)
    }

    /// Gives it up: it missed something, and could not be closed.
    pub fn lose(&mut self, now: Timestamp) {
        self.phase = Phase::Lost;
        self.due_at = Some(now.plus(CLOSED_AGAIN_AFTER));
    }

    /// The place from which on its client certainly knows nothing: where it came in.
    #[must_use]
    pub fn since(&self) -> Option<Cursor> {
        match self.phase {
            Phase::Opening { from, .. } | Phase::Live { since: from, .. } => Some(from),
            Phase::Lost => None,
        }
    }

    /// Whether what is in the offline queue is for it, as far as its audience goes.
    #[must_use]
    pub fn takes_queue(&self) -> bool {
        let queued = matches!(
            self.phase,
            Phase::Opening { start: Start::Queue, .. } | Phase::Live { start: Start::Queue, .. }
        );
        queued && self.audience.takes_what_waited()
    }

    /// Whether the offline queue can be delivered to it at once: a socket that catches up looks through it at the end.
    #[must_use]
    pub fn is_ready_for_queue(&self) -> bool {
        self.takes_queue() && matches!(self.phase, Phase::Live { .. })
    }

    /// Whether a write of its row starts work: it catches up, or is to look at the offline queue.
    #[must_use]
    pub fn has_work(&self) -> bool {
        matches!(self.phase, Phase::Opening { .. } | Phase::Live { drains: true, .. })
    }

    /// Whether an entry that was written after it was opened was delivered to it while it caught up, or passed over
    /// because it was for others.
    #[must_use]
    pub fn has_passed(&self, cursor: Cursor) -> bool {
        cursor > self.opened_after && self.since().is_some_and(|passed| cursor <= passed)
    }

    /// Whether an entry of the log is to be told to it as it happens.
    #[must_use]
    pub fn is_told(&self, cursor: Cursor) -> bool {
        matches!(self.phase, Phase::Live { since, .. } if cursor > since)
    }
}

/// SHA-256 of a ticket: what the table knows of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TicketHash(String);

impl TicketHash {
    /// The hash of a ticket.
    #[must_use]
    pub fn of(ticket: &str) -> Self {
        Self(hex(&Sha256::digest(ticket.as_bytes())))
    }

    /// 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A right to open one socket, once and soon: so that no key need stand in an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Which.
    pub hash: TicketHash,
    /// Whose it is.
    pub tenant: TenantId,
    /// The key that it was asked for with.
    pub key: KeyHash,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// When it was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_at: Option<Timestamp>,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

impl Ticket {
    /// Uses it. Says whether it was good.
    #[must_use]
    pub fn take(&mut self, now: Timestamp) -> bool {
        let good = self.used_at.is_none() && now < self.expires_at;
        self.used_at = self.used_at.or(Some(now));
        good
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_good_once_and_not_for_long() {
        let at = Timestamp::from_seconds;
        let mut ticket = Ticket {
            hash: TicketHash::of("x"),
            tenant: "demo".parse().unwrap(),
            key: KeyHash::of(&format!("vk_{}", "a".repeat(43))).unwrap(),
            expires_at: at(60),
            used_at: None,
            rev: 0,
        };
        let mut late = ticket.clone();
        assert!(ticket.take(at(59)) && !ticket.take(at(59)) && !late.take(at(60)));
    }

    #[test]
    fn a_socket_has_passed_what_came_after_its_opening_and_before_its_place() {
        let (from, start, greeted) = (Cursor::after(7), Start::Queue, true);
        let mut socket = Socket {
            id: "a".to_owned().try_into().unwrap(),
            tenant: "demo".parse().unwrap(),
            key: KeyHash::of(&format!("vk_{}", "a".repeat(43))).unwrap(),
            audience: Audience::Tenant,
            phase: Phase::Opening { from, start, greeted },
            opened_after: Cursor::after(5),
            opened_at: Timestamp::from_seconds(0),
            due_at: None,
            rev: 0,
        };
        let passed =
            |socket: &Socket| (5..=8).map(|at| socket.has_passed(Cursor::after(at))).collect::<Vec<_>>();
        assert_eq!(passed(&socket), [false, true, true, false]);
        assert!(socket.takes_queue() && !socket.is_ready_for_queue() && socket.has_work());
        socket.phase = Phase::Live { since: from, start, drains: false };
        assert_eq!(passed(&socket), [false, true, true, false]);
        assert!(socket.is_ready_for_queue() && !socket.has_work());
        socket.phase = Phase::Live { since: from, start: Start::Cursor, drains: false };
        assert!(!socket.takes_queue());
        socket.lose(Timestamp::from_seconds(1));
        assert_eq!(passed(&socket), [false; 4]);
    }

    #[test]
    fn who_listens_to_one_conversation_hears_no_other() {
        let (one, two): (ConversationId, ConversationId) = ("1".parse().unwrap(), "2".parse().unwrap());
        let channel: ChannelId = "7".parse().unwrap();
        let narrow = Audience::Conversation { of_conversation: one };
        assert!(narrow.hears(channel, one) && !narrow.hears(channel, two));
        assert!(Audience::Tenant.hears(channel, two));
        assert!(!Audience::Channel { of_channel: "8".parse().unwrap() }.hears(channel, two));
    }

    #[test]
    fn the_name_of_a_connection_is_the_gateway_s() {
        assert!(SocketId::try_from("L0SM9cOFvHcCIhw=".to_owned()).is_ok());
        for bad in ["", "a/b", "a b", &"a".repeat(129)] {
            assert_eq!(SocketId::try_from(bad.to_owned()), Err(NoSocketId), "{bad}");
        }
    }
}
