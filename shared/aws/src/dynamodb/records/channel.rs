//! The row of a channel, and the list of all channels.

use async_trait::async_trait;

use crate::dynamodb::{
    Table,
    index::List,
    keys::{Key, of},
    record::{Condition, Indexes, StoredRecord, read},
};
use ventanilla_core::{
    domain::{
        channel::Channel,
        id::{ChannelId, TenantId},
    },
    ports::{store::StoreError, template_cache::TemplateCaches},
};

/// The list of all channels.
const LIST: &str = "R#CH";

/// The prefix of the sort keys of a tenant's channels.
pub(crate) const CHANNELS: &str = "CH#";

pub(crate) fn key(tenant: &TenantId, id: ChannelId) -> Key {
    Key { pk: of(tenant), sk: format!("{CHANNELS}{:016}", id.get()) }
}

impl StoredRecord for Channel {
    const KIND: &'static str = "channel";

    fn key(&self) -> Key {
        key(&self.tenant, self.id)
    }

    fn condition(&self) -> Condition {
        Condition::Any
    }

    fn indexes(&self) -> Indexes {
        Indexes::list(LIST.to_owned(), format!("{}#{:016}", self.tenant, self.id.get()))
    }
}

#[async_trait]
impl TemplateCaches for Table {
    async fn channels(&self) -> Result<Vec<Channel>, StoreError> {
        List::of(LIST.to_owned()).all(self).await?.into_iter().map(read).collect()
    }
}
