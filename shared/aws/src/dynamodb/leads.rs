//! Leads, in the table.

use async_trait::async_trait;

use super::{Table, keys};
use ventanilla_core::{
    domain::{
        id::{ContactId, TenantId},
        lead::{ExternalLeadId, Lead, LeadPointer},
    },
    ports::{leads::Leads, store::StoreError},
};

#[async_trait]
impl Leads for Table {
    async fn lead(&self, tenant: &TenantId, id: ContactId) -> Result<Option<Lead>, StoreError> {
        self.get_as(keys::lead(tenant, id)).await
    }

    async fn lead_called(
        &self,
        tenant: &TenantId,
        external: &ExternalLeadId,
    ) -> Result<Option<ContactId>, StoreError> {
        let known: Option<LeadPointer> = self.get_as(keys::lead_pointer(tenant, external)).await?;
        Ok(known.map(|known| known.lead))
    }
}
