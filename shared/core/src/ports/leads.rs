//! Reads of the leads that ABC Sales' contract shows.

use async_trait::async_trait;

use super::store::StoreError;
use crate::domain::{
    id::{ContactId, TenantId},
    lead::{ExternalLeadId, Lead},
};

/// Reads of leads. They are written through the store.
#[async_trait]
pub trait LeadRecords: Send + Sync {
    /// The lead of a contact; `None` where it has no fields of its own.
    async fn lead(&self, tenant: &TenantId, id: ContactId) -> Result<Option<Lead>, StoreError>;

    /// The lead with this id of the company's own.
    async fn lead_called(
        &self,
        tenant: &TenantId,
        external: &ExternalLeadId,
    ) -> Result<Option<ContactId>, StoreError>;
}
