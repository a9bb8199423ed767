//! Checks of channels: what is on record of them.

use async_trait::async_trait;

use super::book::StoreError;
use crate::domain::{
    checkup::ChannelCheck,
    id::{ChannelId, TenantId},
};

/// Reads of what checks found. They are written through the book.
#[async_trait]
pub trait Checkups: Send + Sync {
    /// What the last check of a channel found; none before its first.
    async fn last_check(
        &self,
        tenant: &TenantId,
        channel: ChannelId,
    ) -> Result<Option<ChannelCheck>, StoreError>;
}
