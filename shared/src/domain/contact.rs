//! A contact: one customer, whatever addresses they have.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    id::{ChannelId, ContactId, ConversationId, TenantId},
    phone::{Bsuid, Phone},
    time::Timestamp,
};

/// One way to reach a customer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Address {
    /// A phone number, dialled or as WhatsApp spells it (`wa_id`).
    Number(Phone),
    /// A business-scoped user id.
    Bsuid(Bsuid),
}

impl Address {
    /// The phone number, if it is one.
    #[must_use]
    pub fn number(&self) -> Option<&Phone> {
        match self {
            Self::Number(number) => Some(number),
            Self::Bsuid(_) => None,
        }
    }
}

/// What one message tells about its sender, or a send about its recipient. At least one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Phone number, unless the customer shows none.
    pub number: Option<Phone>,
    /// Business-scoped user id, where known.
    pub bsuid: Option<Bsuid>,
    /// The name that the customer goes by.
    pub name: Option<String>,
}

impl Identity {
    /// Somebody known by number only.
    #[must_use]
    pub fn of_number(number: Phone) -> Self {
        Self { number: Some(number), bsuid: None, name: None }
    }

    /// The addresses, number first.
    #[must_use]
    pub fn addresses(&self) -> Vec<Address> {
        let number = self.number.clone().map(Address::Number);
        let bsuid = self.bsuid.clone().map(Address::Bsuid);
        number.into_iter().chain(bsuid).collect()
    }
}

/// A customer of one tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Our id.
    pub id: ContactId,
    /// Whose customer.
    pub tenant: TenantId,
    /// The name they go by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Every address ever seen.
    pub addresses: Vec<Address>,
    /// Their conversation on each channel.
    pub conversations: BTreeMap<ChannelId, ConversationId>,
    /// The contact that took over everything when two turned out to be one person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<ContactId>,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

/// Which contact an address leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressEntry {
    /// Whose address book.
    pub tenant: TenantId,
    /// The address.
    pub address: Address,
    /// The contact that has it, or had it until `released_at`.
    pub contact: ContactId,
    /// When its owner gave it up, by the provider's clock. Whoever has it later is somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released_at: Option<Timestamp>,
    /// A copy of the contact's conversations, which saves a read.
    pub conversations: BTreeMap<ChannelId, ConversationId>,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

impl AddressEntry {
    /// The contact that had the address at that time.
    #[must_use]
    pub fn owner(&self, at: Timestamp) -> Option<ContactId> {
        self.released_at.is_none_or(|released| at <= released).then_some(self.contact)
    }
}

impl Contact {
    /// Adds addresses that are new; says whether any was.
    pub fn learn(&mut self, addresses: &[Address]) -> Learned {
        let fresh: Vec<Address> =
            addresses.iter().filter(|address| !self.addresses.contains(address)).cloned().collect();
        let learned = if fresh.is_empty() { Learned::Nothing } else { Learned::Something };
        self.addresses.extend(fresh);
        learned
    }

    /// Takes over what `other` has. Where both have a conversation on a channel, ours stays the
    /// conversation of the contact; the pairs given back say which one it replaces.
    pub fn absorb(&mut self, other: &mut Self) -> Vec<(ConversationId, ConversationId)> {
        self.learn(&other.addresses);
        self.name = self.name.take().or_else(|| other.name.clone());
        other.merged_into = Some(self.id);
        let mut replaced = Vec::new();
        for (channel, theirs) in &other.conversations {
            let kept = *self.conversations.entry(*channel).or_insert(*theirs);
            if kept != *theirs {
                replaced.push((*theirs, kept));
            }
        }
        replaced
    }
}

/// Whether something new was learned about a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Learned {
    /// Everything was known.
    Nothing,
    /// At least one address is new.
    Something,
}
