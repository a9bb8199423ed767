//! Broadcasts and what became of their messages.

use async_trait::async_trait;
use serde::Deserialize;

use super::{
    inbox::{Order, Page},
    store::StoreError,
};
use crate::domain::{
    attempt::State,
    broadcast::{Broadcast, Piece, PieceId},
    delivery::{Facts, Handover},
    id::{BroadcastId, MessageId, TenantId, Wamid},
    message::MessageAddress,
};

/// Reads of broadcasts.
#[async_trait]
pub trait BroadcastReads: Send + Sync {
    /// A broadcast of the tenant.
    async fn broadcast(&self, tenant: &TenantId, id: BroadcastId) -> Result<Option<Broadcast>, StoreError>;

    /// Broadcasts of the tenant, by when they were begun.
    async fn broadcasts(
        &self,
        tenant: &TenantId,
        after: Option<BroadcastId>,
        order: Order,
        limit: u16,
    ) -> Result<Page<Broadcast, BroadcastId>, StoreError>;
}

/// Reads of the pieces of broadcasts.
#[async_trait]
pub trait PieceReads: Send + Sync {
    /// A piece of a broadcast.
    async fn piece(&self, id: &PieceId) -> Result<Option<Piece>, StoreError>;

    /// All pieces of a broadcast, in their order.
    async fn pieces(&self, tenant: &TenantId, id: BroadcastId) -> Result<Vec<Piece>, StoreError>;
}

/// Reads of broadcasts and of what became of their messages. They are written through the store.
#[async_trait]
pub trait Broadcasts: BroadcastReads + PieceReads {
    /// What became of these messages; those that were never begun are left out.
    async fn made(&self, tenant: &TenantId, ids: &[MessageId]) -> Result<Vec<Made>, StoreError>;
}

/// What became of a message, without what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Where it lies or will lie.
    pub address: MessageAddress,
    /// Where its attempt stands.
    pub state: State,
    /// The message itself, where there is one to show.
    pub message: Option<Trace>,
}

/// How far a message came.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Trace {
    /// Where it lies.
    #[serde(flatten)]
    pub address: MessageAddress,
    /// The provider's id.
    #[serde(default)]
    pub wamid: Option<Wamid>,
    /// What we know of handing it to the provider.
    pub handover: Handover,
    /// What the provider reported about it.
    #[serde(default)]
    pub facts: Facts,
}
