//! The channels of a config file: the fields that every channel has, and those that its provider reads.

use std::num::NonZeroU16;

use serde::Deserialize;
use serde_json::{Map, Value};

use ventanilla_core::{
    domain::{
        channel::{Access, Channel, ChannelName},
        id::{AppId, CatalogueId, ChannelId, InboundAddress, TenantId},
        phone::Phone,
    },
    ports::credentials::ChannelSecret,
};
use ventanilla_whatsapp::{
    channel_config::{ChannelConfig, ConfigError, Configured, Simulated},
    registry::{Registration, Registry},
};

/// A business number.
#[derive(Debug, Clone)]
pub struct ChannelEntry {
    /// Its id.
    pub id: ChannelId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The number.
    pub number: Phone,
    /// What people call it.
    pub name: Option<ChannelName>,
    /// The provider's id of the business account it belongs to, where it is known.
    pub waba_id: Option<CatalogueId>,
    /// How many messages it may send in a second; 80 when absent.
    pub throughput: Option<NonZeroU16>,
    /// Who carries its messages.
    pub provider: &'static Registration,
    /// What the provider made of its own fields.
    pub configured: Configured,
}

/// A channel's table as it is written.
#[derive(Debug, Deserialize)]
pub struct ChannelTable {
    id: ChannelId,
    tenant: TenantId,
    number: Phone,
    name: Option<ChannelName>,
    waba_id: Option<CatalogueId>,
    throughput: Option<NonZeroU16>,
    provider: String,
    /// The fields of its provider.
    #[serde(flatten)]
    own: Map<String, Value>,
}

/// Why a channel's table cannot be used. Never holds a value.
#[derive(Debug, thiserror::Error)]
pub enum ChannelTableError {
    /// Nobody has this name.
    #[error("unknown provider of channel {0}, expected {1}")]
    Provider(ChannelId, String),
    /// Its provider cannot use its fields.
    #[error(transparent)]
    Fields(#[from] ConfigError),
}

impl ChannelTable {
    /// The channel, if its provider can use it.
    ///
    /// # Errors
    /// Names the field that is missing or wrong.
    pub fn read(self, registry: &Registry) -> Result<ChannelEntry, ChannelTableError> {
        let Self { id, tenant, number, name, waba_id, throughput, provider, own } = self;
        let Some(provider) = registry.find(&provider) else {
            let known: Vec<String> = registry.iter().map(|it| format!("`{}`", it.name)).collect();
            return Err(ChannelTableError::Provider(id, known.join(" or ")));
        };
        let mut fields = ChannelConfig::new(id, waba_id.clone(), own, provider.settings)?;
        let configured = (provider.configure)(&mut fields)?;
        Ok(ChannelEntry { id, tenant, number, name, waba_id, throughput, provider, configured })
    }
}

impl ChannelEntry {
    /// The channel; `simulated` is what stands behind the word `sandbox`, where there is something.
    #[must_use]
    pub fn channel(&self, simulated: Option<&Simulated>) -> Channel {
        let mut access = self.configured.access.clone();
        if let Some(simulated) = simulated {
            (self.provider.simulate)(&mut access, simulated);
        }
        Channel {
            id: self.id,
            tenant: self.tenant.clone(),
            number: self.number.clone(),
            name: self.name.clone(),
            catalogue: self.configured.catalogue.clone(),
            throughput: self.throughput,
            disabled_at: None,
            access,
        }
    }

    /// The way to its provider. A base URL may be the word `sandbox`.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.configured.access
    }

    /// Whether its base URL is the word `sandbox`.
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        (self.provider.simulate)(&mut self.configured.access.clone(), &Simulated::default())
    }

    /// The credentials.
    #[must_use]
    pub fn secret(&self) -> ChannelSecret {
        self.configured.secret.clone()
    }

    /// The app that sends its callbacks, where one does.
    #[must_use]
    pub fn app(&self) -> Option<&AppId> {
        self.configured.access.app()
    }

    /// What leads callbacks to it.
    #[must_use]
    pub fn line(&self) -> InboundAddress {
        self.channel(None).line()
    }
}
