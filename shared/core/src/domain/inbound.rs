//! What callbacks say, in our own words: the same for every provider.

use serde_json::Value;

use super::{
    contact::Identity,
    delivery::{Fact, FactKind},
    file::ToldFile,
    handling::{Handler, Handover},
    id::{CatalogueId, InboundAddress, Wamid},
    message::{Direction, Message, MessageAddress},
    parts::Parts,
    payment::Payment,
    phone::{Bsuid, Phone},
    suppression::Marketing,
    template::TemplateKey,
    time::Timestamp,
};

/// One item of a callback.
#[derive(Clone, PartialEq, Eq)]
pub struct Item {
    /// What leads to the channel it is about, where it names one.
    pub line: Option<InboundAddress>,
    /// The business number that it names where its line does not follow from that.
    pub business: Option<Phone>,
    /// What it seems to be, like `messages/text`.
    pub kind: String,
    /// What it says.
    pub says: Says,
    /// The item as it came.
    pub raw: String,
}

/// What an item says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Says {
    /// A message.
    Message(Box<InboundMessage>),
    /// A delivery state of a message of ours.
    Status(Box<StatusReport>),
    /// What a customer paid on a message of ours.
    Payment(Box<PaymentReport>),
    /// What a customer wants to get.
    Preference(Box<Preference>),
    /// News of a template of an account.
    Template(Box<TemplateNews>),
    /// Somebody else has a conversation at the provider from now on.
    Handover(Box<HandoverReport>),
    /// What the company's own phone calls somebody.
    Name(Box<NameReport>),
    /// Anything else, which nothing follows from; kept as it came.
    Other,
    /// What something should follow from, if it could be read; kept as it came, and somebody must look at it.
    Unreadable(Unreadable),
}

/// Why an item cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unreadable {
    /// The body is nothing that a provider sends.
    NoWebhook,
    /// It does not tell which of our numbers it is about.
    NoNumber,
    /// It does not tell who the customer is.
    NoCustomer,
    /// It does not tell which message it is, or is about.
    NoId,
    /// It does not tell what became of the message.
    NoStatus,
}

impl Unreadable {
    /// The reason, for logs.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::NoWebhook => "it is no webhook",
            Self::NoNumber => "it names no number of ours",
            Self::NoCustomer => "it names no customer",
            Self::NoId => "it names no message",
            Self::NoStatus => "it tells no status",
        }
    }
}

/// A message told by a callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundMessage {
    /// The provider's id.
    pub wamid: Wamid,
    /// Who the customer is.
    pub customer: Identity,
    /// Inbound, or outbound when the business wrote on its phone.
    pub direction: Direction,
    /// When, by the provider's clock; our time of arrival when it named none.
    pub at: Timestamp,
    /// The provider's word for what it is.
    pub kind: String,
    /// Text or caption.
    pub text: Option<String>,
    /// What it holds beside its text.
    pub parts: Box<Parts>,
    /// The file that came with it.
    pub file: Option<Box<ToldFile>>,
    /// The message that it quotes, reacts to, edits or revokes.
    pub refers_to: Option<Wamid>,
    /// New addresses that the customer goes by from now on (changed number or user id).
    pub moved_to: Option<Identity>,
    /// In what of the provider's it came.
    pub origin: MessageOrigin,
    /// The delivery state that a message of the history came with; Meta does not say since when it had that.
    pub history_status: Option<FactKind>,
}

impl InboundMessage {
    /// Notes the delivery state of the history on a message of the company's, as of the time of the message.
    pub fn note_history_status(&self, message: &mut Message) {
        if let (Some(status), Direction::Outbound) = (self.history_status, self.direction) {
            message.facts.note(status, Fact::at(self.at));
        }
    }
}

/// In what of the provider's a message came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MessageOrigin {
    /// As it was written.
    #[default]
    Live,
    /// While somebody else had the conversation (field `standby`).
    Standby,
    /// From before the number came to us (field `history`).
    History,
}

/// A conversation changed hands at the provider (facts: template-rules.md 5.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoverReport {
    /// The customer.
    pub customer: Identity,
    /// When, by the provider's clock; our time of arrival when it named none.
    pub at: Timestamp,
    /// Who has it.
    pub owner: Handler,
    /// What is told of it.
    pub details: Handover,
}

/// What the company's phone calls a customer (field `smb_app_state_sync`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameReport {
    /// Who, and by what name.
    pub customer: Identity,
}

/// A delivery state told by a callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusReport {
    /// The provider's id of the message.
    pub wamid: Wamid,
    /// Other ids that the provider has for it.
    pub aliases: Vec<Wamid>,
    /// The state.
    pub kind: FactKind,
    /// When and why.
    pub fact: Fact,
    /// The recipient's number as WhatsApp spells it, where told.
    pub recipient: Option<Phone>,
    /// The recipient's business-scoped user id, where told.
    pub recipient_user: Option<Bsuid>,
    /// Their id for all linked portfolios together, where told.
    pub recipient_parent: Option<Bsuid>,
    /// Our own callback data, where the provider gave it back.
    pub echo: Option<MessageAddress>,
}

/// A payment told by a callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentReport {
    /// The provider's id of the message that was paid on.
    pub wamid: Wamid,
    /// Other ids that the provider has for it.
    pub aliases: Vec<Wamid>,
    /// Our own callback data, where the provider gave it back.
    pub echo: Option<MessageAddress>,
    /// What was paid.
    pub payment: Payment,
}

/// A customer's wish about marketing, told by a callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preference {
    /// Who the customer is.
    pub customer: Identity,
    /// The wish.
    pub marketing: Marketing,
    /// When, by the provider's clock.
    pub at: Timestamp,
}

/// What a webhook tells of a template. What it does not tell stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateNews {
    /// The account.
    pub account: CatalogueId,
    /// Its name and language.
    pub key: TemplateKey,
    /// When: the provider's time, else that of arrival.
    pub at: Timestamp,
    /// Where it stands now.
    pub status: Option<String>,
    /// What it is for now.
    pub category: Option<String>,
    /// How customers take it now.
    pub quality: Option<String>,
    /// Its components, if they changed.
    pub components: Option<ToldComponents>,
}

/// How much a webhook tells of a template's components, each as a list has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToldComponents {
    /// All of them.
    Whole(Vec<Value>),
    /// What it can tell of them; there may be more that changed.
    Parts(Vec<Value>),
}

/// What was done with an item. Every item has exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disposition {
    /// It told something new, which is kept.
    Stored,
    /// All it told was known.
    Duplicate,
    /// It waits for the message that it is about.
    Parked,
    /// It is in the archive as it came; nothing else follows from it.
    Kept,
    /// It is in the archive as it came, for it cannot be read or taken in. Somebody must look at it.
    Unprocessable,
}
