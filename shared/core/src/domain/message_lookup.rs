//! From a provider's message id to our message. Also stores items that arrived before their message.

use serde::{Deserialize, Serialize};

use super::{
    channel::Channel,
    delivery::{FactKind, Facts},
    id::{ChannelId, InboundAddress, TenantId, Wamid},
    message::{Message, MessageAddress},
    source::{SourceChunk, SourceKind, chunks},
    time::Timestamp,
};

/// The message of a provider's message id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageLookup {
    /// The inbound address that scopes the id.
    #[serde(alias = "phone_number_id")]
    pub line: InboundAddress,
    /// The provider's message id.
    pub wamid: Wamid,
    /// The tenant of the channel.
    pub tenant: TenantId,
    /// The channel that the message goes through.
    pub channel: ChannelId,
    /// The key of our message; `None` while only items about it arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageAddress>,
    /// Statuses that arrived before the message was known.
    #[serde(default, skip_serializing_if = "Facts::is_empty")]
    pub parked: Facts,
    /// The edits, revocations and reactions that arrived before the message was known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub updates: Vec<MessageAddress>,
    /// Statuses as received that arrived before the message was known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parked_sources: Vec<String>,
    /// Other ids for the same message that arrived while it was not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub siblings: Vec<Wamid>,
    /// When an id may be deleted whose message never arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

/// The parked items of an id that are new to its message.
#[must_use]
pub struct Unparked {
    /// The delivery statuses that were new.
    pub statuses: Vec<FactKind>,
    /// The statuses as received.
    pub sources: Vec<SourceChunk>,
    /// The edits, revocations and reactions, which are not applied yet.
    pub updates: Vec<MessageAddress>,
}

impl MessageLookup {
    /// Points the id at this message, and adds the parked statuses to the message.
    pub fn lead_to(&mut self, message: &mut Message) -> Unparked {
        self.message = Some(message.address);
        self.expires_at = None;
        let received = std::mem::take(&mut self.parked_sources);
        let source = |body: &String| chunks(&message.tenant, message.address.id, SourceKind::Status, body);
        let sources = received.iter().flat_map(source).collect();
        let statuses = message.merge_facts(&std::mem::take(&mut self.parked));
        Unparked { statuses, sources, updates: std::mem::take(&mut self.updates) }
    }

    /// A lookup for an id whose message is not known yet.
    #[must_use]
    pub fn unseen(channel: &Channel, wamid: &Wamid) -> Self {
        Self {
            line: channel.inbound_address(),
            wamid: wamid.clone(),
            tenant: channel.tenant.clone(),
            channel: channel.id,
            message: None,
            parked: Facts::default(),
            updates: Vec::new(),
            parked_sources: Vec::new(),
            siblings: Vec::new(),
            expires_at: None,
            rev: 0,
        }
    }
}
