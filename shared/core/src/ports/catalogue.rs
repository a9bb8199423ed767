//! Our copy of the providers' templates.

use async_trait::async_trait;

use super::store::StoreError;
use crate::domain::{
    channel::Channel,
    id::{CatalogueId, TenantId},
    template::{CallBudget, Catalogue, Template, TemplateKey},
};

/// Reads of the copy. It is written through the book.
#[async_trait]
pub trait Catalogues: Send + Sync {
    /// What is known of an account's copy as a whole.
    async fn catalogue(&self, tenant: &TenantId, id: &CatalogueId) -> Result<Option<Catalogue>, StoreError>;

    /// Every template of the copy, also those that the provider has no more.
    async fn templates(&self, tenant: &TenantId, id: &CatalogueId) -> Result<Vec<Template>, StoreError>;

    /// One template of the copy.
    async fn template(
        &self,
        tenant: &TenantId,
        id: &CatalogueId,
        key: &TemplateKey,
    ) -> Result<Option<Template>, StoreError>;

    /// The calls for lists that are left for an account, whose tenants share them; none before the first call.
    async fn call_budget(&self, account: &CatalogueId) -> Result<Option<CallBudget>, StoreError>;

    /// All channels of all tenants. May lag behind the writes by a moment.
    async fn channels(&self) -> Result<Vec<Channel>, StoreError>;

    /// The channels of any tenant that an account's templates are of, by the provider's id of the account.
    async fn owners(&self, id: &CatalogueId) -> Result<Vec<Channel>, StoreError> {
        let mut channels = self.channels().await?;
        channels.retain(|channel| channel.catalogue.as_ref() == Some(id));
        Ok(channels)
    }
}
