//! The channels of a tenant, and whether they are connected.

use std::sync::Arc;

use crate::{
    domain::{
        channel::Channel,
        health_check::ChannelCheck,
        id::{ChannelId, TenantId},
    },
    ports::{directory::Directory, health_check::HealthCheckReads, store::StoreError},
    usecases::Ports,
};

/// A channel with its connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelStatus {
    /// The channel as it is stored.
    pub channel: Channel,
    /// Whether it is the default one, for sends that name only a number.
    pub is_default: bool,
    /// Whether it is connected.
    pub health: ChannelHealth,
    /// The result of its last health check; `None` before its first.
    pub check: Option<ChannelCheck>,
}

/// Whether a channel works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelHealth {
    /// It works, or was never checked.
    Connected,
    /// It is disabled, or the provider last reported a fault.
    Disconnected,
}

/// Why there is no channel to use.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// The tenant has no such channel, or none at all.
    #[error("the tenant has no such channel")]
    NotFound,
    /// The store failed; a retry is harmless.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The channels of a tenant, and how they are connected.
#[derive(Clone)]
pub struct Channels {
    pub(crate) health_checks: Arc<dyn HealthCheckReads>,
    pub(crate) directory: Arc<dyn Directory>,
}

impl Channels {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports) -> Self {
        Self { health_checks: Arc::clone(&ports.health_checks), directory: Arc::clone(&ports.directory) }
    }

    /// The tenant's default channel, for sends that name only a number.
    ///
    /// # Errors
    /// [`ChannelError::NotFound`] when the tenant has none, [`ChannelError::Store`] when the store fails.
    pub async fn default_channel(&self, tenant: &TenantId) -> Result<Channel, ChannelError> {
        let settings = self.directory.tenant(tenant).await?.ok_or(ChannelError::NotFound)?;
        let channel = self.directory.channel(tenant, settings.default_channel).await?;
        channel.ok_or(ChannelError::NotFound)
    }

    /// The channel with this id, or the default one.
    ///
    /// # Errors
    /// [`ChannelError::NotFound`] when the tenant has no such channel, or none at all; [`ChannelError::Store`]
    /// when the store fails.
    pub async fn channel_or_default(
        &self,
        tenant: &TenantId,
        channel: Option<ChannelId>,
    ) -> Result<Channel, ChannelError> {
        match channel {
            Some(id) => self.directory.channel(tenant, id).await?.ok_or(ChannelError::NotFound),
            None => self.default_channel(tenant).await,
        }
    }
}

impl Channels {
    /// The tenant's channels, each with the result of its last health check. A channel that was never
    /// checked counts as connected: clients select a connected one, and a channel that may work must not be
    /// hidden from them. If it does not work, the reply says so.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn connections(&self, tenant: &TenantId) -> Result<Vec<ChannelStatus>, StoreError> {
        let default = self.default_channel_id(tenant).await?;
        let mut all = Vec::new();
        for channel in self.directory.channels_of(tenant).await? {
            all.push(self.connected(channel, default).await?);
        }
        Ok(all)
    }

    /// One of the tenant's channels; `None` where it has no channel with that id.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn connection(
        &self,
        tenant: &TenantId,
        id: ChannelId,
    ) -> Result<Option<ChannelStatus>, StoreError> {
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
    ) -> Result<ChannelStatus, StoreError> {
        let check = self.health_checks.last_check(&channel.tenant, channel.id).await?;
        let works = channel.disabled_at.is_none() && check.as_ref().is_none_or(ChannelCheck::is_connected);
        let standing = if works { ChannelHealth::Connected } else { ChannelHealth::Disconnected };
        Ok(ChannelStatus { is_default: default == Some(channel.id), health: standing, channel, check })
    }
}
