//! The channels of a company, and whether messages go out on them.

use std::sync::Arc;

use crate::{
    domain::{
        channel::Channel,
        checkup::ChannelCheck,
        id::{ChannelId, TenantId},
    },
    ports::{checkup::Checkups, directory::Directory, store::StoreError},
    usecases::{Ports, sending::SendError},
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
    /// What its last check left; none before its first.
    pub check: Option<ChannelCheck>,
}

/// Whether a channel works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It does, or nobody looked yet.
    Connected,
    /// It is disabled, or when the provider was last asked it said that it does not.
    Disconnected,
}

/// The channels of a tenant, and how they are connected.
#[derive(Clone)]
pub struct Channels {
    pub(crate) checkups: Arc<dyn Checkups>,
    pub(crate) directory: Arc<dyn Directory>,
}

impl Channels {
    /// Builds it of these ports.
    #[must_use]
    pub fn new(ports: &Ports) -> Self {
        Self { checkups: Arc::clone(&ports.checkups), directory: Arc::clone(&ports.directory) }
    }

    /// The channel for sends that name only a number.
    ///
    /// # Errors
    /// When the tenant has none, or the store fails.
    pub async fn default_channel(&self, tenant: &TenantId) -> Result<Channel, SendError> {
        let settings = self.directory.tenant(tenant).await?.ok_or(SendError::NoChannel)?;
        let channel = self.directory.channel(tenant, settings.default_channel).await?;
        channel.ok_or(SendError::NoChannel)
    }

    /// The channel with this id, or the default one.
    ///
    /// # Errors
    /// When the tenant has no such channel, or none at all, or the store fails.
    pub async fn channel_or_default(
        &self,
        tenant: &TenantId,
        channel: Option<ChannelId>,
    ) -> Result<Channel, SendError> {
        match channel {
            Some(id) => self.directory.channel(tenant, id).await?.ok_or(SendError::NoChannel),
            None => self.default_channel(tenant).await,
        }
    }
}

impl Channels {
    /// The company's channels, each with how its last check left it. One that was never checked counts as
    /// connected: clients pick a connected one, and a channel that may well work must not be hidden from them;
    /// should it not work, the reply says so.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn connections(&self, tenant: &TenantId) -> Result<Vec<Connection>, StoreError> {
        let default = self.default_channel_id(tenant).await?;
        let mut all = Vec::new();
        for channel in self.directory.channels_of(tenant).await? {
            all.push(self.connected(channel, default).await?);
        }
        Ok(all)
    }

    /// One of the company's channels; none where it has no such channel.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn connection(
        &self,
        tenant: &TenantId,
        id: ChannelId,
    ) -> Result<Option<Connection>, StoreError> {
        let Some(channel) = self.directory.channel(tenant, id).await? else { return Ok(None) };
        let default = self.default_channel_id(tenant).await?;
        self.connected(channel, default).await.map(Some)
    }

    async fn default_channel_id(&self, tenant: &TenantId) -> Result<Option<ChannelId>, StoreError> {
        Ok(self.directory.tenant(tenant).await?.map(|settings| settings.default_channel))
    }

    async fn connected(
        &self,
        channel: Channel,
        default: Option<ChannelId>,
    ) -> Result<Connection, StoreError> {
        let check = self.checkups.last_check(&channel.tenant, channel.id).await?;
        let works = channel.disabled_at.is_none() && check.as_ref().is_none_or(ChannelCheck::is_connected);
        let standing = if works { Standing::Connected } else { Standing::Disconnected };
        Ok(Connection { is_default: default == Some(channel.id), standing, channel, check })
    }
}
