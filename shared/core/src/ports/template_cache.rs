//! Reads of the template cache.

use async_trait::async_trait;

use super::store::StoreError;
use crate::domain::{
    channel::Channel,
    id::{TemplateAccountId, TenantId},
    template::{CallBudget, Template, TemplateCache, TemplateKey},
};

/// Reads of the state of template caches.
#[async_trait]
pub trait TemplateCacheReads: Send + Sync {
    /// The state of the cache of an account; `None` before its first sync.
    async fn template_cache(
        &self,
        tenant: &TenantId,
        id: &TemplateAccountId,
    ) -> Result<Option<TemplateCache>, StoreError>;
}

/// Reads of cached templates.
#[async_trait]
pub trait TemplateReads: Send + Sync {
    /// Every cached template, including those that the provider deleted.
    async fn templates(&self, tenant: &TenantId, id: &TemplateAccountId)
    -> Result<Vec<Template>, StoreError>;

    /// The cached template of this name and language; `None` where the cache has none.
    async fn template(
        &self,
        tenant: &TenantId,
        id: &TemplateAccountId,
        key: &TemplateKey,
    ) -> Result<Option<Template>, StoreError>;
}

/// Reads of the rate limits of list calls.
#[async_trait]
pub trait CallBudgetReads: Send + Sync {
    /// The list calls that are left for an account, shared by its tenants; `None` before the first call.
    async fn call_budget(&self, account: &TemplateAccountId) -> Result<Option<CallBudget>, StoreError>;
}

/// Reads of the template cache, and of the channels that use it. It is written through the store.
#[async_trait]
pub trait TemplateCaches: TemplateCacheReads + TemplateReads + CallBudgetReads {
    /// All channels of all tenants. May lag behind the writes by a moment.
    async fn channels(&self) -> Result<Vec<Channel>, StoreError>;

    /// The channels of any tenant whose templates belong to this account.
    async fn owners(&self, id: &TemplateAccountId) -> Result<Vec<Channel>, StoreError> {
        let mut channels = self.channels().await?;
        channels.retain(|channel| channel.template_account.as_ref() == Some(id));
        Ok(channels)
    }
}
