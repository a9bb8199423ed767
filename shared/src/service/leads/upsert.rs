//! Taking in what a company's own system tells of a lead.

use std::collections::BTreeMap;

use crate::{
    domain::{
        contact::{Address, AddressEntry, Contact},
        event::EventKind,
        id::{ContactId, TenantId},
        lead::{Heard, Lead, LeadPointer, LeadTold},
    },
    port::book::{Applied, Change, StoreError},
    service::{Core, backoff::Rounds},
};

/// What became of what was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upserted {
    /// The lead is new.
    Created,
    /// It was known, and has what was told.
    Updated,
}

impl Core {
    /// Keeps what is told of a lead. The company's own id says which one it is; without one, or as long as nobody
    /// is known under it, the customer who has the number is, unless the company knows them by another id. Two
    /// callers at once with the same id get the same lead.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn upsert_lead(
        &self,
        tenant: &TenantId,
        told: &LeadTold,
    ) -> Result<(Upserted, Lead), StoreError> {
        let mut rounds = Rounds::default();
        loop {
            let entry = self.entry_of(tenant, told).await?;
            let owner = entry.as_ref().and_then(|entry| entry.owner(self.mint.now()));
            let known_by_number = match owner {
                Some(owner) => self.leads.lead(tenant, owner).await?,
                None => None,
            };
            let known = match self.called(tenant, told).await? {
                Some(lead) => Some(lead),
                None => known_by_number
                    .clone()
                    .filter(|known| told.external.is_none() || known.external.is_none()),
            };
            let kept = match (known, owner, known_by_number) {
                (Some(lead), _, _) => self.told_again(lead, told).await?,
                // The customer who has the number is a lead from now on.
                (None, Some(owner), None) => self.told_first(tenant, owner, told, Vec::new()).await?,
                (None, _, _) => {
                    let (id, changes) = self.new_contact(tenant, told, entry.as_ref());
                    self.told_first(tenant, id, told, changes).await?
                }
            };
            match kept {
                Some(kept) => return Ok(kept),
                None => rounds.again(self).await?,
            }
        }
    }

    /// The lead that the company's own id leads to.
    async fn called(&self, tenant: &TenantId, told: &LeadTold) -> Result<Option<Lead>, StoreError> {
        let Some(external) = &told.external else { return Ok(None) };
        let Some(id) = self.leads.lead_called(tenant, external).await? else { return Ok(None) };
        let gone = || StoreError::Corrupt(format!("lead {id} has gone"));
        self.leads.lead(tenant, id).await?.ok_or_else(gone).map(Some)
    }

    async fn entry_of(&self, tenant: &TenantId, told: &LeadTold) -> Result<Option<AddressEntry>, StoreError> {
        let Some(number) = told.number() else { return Ok(None) };
        let entries = self.book.addresses(tenant, &[Address::Number(number)]).await?;
        Ok(entries.into_iter().flatten().next())
    }

    /// Nothing when somebody else was quicker.
    async fn told_again(
        &self,
        mut lead: Lead,
        told: &LeadTold,
    ) -> Result<Option<(Upserted, Lead)>, StoreError> {
        let nameless = lead.external.is_none();
        if lead.hear(told.clone(), self.mint.now()) == Heard::Nothing {
            return Ok(Some((Upserted::Updated, lead)));
        }
        let event = self.event(&lead.tenant, EventKind::LeadUpdated { lead: lead.id });
        let mut changes = vec![Change::Lead(lead.clone()), Change::Event(event)];
        changes.extend(pointer(&lead).filter(|_| nameless));
        let applied = self.book.apply(changes).await?;
        Ok((applied == Applied::Done).then_some((Upserted::Updated, lead)))
    }

    /// Nothing when somebody else was quicker.
    async fn told_first(
        &self,
        tenant: &TenantId,
        id: ContactId,
        told: &LeadTold,
        mut changes: Vec<Change>,
    ) -> Result<Option<(Upserted, Lead)>, StoreError> {
        let lead = Lead::new(id, tenant.clone(), told.clone(), self.mint.now());
        changes.push(Change::Lead(lead.clone()));
        changes.push(Change::Event(self.event(tenant, EventKind::LeadCreated { lead: id })));
        changes.extend(pointer(&lead));
        let applied = self.book.apply(changes).await?;
        Ok((applied == Applied::Done).then_some((Upserted::Created, lead)))
    }

    /// A contact for a lead whom nobody is yet. It has the number that was told, if that is nobody's: then it is
    /// who writes from it.
    fn new_contact(
        &self,
        tenant: &TenantId,
        told: &LeadTold,
        entry: Option<&AddressEntry>,
    ) -> (ContactId, Vec<Change>) {
        let id = self.mint.id();
        let free = entry.is_none_or(|entry| entry.owner(self.mint.now()).is_none());
        let address = told.number().filter(|_| free).map(Address::Number);
        let contact = Contact {
            id,
            tenant: tenant.clone(),
            name: Some(told.name.clone()),
            addresses: address.clone().into_iter().collect(),
            conversations: BTreeMap::new(),
            merged_into: None,
            rev: 0,
        };
        let entry = address.map(|address| AddressEntry {
            tenant: tenant.clone(),
            address,
            contact: id,
            released_at: None,
            conversations: BTreeMap::new(),
            rev: entry.map_or(0, |entry| entry.rev),
        });
        let mut changes = vec![Change::Contact(contact)];
        changes.extend(entry.map(Change::Address));
        (id, changes)
    }
}

fn pointer(lead: &Lead) -> Option<Change> {
    let external = lead.external.clone()?;
    Some(Change::LeadPointer(LeadPointer { tenant: lead.tenant.clone(), external, lead: lead.id }))
}
