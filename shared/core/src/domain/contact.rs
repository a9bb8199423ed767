//! A contact: one customer, whatever addresses they have.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    id::{ChannelId, ContactId, ConversationId, TenantId},
    phone::{Bsuid, Phone, PhoneError},
    time::Timestamp,
    written::Written,
};

/// One way to reach a customer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Address {
    /// A phone number, dialled or as WhatsApp spells it (`wa_id`).
    Number(Phone),
    /// A business-scoped user id.
    Bsuid(Bsuid),
    /// The user id that a customer has for all linked portfolios together (facts: meta.md 5). It identifies
    /// them; nothing is ever sent to it.
    Parent(Bsuid),
}

impl Address {
    /// Reads a text that is a phone number or a user id.
    ///
    /// # Errors
    /// [`PhoneError`], when it has the form of neither.
    pub fn read(text: &str) -> Result<Self, PhoneError> {
        match Bsuid::of_form(text.trim()) {
            Some(id) => Ok(Self::of_user_id(id)),
            None => Phone::parse(text).map(Self::Number),
        }
    }

    /// A user id, which may be a parent id.
    #[must_use]
    pub fn of_user_id(id: Bsuid) -> Self {
        if id.is_parent() { Self::Parent(id) } else { Self::Bsuid(id) }
    }

    /// The phone number, if it is one.
    #[must_use]
    pub fn number(&self) -> Option<&Phone> {
        match self {
            Self::Number(number) => Some(number),
            Self::Bsuid(_) | Self::Parent(_) => None,
        }
    }

    /// All spellings of it, this one first.
    #[must_use]
    pub fn spellings(&self) -> Vec<Self> {
        let other = self.number().and_then(Phone::other_spelling).map(Self::Number);
        std::iter::once(self.clone()).chain(other).collect()
    }

    /// Whether both are the same address, however each is written.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(one), Self::Number(two)) => one.is_same_number(two),
            _ => self == other,
        }
    }
}

/// These addresses in all their spellings, each once: those given first.
#[must_use]
pub fn in_all_spellings(addresses: &[Address]) -> Vec<Address> {
    let mut all = addresses.to_vec();
    let mut known: BTreeSet<Address> = addresses.iter().cloned().collect();
    let spellings = addresses.iter().flat_map(Address::spellings);
    all.extend(spellings.filter(|spelling| known.insert(spelling.clone())));
    all
}

/// The addresses and names of a customer as one message or one send shows them. At least one address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// Phone number, unless the customer shows none.
    pub number: Option<Phone>,
    /// Business-scoped user id, where known.
    pub bsuid: Option<Bsuid>,
    /// Their user id for all linked portfolios together, where known.
    pub parent: Option<Bsuid>,
    /// The name on the customer's profile.
    pub name: Option<String>,
    /// Their user name at WhatsApp, which is unique.
    pub username: Option<String>,
}

impl Identity {
    /// Somebody known by number only.
    #[must_use]
    pub fn of_number(number: Phone) -> Self {
        Self { number: Some(number), ..Self::default() }
    }

    /// An identity with this address only.
    #[must_use]
    pub fn of(address: Address) -> Self {
        match address {
            Address::Number(number) => Self::of_number(number),
            Address::Bsuid(id) => Self { bsuid: Some(id), ..Self::default() },
            Address::Parent(id) => Self { parent: Some(id), ..Self::default() },
        }
    }

    /// The addresses, number first.
    #[must_use]
    pub fn addresses(&self) -> Vec<Address> {
        let number = self.number.clone().map(Address::Number);
        let bsuid = self.bsuid.clone().map(Address::Bsuid);
        let parent = self.parent.clone().map(Address::Parent);
        number.into_iter().chain(bsuid).chain(parent).collect()
    }
}

/// A customer of one tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Our id of the contact.
    pub id: ContactId,
    /// The tenant whose customer this is.
    pub tenant: TenantId,
    /// The name on their profile, as last reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name that the company has for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_name: Option<GivenName>,
    /// Their user name at WhatsApp.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Every address ever seen; a number by the spelling that was seen first.
    pub addresses: Vec<Address>,
    /// Their conversation on each channel.
    pub conversations: BTreeMap<ChannelId, ConversationId>,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

/// The contact that an address belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressEntry {
    /// The tenant in whose contacts it is looked up.
    pub tenant: TenantId,
    /// The address in one of its spellings: the key of this entry.
    pub address: Address,
    /// The contact that has it, or had it until `released_at`.
    pub contact: ContactId,
    /// When its owner gave it up, by the provider's clock. Its next owner is another customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released_at: Option<Timestamp>,
    /// A copy of the contact's conversations, which saves a read.
    pub conversations: BTreeMap<ChannelId, ConversationId>,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

impl AddressEntry {
    /// The contact that had the address at `at`; `None` after it was released.
    #[must_use]
    pub fn owner(&self, at: Timestamp) -> Option<ContactId> {
        self.released_at.is_none_or(|released| at <= released).then_some(self.contact)
    }
}

/// A name that the company has for a customer: 1 to 256 characters, none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GivenName(String);

/// A text is not a valid customer name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 256 characters, not all of them spaces, and none of them a control character")]
pub struct GivenNameError;

impl GivenName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for GivenName {
    type Error = GivenNameError;

    fn try_from(text: String) -> Result<Self, GivenNameError> {
        let fits = text.chars().count() <= 256 && !text.chars().any(char::is_control);
        if fits && !text.trim().is_empty() { Ok(Self(text)) } else { Err(GivenNameError) }
    }
}

impl From<GivenName> for String {
    fn from(name: GivenName) -> String {
        name.0
    }
}

impl Contact {
    /// The name to show: the company's own for them, else the one on their profile.
    #[must_use]
    pub fn shown_name(&self) -> Option<&str> {
        self.given_name.as_ref().map(GivenName::as_str).or(self.name.as_deref())
    }

    /// Adds new addresses; another spelling of a known number is not new.
    pub fn add_addresses(&mut self, addresses: &[Address]) -> Written {
        let before = self.addresses.len();
        for address in addresses {
            if !self.has(address) {
                self.addresses.push(address.clone());
            }
        }
        if self.addresses.len() == before { Written::Unchanged } else { Written::New }
    }

    /// Whether an address is theirs, in any spelling.
    #[must_use]
    pub fn has(&self, address: &Address) -> bool {
        self.addresses.iter().any(|known| known.is_same(address))
    }

    /// Takes over what `other` has, which ends. Where both have a conversation on a channel, ours stays the
    /// conversation of the contact; the pairs given back say which one it replaces.
    pub fn absorb(&mut self, other: Self) -> (MergedContact, Vec<(ConversationId, ConversationId)>) {
        self.add_addresses(&other.addresses);
        self.name = self.name.take().or_else(|| other.name.clone());
        self.username = self.username.take().or_else(|| other.username.clone());
        self.given_name = self.given_name.take().or_else(|| other.given_name.clone());
        let mut replaced = Vec::new();
        for (channel, theirs) in &other.conversations {
            let kept = *self.conversations.entry(*channel).or_insert(*theirs);
            if kept != *theirs {
                replaced.push((*theirs, kept));
            }
        }
        (MergedContact { contact: other, into: self.id }, replaced)
    }
}

/// A contact that turned out to be the same person as another one, and was merged into that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedContact {
    /// How it was when it ended.
    pub contact: Contact,
    /// The contact that took over everything.
    pub into: ContactId,
}
