//! Reads of opt-outs from marketing.

use async_trait::async_trait;

use super::{inbox::Page, store::StoreError};
use crate::domain::{contact::Address, id::TenantId, opt_out::OptOut};

/// Reads of opt-outs. They are written through the store.
#[async_trait]
pub trait OptOutRecords: Send + Sync {
    /// The stored choice of an address; `None` where there is none.
    async fn opt_out(&self, tenant: &TenantId, address: &Address) -> Result<Option<OptOut>, StoreError>;

    /// The stored choices of all addresses of the tenant, in no order, including those that opted in again.
    async fn suppressions(
        &self,
        tenant: &TenantId,
        after: Option<String>,
        limit: u16,
    ) -> Result<Page<OptOut, String>, StoreError>;
}
