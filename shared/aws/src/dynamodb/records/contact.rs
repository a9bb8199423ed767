//! A contact. One that was merged into another keeps its row, which says so, and is on no list.

use async_trait::async_trait;
use serde::Serialize;

use crate::dynamodb::{
    Table,
    index::List,
    keys::{Key, of},
    pages::{LOOKED_THROUGH, LOOKS},
    record::{Condition, Indexes, Row, StoredRecord, merged_into, read, readable_as},
};
use ventanilla_core::{
    domain::{
        contact::{Contact, MergedContact},
        id::{ContactId, TenantId},
        listing::NameSearch,
    },
    ports::{
        contacts::{ContactList, ContactRow, ContactRows},
        inbox::{Page, SortOrder},
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

impl StoredRecord for Contact {
    const KIND: &'static str = "contact";

    fn key(&self) -> Key {
        key(&self.tenant, self.id)
    }

    fn condition(&self) -> Condition {
        Condition::unchanged(self.rev)
    }

    fn indexes(&self) -> Indexes {
        Indexes::list(list(&self.tenant), place(self.id))
    }
}

/// The row of a contact that was merged into another.
#[derive(Serialize)]
pub(crate) struct MergedContactRow<'a> {
    #[serde(flatten)]
    contact: &'a Contact,
    merged_into: ContactId,
}

impl<'a> MergedContactRow<'a> {
    pub(crate) fn of(it: &'a MergedContact) -> Self {
        Self { contact: &it.contact, merged_into: it.into }
    }
}

impl StoredRecord for MergedContactRow<'_> {
    const KIND: &'static str = Contact::KIND;

    fn key(&self) -> Key {
        self.contact.key()
    }

    fn condition(&self) -> Condition {
        self.contact.condition()
    }
}

/// Reads the row of a contact, whether it was merged or not.
fn row(row: Row) -> Result<ContactRow, StoreError> {
    let into = merged_into(&row)?;
    let contact = read(row)?;
    Ok(match into {
        None => ContactRow::Current(contact),
        Some(into) => ContactRow::Merged(MergedContact { contact, into }),
    })
}

#[async_trait]
impl ContactRows for Table {
    async fn contact_row(&self, tenant: &TenantId, id: ContactId) -> Result<Option<ContactRow>, StoreError> {
        self.get(key(tenant, id)).await?.map(row).transpose()
    }
}

#[async_trait]
impl ContactList for Table {
    async fn contacts(
        &self,
        tenant: &TenantId,
        named: Option<&NameSearch>,
        after: Option<ContactId>,
        order: SortOrder,
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
        order: SortOrder,
        limit: u16,
    ) -> Result<Page<Contact, ContactId>, StoreError> {
        let after = after.map(|id| (key(tenant, id), place(id)));
        let page = List::of(list(tenant)).page(self, after, order, limit, contact_at).await?;
        // The list may lag behind a merge.
        let items = readable_as(Some(page.items), row).into_iter().filter_map(ContactRow::current);
        Ok(Page { items: items.collect(), next: page.next })
    }
}
