//! The result of a channel's last health check.

use async_trait::async_trait;

use crate::dynamodb::{
    Table,
    keys::{Key, of},
    record::{Condition, Record},
};
use ventanilla_core::{
    domain::{
        checkup::ChannelCheck,
        id::{ChannelId, TenantId},
    },
    ports::{checkup::Checkups, store::StoreError},
};

pub(crate) fn key(tenant: &TenantId, id: ChannelId) -> Key {
    Key { pk: of(tenant), sk: format!("CK#{:016}", id.get()) }
}

impl Record for ChannelCheck {
    const KIND: &'static str = "channel_check";

    fn key(&self) -> Key {
        key(&self.tenant, self.channel)
    }

    fn condition(&self) -> Condition {
        Condition::unchanged(self.rev)
    }
}

#[async_trait]
impl Checkups for Table {
    async fn last_check(
        &self,
        tenant: &TenantId,
        channel: ChannelId,
    ) -> Result<Option<ChannelCheck>, StoreError> {
        self.get_as(key(tenant, channel)).await
    }
}
