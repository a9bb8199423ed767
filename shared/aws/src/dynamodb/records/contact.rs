//! A contact. A merged one is in no list.

use async_trait::async_trait;

use crate::dynamodb::{
    Table,
    index::List,
    keys::{Key, of},
    pages::{LOOKED_THROUGH, LOOKS},
    record::{Condition, Indexes, Record},
};
use ventanilla_core::{
    domain::{
        contact::Contact,
        id::{ContactId, TenantId},
        listing::NameSearch,
    },
    ports::{
        contacts::ContactReads,
        inbox::{Order, Page},
        store::StoreError,
    },
};

pub(crate) fn key(tenant: &TenantId, id: ContactId) -> Key {
    Key::only(format!("{}K#{:016}", of(tenant), id.get()))
}

/// The list of a tenant's contacts.
pub(crate) fn list(tenant: &TenantId) -> String {
    format!("{}N", of(tenant))
}

/// The sort key of a contact in it.
pub(crate) fn place(id: ContactId) -> String {
    format!("{:016}", id.get())
}

/// The contact with this sort key.
pub(crate) fn contact_at(place: &str) -> Option<ContactId> {
    place.parse::<u64>().ok()?.try_into().ok()
}

impl Record for Contact {
    const KIND: &'static str = "contact";

    fn key(&self) -> Key {
        key(&self.tenant, self.id)
    }

    fn condition(&self) -> Condition {
        Condition::unchanged(self.rev)
    }

    fn indexes(&self) -> Indexes {
        let listed = || Indexes::list(list(&self.tenant), place(self.id));
        if self.merged_into.is_some() { Indexes::default() } else { listed() }
    }
}

#[async_trait]
impl ContactReads for Table {
    async fn contact(&self, tenant: &TenantId, id: ContactId) -> Result<Option<Contact>, StoreError> {
        self.get_as(key(tenant, id)).await
    }

    async fn contacts(
        &self,
        tenant: &TenantId,
        named: Option<&NameSearch>,
        after: Option<ContactId>,
        order: Order,
        limit: u16,
    ) -> Result<Page<Contact, ContactId>, StoreError> {
        let Some(search) = named else { return self.listed_contacts(tenant, after, order, limit).await };
        let mut items = Vec::new();
        let mut from = after;
        for _ in 0..LOOKS {
            let page = self.listed_contacts(tenant, from, order, LOOKED_THROUGH.max(limit)).await?;
            let mut rows = page.items.into_iter();
            while let Some(found) = rows.next() {
                let id = found.id;
                if search.fits(&found) {
                    items.push(found);
                }
                if items.len() == usize::from(limit) {
                    let more = rows.len() > 0 || page.next.is_some();
                    return Ok(Page { items, next: more.then_some(id) });
                }
            }
            from = page.next;
            if from.is_none() {
                break;
            }
        }
        Ok(Page { items, next: from })
    }
}

impl Table {
    async fn listed_contacts(
        &self,
        tenant: &TenantId,
        after: Option<ContactId>,
        order: Order,
        limit: u16,
    ) -> Result<Page<Contact, ContactId>, StoreError> {
        let after = after.map(|id| (key(tenant, id), place(id)));
        self.listed(&List::of(list(tenant)), after, order, limit, contact_at).await
    }
}
