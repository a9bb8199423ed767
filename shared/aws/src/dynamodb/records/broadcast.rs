//! The row of a broadcast, and the list of a tenant's broadcasts.

use async_trait::async_trait;

use crate::dynamodb::{
    Table,
    index::List,
    keys::{Key, of},
    record::{Condition, Indexes, StoredRecord, readable},
};
use ventanilla_core::{
    domain::{
        broadcast::{Broadcast, KEPT},
        id::{BroadcastId, TenantId},
        time::Timestamp,
    },
    ports::{
        broadcasts::BroadcastReads,
        inbox::{Page, SortOrder},
        store::StoreError,
    },
};

pub(crate) fn key(tenant: &TenantId, id: BroadcastId) -> Key {
    Key::only(format!("{}B#{:016}", of(tenant), id.get()))
}

/// The list of a tenant's broadcasts.
pub(crate) fn list(tenant: &TenantId) -> String {
    format!("{}B", of(tenant))
}

/// The sort key of a broadcast in it.
pub(crate) fn place(id: BroadcastId) -> String {
    format!("{:016}", id.get())
}

/// The broadcast with this sort key.
fn broadcast_at(place: &str) -> Option<BroadcastId> {
    place.parse::<u64>().ok()?.try_into().ok()
}

impl StoredRecord for Broadcast {
    const KIND: &'static str = "broadcast";

    fn key(&self) -> Key {
        key(&self.tenant, self.id)
    }

    fn condition(&self) -> Condition {
        Condition::unchanged(self.rev)
    }

    fn indexes(&self) -> Indexes {
        Indexes::list(list(&self.tenant), place(self.id))
    }

    fn ttl(&self) -> Option<Timestamp> {
        Some(self.created_at.plus(KEPT))
    }
}

#[async_trait]
impl BroadcastReads for Table {
    async fn broadcast(&self, tenant: &TenantId, id: BroadcastId) -> Result<Option<Broadcast>, StoreError> {
        self.get_as(key(tenant, id)).await
    }

    async fn broadcasts(
        &self,
        tenant: &TenantId,
        after: Option<BroadcastId>,
        order: SortOrder,
        limit: u16,
    ) -> Result<Page<Broadcast, BroadcastId>, StoreError> {
        let after = after.map(|id| (key(tenant, id), place(id)));
        let page = List::of(list(tenant)).page(self, after, order, limit, broadcast_at).await?;
        Ok(Page { items: readable(Some(page.items)), next: page.next })
    }
}
