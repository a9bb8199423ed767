//! Reads of the archive of webhooks.

use async_trait::async_trait;

use super::{inbox::Page, store::StoreError};
use crate::domain::{
    raw::{RawItem, RawOwner},
    time::Timestamp,
};

/// The position in an archive read. Only the store knows its meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveMark {
    /// The part of the hour that is being read.
    pub shard: u32,
    /// The key in that part after which to continue; `None` for its beginning.
    pub after: Option<String>,
}

/// The archived webhooks, as received.
#[async_trait]
pub trait Archive: Send + Sync {
    /// The items of an owner that arrived in the hour of `hour`, in no order, from `mark` on.
    async fn hour(
        &self,
        owner: &RawOwner,
        hour: Timestamp,
        mark: Option<ArchiveMark>,
    ) -> Result<Page<RawItem, ArchiveMark>, StoreError>;
}
