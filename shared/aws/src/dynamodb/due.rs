//! Reads of due work.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use tokio::task::JoinSet;
use tracing::Instrument;

use super::{Table, keys, records, table::unavailable};
use ventanilla_core::{
    domain::time::Timestamp,
    ports::{
        attempts::{Due, DueReads},
        store::StoreError,
    },
};

#[async_trait]
impl DueReads for Table {
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
        due.sort_by_key(Due::since);
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
            // An unreadable row must not block all others.
            match records::due(row) {
                Ok(entry) => due.push(entry),
                Err(error) => tracing::error!(%error, "a due row cannot be decoded"),
            }
        }
        Ok(due)
    }
}
