//! An event: first as it happened, then again with its log number.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::dynamodb::{
    Table,
    keys::{self, Key, of},
    pages::end,
    record::{Condition, StoredRecord, read, readable},
    table::unavailable,
};
use ventanilla_core::{
    domain::{
        event::{Event, EventId},
        id::TenantId,
        log::Numbered,
        time::Timestamp,
    },
    ports::{
        inbox::{Completeness, EventReads, Happenings},
        store::StoreError,
    },
};

/// How long events are kept.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// All events of a tenant are in one partition, so the stream has them in the order of their commits.
pub(crate) fn key(tenant: &TenantId, id: &EventId) -> Key {
    Key { pk: partition(tenant), sk: id.as_str().to_owned() }
}

fn partition(tenant: &TenantId) -> String {
    format!("{}E", of(tenant))
}

/// The sort key at or after which the events from this time on are.
pub(crate) fn place(at: Timestamp) -> String {
    format!("{:013}", at.millis())
}

/// The time of the event with this sort key.
pub(crate) fn event_at(sk: &str) -> Option<Timestamp> {
    sk.get(..13)?.parse().ok().map(Timestamp::from_millis)
}

impl StoredRecord for Event {
    const KIND: &'static str = "event";

    fn key(&self) -> Key {
        key(&self.tenant, &self.id)
    }

    /// Never replaces one that has its number.
    fn condition(&self) -> Condition {
        Condition::Absent
    }

    fn ttl(&self) -> Option<Timestamp> {
        Some(self.at.plus(KEPT))
    }
}

impl StoredRecord for Numbered {
    const KIND: &'static str = Event::KIND;

    fn key(&self) -> Key {
        self.event.key()
    }

    fn condition(&self) -> Condition {
        Condition::Unnumbered
    }

    fn ttl(&self) -> Option<Timestamp> {
        self.event.ttl()
    }
}

#[async_trait]
impl EventReads for Table {
    async fn happened_since(
        &self,
        tenant: &TenantId,
        since: Timestamp,
        most: u16,
    ) -> Result<Happenings, StoreError> {
        let answer = self
            .query()
            .consistent_read(true)
            .key_condition_expression("pk = :events AND sk >= :since")
            .expression_attribute_values(":events", AttributeValue::S(partition(tenant)))
            .expression_attribute_values(":since", AttributeValue::S(place(since)))
            .limit(i32::from(most))
            .send()
            .await
            .map_err(|error| unavailable("Query", &error))?;
        let last = end(answer.last_evaluated_key.as_ref(), keys::SK, event_at)?;
        let extent = last.map_or(Completeness::Whole, Completeness::Until);
        let mut events: Vec<Event> = readable(answer.items);
        events.reverse();
        Ok(Happenings { events, extent })
    }

    async fn entry(&self, tenant: &TenantId, id: &EventId) -> Result<Option<Numbered>, StoreError> {
        let row = self.get(key(tenant, id)).await?;
        row.filter(|row| row.contains_key("seq")).map(read).transpose()
    }
}
