//! The directory of API keys, tenants and channels. It changes seldom, and may be a minute old.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::{credentials::Freshness, store::StoreError};
use crate::domain::{
    caller::{ApiKey, KeyHash, Tenant},
    channel::{Channel, ProviderApp},
    id::{ChannelId, InboundAddress, TenantId},
    phone::Phone,
};

/// Reads of what an operator configures.
#[async_trait]
pub trait Directory: Send + Sync {
    /// The API key with this hash, including revoked ones; read now where that is requested.
    async fn api_key(&self, hash: &KeyHash, how: Freshness) -> Result<Option<ApiKey>, StoreError>;

    /// Every app that signs webhooks of a channel. A channel that was added just now may be missing.
    async fn apps(&self, how: Freshness) -> Result<BTreeSet<ProviderApp>, StoreError>;

    /// Whether this app signs webhooks of a channel at its provider.
    ///
    /// # Errors
    /// When the store fails.
    async fn has_app(&self, app: &ProviderApp) -> Result<bool, StoreError> {
        let known = self.apps(Freshness::Cached).await?.contains(app);
        Ok(known || self.apps(Freshness::Refreshed).await?.contains(app))
    }

    /// The settings of a tenant.
    async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>, StoreError>;

    /// A channel of the tenant.
    async fn channel(&self, tenant: &TenantId, id: ChannelId) -> Result<Option<Channel>, StoreError>;

    /// All channels of the tenant, oldest id first; never cached.
    async fn channels_of(&self, tenant: &TenantId) -> Result<Vec<Channel>, StoreError>;

    /// The tenant's channel with this business number.
    async fn channel_with_number(
        &self,
        tenant: &TenantId,
        number: &Phone,
    ) -> Result<Option<Channel>, StoreError>;

    /// The channel of an inbound address.
    async fn channel_of_inbound_address(
        &self,
        inbound_address: &InboundAddress,
    ) -> Result<Option<Channel>, StoreError>;
}
