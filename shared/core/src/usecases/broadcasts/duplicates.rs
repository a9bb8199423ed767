//! Who comes twice in a list of recipients: by the same number in another spelling, or as the same contact by
//! another address of theirs.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use tokio::{sync::Semaphore, task::JoinSet};
use tracing::Instrument;

use crate::{
    domain::{
        broadcast::{Entry, EntryRecipient, Outcome, mark_duplicates},
        contact::{Address, in_all_spellings},
        id::{ContactId, ConversationId, TenantId},
        idempotency::IdempotencyKey,
    },
    ports::store::StoreError,
    usecases::Broadcasts,
};

/// How many conversations are looked up at a time.
const LOOKS: usize = 32;

impl Broadcasts {
    /// Marks everybody who came before in the list. Who was sent to under the same key is not marked: a repeat of a
    /// request tells what the request did, also when two turned out to be one since then.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn mark_duplicates(
        &self,
        tenant: &TenantId,
        key: Option<&IdempotencyKey>,
        entries: &mut [Entry],
    ) -> Result<(), StoreError> {
        let named: Vec<EntryRecipient> = entries.iter().filter_map(Entry::recipient).collect();
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
                entry.outcome = Outcome::fresh();
            }
        }
        Ok(())
    }

    /// Who has each of these addresses today, by every spelling of it.
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

    /// Who each of these conversations is with.
    async fn contacts_of_conversations(
        &self,
        tenant: &TenantId,
        ids: Vec<ConversationId>,
    ) -> Result<BTreeMap<ConversationId, ContactId>, StoreError> {
        let lanes = Arc::new(Semaphore::new(LOOKS));
        let mut looking = JoinSet::new();
        for id in ids {
            let (ctx, lanes, tenant) = (Arc::clone(&self.ctx), Arc::clone(&lanes), tenant.clone());
            let look = async move {
                let _lane = lanes.acquire_owned().await;
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
