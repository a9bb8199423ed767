//! The event log: every change that a client may care about, in one order per tenant.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{
    contact::Address,
    conversation::Status,
    conversation_action::{AgentId, Handler, Handover},
    delivery::FactKind,
    id::{BroadcastId, ChannelId, ContactId, ConversationId, FileId, MessageId, TenantId},
    message::MessageAddress,
    opt_out::OptOutReason,
    time::Timestamp,
    update::UpdateKind,
};

/// The id of an event. Ids sort by time; within one process they also sort by order of creation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(String);

impl EventId {
    pub(super) fn new(at: Timestamp, order: u64, random: u64) -> Self {
        Self(format!("{:013}-{order:016}-{random:016x}", at.millis()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text is not the id of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be the id of an event, like evt_1795263680427-0000000000000001-8f14e45fceea167a")]
pub struct EventIdError;

/// Longest text that is looked up as an id.
const LONGEST_NAME: usize = 64;

impl FromStr for EventId {
    type Err = EventIdError;

    /// Accepts any text that may be an id: its parts are our own matter.
    fn from_str(text: &str) -> Result<Self, EventIdError> {
        let letter = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f' | b'-');
        let fits = (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(letter);
        if fits { Ok(Self(text.to_owned())) } else { Err(EventIdError) }
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Whether an event is the first one about a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Telling {
    /// The first event of this file: clients that waited for the file get the message now.
    First,
    /// A later event, or one of a file that nobody waited for.
    #[default]
    Further,
}

/// A customer's choice about marketing messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarketingChoice {
    /// The customer's contact; `None` for addresses that belong to no contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactId>,
    /// The conversation in which they made it; `None` where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationId>,
    /// The addresses that the choice holds for.
    pub addresses: Vec<Address>,
    /// How we learned of the choice.
    pub reason: OptOutReason,
    /// Since when it holds, by the provider's clock where the customer made it in WhatsApp.
    pub since: Timestamp,
}

/// The kind of an event. Events carry ids; the content is read from its own row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum EventKind {
    /// A conversation was created.
    #[serde(rename = "conversation.created")]
    ConversationCreated {
        /// The conversation that it concerns.
        conversation: ConversationId,
    },
    /// A customer wrote, or the business did on its phone (an echo).
    #[serde(rename = "message.received")]
    MessageReceived {
        /// The conversation of the message.
        conversation: ConversationId,
        /// Our id of the message.
        message: MessageId,
        /// Time of the message, which is part of its key.
        message_at: Timestamp,
        /// Whether it arrived more than 5 minutes after the customer wrote it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        late: bool,
        /// Whether somebody else had the conversation then: we may only read it, and no bot answers.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        standby: bool,
        /// The file that the customer sent with it and that is being fetched. Clients that want both
        /// together wait for the first `message.media`, which always comes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<FileId>,
    },
    /// The fetch of a message's file changed: the file is stored, it never will be, or it takes longer than
    /// its message should wait for it.
    #[serde(rename = "message.media")]
    MessageMedia {
        /// The conversation of the message.
        conversation: ConversationId,
        /// Our id of the message.
        message: MessageId,
        /// Time of the message, which is part of its key.
        message_at: Timestamp,
        /// Our id of the file.
        file: FileId,
        /// Whether this is the first event about the file.
        #[serde(default)]
        telling: Telling,
    },
    /// A message was edited, revoked or reacted to.
    #[serde(rename = "message.updated")]
    MessageUpdated {
        /// The conversation of the message.
        conversation: ConversationId,
        /// Our id of the message.
        message: MessageId,
        /// Time of the message, which is part of its key.
        message_at: Timestamp,
        /// The kind of the change.
        change: UpdateKind,
        /// The message that brought the change.
        by: MessageId,
    },
    /// The provider accepted a message of ours.
    #[serde(rename = "message.accepted")]
    MessageAccepted {
        /// The conversation of the message.
        conversation: ConversationId,
        /// Our id of the message.
        message: MessageId,
        /// Time of the message, which is part of its key.
        message_at: Timestamp,
    },
    /// The outcome of a message of ours is unknown.
    #[serde(rename = "message.unknown")]
    MessageUnknown {
        /// The conversation of the message.
        conversation: ConversationId,
        /// Our id of the message.
        message: MessageId,
        /// Time of the message, which is part of its key.
        message_at: Timestamp,
    },
    /// The outcome of a message of ours stayed unknown for longer than the grace time.
    #[serde(rename = "message.unresolved")]
    MessageUnresolved {
        /// The conversation of the message.
        conversation: ConversationId,
        /// Our id of the message.
        message: MessageId,
        /// Time of the message, which is part of its key.
        message_at: Timestamp,
    },
    /// The provider accepted a message of ours, and then reported no status for a long time.
    #[serde(rename = "message.silent")]
    MessageSilent {
        /// The conversation of the message.
        conversation: ConversationId,
        /// Our id of the message.
        message: MessageId,
        /// Time of the message, which is part of its key.
        message_at: Timestamp,
    },
    /// The provider rejected a message whose outcome was unknown.
    #[serde(rename = "message.rejected")]
    MessageRejected {
        /// The conversation of the message.
        conversation: ConversationId,
        /// Our id of the message.
        message: MessageId,
        /// Time of the message, which is part of its key.
        message_at: Timestamp,
    },
    /// The provider reported a delivery status.
    #[serde(rename = "message.status")]
    MessageStatus {
        /// The conversation of the message.
        conversation: ConversationId,
        /// Our id of the message.
        message: MessageId,
        /// Time of the message, which is part of its key.
        message_at: Timestamp,
        /// The status that was reported.
        status: FactKind,
    },
    /// The provider reported a payment on a message of ours.
    #[serde(rename = "message.payment")]
    MessagePayment {
        /// The conversation of the message.
        conversation: ConversationId,
        /// Our id of the message.
        message: MessageId,
        /// Time of the message, which is part of its key.
        message_at: Timestamp,
    },
    /// A call has new details, such as how it ended.
    #[serde(rename = "message.call")]
    MessageCall {
        /// The conversation that shows the call.
        conversation: ConversationId,
        /// The call, which is stored as a message.
        message: MessageId,
        /// Time of the message, which is part of its key.
        message_at: Timestamp,
    },
    /// The provider reported that the 24-hour window of a conversation is closed.
    #[serde(rename = "conversation.window_refused")]
    WindowRefused {
        /// The conversation that it concerns.
        conversation: ConversationId,
        /// The channel of the conversation.
        channel: ChannelId,
    },
    /// The 24-hour window of a conversation closes within the hour.
    #[serde(rename = "conversation.window_expiring")]
    WindowExpiring {
        /// The conversation that it concerns.
        conversation: ConversationId,
        /// When the window closes.
        expires_at: Timestamp,
    },
    /// The status of a conversation changed.
    #[serde(rename = "conversation.status_changed")]
    StatusChanged {
        /// The conversation that it concerns.
        conversation: ConversationId,
        /// The status it changed to.
        status: Status,
    },
    /// A conversation was handed off.
    #[serde(rename = "conversation.handed_over")]
    HandedOver {
        /// The conversation that it concerns.
        conversation: ConversationId,
        /// Who answers from now on.
        handled_by: Handler,
        /// The handover as the provider reported it, where it did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        handover: Option<Box<Handover>>,
    },
    /// A conversation was assigned, or its assignee was removed.
    #[serde(rename = "conversation.assigned")]
    Assigned {
        /// The conversation that it concerns.
        conversation: ConversationId,
        /// The new assignee; `None` for nobody.
        assignee: Option<AgentId>,
    },
    /// An agent read the customer's messages.
    #[serde(rename = "conversation.read")]
    ConversationRead {
        /// The conversation that it concerns.
        conversation: ConversationId,
    },
    /// The provider rejected a message because the channel's account has no money left.
    #[serde(rename = "channel.low_balance")]
    LowBalance {
        /// The channel whose message was rejected.
        channel: ChannelId,
    },
    /// A template of a channel's account is new, changed or deleted.
    #[serde(rename = "template.changed")]
    TemplateChanged {
        /// A channel of the account.
        channel: ChannelId,
        /// The name of the template.
        name: String,
        /// The language of the template.
        language: String,
        /// Its status at the provider; `GONE` when it was deleted there.
        status: String,
    },
    /// Every recipient of a batch was tried, or the broadcast ended.
    #[serde(rename = "broadcast.progressed")]
    BroadcastProgressed {
        /// The broadcast whose progress changed.
        broadcast: BroadcastId,
    },
    /// The company's own system reported a new lead.
    #[serde(rename = "lead.created")]
    LeadCreated {
        /// The lead, by the id of its contact.
        lead: ContactId,
    },
    /// The company's own system reported a change of a lead.
    #[serde(rename = "lead.updated")]
    LeadUpdated {
        /// The lead, by the id of its contact.
        lead: ContactId,
    },
    /// The name of a contact or of its profile changed.
    #[serde(rename = "contact.updated")]
    ContactUpdated {
        /// The contact with the new name.
        contact: ContactId,
    },
    /// A customer opted out of marketing.
    #[serde(rename = "contact.opted_out")]
    OptedOut(MarketingChoice),
    /// A customer opted in to marketing again.
    #[serde(rename = "contact.opted_in")]
    OptedIn(MarketingChoice),
    /// Two contacts were merged: they turned out to be one person.
    #[serde(rename = "contact.merged")]
    ContactMerged {
        /// The one that stays.
        contact: ContactId,
        /// The one that was merged into it.
        absorbed: ContactId,
    },
}

impl EventKind {
    /// The conversation and the message that an event is about; `None` where it is about none.
    #[must_use]
    pub fn subject(&self) -> (Option<ConversationId>, Option<MessageAddress>) {
        match self {
            Self::MessageReceived { conversation, message, message_at, .. }
            | Self::MessageAccepted { conversation, message, message_at }
            | Self::MessageUnknown { conversation, message, message_at }
            | Self::MessageUnresolved { conversation, message, message_at }
            | Self::MessageSilent { conversation, message, message_at }
            | Self::MessageRejected { conversation, message, message_at }
            | Self::MessageMedia { conversation, message, message_at, .. }
            | Self::MessageUpdated { conversation, message, message_at, .. }
            | Self::MessagePayment { conversation, message, message_at }
            | Self::MessageCall { conversation, message, message_at }
            | Self::MessageStatus { conversation, message, message_at, .. } => {
                let address = MessageAddress { conversation: *conversation, at: *message_at, id: *message };
                (Some(*conversation), Some(address))
            }
            Self::ConversationCreated { conversation }
            | Self::StatusChanged { conversation, .. }
            | Self::HandedOver { conversation, .. }
            | Self::Assigned { conversation, .. }
            | Self::ConversationRead { conversation }
            | Self::WindowRefused { conversation, .. }
            | Self::WindowExpiring { conversation, .. } => (Some(*conversation), None),
            Self::OptedOut(choice) | Self::OptedIn(choice) => (choice.conversation, None),
            Self::LowBalance { .. }
            | Self::TemplateChanged { .. }
            | Self::BroadcastProgressed { .. }
            | Self::LeadCreated { .. }
            | Self::LeadUpdated { .. }
            | Self::ContactUpdated { .. }
            | Self::ContactMerged { .. } => (None, None),
        }
    }

    /// Whether it brings a message for which no file is awaited.
    #[must_use]
    pub fn brings_message(&self) -> bool {
        matches!(
            self,
            Self::MessageReceived { file: None, .. } | Self::MessageMedia { telling: Telling::First, .. }
        )
    }
}

/// An entry of the event log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its id, which is its place in the order.
    pub id: EventId,
    /// The tenant whose log it is in.
    pub tenant: TenantId,
    /// When it was written, by our clock.
    pub at: Timestamp,
    /// What happened, with the ids of what it concerns.
    #[serde(flatten)]
    pub kind: EventKind,
}
