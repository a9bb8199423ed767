//! Reading the archive of callbacks.

use async_trait::async_trait;

use super::{inbox::Page, store::StoreError};
use crate::domain::{
    raw::{RawItem, RawOwner},
    time::Timestamp,
};

/// Where a reading goes on. Only the store knows what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveMark {
    /// Which part of the hour.
    pub shard: u32,
    /// The place in it; none for its beginning.
    pub after: Option<String>,
}

/// The callbacks that are kept as they came.
#[async_trait]
pub trait Archive: Send + Sync {
    /// What came for an owner in the hour of `hour`, in no order, from `mark` on.
    async fn hour(
        &self,
        owner: &RawOwner,
        hour: Timestamp,
        mark: Option<ArchiveMark>,
    ) -> Result<Page<RawItem, ArchiveMark>, StoreError>;
}
