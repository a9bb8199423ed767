//! Callers and channels, in the table.

use async_trait::async_trait;

use super::{Table, keys};
use crate::{
    domain::{
        caller::{ApiKey, KeyHash, Tenant},
        channel::{Channel, ChannelRoute},
        id::{ChannelId, PhoneNumberId, TenantId},
    },
    port::{book::StoreError, directory::Directory},
};

#[async_trait]
impl Directory for Table {
    async fn api_key(&self, hash: &KeyHash) -> Result<Option<ApiKey>, StoreError> {
        self.get_as(keys::api_key(hash)).await
    }

    async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>, StoreError> {
        self.get_as(keys::tenant(id)).await
    }

    async fn channel(&self, tenant: &TenantId, id: ChannelId) -> Result<Option<Channel>, StoreError> {
        self.get_as(keys::channel(tenant, id)).await
    }

    async fn channel_of_number(&self, number: &PhoneNumberId) -> Result<Option<Channel>, StoreError> {
        match self.get_as::<ChannelRoute>(keys::route(number)).await? {
            Some(route) => self.channel(&route.tenant, route.channel).await,
            None => Ok(None),
        }
    }
}
