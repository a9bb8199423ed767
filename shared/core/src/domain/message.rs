//! A message as it is stored.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{
    delivery::{AttemptOutcome, DeliveryStatus, FactKind, Facts, shown},
    file::Attachment,
    id::{BroadcastId, ChannelId, ConversationId, MessageId, RequestRef, TenantId, Wamid},
    parts::{self, MessageParts},
    phone::Phone,
    reference::References,
    sent_by::SentBy,
    time::Timestamp,
    update::{Edit, Reaction},
};

/// The key of a message: enough to read it without an index.
///
/// Travels through the provider as callback data, so a status leads straight to its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MessageAddress {
    /// The conversation it belongs to.
    pub conversation: ConversationId,
    /// Its time: the provider's for inbound, ours for outbound messages.
    pub at: Timestamp,
    /// Our id of the message.
    pub id: MessageId,
}

const ECHO_VERSION: &str = "v1";

impl MessageAddress {
    /// The address as callback data, like `v1.7.1772533800123.9`; at most 60 characters.
    #[must_use]
    pub fn to_echo(self) -> String {
        format!("{ECHO_VERSION}.{}.{}.{}", self.conversation, self.at.millis(), self.id)
    }

    /// Reads callback data; `None` when it is not ours.
    #[must_use]
    pub fn from_echo(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (version, conversation, at, id) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        if version != ECHO_VERSION || parts.next().is_some() {
            return None;
        }
        Some(Self {
            conversation: conversation.parse().ok()?,
            at: Timestamp::from_millis(at.parse().ok()?),
            id: id.parse().ok()?,
        })
    }
}

/// Other ids stored per message, besides the first: a provider has two or three.
const MOST_ALIASES: usize = 8;

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub enum Direction {
    /// A message that the customer sent.
    Inbound,
    /// A message that the company sent, by us or by its phone.
    Outbound,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "SenderType"))]
#[serde(rename_all = "snake_case")]
pub enum Sender {
    /// The customer whose conversation it is.
    Customer,
    /// A person of the company, through us.
    Human,
    /// A person of the company, in the WhatsApp Business app on the phone.
    BusinessApp,
    /// The company's bot, through us.
    Bot,
    /// Nobody in particular: a template, which answers nobody.
    Template,
    /// A broadcast, with a template or a content for many.
    Broadcast,
    /// Meta's Business Agent, which had the conversation then.
    MetaAgent,
}

/// How much of a message its row holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// The whole message, with the item as received.
    #[default]
    Whole,
    /// Everything but the item as received.
    WithoutSource,
    /// The beginning of its text; the rest is in rows of its own.
    Cut,
}

impl Extent {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
    fn is_whole(&self) -> bool {
        *self == Self::Whole
    }
}

/// Only for serde, which asks with the field's own type.
fn is_empty(parts: &MessageParts) -> bool {
    parts.is_empty()
}

/// One message of a conversation, in either direction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The tenant of its conversation.
    pub tenant: TenantId,
    /// The channel that carried it.
    pub channel: ChannelId,
    /// Its key: conversation, time and id.
    #[serde(flatten)]
    pub address: MessageAddress,
    /// Whether the customer or the company sent it.
    pub direction: Direction,
    /// The side that wrote it, and for ours by which way.
    pub sender: Sender,
    /// The kind in the provider's word: `text`, `image`, `reaction` … or one not known to us.
    #[serde(rename = "type")]
    pub kind: String,
    /// The text, or the caption of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The structured parts beside the text.
    #[serde(
        default,
        skip_serializing_if = "is_empty",
        serialize_with = "parts::to_text",
        deserialize_with = "parts::from_text"
    )]
    pub parts: Box<MessageParts>,
    /// The file that it carries, where the file is or will be in our store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<Box<Attachment>>,
    /// The id that the provider gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wamid: Option<Wamid>,
    /// Other ids that the provider has used for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Wamid>,
    /// The provider's id of the message that this one quotes, reacts to, edits or revokes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refers_to: Option<Wamid>,
    /// Our id of that message, where it is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refers_to_message: Option<MessageId>,
    /// The latest edit, which also replaced the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Edit>,
    /// When its sender deleted it. The content stays stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
    /// The latest reaction of each side.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    /// Whether text, parts or the item as received are too large for its row and are in rows of their own.
    #[serde(default, skip_serializing_if = "Extent::is_whole")]
    pub extent: Extent,
    /// When we wrote it; `None` for messages from before this was stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When we learned that the provider accepted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<Timestamp>,
    /// Whether it arrived more than 5 minutes after the customer wrote it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
    /// Whether somebody else had the conversation when it was written: we may only read it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub standby: bool,
    /// Whether it is from before the number came to us.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub history: bool,
    /// Who of the company sent it, where the caller said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_by: Option<Box<SentBy>>,
    /// The broadcast that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broadcast: Option<BroadcastId>,
    /// The caller's own reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestRef>,
    /// The caller's own references.
    #[serde(default, skip_serializing_if = "References::is_empty")]
    pub references: References,
    /// The number that it was sent to, while no user id is known for that number: a status can bring one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nameless: Option<Phone>,
    /// The deadline for the first status; `None` once one arrived, or the deadline passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_due: Option<Timestamp>,
    /// Since when it counts as silent: accepted by the provider, and then no status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silent_since: Option<Timestamp>,
    /// The outcome of our send; `Accepted` for inbound messages.
    pub handover: AttemptOutcome,
    /// The statuses and payments that the provider reported.
    #[serde(default)]
    pub facts: Facts,
    /// The provider's item as received, where it fits into the row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

impl Message {
    /// Those of the ids in `heard` that are not stored for it yet.
    #[must_use]
    pub fn unknown_aliases(&self, heard: &[Wamid]) -> Vec<Wamid> {
        let known = |id: &&Wamid| self.wamid.as_ref() == Some(*id) || self.aliases.contains(id);
        let mut new: Vec<Wamid> = Vec::new();
        for id in heard.iter().filter(|id| !known(id)).take(MOST_ALIASES.saturating_sub(self.aliases.len())) {
            if !new.contains(id) {
                new.push(id.clone());
            }
        }
        new
    }

    /// Adds what the provider reported; returns the statuses that were new. The message no longer counts as
    /// silent.
    pub fn merge_facts(&mut self, facts: &Facts) -> Vec<FactKind> {
        let news = self.facts.merge_facts(facts);
        if self.facts.tell_delivery() {
            self.status_due = None;
            self.silent_since = None;
        }
        news
    }

    /// The emoji of a reaction; `None` when it removes one. A row from before messages had parts holds it as
    /// text only.
    #[must_use]
    pub fn reacts_with(&self) -> Option<&str> {
        match &self.parts.reaction {
            Some(reaction) => reaction.emoji.as_deref(),
            None => self.text.as_deref().filter(|_| self.kind == "reaction"),
        }
    }

    /// Whether a customer wrote it to us now: not while somebody else had the conversation, and not in the
    /// history.
    #[must_use]
    pub fn is_for_us(&self) -> bool {
        self.direction == Direction::Inbound && !self.standby && !self.history
    }

    /// The status to show.
    #[must_use]
    pub fn shown(&self) -> DeliveryStatus {
        match self.direction {
            Direction::Inbound => DeliveryStatus::Received,
            Direction::Outbound => shown(self.handover, &self.facts),
        }
    }

    /// Its readable text, for contracts with one field for that.
    #[must_use]
    pub fn readable(&self) -> Option<Cow<'_, str>> {
        self.text.as_deref().map(Cow::Borrowed).or_else(|| self.parts.line().map(Cow::Owned))
    }

    /// The first 120 characters of its readable text, for lists of conversations; `None` when it was
    /// deleted.
    #[must_use]
    pub fn beginning(&self) -> Option<String> {
        let text = self.readable().filter(|_| self.revoked_at.is_none())?;
        Some(text.chars().take(120).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_the_trip_through_the_provider() {
        let address = MessageAddress {
            conversation: "9007199254740991".parse().unwrap(),
            at: Timestamp::from_millis(1_772_533_800_123),
            id: "42".parse().unwrap(),
        };
        assert_eq!(MessageAddress::from_echo(&address.to_echo()), Some(address));
        assert!(address.to_echo().len() <= 60);
        for foreign in ["", "v1", "v2.1.2.3", "v1.0.2.3", "v1.1.2.3.4", "order-7", "v1.1.x.3"] {
            assert_eq!(MessageAddress::from_echo(foreign), None, "{foreign}");
        }
    }
}
