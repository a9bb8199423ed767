//! Leads: what a company's own system told of its customers.

use async_trait::async_trait;

use super::store::StoreError;
use crate::domain::{
    id::{ContactId, TenantId},
    lead::{ExternalLeadId, Lead},
};

/// Reads of leads. They are written through the store.
#[async_trait]
pub trait Leads: Send + Sync {
    /// What was told of a contact; none if nothing was.
    async fn lead(&self, tenant: &TenantId, id: ContactId) -> Result<Option<Lead>, StoreError>;

    /// The lead that the company has under this id of its own.
    async fn lead_called(
        &self,
        tenant: &TenantId,
        external: &ExternalLeadId,
    ) -> Result<Option<ContactId>, StoreError>;
}
