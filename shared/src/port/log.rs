//! The log of a tenant.

use async_trait::async_trait;

use super::book::StoreError;
use crate::domain::{
    event::Event,
    id::TenantId,
    log::{Cursor, LogHead, Numbered},
};

/// Reads of the log. It is written through the book.
#[async_trait]
pub trait Log: Send + Sync {
    /// Those of these events that have a number. All are of one tenant.
    async fn numbered(&self, events: &[Event]) -> Result<Vec<Numbered>, StoreError>;

    /// How far a tenant's log goes.
    async fn head(&self, tenant: &TenantId) -> Result<Option<LogHead>, StoreError>;

    /// The entries after a place and up to another, in their order, at most so many. Entries that are too old
    /// may be missing.
    async fn entries(
        &self,
        tenant: &TenantId,
        after: Cursor,
        end: Cursor,
        limit: usize,
    ) -> Result<Vec<Numbered>, StoreError>;
}
