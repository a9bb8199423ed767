//! The state of a tenant's offline queue.

use async_trait::async_trait;

use crate::dynamodb::{
    Table,
    keys::{Key, of},
    record::{Condition, Record},
};
use ventanilla_core::{
    domain::{id::TenantId, waiting::WaitingRoom},
    ports::{sockets::WaitingRoomReads, store::StoreError},
};

pub(crate) fn key(tenant: &TenantId) -> Key {
    Key::only(format!("{}O", of(tenant)))
}

impl Record for WaitingRoom {
    const KIND: &'static str = "waiting_room";

    fn key(&self) -> Key {
        key(&self.tenant)
    }

    fn condition(&self) -> Condition {
        Condition::unchanged(self.rev)
    }
}

#[async_trait]
impl WaitingRoomReads for Table {
    async fn waiting_room(&self, tenant: &TenantId) -> Result<Option<WaitingRoom>, StoreError> {
        self.get_as(key(tenant)).await
    }
}
