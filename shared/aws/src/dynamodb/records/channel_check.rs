//! The result of a channel's last health check.

use async_trait::async_trait;

use crate::dynamodb::{
    Table,
    keys::{Key, of},
    record::{Condition, StoredRecord},
};
use ventanilla_core::{
    domain::{
        health_check::ChannelCheck,
        id::{ChannelId, TenantId},
    },
    ports::{health_check::HealthCheckReads, store::StoreError},
};

pub(crate) fn key(tenant: &TenantId, id: ChannelId) -> Key {
    Key { pk: of(tenant), sk: format!("CK#{:016}", id.get()) }
}

impl StoredRecord for ChannelCheck {
    const KIND: &'static str = "channel_check";

    fn key(&self) -> Key {
        key(&self.tenant, self.channel)
    }

    fn condition(&self) -> Condition {
        Condition::unchanged(self.rev)
    }
}

#[async_trait]
impl HealthCheckReads for Table {
    async fn last_check(
        &self,
        tenant: &TenantId,
        channel: ChannelId,
    ) -> Result<Option<ChannelCheck>, StoreError> {
        self.get_as(key(tenant, channel)).await
    }
}
