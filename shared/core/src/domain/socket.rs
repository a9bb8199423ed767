//! Sockets: their audience, and the log position that they are at.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    caller::{KeyHash, hex},
    id::{ChannelId, ConversationId, TenantId},
    log::Cursor,
    time::Timestamp,
};

/// The longest time that the gateway keeps a socket open.
pub const LONGEST: Duration = Duration::from_hours(2);

/// How much longer the row of a socket may stay whose disconnect was never reported.
pub const MARGIN: Duration = Duration::from_mins(5);

/// How long after its opening a client is asked to reconnect: well before the gateway closes the socket.
pub const TOLD_TO_LEAVE_AFTER: Duration = Duration::from_mins(115);

/// The wait before another attempt to close a socket.
pub const CLOSED_AGAIN_AFTER: Duration = Duration::from_secs(30);

/// How long a ticket is valid.
pub const TICKET_LIFE: Duration = Duration::from_mins(1);

/// The gateway's id of a connection.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SocketId(String);

/// A text is not a connection id: 1 to 128 letters, digits and `=-_`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not the name of a connection")]
pub struct NoSocketId;

impl SocketId {
    /// The id as text.
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

/// The events that a socket gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "audience", rename_all = "snake_case")]
pub enum Audience {
    /// All events of the tenant.
    Tenant,
    /// The events of one channel.
    Channel {
        /// The channel whose events it gets.
        of_channel: ChannelId,
    },
    /// The events of one conversation.
    Conversation {
        /// The conversation whose events it gets.
        of_conversation: ConversationId,
    },
}

impl Audience {
    /// Whether messages of the offline queue are for this audience, all or some: a socket of one
    /// conversation gets none (facts: seed-apis.md 3.5).
    #[must_use]
    pub fn gets_queued_messages(&self) -> bool {
        !matches!(self, Self::Conversation { .. })
    }

    /// Whether an event of this channel and conversation is for this audience.
    #[must_use]
    pub fn includes(&self, channel: ChannelId, conversation: ConversationId) -> bool {
        match self {
            Self::Tenant => true,
            Self::Channel { of_channel } => *of_channel == channel,
            Self::Conversation { of_conversation } => *of_conversation == conversation,
        }
    }
}

/// The delivery state of a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum Phase {
    /// It catches up: the entries after `from` are still to be delivered.
    Opening {
        /// The last entry that was delivered or skipped.
        from: Cursor,
        /// Where its client started.
        start: Start,
        /// Whether its first frame was delivered.
        #[serde(default)]
        greeted: bool,
    },
    /// Everything after `since` is delivered as it happens.
    Live {
        /// The last entry that was delivered or skipped before.
        since: Cursor,
        /// Where its client started.
        start: Start,
        /// Whether the offline queue has to be checked for it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        drains: bool,
    },
    /// It missed an entry and could not be closed yet: it gets no more events, so that its client reconnects
    /// and catches up.
    Lost,
}

/// Where a client starts to read events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// At a cursor in the log, which it gave.
    Cursor,
    /// At the offline queue, unless it listens to one conversation only.
    Queue,
}

/// The permissions of a socket's frames. Valid for as long as the gateway may know the socket, even after it
/// closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The API key that it was opened with.
    pub key: KeyHash,
    /// The audience that it was opened for.
    #[serde(flatten)]
    pub audience: Audience,
}

/// What is stored of a socket that was opened, even after it closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownSocket {
    /// The tenant that opened it.
    pub tenant: TenantId,
    /// Its permissions; `None` for sockets from before this was stored.
    pub grant: Option<Grant>,
    /// The socket, until it closes.
    pub socket: Option<Socket>,
}

impl KnownSocket {
    /// Its permissions, where they are known.
    #[must_use]
    pub fn grant(&self) -> Option<Grant> {
        self.grant.clone().or_else(|| self.socket.as_ref().map(Socket::grant))
    }

    /// Whether it gets events. An open socket that gets none has to be closed, so that its client
    /// reconnects.
    #[must_use]
    pub fn listens(&self) -> bool {
        self.socket.as_ref().is_some_and(|socket| socket.phase != Phase::Lost)
    }
}

/// One open WebSocket connection of a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Socket {
    /// The gateway's id of the connection.
    pub id: SocketId,
    /// The tenant that opened it.
    pub tenant: TenantId,
    /// The API key that it was opened with.
    pub key: KeyHash,
    /// The events that it gets.
    #[serde(flatten)]
    pub audience: Audience,
    /// What is known of the delivery of the frame.
    #[serde(flatten)]
    pub phase: Phase,
    /// The log position at its opening. Later entries are delivered to it and need not stay in the offline
    /// queue.
    #[serde(default)]
    pub opened_after: Cursor,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When the sweep has to process it; `None` when it need not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

impl Socket {
    /// The permissions of its frames.
    #[must_use]
    pub fn grant(&self) -> Grant {
        Grant { key: self.key.clone(), audience: self.audience }
    }

    /// When its row can be deleted.
    #[must_use]
    pub fn ends_at(&self) -> Timestamp {
        self.opened_at.plus(LONGEST + MARGIN)
    }

    /// When the gateway closes it at the latest.
    #[must_use]
    pub fn closes_at(&self) -> Timestamp {
        self.opened_at.plus(LONGEST)
    }

    /// Marks it as lost: it missed an entry, and could not be closed.
    pub fn mark_lost(&mut self, now: Timestamp) {
        self.phase = Phase::Lost;
        self.due_at = Some(now.plus(CLOSED_AGAIN_AFTER));
    }

    /// The log position from which on it may have missed entries.
    #[must_use]
    pub fn since(&self) -> Option<Cursor> {
        match self.phase {
            Phase::Opening { from, .. } | Phase::Live { since: from, .. } => Some(from),
            Phase::Lost => None,
        }
    }

    /// Whether messages of the offline queue are for its audience.
    #[must_use]
    pub fn takes_queue(&self) -> bool {
        let queued = matches!(
            self.phase,
            Phase::Opening { start: Start::Queue, .. } | Phase::Live { start: Start::Queue, .. }
        );
        queued && self.audience.gets_queued_messages()
    }

    /// Whether the offline queue can be delivered to it now: a socket that catches up checks the queue at
    /// the end.
    #[must_use]
    pub fn is_ready_for_queue(&self) -> bool {
        self.takes_queue() && matches!(self.phase, Phase::Live { .. })
    }

    /// Whether a write of its row starts work: it catches up, or has to check the offline queue.
    #[must_use]
    pub fn has_work(&self) -> bool {
        matches!(self.phase, Phase::Opening { .. } | Phase::Live { drains: true, .. })
    }

    /// Whether an entry from after its opening was delivered to it while it caught up, or skipped as not for
    /// its audience.
    #[must_use]
    pub fn has_passed(&self, cursor: Cursor) -> bool {
        cursor > self.opened_after && self.since().is_some_and(|passed| cursor <= passed)
    }

    /// Whether an entry of the log is pushed to it.
    #[must_use]
    pub fn receives(&self, cursor: Cursor) -> bool {
        matches!(self.phase, Phase::Live { since, .. } if cursor > since)
    }
}

/// SHA-256 of a ticket: all that the table holds of it.
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

/// The right to open one socket, once and soon, so that no API key has to be part of a URL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// SHA-256 of the ticket: the key of this entry.
    pub hash: TicketHash,
    /// The tenant that may open the socket.
    pub tenant: TenantId,
    /// The API key that it was requested with.
    pub key: KeyHash,
    /// Until when it is valid.
    pub expires_at: Timestamp,
    /// When it was used; `None` while it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_at: Option<Timestamp>,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

impl Ticket {
    /// Uses it; returns whether it was valid.
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
        socket.mark_lost(Timestamp::from_seconds(1));
        assert_eq!(passed(&socket), [false; 4]);
    }

    #[test]
    fn a_socket_of_one_conversation_gets_no_events_of_another() {
        let (one, two): (ConversationId, ConversationId) = ("1".parse().unwrap(), "2".parse().unwrap());
        let channel: ChannelId = "7".parse().unwrap();
        let narrow = Audience::Conversation { of_conversation: one };
        assert!(narrow.includes(channel, one) && !narrow.includes(channel, two));
        assert!(Audience::Tenant.includes(channel, two));
        assert!(!Audience::Channel { of_channel: "8".parse().unwrap() }.includes(channel, two));
    }

    #[test]
    fn the_name_of_a_connection_is_the_gateway_s() {
        assert!(SocketId::try_from("L0SM9cOFvHcCIhw=".to_owned()).is_ok());
        for bad in ["", "a/b", "a b", &"a".repeat(129)] {
            assert_eq!(SocketId::try_from(bad.to_owned()), Err(NoSocketId), "{bad}");
        }
    }
}
