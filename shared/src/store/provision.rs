//! Writing tenants, keys and channels into the table: what an operator sets up.

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;

use super::{
    Table,
    item::Row,
    keys::{self, Key},
    table::unavailable,
};
use crate::{
    domain::{
        caller::{ApiKey, KeyHash, Tenant},
        channel::{BusinessNumber, Channel, ChannelRoute},
    },
    port::book::StoreError,
};

impl Table {
    /// Writes a tenant's settings, over what is there.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn put_tenant(&self, tenant: &Tenant) -> Result<(), StoreError> {
        let list = Some((keys::TENANTS.to_owned(), tenant.id.to_string()));
        self.overwrite(keys::tenant(&tenant.id), "tenant", tenant, list).await
    }

    /// Writes an API key, over what is there.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn put_api_key(&self, hash: &KeyHash, key: &ApiKey) -> Result<(), StoreError> {
        let list = Some((keys::api_keys(&key.tenant), keys::api_key_place(&key.name, hash)));
        self.overwrite(keys::api_key(hash), "api_key", key, list).await
    }

    /// Writes a channel and the route of its callbacks, over what is there.
    ///
    /// # Errors
    /// When the store fails, or its line is another tenant's.
    pub async fn put_channel(&self, channel: &Channel) -> Result<(), StoreError> {
        let route =
            ChannelRoute { line: channel.line(), tenant: channel.tenant.clone(), channel: channel.id };
        // Callbacks of a line go to one tenant; taking it from another needs more than a config file.
        if let Some(known) = self.get_as::<ChannelRoute>(keys::route(&route.line)).await?
            && known.tenant != channel.tenant
        {
            let line = route.line.as_str();
            return Err(StoreError::Corrupt(format!("line {line} belongs to tenant {}", known.tenant)));
        }
        let place = keys::channel_place(&channel.tenant, channel.id);
        let list = Some((keys::CHANNELS.to_owned(), place));
        self.overwrite(keys::channel(&channel.tenant, channel.id), "channel", channel, list).await?;
        let number = BusinessNumber { channel: channel.id };
        let key = keys::business_number(&channel.tenant, &channel.number);
        self.overwrite(key, "business_number", &number, None).await?;
        self.overwrite(keys::route(&route.line), "route", &route, None).await
    }

    async fn overwrite<B: Serialize>(
        &self,
        key: Key,
        kind: &str,
        body: &B,
        list: Option<(String, String)>,
    ) -> Result<(), StoreError> {
        let mut row: Row = serde_dynamo::to_item(body).map_err(|e| StoreError::Corrupt(e.to_string()))?;
        row.insert(keys::PK.to_owned(), AttributeValue::S(key.pk));
        row.insert(keys::SK.to_owned(), AttributeValue::S(key.sk));
        row.insert("row".to_owned(), AttributeValue::S(kind.to_owned()));
        if let Some((list, place)) = list {
            row.insert(keys::G1PK.to_owned(), AttributeValue::S(list));
            row.insert(keys::G1SK.to_owned(), AttributeValue::S(place));
        }
        let put = self.client.put_item().table_name(&self.name).set_item(Some(row));
        put.send().await.map(drop).map_err(|error| unavailable("PutItem", &error))
    }
}
