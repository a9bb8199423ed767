//! The log, in the table.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;

use super::{Table, inbox::readable, item::read, keys, table::unavailable};
use ventanilla_core::{
    domain::{
        event::{Event, EventId},
        id::TenantId,
        log::{Cursor, LogHead, Numbered},
    },
    ports::{
        log::{Known, Log},
        store::StoreError,
    },
};

#[async_trait]
impl Log for Table {
    async fn known(&self, tenant: &TenantId, events: &[Event]) -> Result<Known, StoreError> {
        let mut wanted = vec![keys::log_head(tenant)];
        for event in events {
            wanted.push(keys::event(tenant, &event.id));
            if event.kind.brings_message() {
                let (conversation, message) = event.kind.subject();
                wanted.extend(conversation.map(|id| keys::conversation(tenant, id)));
                wanted.extend(message.map(|at| keys::message(tenant, at)));
            }
        }
        let (mut known, mut conversations, mut messages) = (Known::default(), Vec::new(), Vec::new());
        for row in self.get_several(wanted, &[]).await? {
            match row.get("row").and_then(|kind| kind.as_s().ok()).map(String::as_str) {
                Some("log_head") => known.head = Some(read(row)?),
                Some("event") if row.contains_key("seq") => known.numbered.push(read(row)?),
                Some("conversation") => conversations.push(row),
                Some("message") => messages.push(row),
                _ => {}
            }
        }
        known.conversations = readable(Some(conversations));
        known.messages = readable(Some(messages));
        Ok(known)
    }

    async fn head(&self, tenant: &TenantId) -> Result<Option<LogHead>, StoreError> {
        self.get_as(keys::log_head(tenant)).await
    }

    async fn entry(&self, tenant: &TenantId, id: &EventId) -> Result<Option<Numbered>, StoreError> {
        let row = self.get(keys::event(tenant, id)).await?;
        row.filter(|row| row.contains_key("seq")).map(read).transpose()
    }

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
            from = keys::log_block_end(from).next();
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
            .expression_attribute_values(":block", AttributeValue::S(keys::log_block(tenant, from)))
            .expression_attribute_values(":from", AttributeValue::S(keys::log_place(from)))
            .consistent_read(true)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| unavailable("Query", &error))?;
        answer.items.unwrap_or_default().into_iter().map(read).collect()
    }
}
