//! The names of a customer: the company's own has precedence everywhere, the profile's is stored beside it.

use crate::{
    domain::{
        channel::Channel,
        contact::{Address, Contact, GivenName},
        conversation::Conversation,
        event::EventKind,
        id::{ContactId, TenantId},
        inbound::{Disposition, NameReport},
    },
    ports::store::{Record, StoreError, Write},
    usecases::{Contacts, until_committed::Decision},
};

impl Contacts {
    /// Sets or removes the company's own name of a contact; `None` when there is no such contact. The name
    /// of the contact's lead is changed with it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn rename_contact(
        &self,
        tenant: &TenantId,
        id: ContactId,
        name: Option<GivenName>,
    ) -> Result<Option<Contact>, StoreError> {
        let name = &name;
        self.ctx
            .until_committed(|| async {
                let Some(mut contact) = self.contact(tenant, id).await? else {
                    return Ok(Decision::Done(None));
                };
                if contact.given_name == *name {
                    return Ok(Decision::Done(Some(contact)));
                }
                contact.given_name.clone_from(name);
                let mut changes = self.renamed(&contact).await?;
                if let (Some(mut lead), Some(shown)) = (
                    self.lead_records.lead(tenant, contact.id).await?,
                    contact.shown_name().map(str::to_owned),
                ) {
                    lead.name = shown;
                    lead.updated_at = self.ctx.ids.now();
                    changes.push(Write::Put(Record::Lead(lead)));
                }
                changes.push(Write::Put(Record::Contact(contact.clone())));
                contact.rev += 1;
                Ok(Decision::Commit(changes, Some(contact)))
            })
            .await
    }

    /// Whether an address belongs to the customer of a conversation, in any spelling. An address that they
    /// gave up is theirs until it has another owner.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn is_reached_by(&self, place: &Conversation, address: &Address) -> Result<bool, StoreError> {
        if place.recipient().is_some_and(|own| own.is_same(address)) {
            return Ok(true);
        }
        let Some(contact) = self.contact(&place.tenant, place.contact).await? else { return Ok(false) };
        if !contact.has(address) {
            return Ok(false);
        }
        let entries = self.ctx.store.addresses(&place.tenant, &address.spellings()).await?;
        let now = self.ctx.ids.now();
        for owner in entries.into_iter().flatten().filter_map(|entry| entry.owner(now)) {
            let owner = self.contact(&place.tenant, owner).await?;
            if owner.is_some_and(|owner| owner.id != contact.id) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The writes for a new company name of a contact: the copies in its conversations, and the event.
    pub(crate) async fn renamed(&self, contact: &Contact) -> Result<Vec<Write>, StoreError> {
        let mut changes = Vec::new();
        for id in contact.conversations.values() {
            if let Some(mut place) = self.ctx.store.conversation(&contact.tenant, *id).await?
                && place.given_name != contact.given_name
            {
                place.given_name.clone_from(&contact.given_name);
                changes.push(Write::Put(Record::Conversation(place)));
            }
        }
        changes.push(self.contact_updated(contact));
        Ok(changes)
    }

    /// The writes for a new profile name, which a message in this conversation brought.
    pub(crate) async fn profile_changed(&self, place: &Conversation) -> Result<Vec<Write>, StoreError> {
        let Some(mut contact) = self.ctx.store.contact(&place.tenant, place.contact).await? else {
            return Ok(Vec::new());
        };
        if (&contact.name, &contact.username) == (&place.name, &place.username) {
            return Ok(Vec::new());
        }
        contact.name.clone_from(&place.name);
        contact.username.clone_from(&place.username);
        let event = self.contact_updated(&contact);
        Ok(vec![Write::Put(Record::Contact(contact)), event])
    }

    /// Applies a contact's name in the company's phone: it becomes the name of a customer who has neither a
    /// company name nor a profile name.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn named_by_phone(
        &self,
        channel: &Channel,
        report: &NameReport,
    ) -> Result<Disposition, StoreError> {
        self.ctx
            .until_committed(|| async {
                let now = self.ctx.ids.now();
                let entries = self.ctx.store.addresses(&channel.tenant, &report.customer.addresses()).await?;
                let owner = entries.iter().flatten().find_map(|entry| entry.owner(now));
                let contact = match owner {
                    Some(owner) => self.contact(&channel.tenant, owner).await?,
                    None => None,
                };
                // A person who never wrote is not a contact yet.
                let Some(mut contact) = contact else { return Ok(Decision::Done(Disposition::Kept)) };
                if contact.shown_name().is_some() {
                    return Ok(Decision::Done(Disposition::Duplicate));
                }
                contact.name.clone_from(&report.customer.name);
                let mut changes = vec![self.contact_updated(&contact)];
                for id in contact.conversations.values() {
                    if let Some(mut place) = self.ctx.store.conversation(&contact.tenant, *id).await?
                        && place.name.is_none()
                    {
                        place.name.clone_from(&contact.name);
                        changes.push(Write::Put(Record::Conversation(place)));
                    }
                }
                changes.push(Write::Put(Record::Contact(contact)));
                Ok(Decision::Commit(changes, Disposition::Stored))
            })
            .await
    }

    fn contact_updated(&self, contact: &Contact) -> Write {
        Write::Put(Record::Event(
            self.ctx.event(&contact.tenant, EventKind::ContactUpdated { contact: contact.id }),
        ))
    }
}
