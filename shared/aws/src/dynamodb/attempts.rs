//! Attempts and what is due, in the table.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use tokio::task::JoinSet;
use tracing::Instrument;

use super::{
    Table,
    item::{Row, read, stamp},
    keys,
    table::unavailable,
};
use ventanilla_core::{
    domain::{
        attempt::Attempt,
        id::{MessageId, TenantId},
        idempotency::{HashedKey, KeyRecord},
        message::MessageAddress,
        time::Timestamp,
    },
    ports::store::{Attempts, Due, StoreError},
};

#[async_trait]
impl Attempts for Table {
    async fn attempt(&self, tenant: &TenantId, id: MessageId) -> Result<Option<Attempt>, StoreError> {
        let row = self.get(keys::attempt(tenant, id)).await?;
        // The same key says that an inbound message has the id; that is no attempt.
        let attempt = row.filter(|row| stamp(row).is_some_and(|stamp| stamp.row == "attempt"));
        attempt.map(read).transpose()
    }

    async fn address(&self, tenant: &TenantId, id: MessageId) -> Result<Option<MessageAddress>, StoreError> {
        self.get_as(keys::attempt(tenant, id)).await
    }

    async fn key(&self, tenant: &TenantId, key: &HashedKey) -> Result<Option<KeyRecord>, StoreError> {
        self.get_as(keys::idempotency(tenant, key)).await
    }

    async fn keys(&self, tenant: &TenantId, wanted: &[HashedKey]) -> Result<Vec<KeyRecord>, StoreError> {
        let rows =
            self.get_several(wanted.iter().map(|key| keys::idempotency(tenant, key)).collect(), &[]).await?;
        rows.into_iter().map(read).collect()
    }

    async fn due(&self, now: Timestamp, limit: u16) -> Result<Vec<Due>, StoreError> {
        let mut parts = JoinSet::new();
        for shard in 0..keys::DUE_SHARDS {
            let table = self.clone();
            let part = async move { table.due_part(shard, now, limit).await };
            parts.spawn(part.in_current_span());
        }
        let mut due = Vec::new();
        while let Some(part) = parts.join_next().await {
            due.extend(
                part.unwrap_or_else(|_| Err(StoreError::Unavailable("a query broke off".to_owned())))?,
            );
        }
        due.sort_by_key(|entry| match entry {
            Due::Attempt(attempt) => attempt.due_at(),
            Due::Silent(message) => message.status_due,
            Due::Piece(piece) => piece.due_at,
            Due::Window(watch) => Some(watch.due_at),
            Due::Socket(socket) => socket.due_at,
            Due::Frame(frame) => Some(frame.due_at()),
            Due::File(file) => file.due_at(),
        });
        Ok(due)
    }
}

impl Table {
    async fn due_part(&self, shard: u64, now: Timestamp, limit: u16) -> Result<Vec<Due>, StoreError> {
        let answer = self
            .query()
            .index_name(keys::LISTS)
            .key_condition_expression("g1pk = :list AND g1sk < :until")
            .expression_attribute_values(":list", AttributeValue::S(keys::due(shard)))
            .expression_attribute_values(":until", AttributeValue::S(keys::due_until(now)))
            .limit(i32::from(limit))
            .send()
            .await
            .map_err(|error| unavailable("Query", &error))?;
        let mut due = Vec::new();
        for row in answer.items.unwrap_or_default() {
            // One row that cannot be read must not keep all others waiting.
            match entry(row) {
                Ok(entry) => due.push(entry),
                Err(error) => tracing::error!(%error, "a due row cannot be read"),
            }
        }
        Ok(due)
    }
}

fn entry(row: Row) -> Result<Due, StoreError> {
    match stamp(&row).map(|stamp| stamp.row).as_deref() {
        Some("message") => read(row).map(Due::Silent),
        Some("piece") => read(row).map(Due::Piece),
        Some("window_watch") => read(row).map(Due::Window),
        Some("connection") => read(row).map(Due::Socket),
        Some("frame") => read(row).map(Due::Frame),
        Some("file") => read(row).map(Due::File),
        _ => read(row).map(Due::Attempt),
    }
}
