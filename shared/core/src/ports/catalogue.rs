//! Our copy of the providers' templates.

use async_trait::async_trait;

use super::store::StoreError;
use crate::domain::{
    channel::Channel,
    id::{CatalogueId, TenantId},
    template::{CallBudget, Catalogue, Template, TemplateKey},
};

/// Reads of what is known of copies as a whole.
#[async_trait]
pub trait CatalogueReads: Send + Sync {
    /// What is known of an account's copy as a whole.
    async fn catalogue(&self, tenant: &TenantId, id: &CatalogueId) -> Result<Option<Catalogue>, StoreError>;
}

/// Reads of the templates of copies.
#[async_trait]
pub trait TemplateReads: Send + Sync {
    /// Every template of the copy, also those that the provider has no more.
    async fn templates(&self, tenant: &TenantId, id: &CatalogueId) -> Result<Vec<Template>, StoreError>;

    /// One template of the copy.
    async fn template(
        &self,
        tenant: &TenantId,
        id: &CatalogueId,
        key: &TemplateKey,
    ) -> Result<Option<Template>, StoreError>;
}

/// Reads of the calls that are left.
#[async_trait]
pub trait CallBudgetReads: Send + Sync {
    /// The calls for lists that are left for an account, whose tenants share them; none before the first call.
    async fn call_budget(&self, account: &CatalogueId) -> Result<Option<CallBudget>, StoreError>;
}

/// Reads of the copy, and whose it is. It is written through the store.
#[async_trait]
pub trait Catalogues: CatalogueReads + TemplateReads + CallBudgetReads {
    /// All channels of all tenants. May lag behind the writes by a moment.
    async fn channels(&self) -> Result<Vec<Channel>, StoreError>;

    /// The channels of any tenant that an account's templates are of, by the provider's id of the account.
    async fn owners(&self, id: &CatalogueId) -> Result<Vec<Channel>, StoreError> {
        let mut channels = self.channels().await?;
        channels.retain(|channel| channel.catalogue.as_ref() == Some(id));
        Ok(channels)
    }
}
