//! Lists of what an operator set up. They may lag behind the writes by a moment.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    Table, keys,
    record::read,
    records::{api_key, tenant},
};
use ventanilla_core::{
    domain::{
        caller::{ApiKey, KeyHash, Tenant},
        id::TenantId,
    },
    ports::store::StoreError,
};

impl Table {
    /// All tenants, by their ids. One that was last written before there was this list is missing until it is
    /// written again.
    ///
    /// # Errors
    /// When the store fails, or a row cannot be read.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        self.all_listed(tenant::LIST.to_owned()).await?.into_iter().map(read).collect()
    }

    /// A tenant's API keys by their names, revoked ones included; what was said of [`Table::tenants`] holds.
    ///
    /// # Errors
    /// When the store fails, or a row cannot be read.
    pub async fn api_keys(&self, tenant: &TenantId) -> Result<Vec<(KeyHash, ApiKey)>, StoreError> {
        let mut found = Vec::new();
        for row in self.all_listed(api_key::list(tenant)).await? {
            let hash = match row.get(keys::PK) {
                Some(AttributeValue::S(pk)) => api_key::hash_in(pk),
                _ => None,
            };
            let hash = hash.ok_or_else(|| StoreError::Corrupt("the key of an API key".to_owned()))?;
            found.push((hash, read(row)?));
        }
        Ok(found)
    }
}
