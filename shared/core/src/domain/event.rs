//! The event log: every change that a client may care about, in an order per tenant.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{
    contact::Address,
    conversation::Status,
    delivery::FactKind,
    handling::{AgentId, Handler, Handover},
    id::{BroadcastId, ChannelId, ContactId, ConversationId, FileId, MessageId, TenantId},
    message::MessageAddress,
    suppression::Why,
    time::Timestamp,
    update::UpdateKind,
};

/// The name of an event. Names sort by time; within one process they also sort by order of making.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(String);

impl EventId {
    pub(super) fn new(at: Timestamp, order: u64, random: u64) -> Self {
        Self(format!("{:013}-{order:016}-{random:016x}", at.millis()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text is no name of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be the id of an event, like evt_1795263680427-0000000000000001-8f14e45fceea167a")]
pub struct EventIdError;

/// Longest name that is looked for.
const LONGEST_NAME: usize = 64;

impl FromStr for EventId {
    type Err = EventIdError;

    /// Reads what may be a name: its parts are nobody's matter but ours.
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

/// Which of the times it is that something is told of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Telling {
    /// The first one: whoever waited for it hears of the message now.
    First,
    /// A later one, or one of a file that nobody waited for.
    #[default]
    Further,
}

/// A customer's choice about marketing messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarketingChoice {
    /// The customer; none for addresses that are no contact of the company's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactId>,
    /// Their conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationId>,
    /// The addresses that it holds for.
    pub addresses: Vec<Address>,
    /// How we know of it.
    pub reason: Why,
    /// Since when it holds, by the provider's clock where the customer made it in WhatsApp.
    pub since: Timestamp,
}

/// What happened. Events name things; their content is read from where it lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum EventKind {
    /// A conversation began.
    #[serde(rename = "conversation.created")]
    ConversationCreated {
        /// Which.
        conversation: ConversationId,
    },
    /// A customer wrote, or the business did on its phone.
    #[serde(rename = "message.received")]
    MessageReceived {
        /// Where.
        conversation: ConversationId,
        /// Which.
        message: MessageId,
        /// Its place in time.
        message_at: Timestamp,
        /// Whether it reached us more than 5 minutes after the customer wrote it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        late: bool,
        /// Whether somebody else had the conversation then: it is for our eyes only, and no bot answers it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        standby: bool,
        /// The file that a customer sent with it and that is being fetched. Who wants to hear of both together waits
        /// for the first `message.media`, which comes whatever becomes of the file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<FileId>,
    },
    /// How it stands with the file of a message: it can be had now, it is certain that it never will, or it takes
    /// longer than its message should wait for it.
    #[serde(rename = "message.media")]
    MessageMedia {
        /// Where.
        conversation: ConversationId,
        /// Which.
        message: MessageId,
        /// Its place in time.
        message_at: Timestamp,
        /// The file.
        file: FileId,
        /// Whether anything was told of it before.
        #[serde(default)]
        telling: Telling,
    },
    /// A message was edited, revoked or reacted to.
    #[serde(rename = "message.updated")]
    MessageUpdated {
        /// Where.
        conversation: ConversationId,
        /// Which.
        message: MessageId,
        /// Its place in time.
        message_at: Timestamp,
        /// What changed.
        change: UpdateKind,
        /// The message that brought it.
        by: MessageId,
    },
    /// The provider took a message of ours.
    #[serde(rename = "message.accepted")]
    MessageAccepted {
        /// Where.
        conversation: ConversationId,
        /// Which.
        message: MessageId,
        /// Its place in time.
        message_at: Timestamp,
    },
    /// A message of ours is in doubt.
    #[serde(rename = "message.unknown")]
    MessageUnknown {
        /// Where.
        conversation: ConversationId,
        /// Which.
        message: MessageId,
        /// Its place in time.
        message_at: Timestamp,
    },
    /// A message of ours stayed in doubt for longer than the grace time.
    #[serde(rename = "message.unresolved")]
    MessageUnresolved {
        /// Where.
        conversation: ConversationId,
        /// Which.
        message: MessageId,
        /// Its place in time.
        message_at: Timestamp,
    },
    /// The provider took a message of ours, and then nothing was heard of it for a long time.
    #[serde(rename = "message.silent")]
    MessageSilent {
        /// Where.
        conversation: ConversationId,
        /// Which.
        message: MessageId,
        /// Its place in time.
        message_at: Timestamp,
    },
    /// The provider refused a message after it had been in doubt.
    #[serde(rename = "message.rejected")]
    MessageRejected {
        /// Where.
        conversation: ConversationId,
        /// Which.
        message: MessageId,
        /// Its place in time.
        message_at: Timestamp,
    },
    /// The provider reported a delivery state.
    #[serde(rename = "message.status")]
    MessageStatus {
        /// Where.
        conversation: ConversationId,
        /// Which.
        message: MessageId,
        /// Its place in time.
        message_at: Timestamp,
        /// The state.
        status: FactKind,
    },
    /// The provider reported a payment on a message of ours.
    #[serde(rename = "message.payment")]
    MessagePayment {
        /// Where.
        conversation: ConversationId,
        /// Which.
        message: MessageId,
        /// Its place in time.
        message_at: Timestamp,
    },
    /// More is known of a call, such as how it ended.
    #[serde(rename = "message.call")]
    MessageCall {
        /// Its conversation.
        conversation: ConversationId,
        /// The call.
        message: MessageId,
        /// Its place in time.
        message_at: Timestamp,
    },
    /// The provider says that the 24-hour window of a conversation is closed.
    #[serde(rename = "conversation.window_refused")]
    WindowRefused {
        /// Which.
        conversation: ConversationId,
        /// Its channel.
        channel: ChannelId,
    },
    /// The 24-hour window of a conversation closes within the hour.
    #[serde(rename = "conversation.window_expiring")]
    WindowExpiring {
        /// Which.
        conversation: ConversationId,
        /// When it closes.
        expires_at: Timestamp,
    },
    /// Somebody else has to act in a conversation now, it is over, or it goes on.
    #[serde(rename = "conversation.status_changed")]
    StatusChanged {
        /// Which.
        conversation: ConversationId,
        /// Where it stands now.
        status: Status,
    },
    /// Somebody else answers in a conversation from now on.
    #[serde(rename = "conversation.handed_over")]
    HandedOver {
        /// Which.
        conversation: ConversationId,
        /// Who answers.
        handled_by: Handler,
        /// What the provider tells of it, where it did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        handover: Option<Box<Handover>>,
    },
    /// Somebody else looks after a conversation from now on.
    #[serde(rename = "conversation.assigned")]
    Assigned {
        /// Which.
        conversation: ConversationId,
        /// Who; none: nobody in particular.
        assignee: Option<AgentId>,
    },
    /// Somebody of the company has seen what the customer wrote.
    #[serde(rename = "conversation.read")]
    ConversationRead {
        /// Which.
        conversation: ConversationId,
    },
    /// The provider refused a message because the account of a channel has no money left.
    #[serde(rename = "channel.low_balance")]
    LowBalance {
        /// Which channel.
        channel: ChannelId,
    },
    /// A template of a channel's account is new, changed or gone.
    #[serde(rename = "template.changed")]
    TemplateChanged {
        /// A channel of the account.
        channel: ChannelId,
        /// Its name.
        name: String,
        /// Its language.
        language: String,
        /// Where it stands now; `GONE` when the provider has it no more.
        status: String,
    },
    /// Everybody of a piece of a broadcast was tried, or the broadcast was ended.
    #[serde(rename = "broadcast.progressed")]
    BroadcastProgressed {
        /// Which.
        broadcast: BroadcastId,
    },
    /// A company's own system told of a lead that nothing was told of before.
    #[serde(rename = "lead.created")]
    LeadCreated {
        /// Which.
        lead: ContactId,
    },
    /// A company's own system told something new of a lead.
    #[serde(rename = "lead.updated")]
    LeadUpdated {
        /// Which.
        lead: ContactId,
    },
    /// A contact goes by another name, or its profile does.
    #[serde(rename = "contact.updated")]
    ContactUpdated {
        /// Which.
        contact: ContactId,
    },
    /// A customer wants no marketing any more.
    #[serde(rename = "contact.opted_out")]
    OptedOut(MarketingChoice),
    /// A customer who wanted no marketing wants it again.
    #[serde(rename = "contact.opted_in")]
    OptedIn(MarketingChoice),
    /// Two contacts turned out to be one person.
    #[serde(rename = "contact.merged")]
    ContactMerged {
        /// The one that stays.
        contact: ContactId,
        /// The one that went into it.
        absorbed: ContactId,
    },
}

impl EventKind {
    /// The conversation and the message that an event is about.
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

    /// Whether it brings a message that nothing further is waited for with.
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
    /// Its name and place in the order.
    pub id: EventId,
    /// Whose log.
    pub tenant: TenantId,
    /// When it was written down.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}
