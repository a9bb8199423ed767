//! From a provider's message id to our message, and where items wait that came before their message.

use serde::{Deserialize, Serialize};

use super::{
    channel::Channel,
    delivery::{FactKind, Facts},
    id::{ChannelId, InboundAddress, TenantId, Wamid},
    message::{Message, MessageAddress},
    source::{SourceKind, SourcePiece, pieces},
    time::Timestamp,
};

/// What a provider's message id leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageLookup {
    /// The line that the id was seen on.
    #[serde(alias = "phone_number_id")]
    pub line: InboundAddress,
    /// The provider's id.
    pub wamid: Wamid,
    /// Whose channel.
    pub tenant: TenantId,
    /// The channel.
    pub channel: ChannelId,
    /// Our message; none while only items about it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageAddress>,
    /// Statuses that came before the message was known.
    #[serde(default, skip_serializing_if = "Facts::is_empty")]
    pub parked: Facts,
    /// The edits, revocations and reactions that came before the message was known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub updates: Vec<MessageAddress>,
    /// Statuses as received that came before the message was known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parked_sources: Vec<String>,
    /// Other ids that came for the same message while it was not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub siblings: Vec<Wamid>,
    /// When an id that never met its message may be forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

/// What waited at an id and is new to the message that the id leads to.
#[must_use]
pub struct Unparked {
    /// The delivery states that were not known.
    pub statuses: Vec<FactKind>,
    /// The statuses as received.
    pub sources: Vec<SourcePiece>,
    /// The edits, revocations and reactions, which are not applied yet.
    pub updates: Vec<MessageAddress>,
}

impl MessageLookup {
    /// Lets the id lead to this message, which takes over the delivery states that waited for it.
    pub fn lead_to(&mut self, message: &mut Message) -> Unparked {
        self.message = Some(message.address);
        self.expires_at = None;
        let received = std::mem::take(&mut self.parked_sources);
        let source = |body: &String| pieces(&message.tenant, message.address.id, SourceKind::Status, body);
        let sources = received.iter().flat_map(source).collect();
        let statuses = message.hear(&std::mem::take(&mut self.parked));
        Unparked { statuses, sources, updates: std::mem::take(&mut self.updates) }
    }

    /// That of an id which leads nowhere yet.
    #[must_use]
    pub fn unseen(channel: &Channel, wamid: &Wamid) -> Self {
        Self {
            line: channel.line(),
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
