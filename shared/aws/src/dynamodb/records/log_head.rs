//! The head of a tenant's log.

use async_trait::async_trait;

use crate::dynamodb::{
    Table,
    keys::{Key, of},
    record::{Condition, StoredRecord},
};
use ventanilla_core::{
    domain::{id::TenantId, log::LogHead},
    ports::{log::LogHeadReads, store::StoreError},
};

pub(crate) fn key(tenant: &TenantId) -> Key {
    Key::only(format!("{}G", of(tenant)))
}

impl StoredRecord for LogHead {
    const KIND: &'static str = "log_head";

    fn key(&self) -> Key {
        key(&self.tenant)
    }

    fn condition(&self) -> Condition {
        Condition::unchanged(self.rev)
    }
}

#[async_trait]
impl LogHeadReads for Table {
    async fn head(&self, tenant: &TenantId) -> Result<Option<LogHead>, StoreError> {
        self.get_as(key(tenant)).await
    }
}
