//! Broadcasts, in the table.

use std::collections::HashMap;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Deserialize;

use super::{
    Table,
    index::List,
    item::{Row, read},
    keys,
    table::unavailable,
};
use ventanilla_core::{
    domain::{
        attempt::State,
        broadcast::{Broadcast, Piece, PieceId},
        id::{BroadcastId, MessageId, TenantId},
        message::MessageAddress,
    },
    ports::{
        broadcasts::{Broadcasts, Made, Trace},
        inbox::{Order, Page},
        store::StoreError,
    },
};

#[async_trait]
impl Broadcasts for Table {
    async fn broadcast(&self, tenant: &TenantId, id: BroadcastId) -> Result<Option<Broadcast>, StoreError> {
        self.get_as(keys::broadcast(tenant, id)).await
    }

    async fn broadcasts(
        &self,
        tenant: &TenantId,
        after: Option<BroadcastId>,
        order: Order,
        limit: u16,
    ) -> Result<Page<Broadcast, BroadcastId>, StoreError> {
        let after = after.map(|id| (keys::broadcast(tenant, id), keys::broadcast_place(id)));
        self.listed(&List::of(keys::broadcasts(tenant)), after, order, limit, keys::broadcast_at).await
    }

    async fn piece(&self, id: &PieceId) -> Result<Option<Piece>, StoreError> {
        self.get_as(keys::piece(id)).await
    }

    async fn pieces(&self, tenant: &TenantId, id: BroadcastId) -> Result<Vec<Piece>, StoreError> {
        let mut rows: Vec<Row> = Vec::new();
        let mut start = None;
        loop {
            let asked = self
                .query()
                .key_condition_expression("pk = :broadcast AND begins_with(sk, :pieces)")
                .expression_attribute_values(":broadcast", AttributeValue::S(keys::broadcast(tenant, id).pk))
                .expression_attribute_values(":pieces", AttributeValue::S(keys::PIECES.to_owned()))
                .consistent_read(true)
                .set_exclusive_start_key(start);
            let answer = asked.send().await.map_err(|error| unavailable("Query", &error))?;
            rows.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key;
            if start.is_none() {
                return rows.into_iter().map(read).collect();
            }
        }
    }

    async fn made(&self, tenant: &TenantId, ids: &[MessageId]) -> Result<Vec<Made>, StoreError> {
        let wanted = ids.iter().map(|id| keys::attempt(tenant, *id)).collect();
        let rows = self.get_several(wanted, ATTEMPT).await?;
        let attempts = rows.into_iter().filter(|row| row.contains_key("state"));
        let attempts: Vec<Tried> = attempts.map(read).collect::<Result<_, _>>()?;
        let places = attempts.iter().map(|attempt| keys::message(tenant, attempt.address)).collect();
        let mut messages: HashMap<MessageId, Trace> = HashMap::new();
        for row in self.get_several(places, MESSAGE).await? {
            let trace: Trace = read(row)?;
            messages.insert(trace.address.id, trace);
        }
        let pair = |Tried { address, state }| Made { address, state, message: messages.remove(&address.id) };
        Ok(attempts.into_iter().map(pair).collect())
    }
}

/// The fields of [`Tried`].
const ATTEMPT: &[&str] = &["conversation", "at", "id", "state", "lease_until", "wamid", "rejection", "since"];

/// The fields of [`Trace`].
const MESSAGE: &[&str] = &["conversation", "at", "id", "wamid", "handover", "facts"];

#[derive(Deserialize)]
struct Tried {
    #[serde(flatten)]
    address: MessageAddress,
    #[serde(flatten)]
    state: State,
}
