//! What checks of channels found, in the table.

use async_trait::async_trait;

use super::{Table, keys};
use ventanilla_core::{
    domain::{
        checkup::ChannelCheck,
        id::{ChannelId, TenantId},
    },
    ports::{checkup::Checkups, store::StoreError},
};

#[async_trait]
impl Checkups for Table {
    async fn last_check(
        &self,
        tenant: &TenantId,
        channel: ChannelId,
    ) -> Result<Option<ChannelCheck>, StoreError> {
        self.get_as(keys::channel_check(tenant, channel)).await
    }
}
