//! The content of webhooks, in types that are the same for every provider.

use serde_json::Value;

use super::{
    contact::Identity,
    conversation_action::{Handler, Handover},
    delivery::{Fact, FactKind},
    file::InboundFile,
    id::{InboundAddress, TemplateAccountId, Wamid},
    message::{Direction, Message, MessageAddress},
    opt_out::Marketing,
    parts::MessageParts,
    payment::Payment,
    phone::{Bsuid, Phone},
    template::TemplateKey,
    time::Timestamp,
};

/// One item of a webhook.
#[derive(Clone, PartialEq, Eq)]
pub struct Item {
    /// The inbound address of the channel that it concerns, where it names one.
    pub inbound_address: Option<InboundAddress>,
    /// The business number, where the inbound address does not imply it.
    pub business: Option<Phone>,
    /// Its kind at the provider, like `messages/text`.
    pub kind: String,
    /// The decoded content of the item.
    pub says: Says,
    /// The item as received.
    pub raw: String,
}

/// The decoded content of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Says {
    /// A message, from the customer or an echo.
    Message(Box<InboundMessage>),
    /// A delivery status of a message of ours.
    Status(Box<StatusReport>),
    /// A customer's payment for a message of ours with an order.
    Payment(Box<PaymentReport>),
    /// A customer's choice about marketing.
    Preference(Box<Preference>),
    /// A change of a template of an account.
    Template(Box<TemplateUpdate>),
    /// A handover of a conversation at the provider.
    Handover(Box<HandoverReport>),
    /// A contact's name in the company's own phone.
    Name(Box<NameReport>),
    /// Anything else: archived as received, and otherwise ignored.
    Other,
    /// Something that should be processed but could not be decoded: archived as received, and somebody must
    /// look at it.
    Unreadable(Unreadable),
}

/// Why an item cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unreadable {
    /// The body is not one that a provider sends.
    NoWebhook,
    /// It does not name our number.
    NoNumber,
    /// It does not name the customer.
    NoCustomer,
    /// It does not name the message that it is, or is about.
    NoId,
    /// It does not name the status of the message.
    NoStatus,
}

impl Unreadable {
    /// The reason as a short text for logs.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::NoWebhook => "it is no webhook",
            Self::NoNumber => "it names no number of ours",
            Self::NoCustomer => "it names no customer",
            Self::NoId => "it names no message",
            Self::NoStatus => "it has no status",
        }
    }
}

/// A message that a webhook brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundMessage {
    /// The id that the provider gave the message.
    pub wamid: Wamid,
    /// The customer's addresses and names.
    pub customer: Identity,
    /// Inbound, or outbound for an echo.
    pub direction: Direction,
    /// When it was sent, by the provider's clock; our time of arrival where it named none.
    pub at: Timestamp,
    /// The kind in the provider's word.
    pub kind: String,
    /// The text, or the caption of a file.
    pub text: Option<String>,
    /// The structured parts beside the text.
    pub parts: Box<MessageParts>,
    /// The file that came with it.
    pub file: Option<Box<InboundFile>>,
    /// The provider's id of the message that it quotes, reacts to, edits or revokes.
    pub refers_to: Option<Wamid>,
    /// The customer's new number or user id, after a change.
    pub moved_to: Option<Identity>,
    /// The webhook field in which it came.
    pub origin: MessageOrigin,
    /// The delivery status that a message of the history came with; Meta does not say since when.
    pub history_status: Option<FactKind>,
}

impl InboundMessage {
    /// Sets the delivery status from the history on a message of the company's, as of the time of the
    /// message.
    pub fn note_history_status(&self, message: &mut Message) {
        if let (Some(status), Direction::Outbound) = (self.history_status, self.direction) {
            message.facts.merge_report(status, Fact::at(self.at));
        }
    }
}

/// The webhook field in which a message came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MessageOrigin {
    /// The field for new messages.
    #[default]
    Live,
    /// The field `standby`: somebody else had the conversation.
    Standby,
    /// The field `history`: from before the number came to us.
    History,
}

/// A handover of a conversation at the provider (facts: template-rules.md 5.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoverReport {
    /// The customer of the conversation.
    pub customer: Identity,
    /// When, by the provider's clock; our time of arrival where it named none.
    pub at: Timestamp,
    /// Who answers from then on.
    pub owner: Handler,
    /// The provider's details of the handover.
    pub details: Handover,
}

/// A customer's name in the company's phone (field `smb_app_state_sync`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameReport {
    /// The customer, with the name.
    pub customer: Identity,
}

/// A delivery status that a webhook reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusReport {
    /// The provider's id of the message.
    pub wamid: Wamid,
    /// Other ids that the provider has for the message.
    pub aliases: Vec<Wamid>,
    /// The status that was reported.
    pub kind: FactKind,
    /// Its time, errors and price.
    pub fact: Fact,
    /// The recipient's number as WhatsApp spells it, where reported.
    pub recipient: Option<Phone>,
    /// The recipient's business-scoped user id, where reported.
    pub recipient_user: Option<Bsuid>,
    /// Their user id for all linked portfolios together, where reported.
    pub recipient_parent: Option<Bsuid>,
    /// Our own callback data, where the provider returned it.
    pub echo: Option<MessageAddress>,
}

/// A payment that a webhook reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentReport {
    /// The provider's id of the message with the order.
    pub wamid: Wamid,
    /// Other ids that the provider has for the message.
    pub aliases: Vec<Wamid>,
    /// Our own callback data, where the provider returned it.
    pub echo: Option<MessageAddress>,
    /// The state and amount of the payment.
    pub payment: Payment,
}

/// A customer's choice about marketing, as a webhook reported it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preference {
    /// The customer's addresses and names.
    pub customer: Identity,
    /// Whether the customer opted out or in.
    pub marketing: Marketing,
    /// When, by the provider's clock.
    pub at: Timestamp,
}

/// A template's change as a webhook reports it. `None` fields are unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateUpdate {
    /// The account that the template belongs to.
    pub account: TemplateAccountId,
    /// Its name and language.
    pub key: TemplateKey,
    /// When it changed: the provider's time, else that of arrival.
    pub at: Timestamp,
    /// The new status, in the provider's word; `None` where it did not change.
    pub status: Option<String>,
    /// The new category, in the provider's word; `None` where it did not change.
    pub category: Option<String>,
    /// Its new quality rating.
    pub quality: Option<String>,
    /// The new content; `None` where it did not change.
    pub components: Option<ComponentsUpdate>,
}

/// How complete the components in a webhook are, each in the form of a template list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComponentsUpdate {
    /// All components of the template.
    Whole(Vec<Value>),
    /// The components that a webhook can carry; others may have changed too.
    Parts(Vec<Value>),
}

/// What happened to an item of a webhook. Every item has exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disposition {
    /// It was new, and its content is stored.
    Stored,
    /// Its content was stored before.
    Duplicate,
    /// It is stored until the message that it concerns arrives.
    Parked,
    /// It is only archived; nothing else follows from it.
    Kept,
    /// It is only archived, because it could not be decoded or processed. Somebody must look at it.
    Unprocessable,
}
