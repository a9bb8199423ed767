//! Finds a customer by an address.

use std::slice;

use crate::{
    domain::{
        contact::{Address, Contact, in_all_spellings},
        conversation::Conversation,
        id::{ContactId, ConversationId, TenantId},
    },
    ports::{inbox::InboxRecords, store::StoreError},
    usecases::Contacts,
};

impl Contacts {
    /// The contact that has an address now, in any spelling; `None` where nobody has it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn contact_at(
        &self,
        tenant: &TenantId,
        address: &Address,
    ) -> Result<Option<Contact>, StoreError> {
        let now = self.ctx.ids.now();
        let spellings = in_all_spellings(slice::from_ref(address));
        let entries = self.ctx.store.addresses(tenant, &spellings).await?;
        match entries.iter().flatten().find_map(|entry| entry.owner(now)) {
            Some(owner) => self.contact(tenant, owner).await,
            None => Ok(None),
        }
    }

    /// The conversations with the owner of an address, on every channel, latest message first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn conversations_at(
        &self,
        inbox: &dyn InboxRecords,
        tenant: &TenantId,
        address: &Address,
    ) -> Result<Vec<Conversation>, StoreError> {
        let Some(contact) = self.contact_at(tenant, address).await? else { return Ok(Vec::new()) };
        let ids: Vec<ConversationId> = contact.conversations.values().copied().collect();
        let mut found: Vec<Conversation> = inbox.several(tenant, &ids).await?.into_values().collect();
        found.sort_by_key(|it| std::cmp::Reverse((it.latest.at, it.id)));
        Ok(found)
    }

    /// A contact by its id; for a merged contact, the one it was merged into.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn contact(&self, tenant: &TenantId, id: ContactId) -> Result<Option<Contact>, StoreError> {
        self.ctx.store.contact(tenant, id).await
    }
}
