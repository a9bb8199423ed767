//! Duplicate recipients in a list: the same number in another spelling, or the same contact by another
//! address.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use tokio::{sync::Semaphore, task::JoinSet};
use tracing::Instrument;

use crate::{
    domain::{
        broadcast::{EntryOutcome, EntryRecipient, RecipientEntry, mark_duplicates},
        contact::{Address, in_all_spellings},
        id::{ContactId, ConversationId, TenantId},
        idempotency::IdempotencyKey,
    },
    ports::store::StoreError,
    usecases::Broadcasts,
};

/// Conversations that are looked up concurrently.
const LOOKS: usize = 32;

impl Broadcasts {
    /// Marks the entries whose recipient comes earlier in the list. A recipient who was sent to under the
    /// same key is not marked: a repeated request reports what the first one did, even when two contacts
    /// were merged since.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn mark_duplicates(
        &self,
        tenant: &TenantId,
        key: Option<&IdempotencyKey>,
        entries: &mut [RecipientEntry],
    ) -> Result<(), StoreError> {
        let named: Vec<EntryRecipient> = entries.iter().filter_map(RecipientEntry::recipient).collect();
        if named.len() < 2 {
            return Ok(());
        }
        let addresses: Vec<Address> = named.iter().filter_map(EntryRecipient::address).collect();
        let conversations = named.iter().filter_map(|recipient| match recipient {
            EntryRecipient::Conversation(id) => Some(*id),
            _ => None,
        });
        let (by_address, by_conversation) = tokio::join!(
            self.owners(tenant, &addresses),
            self.contacts_of_conversations(tenant, conversations.collect()),
        );
        let (by_address, by_conversation) = (by_address?, by_conversation?);
        let marked = mark_duplicates(entries, |recipient| match recipient {
            EntryRecipient::Conversation(id) => by_conversation.get(id).copied(),
            other => {
                let spellings = other.address()?.spellings();
                spellings.iter().find_map(|spelling| by_address.get(spelling)).copied()
            }
        });
        let Some(key) = key.filter(|_| !marked.is_empty()) else { return Ok(()) };
        let mut named_before = BTreeSet::new();
        let first = entries.iter().enumerate().filter_map(|(place, entry)| Some((place, entry.recipient()?)));
        let first = first.filter(|(_, recipient)| named_before.insert(recipient.clone()));
        let places: Vec<(usize, EntryRecipient)> =
            first.filter(|(place, _)| marked.binary_search(place).is_ok()).collect();
        for place in self.sending.begun_at(tenant, key, &places).await? {
            if let Some(entry) = entries.get_mut(place) {
                entry.outcome = EntryOutcome::fresh();
            }
        }
        Ok(())
    }

    /// The current owner of each of these addresses, by every spelling of it.
    async fn owners(
        &self,
        tenant: &TenantId,
        addresses: &[Address],
    ) -> Result<BTreeMap<Address, ContactId>, StoreError> {
        if addresses.is_empty() {
            return Ok(BTreeMap::new());
        }
        let entries = self.ctx.store.addresses(tenant, &in_all_spellings(addresses)).await?;
        let now = self.ctx.ids.now();
        let owned = entries.into_iter().flatten().filter_map(|it| Some((it.address.clone(), it.owner(now)?)));
        Ok(owned.collect())
    }

    /// The contact of each of these conversations.
    async fn contacts_of_conversations(
        &self,
        tenant: &TenantId,
        ids: Vec<ConversationId>,
    ) -> Result<BTreeMap<ConversationId, ContactId>, StoreError> {
        let permits = Arc::new(Semaphore::new(LOOKS));
        let mut looking = JoinSet::new();
        for id in ids {
            let (ctx, permits, tenant) = (Arc::clone(&self.ctx), Arc::clone(&permits), tenant.clone());
            let look = async move {
                let _lane = permits.acquire_owned().await;
                (id, ctx.conversation(&tenant, id).await)
            };
            looking.spawn(look.in_current_span());
        }
        let mut known = BTreeMap::new();
        while let Some(ended) = looking.join_next().await {
            let broke_off = |_| StoreError::Unavailable("a look broke off".to_owned());
            let (id, found) = ended.map_err(broke_off)?;
            known.extend(found?.map(|conversation| (id, conversation.contact)));
        }
        Ok(known)
    }
}
