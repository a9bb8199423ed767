//! Reads of contacts. As with conversations, an adapter reads rows as they are, and merges are followed here.

use async_trait::async_trait;

use super::{
    inbox::{Page, SortOrder},
    store::StoreError,
};
use crate::domain::{
    contact::{Address, AddressEntry, Contact, MergedContact},
    id::{ContactId, TenantId},
    listing::NameSearch,
};

/// What the row of a contact holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContactRow {
    /// A contact that goes on.
    Current(Contact),
    /// One that was merged into another.
    Merged(MergedContact),
}

impl ContactRow {
    /// The contact, if it goes on.
    #[must_use]
    pub fn current(self) -> Option<Contact> {
        match self {
            Self::Current(it) => Some(it),
            Self::Merged(_) => None,
        }
    }
}

/// Reads of the rows of contacts as they were written. Only what deals with merges itself needs them.
#[async_trait]
pub trait ContactRows: Send + Sync {
    /// The row of this id.
    async fn contact_row(&self, tenant: &TenantId, id: ContactId) -> Result<Option<ContactRow>, StoreError>;
}

/// The list of contacts.
#[async_trait]
pub trait ContactList: Send + Sync {
    /// Contacts, by when they were first known; with a search, those whose names fit. Merged ones are not shown; for
    /// those that cannot be read, what was said of messages holds. What a page costs is bounded, as with conversations.
    async fn contacts(
        &self,
        tenant: &TenantId,
        named: Option<&NameSearch>,
        after: Option<ContactId>,
        order: SortOrder,
        limit: u16,
    ) -> Result<Page<Contact, ContactId>, StoreError>;
}

/// Reads of contacts. A merged one is followed to the one that goes on.
#[async_trait]
pub trait ContactReads: ContactRows {
    /// The contact of this id, or the one that goes on in its place.
    ///
    /// # Errors
    /// When the store fails, or a merge leads nowhere.
    async fn contact(&self, tenant: &TenantId, id: ContactId) -> Result<Option<Contact>, StoreError>;

    /// All contacts from this id to the one that goes on: each was merged into the next. Empty when there is none.
    ///
    /// # Errors
    /// As [`Self::contact`].
    async fn contact_chain(&self, tenant: &TenantId, id: ContactId) -> Result<Vec<Contact>, StoreError>;
}

#[async_trait]
impl<T: ContactRows> ContactReads for T {
    async fn contact(&self, tenant: &TenantId, id: ContactId) -> Result<Option<Contact>, StoreError> {
        Ok(self.contact_chain(tenant, id).await?.pop())
    }

    async fn contact_chain(&self, tenant: &TenantId, id: ContactId) -> Result<Vec<Contact>, StoreError> {
        let Some(mut row) = self.contact_row(tenant, id).await? else { return Ok(Vec::new()) };
        let mut chain = Vec::new();
        loop {
            let merged = match row {
                ContactRow::Current(it) => {
                    chain.push(it);
                    return Ok(chain);
                }
                ContactRow::Merged(it) => it,
            };
            let ended = merged.contact.id;
            chain.push(merged.contact);
            let leads_nowhere = || StoreError::Corrupt(format!("contact {ended} was merged into none"));
            // The older of two goes on, so this ends; rows that say otherwise must not keep us here.
            if chain.iter().any(|passed| passed.id == merged.into) {
                return Err(leads_nowhere());
            }
            row = self.contact_row(tenant, merged.into).await?.ok_or_else(leads_nowhere)?;
        }
    }
}

/// Reads of contacts by address.
#[async_trait]
pub trait AddressReads: Send + Sync {
    /// The entry of each of these addresses, in the same order; `None` for an unknown one.
    async fn addresses(
        &self,
        tenant: &TenantId,
        addresses: &[Address],
    ) -> Result<Vec<Option<AddressEntry>>, StoreError>;
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    struct Rows(BTreeMap<ContactId, ContactRow>);

    #[async_trait]
    impl ContactRows for Rows {
        async fn contact_row(&self, _: &TenantId, id: ContactId) -> Result<Option<ContactRow>, StoreError> {
            Ok(self.0.get(&id).cloned())
        }
    }

    fn id(number: u64) -> ContactId {
        number.try_into().unwrap()
    }

    /// Contacts, each with the one that it was merged into.
    fn rows(all: &[(u64, Option<u64>)]) -> Rows {
        let row = |&(number, into): &(u64, Option<u64>)| {
            let contact: Contact = serde_json::from_value(json!({
                "id": number, "tenant": "demo", "addresses": [], "conversations": {}, "rev": 1,
            }))
            .unwrap();
            let row = match into {
                None => ContactRow::Current(contact),
                Some(into) => ContactRow::Merged(MergedContact { contact, into: id(into) }),
            };
            (id(number), row)
        };
        Rows(all.iter().map(row).collect())
    }

    #[tokio::test]
    async fn a_merged_contact_leads_to_the_one_that_goes_on() {
        let (rows, tenant) = (rows(&[(1, Some(2)), (2, Some(3)), (3, None)]), "demo".parse().unwrap());
        for (asked, passed) in [(1, vec![1, 2, 3]), (2, vec![2, 3]), (3, vec![3]), (4, vec![])] {
            let chain = rows.contact_chain(&tenant, id(asked)).await.unwrap();
            let current = rows.contact(&tenant, id(asked)).await.unwrap();
            assert_eq!(chain.iter().map(|it| it.id.get()).collect::<Vec<_>>(), passed);
            assert_eq!(current.as_ref(), chain.last());
        }
    }

    #[tokio::test]
    async fn a_merge_that_leads_nowhere_or_round_is_an_error() {
        let (rows, tenant) =
            (rows(&[(1, Some(9)), (2, Some(2)), (3, Some(4)), (4, Some(3))]), "demo".parse());
        let tenant: TenantId = tenant.unwrap();
        for broken in 1..=4 {
            let read = rows.contact(&tenant, id(broken)).await;
            assert!(matches!(read, Err(StoreError::Corrupt(_))), "{broken}: {read:?}");
        }
    }
}
