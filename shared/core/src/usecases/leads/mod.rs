//! Leads: finds them by either id, and resolves how they are reached.

mod messages;
mod upsert;

pub use upsert::Upserted;

use std::sync::Arc;

use crate::{
    domain::{
        contact::{Address, AddressEntry, Contact, in_all_spellings},
        id::{ChannelId, ContactId, ConversationId, TenantId},
        lead::{Lead, LeadName},
        phone::Phone,
    },
    ports::{leads::LeadRecords, store::StoreError},
    usecases::{Contacts, Context, Ports},
};

/// A lead with its contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundLead {
    /// Our id of the lead.
    pub id: ContactId,
    /// Its stored fields; `None` for a contact without any.
    pub lead: Option<Lead>,
    /// Its contacts: each was merged into the next one, and the last one remains. Empty while no contact has
    /// the lead's number.
    contacts: Vec<Contact>,
}

/// How a lead can be reached on a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// In their conversation there.
    Conversation(ConversationId),
    /// At this address: there is no conversation yet.
    Address(Address),
    /// Not at all: it has no valid number, and never wrote.
    Nowhere,
}

impl FoundLead {
    /// Its conversations on all channels, including merged ones.
    #[must_use]
    pub fn conversations(&self) -> Vec<ConversationId> {
        let mut all: Vec<ConversationId> =
            self.contacts.iter().flat_map(|contact| contact.conversations.values().copied()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn conversation(&self, channel: ChannelId) -> Option<ConversationId> {
        self.contacts.last().and_then(|contact| contact.conversations.get(&channel).copied())
    }

    fn number(&self) -> Option<Phone> {
        self.lead.as_ref().and_then(Lead::number)
    }

    /// Addresses to try, the best first: the lead's own number, other numbers, user ids; the latest first.
    fn addresses(&self) -> Vec<Address> {
        let mut all: Vec<Address> = self.number().map(Address::Number).into_iter().collect();
        let known: Vec<&Address> =
            self.contacts.last().into_iter().flat_map(|it| &it.addresses).rev().collect();
        let numbers = known.iter().filter(|address| address.number().is_some());
        let ids = known.iter().filter(|address| matches!(address, Address::Bsuid(_)));
        for address in numbers.chain(ids) {
            if !all.iter().any(|listed: &Address| listed.is_same(address)) {
                all.push((*address).clone());
            }
        }
        all
    }
}

/// Leads of a CRM: upserted, found, and reached on every channel.
#[derive(Clone)]
pub struct Leads {
    pub(crate) ctx: Arc<Context>,
    pub(crate) lead_records: Arc<dyn LeadRecords>,
    pub(crate) contacts: Contacts,
}

impl Leads {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            lead_records: Arc::clone(&ports.lead_records),
            contacts: Contacts::new(ports),
        }
    }
}

impl Leads {
    /// The lead with this name: the id of a contact, else a company's own id.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn lead_named(
        &self,
        tenant: &TenantId,
        name: &LeadName,
    ) -> Result<Option<FoundLead>, StoreError> {
        match self.lead_id(tenant, name).await? {
            Some(id) => self.lead(tenant, id).await,
            None => Ok(None),
        }
    }

    /// The id of the lead with this name; the fastest check whether there is one.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn lead_id(&self, tenant: &TenantId, name: &LeadName) -> Result<Option<ContactId>, StoreError> {
        if let Some(id) = name.id
            && self.ctx.store.contact_row(tenant, id).await?.is_some()
        {
            return Ok(Some(id));
        }
        match &name.external {
            Some(external) => self.lead_records.lead_called(tenant, external).await,
            None => Ok(None),
        }
    }

    /// The lead with this id.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn lead(&self, tenant: &TenantId, id: ContactId) -> Result<Option<FoundLead>, StoreError> {
        let mut contacts = self.ctx.store.contact_chain(tenant, id).await?;
        if contacts.is_empty() {
            return Ok(None);
        }
        let lead = self.lead_records.lead(tenant, id).await?;
        if let Some(number) = lead.as_ref().and_then(|lead| lead.number_of_another(&contacts)) {
            contacts = match self.owner_of(tenant, &number).await? {
                Some(owner) => self.ctx.store.contact_chain(tenant, owner).await?,
                None => Vec::new(),
            };
        }
        Ok(Some(FoundLead { id, lead, contacts }))
    }

    /// How a lead is reached on a channel.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn resolve_reach(
        &self,
        tenant: &TenantId,
        lead: &FoundLead,
        channel: ChannelId,
    ) -> Result<Reach, StoreError> {
        if let Some(conversation) = lead.conversation(channel) {
            return Ok(Reach::Conversation(conversation));
        }
        let addresses = lead.addresses();
        if addresses.is_empty() {
            return Ok(Reach::Nowhere);
        }
        let entries = self.ctx.store.addresses(tenant, &in_all_spellings(&addresses)).await?;
        let now = self.ctx.ids.now();
        // An address that they gave up has another owner, or will have.
        let theirs = |address: &Address| {
            let mut of_address = entries.iter().flatten().filter(|entry| entry.address.is_same(address));
            let own = |entry: &AddressEntry| {
                entry.owner(now).is_some_and(|id| lead.contacts.iter().any(|it| it.id == id))
            };
            lead.contacts.is_empty() || of_address.any(own)
        };
        let found = addresses.into_iter().find(theirs);
        Ok(found.map_or(Reach::Nowhere, Reach::Address))
    }

    /// The current owner of this number.
    async fn owner_of(&self, tenant: &TenantId, number: &Phone) -> Result<Option<ContactId>, StoreError> {
        let spellings = Address::Number(number.clone()).spellings();
        let entries = self.ctx.store.addresses(tenant, &spellings).await?;
        Ok(entries.into_iter().flatten().find_map(|entry| entry.owner(self.ctx.ids.now())))
    }
}
