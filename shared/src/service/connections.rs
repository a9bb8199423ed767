//! The channels of a company, and whether messages go out on them.

use super::Core;
use crate::{
    domain::{channel::Channel, id::TenantId},
    port::book::StoreError,
};

/// A channel as its company sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The channel.
    pub channel: Channel,
    /// Whether it is the one for sends that name only a number.
    pub is_default: bool,
    /// How it stands.
    pub standing: Standing,
}

/// Whether a channel works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It does, or nobody looked yet.
    Connected,
    /// It is disabled, or when the provider was last asked it said that it does not.
    Disconnected,
}

impl Core {
    /// The company's channels, each with how its last check left it. One that was never checked counts as
    /// connected: clients pick a connected one, and a channel that may well work must not be hidden from them;
    /// should it not work, the reply says so.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn connections(&self, tenant: &TenantId) -> Result<Vec<Connection>, StoreError> {
        let default = self.directory.tenant(tenant).await?.map(|settings| settings.default_channel);
        let mut all = Vec::new();
        for channel in self.directory.channels_of(tenant).await? {
            let check = self.checkups.last_check(tenant, channel.id).await?;
            let works = channel.disabled_at.is_none() && check.is_none_or(|check| check.is_connected());
            let standing = if works { Standing::Connected } else { Standing::Disconnected };
            all.push(Connection { is_default: default == Some(channel.id), standing, channel });
        }
        Ok(all)
    }
}
