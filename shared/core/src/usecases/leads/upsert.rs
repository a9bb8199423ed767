//! Creates or updates a lead from a company's own system.

use std::collections::BTreeMap;

use crate::{
    domain::{
        contact::{Address, AddressEntry, Contact, GivenName},
        event::EventKind,
        id::{ContactId, TenantId},
        lead::{Lead, LeadDetails, LeadLookup},
        written::Written,
    },
    ports::store::{Record, StoreError, Write},
    usecases::{Leads, until_committed::Decision},
};

/// The spellings of a number, each with its address entry.
type Known = Vec<(Address, Option<AddressEntry>)>;

/// Whether an upsert created the lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upserted {
    /// The lead is new.
    Created,
    /// The lead existed, and has the given fields now.
    Updated,
}

impl Leads {
    /// Creates or updates a lead. The company's own id identifies it; without one, or while the id is
    /// unknown, the customer with the lead's number does, unless the company has another id for them. Two
    /// concurrent calls with the same id get the same lead.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn upsert_lead(
        &self,
        tenant: &TenantId,
        details: &LeadDetails,
    ) -> Result<(Upserted, Lead), StoreError> {
        self.ctx
            .until_committed(|| async {
                let known = self.entries_of(tenant, details).await?;
                let owner = known.iter().find_map(|(_, entry)| entry.as_ref()?.owner(self.ctx.ids.now()));
                let known_by_number = match owner {
                    Some(owner) => self.lead_records.lead(tenant, owner).await?,
                    None => None,
                };
                let lead = match self.called(tenant, details).await? {
                    Some(lead) => Some(lead),
                    None => known_by_number
                        .clone()
                        .filter(|known| details.external.is_none() || known.external.is_none()),
                };
                match (lead, owner, known_by_number) {
                    (Some(lead), _, _) => self.update_lead(lead, details).await,
                    // The customer with the number becomes the lead.
                    (None, Some(owner), None) => self.create_lead(tenant, owner, details, Vec::new()).await,
                    (None, _, _) => {
                        let (id, changes) = self.new_contact(tenant, details, known);
                        self.create_lead(tenant, id, details, changes).await
                    }
                }
            })
            .await
    }

    /// The lead with the company's own id.
    async fn called(&self, tenant: &TenantId, details: &LeadDetails) -> Result<Option<Lead>, StoreError> {
        let Some(external) = &details.external else { return Ok(None) };
        let Some(id) = self.lead_records.lead_called(tenant, external).await? else { return Ok(None) };
        let gone = || StoreError::Corrupt(format!("lead {id} has gone"));
        self.lead_records.lead(tenant, id).await?.ok_or_else(gone).map(Some)
    }

    /// The address entry of each spelling of the given number.
    async fn entries_of(&self, tenant: &TenantId, details: &LeadDetails) -> Result<Known, StoreError> {
        let Some(number) = details.number() else { return Ok(Vec::new()) };
        let spellings = Address::Number(number).spellings();
        let entries = self.ctx.store.addresses(tenant, &spellings).await?;
        Ok(spellings.into_iter().zip(entries).collect())
    }

    async fn update_lead(
        &self,
        mut lead: Lead,
        details: &LeadDetails,
    ) -> Result<Decision<(Upserted, Lead)>, StoreError> {
        let nameless = lead.external.is_none();
        let named = self.named_so(&lead.tenant, lead.id, &details.name).await?;
        if lead.update(details.clone(), self.ctx.ids.now()) == Written::Unchanged && named.is_empty() {
            return Ok(Decision::Done((Upserted::Updated, lead)));
        }
        let event = self.ctx.event(&lead.tenant, EventKind::LeadUpdated { lead: lead.id });
        let mut changes = vec![Write::Put(Record::Lead(lead.clone())), Write::Put(Record::Event(event))];
        changes.extend(pointer(&lead).filter(|_| nameless));
        changes.extend(named);
        Ok(Decision::Commit(changes, (Upserted::Updated, lead)))
    }

    async fn create_lead(
        &self,
        tenant: &TenantId,
        id: ContactId,
        details: &LeadDetails,
        mut changes: Vec<Write>,
    ) -> Result<Decision<(Upserted, Lead)>, StoreError> {
        let lead = Lead::new(id, tenant.clone(), details.clone(), self.ctx.ids.now());
        if changes.is_empty() {
            changes = self.named_so(tenant, id, &details.name).await?;
        }
        changes.push(Write::Put(Record::Lead(lead.clone())));
        changes.push(Write::Put(Record::Event(self.ctx.event(tenant, EventKind::LeadCreated { lead: id }))));
        changes.extend(pointer(&lead));
        Ok(Decision::Commit(changes, (Upserted::Created, lead)))
    }

    /// The writes that give the contact this company name everywhere; empty where it has that name.
    async fn named_so(&self, tenant: &TenantId, id: ContactId, name: &str) -> Result<Vec<Write>, StoreError> {
        let Ok(name) = GivenName::try_from(name.to_owned()) else { return Ok(Vec::new()) };
        let contact = self.contacts.contact(tenant, id).await?;
        let Some(mut contact) = contact.filter(|it| it.given_name.as_ref() != Some(&name)) else {
            return Ok(Vec::new());
        };
        contact.given_name = Some(name);
        let mut changes = self.contacts.renamed(&contact).await?;
        changes.push(Write::Put(Record::Contact(contact)));
        Ok(changes)
    }

    /// A new contact for a lead. It gets the given number, if that has no owner: a customer who writes from
    /// it is this contact.
    fn new_contact(&self, tenant: &TenantId, details: &LeadDetails, known: Known) -> (ContactId, Vec<Write>) {
        let id = self.ctx.ids.id();
        let free = |entry: &Option<AddressEntry>| {
            entry.as_ref().is_none_or(|entry| entry.owner(self.ctx.ids.now()).is_none())
        };
        let known = if known.iter().all(|(_, entry)| free(entry)) { known } else { Vec::new() };
        let contact = Contact {
            id,
            tenant: tenant.clone(),
            name: None,
            given_name: GivenName::try_from(details.name.clone()).ok(),
            username: None,
            addresses: known.first().map(|(address, _)| address.clone()).into_iter().collect(),
            conversations: BTreeMap::new(),
            rev: 0,
        };
        let entries = known.into_iter().map(|(address, entry)| AddressEntry {
            tenant: tenant.clone(),
            address,
            contact: id,
            released_at: None,
            conversations: BTreeMap::new(),
            rev: entry.map_or(0, |entry| entry.rev),
        });
        let mut changes = vec![Write::Put(Record::Contact(contact))];
        changes.extend(entries.map(Record::Address).map(Write::Put));
        (id, changes)
    }
}

fn pointer(lead: &Lead) -> Option<Write> {
    let external = lead.external.clone()?;
    Some(Write::Put(Record::LeadLookup(LeadLookup { tenant: lead.tenant.clone(), external, lead: lead.id })))
}
