//! The state of a tenant's offline queue.

use async_trait::async_trait;

use crate::dynamodb::{
    Table,
    keys::{Key, of},
    record::{Condition, StoredRecord},
};
use ventanilla_core::{
    domain::{id::TenantId, offline_queue::OfflineQueueHead},
    ports::{sockets::OfflineQueueHeadReads, store::StoreError},
};

pub(crate) fn key(tenant: &TenantId) -> Key {
    Key::only(format!("{}O", of(tenant)))
}

impl StoredRecord for OfflineQueueHead {
    const KIND: &'static str = "waiting_room";

    fn key(&self) -> Key {
        key(&self.tenant)
    }

    fn condition(&self) -> Condition {
        Condition::unchanged(self.rev)
    }
}

#[async_trait]
impl OfflineQueueHeadReads for Table {
    async fn offline_queue_head(&self, tenant: &TenantId) -> Result<Option<OfflineQueueHead>, StoreError> {
        self.get_as(key(tenant)).await
    }
}
