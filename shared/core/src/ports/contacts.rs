//! Reads of contacts.

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

/// Reads of contacts.
#[async_trait]
pub trait ContactReads: Send + Sync {
    /// A contact of the tenant.
    async fn contact(&self, tenant: &TenantId, id: ContactId) -> Result<Option<Contact>, StoreError>;

    /// Contacts, by when they were first known; with a search, those whose names fit. Those that went into another
    /// are not shown; for those that cannot be read, what was said of messages holds. What a page costs is bounded, as
    /// with conversations.
    async fn contacts(
        &self,
        tenant: &TenantId,
        named: Option<&NameSearch>,
        after: Option<ContactId>,
        order: Order,
        limit: u16,
    ) -> Result<Page<Contact, ContactId>, StoreError>;
}

/// Reads of the addresses that lead to contacts.
#[async_trait]
pub trait AddressReads: Send + Sync {
    /// What is known of each of these addresses, in the same order.
    async fn addresses(
        &self,
        tenant: &TenantId,
        addresses: &[Address],
    ) -> Result<Vec<Option<AddressEntry>>, StoreError>;
}
