//! An entry of the log, in blocks of partitions.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;

use super::log_head;
use crate::dynamodb::{
    Table,
    keys::Key,
    record::{Condition, StoredRecord, read},
    table::unavailable,
};
use ventanilla_core::{
    domain::{
        id::TenantId,
        log::{Cursor, KEPT, Numbered},
        time::Timestamp,
    },
    ports::{log::LogEntryReads, store::StoreError},
};

/// Log entries per partition.
const BLOCK: u64 = 4096;

pub(crate) fn key(tenant: &TenantId, cursor: Cursor) -> Key {
    Key { pk: block(tenant, cursor), sk: place(cursor) }
}

/// The partition of an entry of the log.
fn block(tenant: &TenantId, cursor: Cursor) -> String {
    format!("{}#{:013}", log_head::key(tenant).pk, cursor.number() / BLOCK)
}

/// The last entry of the partition with this entry.
fn block_end(cursor: Cursor) -> Cursor {
    Cursor::after(cursor.number() / BLOCK * BLOCK + BLOCK - 1)
}

/// The sort key of an entry in its partition.
pub(super) fn place(cursor: Cursor) -> String {
    format!("{:016}", cursor.number())
}

/// An event with its number, as the log stores it.
#[derive(Serialize)]
pub(crate) struct LogEntry<'a>(pub(crate) &'a Numbered);

impl StoredRecord for LogEntry<'_> {
    const KIND: &'static str = "log";

    fn key(&self) -> Key {
        key(&self.0.event.tenant, self.0.cursor)
    }

    fn condition(&self) -> Condition {
        Condition::Absent
    }

    fn ttl(&self) -> Option<Timestamp> {
        Some(self.0.event.at.plus(KEPT))
    }
}

#[async_trait]
impl LogEntryReads for Table {
    async fn entries(
        &self,
        tenant: &TenantId,
        after: Cursor,
        end: Cursor,
        limit: usize,
    ) -> Result<Vec<Numbered>, StoreError> {
        let mut found: Vec<Numbered> = Vec::new();
        let mut from = after.next();
        // The rest of one partition, and if need be the next one, which is enough for any page.
        for _ in 0..2 {
            let left = limit.saturating_sub(found.len());
            if left == 0 || from > end {
                break;
            }
            found.extend(self.of_block(tenant, from, left).await?);
            from = block_end(from).next();
        }
        Ok(found)
    }
}

impl Table {
    async fn of_block(
        &self,
        tenant: &TenantId,
        from: Cursor,
        limit: usize,
    ) -> Result<Vec<Numbered>, StoreError> {
        let answer = self
            .query()
            .key_condition_expression("pk = :block AND sk >= :from")
            .expression_attribute_values(":block", AttributeValue::S(block(tenant, from)))
            .expression_attribute_values(":from", AttributeValue::S(place(from)))
            .consistent_read(true)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| unavailable("Query", &error))?;
        answer.items.unwrap_or_default().into_iter().map(read).collect()
    }
}
