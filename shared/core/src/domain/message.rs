//! A message as it is kept.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{
    delivery::{FactKind, Facts, Handover, Shown, shown},
    file::Attachment,
    id::{BroadcastId, ChannelId, ConversationId, MessageId, RequestRef, TenantId, Wamid},
    parts::{self, Parts},
    phone::Phone,
    reference::References,
    sent_by::SentBy,
    time::Timestamp,
    update::{Edit, Reaction},
};

/// Where a message lies: enough to read it without an index.
///
/// Travels through the provider as callback data, so a status leads straight to its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MessageAddress {
    /// The conversation it belongs to.
    pub conversation: ConversationId,
    /// Its place in time: the provider's timestamp for inbound, ours for outbound messages.
    pub at: Timestamp,
    /// The message.
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

/// Ids remembered of one message, besides the first: a provider has two or three.
const MOST_ALIASES: usize = 8;

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub enum Direction {
    /// From the customer.
    Inbound,
    /// To the customer.
    Outbound,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "SenderType"))]
#[serde(rename_all = "snake_case")]
pub enum Sender {
    /// The customer.
    Customer,
    /// A person of the company, through us.
    Human,
    /// A person of the company, in the WhatsApp Business app on the phone.
    BusinessApp,
    /// The company's bot, through us.
    Bot,
    /// Nobody in particular: a template, which answers nobody.
    Template,
    /// A broadcast.
    Broadcast,
    /// Meta's Business Agent, which had the conversation then.
    MetaAgent,
}

/// How much of a message its row holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// Everything.
    #[default]
    Whole,
    /// Everything but the item as received.
    WithoutSource,
    /// The beginning of its text; what else there is lies in rows of its own.
    Cut,
}

impl Extent {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
    fn is_whole(&self) -> bool {
        *self == Self::Whole
    }
}

/// Only for serde, which asks with the field's own type.
fn is_empty(parts: &Parts) -> bool {
    parts.is_empty()
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Whose it is.
    pub tenant: TenantId,
    /// The channel it went through.
    pub channel: ChannelId,
    /// Where it lies.
    #[serde(flatten)]
    pub address: MessageAddress,
    /// Which way it goes.
    pub direction: Direction,
    /// Who wrote it.
    pub sender: Sender,
    /// The provider's word for what it is: `text`, `image`, `reaction` … or one not yet invented.
    #[serde(rename = "type")]
    pub kind: String,
    /// Text or caption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What it holds beside its text.
    #[serde(
        default,
        skip_serializing_if = "is_empty",
        serialize_with = "parts::to_text",
        deserialize_with = "parts::from_text"
    )]
    pub parts: Box<Parts>,
    /// The file that came or went with it, where it lies in our store, or is to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<Box<Attachment>>,
    /// The provider's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wamid: Option<Wamid>,
    /// Other ids that the provider was heard to have for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Wamid>,
    /// The provider's id of the message that this one quotes, reacts to, edits or revokes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refers_to: Option<Wamid>,
    /// The same message by our id, where it is one of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refers_to_message: Option<MessageId>,
    /// The latest edit; the text is what it says then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Edit>,
    /// When its sender deleted it. What it said is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
    /// The latest reaction of each side.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    /// Whether text, parts or the item as received are too large for its row and lie in rows of their own.
    #[serde(default, skip_serializing_if = "Extent::is_whole")]
    pub extent: Extent,
    /// When we wrote it down; none for messages of before that was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When we learned that the provider took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<Timestamp>,
    /// Whether it reached us more than 5 minutes after the customer wrote it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
    /// Whether somebody else had the conversation when it was written: it is for our eyes only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub standby: bool,
    /// Whether it is of the time before the number came to us.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub history: bool,
    /// Who of the company sent it, where that was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_by: Option<Box<SentBy>>,
    /// The broadcast that it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broadcast: Option<BroadcastId>,
    /// The caller's own reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestRef>,
    /// The caller's own words about it.
    #[serde(default, skip_serializing_if = "References::is_empty")]
    pub references: References,
    /// The number that it went to, while no user id is known to belong to it: a status can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nameless: Option<Phone>,
    /// When a first status must have come; none once one has, or when that time has passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_due: Option<Timestamp>,
    /// Since when it counts as silent: the provider took it, and then nothing was heard of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silent_since: Option<Timestamp>,
    /// What we know of handing it to the provider; `Accepted` for inbound messages.
    pub handover: Handover,
    /// What the provider reported about it.
    #[serde(default)]
    pub facts: Facts,
    /// The provider's item as it came, when it fits into the row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

impl Message {
    /// Those of the provider's ids for it that do not lead here yet.
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

    /// Adds what the provider reported; gives the states that were not known. Whatever it is, the message
    /// is not silent any more.
    pub fn hear(&mut self, facts: &Facts) -> Vec<FactKind> {
        let news = self.facts.join(facts);
        if self.facts.tell_delivery() {
            self.status_due = None;
            self.silent_since = None;
        }
        news
    }

    /// With what it reacts to another message; nothing when it takes a reaction back. A row from before messages had parts
    /// has it as its text only.
    #[must_use]
    pub fn reacts_with(&self) -> Option<&str> {
        match &self.parts.reaction {
            Some(reaction) => reaction.emoji.as_deref(),
            None => self.text.as_deref().filter(|_| self.kind == "reaction"),
        }
    }

    /// Whether a customer wrote it to us now: not to somebody else who had the conversation, and not long ago.
    #[must_use]
    pub fn is_for_us(&self) -> bool {
        self.direction == Direction::Inbound && !self.standby && !self.history
    }

    /// The state to show.
    #[must_use]
    pub fn shown(&self) -> Shown {
        match self.direction {
            Direction::Inbound => Shown::Received,
            Direction::Outbound => shown(self.handover, &self.facts),
        }
    }

    /// What a person can read of it where a contract has one field for that.
    #[must_use]
    pub fn readable(&self) -> Option<Cow<'_, str>> {
        self.text.as_deref().map(Cow::Borrowed).or_else(|| self.parts.line().map(Cow::Owned))
    }

    /// What fits of it into a list of conversations: the first 120 characters. Nothing of one that was deleted.
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
