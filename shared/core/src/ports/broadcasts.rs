//! Reads of broadcasts and of their messages' outcomes.

use async_trait::async_trait;
use serde::Deserialize;

use super::{
    inbox::{Page, SortOrder},
    store::StoreError,
};
use crate::domain::{
    attempt::State,
    broadcast::{Batch, BatchId, Broadcast},
    delivery::{AttemptOutcome, Facts},
    id::{BroadcastId, MessageId, TenantId, Wamid},
    message::MessageAddress,
};

/// Reads of broadcasts, without their batches.
#[async_trait]
pub trait BroadcastReads: Send + Sync {
    /// A broadcast of the tenant.
    async fn broadcast(&self, tenant: &TenantId, id: BroadcastId) -> Result<Option<Broadcast>, StoreError>;

    /// Broadcasts of the tenant, by creation time.
    async fn broadcasts(
        &self,
        tenant: &TenantId,
        after: Option<BroadcastId>,
        order: SortOrder,
        limit: u16,
    ) -> Result<Page<Broadcast, BroadcastId>, StoreError>;
}

/// Reads of the batches of broadcasts.
#[async_trait]
pub trait BatchReads: Send + Sync {
    /// A batch of a broadcast; `None` where it does not exist.
    async fn batch(&self, id: &BatchId) -> Result<Option<Batch>, StoreError>;

    /// All batches of a broadcast, in their order.
    async fn pieces(&self, tenant: &TenantId, id: BroadcastId) -> Result<Vec<Batch>, StoreError>;
}

/// Reads of broadcasts and of their messages' outcomes. They are written through the store.
#[async_trait]
pub trait BroadcastRecords: BroadcastReads + BatchReads {
    /// The outcomes of these messages; those that were never begun are left out.
    async fn made(&self, tenant: &TenantId, ids: &[MessageId]) -> Result<Vec<Made>, StoreError>;
}

/// The outcome of a message, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The key of the message, also before it exists.
    pub address: MessageAddress,
    /// The state of its attempt.
    pub state: State,
    /// The delivery of the message, where there is a message.
    pub message: Option<Trace>,
}

/// The delivery of a message.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Trace {
    /// The key of the message.
    #[serde(flatten)]
    pub address: MessageAddress,
    /// The id that the provider gave the message.
    #[serde(default)]
    pub wamid: Option<Wamid>,
    /// The outcome of handing it to the provider.
    pub handover: AttemptOutcome,
    /// The statuses that the provider reported.
    #[serde(default)]
    pub facts: Facts,
}
