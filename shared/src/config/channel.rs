//! The channels of a configuration file: the fields of every channel, and those that its provider reads.

use std::num::NonZeroU16;

use serde::Deserialize;
use serde_json::{Map, Value};

use ventanilla_core::{
    domain::{
        channel::{Access, Channel, ChannelName},
        id::{AppId, ChannelId, InboundAddress, TemplateAccountId, TenantId},
        phone::Phone,
    },
    ports::credentials::ChannelSecret,
};
use ventanilla_whatsapp::{
    channel_config::{ChannelConfig, ConfigError, Configured, Simulated},
    registry::{Registration, Registry},
};

/// A channel of the file.
#[derive(Debug, Clone)]
pub struct ChannelEntry {
    /// The channel's id, as the operator chose it.
    pub id: ChannelId,
    /// The tenant that the channel belongs to.
    pub tenant: TenantId,
    /// The business number, in any spelling.
    pub number: Phone,
    /// The name that people gave it.
    pub name: Option<ChannelName>,
    /// The provider's id of the business account, where it is known.
    pub waba_id: Option<TemplateAccountId>,
    /// Messages per second that it may send; 80 when absent.
    pub throughput: Option<NonZeroU16>,
    /// The registration of its provider.
    pub provider: &'static Registration,
    /// The result of the provider's own fields.
    pub configured: Configured,
}

/// A channel's table in the file.
#[derive(Debug, Deserialize)]
pub struct ChannelTable {
    id: ChannelId,
    tenant: TenantId,
    number: Phone,
    name: Option<ChannelName>,
    waba_id: Option<TemplateAccountId>,
    throughput: Option<NonZeroU16>,
    provider: String,
    /// The fields of its provider.
    #[serde(flatten)]
    own: Map<String, Value>,
}

/// Why a channel's table is invalid. Never contains a value.
#[derive(Debug, thiserror::Error)]
pub enum ChannelTableError {
    /// No provider has this name.
    #[error("unknown provider of channel {0}, expected {1}")]
    Provider(ChannelId, String),
    /// Its provider cannot use its fields.
    #[error(transparent)]
    Fields(#[from] ConfigError),
}

impl ChannelTable {
    /// Parses the channel with its provider.
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
    /// The channel; `simulated` replaces the word `sandbox`, where a sandbox runs.
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
            template_account: self.configured.template_account.clone(),
            throughput: self.throughput,
            disabled_at: None,
            access,
        }
    }

    /// The access to its provider. A base URL may be the word `sandbox`.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.configured.access
    }

    /// Whether its base URL is the word `sandbox`.
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        (self.provider.simulate)(&mut self.configured.access.clone(), &Simulated::default())
    }

    /// The credentials of the channel.
    #[must_use]
    pub fn secret(&self) -> ChannelSecret {
        self.configured.secret.clone()
    }

    /// The app that sends its webhooks; `None` at Kaleyra.
    #[must_use]
    pub fn app(&self) -> Option<&AppId> {
        self.configured.access.app()
    }

    /// The address that its webhooks name.
    #[must_use]
    pub fn inbound_address(&self) -> InboundAddress {
        self.channel(None).inbound_address()
    }
}
