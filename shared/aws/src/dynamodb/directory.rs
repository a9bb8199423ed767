//! Callers and channels, in the table.

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;

use super::{Table, item::read, keys};
use ventanilla_core::{
    domain::{
        caller::{ApiKey, KeyHash, Tenant},
        channel::{BusinessNumber, Channel, ChannelRoute},
        id::{AppId, ChannelId, LineId, TenantId},
        phone::Phone,
    },
    ports::{book::StoreError, catalogue::Catalogues, credentials::Freshness, directory::Directory},
};

#[async_trait]
impl Directory for Table {
    async fn api_key(&self, hash: &KeyHash, _how: Freshness) -> Result<Option<ApiKey>, StoreError> {
        self.get_as(keys::api_key(hash)).await
    }

    async fn apps(&self, _how: Freshness) -> Result<BTreeSet<AppId>, StoreError> {
        let app = |channel: Channel| channel.access.app().cloned();
        Ok(self.channels().await?.into_iter().filter_map(app).collect())
    }

    async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>, StoreError> {
        self.get_as(keys::tenant(id)).await
    }

    async fn channel(&self, tenant: &TenantId, id: ChannelId) -> Result<Option<Channel>, StoreError> {
        self.get_as(keys::channel(tenant, id)).await
    }

    async fn channels_of(&self, tenant: &TenantId) -> Result<Vec<Channel>, StoreError> {
        let question = self
            .query()
            .key_condition_expression("pk = :tenant AND begins_with(sk, :channels)")
            .expression_attribute_values(":tenant", AttributeValue::S(keys::tenant(tenant).pk))
            .expression_attribute_values(":channels", AttributeValue::S(keys::OWN_CHANNELS.to_owned()))
            .consistent_read(true);
        self.all_pages(question).await?.into_iter().map(read).collect()
    }

    async fn channel_with_number(
        &self,
        tenant: &TenantId,
        number: &Phone,
    ) -> Result<Option<Channel>, StoreError> {
        let entry = self.get_as::<BusinessNumber>(keys::business_number(tenant, number)).await?;
        let Some(BusinessNumber { channel: id }) = entry else { return Ok(None) };
        let channel = self.channel(tenant, id).await?;
        // The channel may have another number by now.
        Ok(channel.filter(|channel| channel.number == *number))
    }

    async fn channel_of_line(&self, line: &LineId) -> Result<Option<Channel>, StoreError> {
        match self.get_as::<ChannelRoute>(keys::route(line)).await? {
            Some(route) => self.channel(&route.tenant, route.channel).await,
            None => Ok(None),
        }
    }
}
