//! A frame of a socket, beside the lock on the socket's frames.

use async_trait::async_trait;

use super::frame_lease;
use crate::dynamodb::{
    Table,
    keys::{Key, hash, sortable},
    record::{Condition, Indexes, StoredRecord, read},
    table::unavailable,
};
use ventanilla_core::{
    domain::{
        frame::{Frame, KEPT},
        id::TenantId,
        socket::SocketId,
        time::Timestamp,
    },
    ports::{sockets::FrameReads, store::StoreError},
};

/// The prefix of the sort keys of frames.
const FRAMES: &str = "F#";

impl StoredRecord for Frame {
    const KIND: &'static str = "frame";

    fn key(&self) -> Key {
        let sk = format!("{FRAMES}{}#{}", sortable(self.came_at), hash(&[&self.name]));
        Key { sk, ..frame_lease::key(&self.tenant, &self.socket) }
    }

    fn condition(&self) -> Condition {
        Condition::Absent
    }

    fn indexes(&self) -> Indexes {
        let name = format!("{}#{}#{}", self.tenant, self.socket.as_str(), hash(&[&self.name]));
        Indexes::due(self.came_at.millis().unsigned_abs(), Some(self.due_at()), &name)
    }

    fn ttl(&self) -> Option<Timestamp> {
        Some(self.came_at.plus(KEPT))
    }
}

#[async_trait]
impl FrameReads for Table {
    async fn first_frame(&self, tenant: &TenantId, socket: &SocketId) -> Result<Option<Frame>, StoreError> {
        let asked = self.partition(frame_lease::key(tenant, socket).pk, FRAMES).limit(1).send().await;
        let answer = asked.map_err(|error| unavailable("Query", &error))?;
        answer.items.and_then(|rows| rows.into_iter().next()).map(read).transpose()
    }

    async fn frame(&self, it: &Frame) -> Result<Option<Frame>, StoreError> {
        self.get_as(StoredRecord::key(it)).await
    }
}
