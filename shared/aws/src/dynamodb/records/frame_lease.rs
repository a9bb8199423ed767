//! The lock on a socket's frames.

use async_trait::async_trait;

use crate::dynamodb::{
    Table,
    keys::{Key, of},
    record::{Condition, StoredRecord},
};
use ventanilla_core::{
    domain::{frame::FrameLease, id::TenantId, socket::SocketId, time::Timestamp},
    ports::{sockets::FrameLeaseReads, store::StoreError},
};

pub(crate) fn key(tenant: &TenantId, socket: &SocketId) -> Key {
    Key::only(format!("{}Y#{}", of(tenant), socket.as_str()))
}

impl StoredRecord for FrameLease {
    const KIND: &'static str = "lane";

    fn key(&self) -> Key {
        key(&self.tenant, &self.socket)
    }

    fn condition(&self) -> Condition {
        Condition::unchanged(self.rev)
    }

    fn ttl(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}

#[async_trait]
impl FrameLeaseReads for Table {
    async fn frame_lease(
        &self,
        tenant: &TenantId,
        socket: &SocketId,
    ) -> Result<Option<FrameLease>, StoreError> {
        self.get_as(key(tenant, socket)).await
    }
}
