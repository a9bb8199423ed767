//! Recipients who are named by contact id.

use std::sync::Arc;

use tokio::{sync::Semaphore, task::JoinSet};
use tracing::Instrument;

use crate::{
    domain::{
        broadcast::EntryRecipient,
        contact::Address,
        id::{ChannelId, ContactId, TenantId},
    },
    ports::store::StoreError,
    usecases::{Broadcasts, leads::Reach},
};

/// Contacts that are looked up concurrently.
const LOOKS: usize = 32;

impl Broadcasts {
    /// How each contact is reached on a channel now, in their order: by its conversation, or by its address.
    /// `None` for an unknown contact, and for one who cannot be reached.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn contacts_as_recipients(
        &self,
        tenant: &TenantId,
        channel: ChannelId,
        contacts: &[ContactId],
    ) -> Result<Vec<Option<EntryRecipient>>, StoreError> {
        let permits = Arc::new(Semaphore::new(LOOKS));
        let mut looking = JoinSet::new();
        for (place, id) in contacts.iter().copied().enumerate() {
            let (this, permits, tenant) = (self.clone(), Arc::clone(&permits), tenant.clone());
            let look = async move {
                let _lane = permits.acquire_owned().await;
                (place, this.contact_as_recipient(&tenant, channel, id).await)
            };
            looking.spawn(look.in_current_span());
        }
        let mut found: Vec<Option<EntryRecipient>> = contacts.iter().map(|_| None).collect();
        while let Some(ended) = looking.join_next().await {
            let broke_off = |_| StoreError::Unavailable("a look broke off".to_owned());
            let (place, recipient) = ended.map_err(broke_off)?;
            if let Some(slot) = found.get_mut(place) {
                *slot = recipient?;
            }
        }
        Ok(found)
    }

    async fn contact_as_recipient(
        &self,
        tenant: &TenantId,
        channel: ChannelId,
        id: ContactId,
    ) -> Result<Option<EntryRecipient>, StoreError> {
        let Some(found) = self.leads.lead(tenant, id).await? else { return Ok(None) };
        Ok(match self.leads.resolve_reach(tenant, &found, channel).await? {
            Reach::Conversation(id) => Some(EntryRecipient::Conversation(id)),
            Reach::Address(Address::Number(number)) => Some(EntryRecipient::Number(number)),
            Reach::Address(Address::Bsuid(id) | Address::Parent(id)) => Some(EntryRecipient::UserId(id)),
            Reach::Nowhere => None,
        })
    }
}
