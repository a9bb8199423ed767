//! A batch of a broadcast, beside the broadcast.

use async_trait::async_trait;

use super::broadcast;
use crate::dynamodb::{
    Table,
    keys::Key,
    record::{Condition, Indexes, StoredRecord, read},
};
use ventanilla_core::{
    domain::{
        broadcast::{Batch, BatchId, KEPT},
        id::{BroadcastId, TenantId},
        time::Timestamp,
    },
    ports::{broadcasts::BatchReads, store::StoreError},
};

/// The prefix of the sort keys of batches.
const PIECES: &str = "Q#";

pub(crate) fn key(id: &BatchId) -> Key {
    Key { sk: format!("{PIECES}{:04}", id.number), ..broadcast::key(&id.tenant, id.broadcast) }
}

impl StoredRecord for Batch {
    const KIND: &'static str = "piece";

    fn key(&self) -> Key {
        key(&self.id)
    }

    fn condition(&self) -> Condition {
        Condition::unchanged(self.rev)
    }

    fn indexes(&self) -> Indexes {
        let BatchId { tenant, broadcast, number } = &self.id;
        let broadcast = broadcast.get();
        Indexes::due(broadcast, self.due_at, &format!("{tenant}#{broadcast:016}#{number:04}"))
    }

    fn ttl(&self) -> Option<Timestamp> {
        Some(self.created_at.plus(KEPT))
    }
}

#[async_trait]
impl BatchReads for Table {
    async fn batch(&self, id: &BatchId) -> Result<Option<Batch>, StoreError> {
        self.get_as(key(id)).await
    }

    async fn pieces(&self, tenant: &TenantId, id: BroadcastId) -> Result<Vec<Batch>, StoreError> {
        let question = self.partition(broadcast::key(tenant, id).pk, PIECES);
        self.all_pages(question).await?.into_iter().map(read).collect()
    }
}
