//! Writes of tenants and API keys, which an operator configures.

use super::{Table, record::StoredRecord, records::api_key::HashedApiKey, table::unavailable};
use ventanilla_core::{
    domain::caller::{ApiKey, KeyHash, Tenant},
    ports::store::StoreError,
};

impl Table {
    /// Writes a tenant's settings, replacing the stored ones.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn put_tenant(&self, tenant: &Tenant) -> Result<(), StoreError> {
        self.overwrite(tenant).await
    }

    /// Writes an API key, replacing the stored one.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn put_api_key(&self, hash: &KeyHash, key: &ApiKey) -> Result<(), StoreError> {
        self.overwrite(&HashedApiKey { hash, key }).await
    }

    async fn overwrite(&self, record: &impl StoredRecord) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.name).set_item(Some(record.row(None)?));
        put.send().await.map(drop).map_err(|error| unavailable("PutItem", &error))
    }
}
