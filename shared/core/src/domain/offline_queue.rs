//! The offline queue: customers' messages that no socket got when they arrived.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    conversation::Conversation,
    id::{ChannelId, ContactId, TenantId},
    log::Numbered,
    socket::{Audience, SocketId},
    time::Timestamp,
};

/// Most queued messages per sender; of more the oldest are dropped.
pub const MOST: usize = 100;

/// How long a message stays queued.
pub const LONGEST: Duration = Duration::from_hours(24);

/// How long one socket holds the queue.
pub const LEASE: Duration = Duration::from_secs(30);

/// A message that waits for a socket to connect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedMessage {
    /// The contact who wrote it.
    pub sender: ContactId,
    /// The channel that it arrived on; `None` for messages queued before this was stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
    /// The log entry to deliver.
    #[serde(flatten)]
    pub entry: Numbered,
}

impl QueuedMessage {
    /// The queued form of a log entry that brings a message of this conversation.
    #[must_use]
    pub fn of(conversation: &Conversation, entry: Numbered) -> Self {
        Self { sender: conversation.contact, channel: Some(conversation.channel), entry }
    }

    /// Whether it is for a socket with this audience.
    #[must_use]
    pub fn is_for(&self, audience: Audience) -> bool {
        match audience {
            Audience::Tenant => true,
            Audience::Channel { of_channel } => self.channel == Some(of_channel),
            Audience::Conversation { .. } => false,
        }
    }

    /// Whether it is still to be delivered.
    #[must_use]
    pub fn is_current(&self, now: Timestamp) -> bool {
        now < self.entry.event.at.plus(LONGEST)
    }
}

/// The state of a tenant's offline queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfflineQueueHead {
    /// The tenant whose queue it is.
    pub tenant: TenantId,
    /// The socket that empties it, and until when it holds the queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emptied_by: Option<(SocketId, Timestamp)>,
    /// How many messages were dropped since a socket was last informed of it.
    #[serde(default)]
    pub dropped: u64,
    /// How many of them came on each channel, as far as that is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dropped_on: Vec<(ChannelId, u64)>,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

impl OfflineQueueHead {
    /// The state of a queue that was never used.
    #[must_use]
    pub fn empty(tenant: TenantId) -> Self {
        Self { tenant, emptied_by: None, dropped: 0, dropped_on: Vec::new(), rev: 0 }
    }

    /// Whether a socket holds it now.
    #[must_use]
    pub fn is_being_emptied(&self, now: Timestamp) -> bool {
        self.emptied_by.as_ref().is_some_and(|(_, until)| now < *until)
    }

    /// Counts a dropped message.
    pub fn drop_one(&mut self, channel: Option<ChannelId>) {
        self.dropped += 1;
        let Some(channel) = channel else { return };
        match self.dropped_on.iter_mut().find(|(known, _)| *known == channel) {
            Some((_, count)) => *count += 1,
            None => self.dropped_on.push((channel, 1)),
        }
    }

    /// The number of dropped messages to report to a socket with this audience.
    #[must_use]
    pub fn dropped_for(&self, audience: Audience) -> u64 {
        match audience {
            Audience::Tenant => self.dropped,
            Audience::Channel { of_channel } => {
                self.dropped_on.iter().find(|(known, _)| *known == of_channel).map_or(0, |(_, count)| *count)
            }
            Audience::Conversation { .. } => 0,
        }
    }

    /// The state after that number was reported.
    #[must_use]
    pub fn without_dropped_for(mut self, audience: Audience) -> Self {
        self.dropped = self.dropped.saturating_sub(self.dropped_for(audience));
        match audience {
            Audience::Tenant => self.dropped_on.clear(),
            Audience::Channel { of_channel } => self.dropped_on.retain(|(known, _)| *known != of_channel),
            Audience::Conversation { .. } => {}
        }
        self
    }

    /// Takes the queue for a socket; returns whether the socket holds it now.
    #[must_use]
    pub fn acquire(&mut self, socket: &SocketId, now: Timestamp) -> bool {
        let taken = self.emptied_by.as_ref().is_some_and(|(by, until)| by != socket && now < *until);
        if !taken {
            self.emptied_by = Some((socket.clone(), now.plus(LEASE)));
        }
        !taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropped_messages_are_reported_once_to_their_audience() {
        let (one, two): (ChannelId, ChannelId) = ("1".parse().unwrap(), "2".parse().unwrap());
        let of = |of_channel| Audience::Channel { of_channel };
        let mut head = OfflineQueueHead::empty("demo".parse().unwrap());
        for channel in [Some(one), Some(two), Some(two), None] {
            head.drop_one(channel);
        }
        let dropped =
            |head: &OfflineQueueHead| [Audience::Tenant, of(one), of(two)].map(|it| head.dropped_for(it));
        assert_eq!(dropped(&head), [4, 1, 2]);
        let head = head.without_dropped_for(of(two));
        assert_eq!(dropped(&head), [2, 1, 0]);
        assert_eq!(dropped(&head.without_dropped_for(Audience::Tenant)), [0, 0, 0]);
    }
}
