//! The row of an idempotency key's result.

use async_trait::async_trait;

use super::KEY_MARGIN;
use crate::dynamodb::{
    Table,
    keys::{Key, of},
    record::{Condition, StoredRecord, read},
};
use ventanilla_core::{
    domain::{
        id::TenantId,
        idempotency::{HashedKey, KeyRecord},
        time::Timestamp,
    },
    ports::{attempts::KeyReads, store::StoreError},
};

pub(crate) fn key(tenant: &TenantId, key: &HashedKey) -> Key {
    Key::only(format!("{}I#{}", of(tenant), key.as_str()))
}

impl StoredRecord for KeyRecord {
    const KIND: &'static str = "key";

    fn key(&self) -> Key {
        key(&self.tenant, &self.key)
    }

    fn condition(&self) -> Condition {
        Condition::unchanged(self.rev)
    }

    fn ttl(&self) -> Option<Timestamp> {
        Some(self.expires_at.plus(KEY_MARGIN))
    }
}

#[async_trait]
impl KeyReads for Table {
    async fn key(&self, tenant: &TenantId, wanted: &HashedKey) -> Result<Option<KeyRecord>, StoreError> {
        self.get_as(key(tenant, wanted)).await
    }

    async fn keys(&self, tenant: &TenantId, wanted: &[HashedKey]) -> Result<Vec<KeyRecord>, StoreError> {
        let wanted = wanted.iter().map(|wanted| key(tenant, wanted)).collect();
        self.get_several(wanted, &[]).await?.into_iter().map(read).collect()
    }
}
