//! Writing tenants and keys into the table: what an operator sets up besides channels.

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;

use super::{
    Table,
    item::Row,
    keys::{self, Key},
    table::unavailable,
};
use ventanilla_core::{
    domain::caller::{ApiKey, KeyHash, Tenant},
    ports::store::StoreError,
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
