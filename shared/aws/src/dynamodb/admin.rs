//! Lists of the operator's records. They may lag behind the writes by a moment.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    Table,
    index::List,
    keys,
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
    /// All tenants, by their ids. A tenant whose row is older than this list is missing until it is written
    /// again.
    ///
    /// # Errors
    /// When the store fails, or a row cannot be decoded.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        List::of(tenant::LIST.to_owned()).all(self).await?.into_iter().map(read).collect()
    }

    /// A tenant's API keys by name, including revoked ones; as with [`Table::tenants`], old rows may be
    /// missing.
    ///
    /// # Errors
    /// When the store fails, or a row cannot be decoded.
    pub async fn api_keys(&self, tenant: &TenantId) -> Result<Vec<(KeyHash, ApiKey)>, StoreError> {
        let mut found = Vec::new();
        for row in List::of(api_key::list(tenant)).all(self).await? {
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
