//! Reads of contacts and of their addresses.

use async_trait::async_trait;

use super::{
    inbox::{Order, Page},
    store::StoreError,
};
use crate::domain::{
    contact::{Address, AddressEntry, Contact},
    id::{ContactId, TenantId},
    listing::NameSearch,
};

/// Reads of contacts, one by one or as lists.
#[async_trait]
pub trait ContactReads: Send + Sync {
    /// A contact of the tenant.
    async fn contact(&self, tenant: &TenantId, id: ContactId) -> Result<Option<Contact>, StoreError>;

    /// Contacts, by creation time; with a search, those whose names match. Merged contacts are left out, and
    /// so are rows that cannot be read, as with messages. The cost of a page is bounded, as with
    /// conversations.
    async fn contacts(
        &self,
        tenant: &TenantId,
        named: Option<&NameSearch>,
        after: Option<ContactId>,
        order: Order,
        limit: u16,
    ) -> Result<Page<Contact, ContactId>, StoreError>;
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
