//! Who does not want marketing.

use async_trait::async_trait;

use super::{inbox::Page, store::StoreError};
use crate::domain::{contact::Address, id::TenantId, suppression::Suppression};

/// Reads of suppressions. They are written through the store.
#[async_trait]
pub trait Suppressions: Send + Sync {
    /// What is known of an address.
    async fn suppression(
        &self,
        tenant: &TenantId,
        address: &Address,
    ) -> Result<Option<Suppression>, StoreError>;

    /// What is known of all addresses of the tenant, in no order, also of those that may be written to again.
    async fn suppressions(
        &self,
        tenant: &TenantId,
        after: Option<String>,
        limit: u16,
    ) -> Result<Page<Suppression, String>, StoreError>;
}
