//! An attempt, or under the same key the reservation of a message id.

use std::time::Duration;

use async_trait::async_trait;
use serde::Serialize;

use crate::dynamodb::{
    Table,
    keys::{Key, of},
    record::{Condition, Indexes, StoredRecord, read, stamp},
};
use ventanilla_core::{
    domain::{
        attempt::{Attempt, State},
        id::{MessageId, TenantId},
        message::MessageAddress,
        time::Timestamp,
    },
    ports::{attempts::AttemptReads, store::StoreError},
};

/// How long rejected attempts are kept.
const KEPT: Duration = Duration::from_hours(30 * 24);

pub(crate) fn key(tenant: &TenantId, id: MessageId) -> Key {
    Key::only(format!("{}A#{:016}", of(tenant), id.get()))
}

impl StoredRecord for Attempt {
    const KIND: &'static str = "attempt";

    fn key(&self) -> Key {
        key(&self.tenant, self.address.id)
    }

    fn condition(&self) -> Condition {
        Condition::unchanged(self.rev)
    }

    fn indexes(&self) -> Indexes {
        let id = self.address.id.get();
        Indexes::due(id, self.due_at(), &format!("{}#{id:016}", self.tenant))
    }

    fn ttl(&self) -> Option<Timestamp> {
        matches!(self.state, State::Rejected { .. }).then(|| self.address.at.plus(KEPT))
    }
}

/// The reservation of a message id, for messages without an attempt.
#[derive(Serialize)]
pub(crate) struct TakenId<'a> {
    #[serde(skip)]
    pub(crate) tenant: &'a TenantId,
    #[serde(flatten)]
    pub(crate) address: MessageAddress,
}

impl StoredRecord for TakenId<'_> {
    const KIND: &'static str = "message_id";

    fn key(&self) -> Key {
        key(self.tenant, self.address.id)
    }

    fn condition(&self) -> Condition {
        Condition::Absent
    }
}

#[async_trait]
impl AttemptReads for Table {
    async fn attempt(&self, tenant: &TenantId, id: MessageId) -> Result<Option<Attempt>, StoreError> {
        let row = self.get(key(tenant, id)).await?;
        // A reservation is no attempt.
        let attempt = row.filter(|row| stamp(row).is_some_and(|stamp| stamp.row == Attempt::KIND));
        attempt.map(read).transpose()
    }

    async fn address(&self, tenant: &TenantId, id: MessageId) -> Result<Option<MessageAddress>, StoreError> {
        self.get_as(key(tenant, id)).await
    }
}
