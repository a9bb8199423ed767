//! Reads of API keys, tenants and channels from the table.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::{
    Table,
    record::read,
    records::{api_key, business_number, channel, channel_route, tenant},
};
use ventanilla_core::{
    domain::{
        caller::{ApiKey, KeyHash, Tenant},
        channel::{BusinessNumber, Channel, ChannelRoute, ProviderApp},
        id::{ChannelId, InboundAddress, TenantId},
        phone::Phone,
    },
    ports::{
        credentials::Freshness, directory::Directory, store::StoreError, template_cache::TemplateCaches,
    },
};

#[async_trait]
impl Directory for Table {
    async fn api_key(&self, hash: &KeyHash, _how: Freshness) -> Result<Option<ApiKey>, StoreError> {
        self.get_as(api_key::key(hash)).await
    }

    async fn apps(&self, _how: Freshness) -> Result<BTreeSet<ProviderApp>, StoreError> {
        let app = |channel: Channel| channel.access.provider_app();
        Ok(self.channels().await?.into_iter().filter_map(app).collect())
    }

    async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>, StoreError> {
        self.get_as(tenant::key(id)).await
    }

    async fn channel(&self, tenant: &TenantId, id: ChannelId) -> Result<Option<Channel>, StoreError> {
        self.get_as(channel::key(tenant, id)).await
    }

    async fn channels_of(&self, tenant: &TenantId) -> Result<Vec<Channel>, StoreError> {
        let question = self.partition(tenant::key(tenant).pk, channel::CHANNELS);
        self.all_pages(question).await?.into_iter().map(read).collect()
    }

    async fn channel_with_number(
        &self,
        tenant: &TenantId,
        number: &Phone,
    ) -> Result<Option<Channel>, StoreError> {
        let entry = self.get_as::<BusinessNumber>(business_number::key(tenant, number)).await?;
        let Some(BusinessNumber { channel: id }) = entry else { return Ok(None) };
        let channel = self.channel(tenant, id).await?;
        // The channel may have another number by now.
        Ok(channel.filter(|channel| channel.number == *number))
    }

    async fn channel_of_inbound_address(
        &self,
        inbound_address: &InboundAddress,
    ) -> Result<Option<Channel>, StoreError> {
        match self.get_as::<ChannelRoute>(channel_route::key(inbound_address)).await? {
            Some(route) => self.channel(&route.tenant, route.channel).await,
            None => Ok(None),
        }
    }
}
