//! The list of a tenant's broadcasts.

use crate::{
    domain::{
        broadcast::{Batch, Broadcast},
        id::{BroadcastId, TenantId},
    },
    ports::{
        inbox::{Page, SortOrder},
        store::StoreError,
    },
    usecases::Broadcasts,
};

/// A broadcast in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The broadcast as it was requested.
    pub broadcast: Broadcast,
    /// Whether some recipients are still to be tried.
    pub goes_on: bool,
}

impl Broadcasts {
    /// Broadcasts of the tenant, by creation time.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list_broadcasts(
        &self,
        tenant: &TenantId,
        after: Option<BroadcastId>,
        order: SortOrder,
        limit: u16,
    ) -> Result<Page<Listed, BroadcastId>, StoreError> {
        let page = self.broadcast_records.broadcasts(tenant, after, order, limit).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for broadcast in page.items {
            // A recipient who was not tried within a day never is, so only the latest broadcasts have to be
            // checked.
            let goes_on = broadcast.expired_outcome(self.ctx.ids.now()).is_none()
                && !self.broadcast_records.pieces(tenant, broadcast.id).await?.iter().all(Batch::is_done);
            items.push(Listed { broadcast, goes_on });
        }
        Ok(Page { items, next: page.next })
    }
}
