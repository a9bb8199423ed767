//! The channels of a configuration file, each with the fields of its provider.

use std::num::NonZeroU16;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::secret::optional_secret;
use ventanilla_core::{
    domain::{
        channel::{Access, Channel, ChannelName, KaleyraAccess, KaleyraApi, MetaAccess, NumberSpelling},
        id::{AppId, CatalogueId, ChannelId, InboundAddress, PhoneNumberId, TenantId},
        phone::Phone,
    },
    ports::credentials::{CallbackHeader, ChannelSecret, HeaderError, KaleyraSecret, is_callback_secret},
};

const GRAPH: &str = "https://graph.facebook.com";
const GRAPH_VERSION: &str = "v26.0";

/// The word for the simulated provider in a base URL.
pub const SANDBOX: &str = "sandbox";

/// A channel of the file.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "ChannelTable")]
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
    pub waba_id: Option<CatalogueId>,
    /// Messages per second that it may send; 80 when absent.
    pub throughput: Option<NonZeroU16>,
    /// Its provider, with the credentials.
    pub carrier: Carrier,
}

/// The provider of a channel, with the credentials.
#[derive(Debug, Clone)]
pub enum Carrier {
    /// WhatsApp Cloud API, or any host with the same API.
    Meta(MetaEntry),
    /// Kaleyra, in either generation of its API.
    Kaleyra(KaleyraEntry),
}

/// A number at Meta.
#[derive(Debug, Clone)]
pub struct MetaEntry {
    /// The app that sends its webhooks.
    pub app: AppId,
    /// Meta's id of the number.
    pub phone_number_id: PhoneNumberId,
    /// The bearer token for sending.
    pub access_token: SecretString,
    /// Base URL of the Graph endpoint; Meta's when absent.
    pub graph_base_url: Option<String>,
    /// Version of the Graph API, like `v26.0`.
    pub graph_version: Option<String>,
    /// Whether it uses Meta's thread control; it does not when absent.
    pub thread_control: bool,
}

/// A number at Kaleyra.
#[derive(Debug, Clone)]
pub struct KaleyraEntry {
    /// The API that the account is on.
    pub api: KaleyraApi,
    /// Base URL of the account's pod.
    pub base_url: String,
    /// How recipients are spelled.
    pub numbers: NumberSpelling,
    /// Public base URL of our webhook routes.
    pub callback_base_url: Option<String>,
    /// The credentials of the account.
    pub secret: KaleyraSecret,
}

/// The simulated provider that the word `sandbox` means on this machine.
#[derive(Debug, Clone)]
pub struct Simulated {
    /// Base URL of the simulated Graph endpoint.
    pub graph: String,
    /// Base URL of the simulated Kaleyra.
    pub kaleyra: String,
    /// Base URL of our own webhook routes.
    pub callbacks: String,
}

/// A channel's table in the file, with the fields of all providers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChannelTable {
    id: ChannelId,
    tenant: TenantId,
    number: Phone,
    name: Option<ChannelName>,
    waba_id: Option<CatalogueId>,
    throughput: Option<NonZeroU16>,
    provider: ProviderWord,
    app: Option<AppId>,
    phone_number_id: Option<PhoneNumberId>,
    #[serde(default, deserialize_with = "optional_secret")]
    access_token: Option<SecretString>,
    graph_base_url: Option<String>,
    graph_version: Option<String>,
    thread_control: Option<bool>,
    api: Option<KaleyraApi>,
    base_url: Option<String>,
    numbers: Option<NumberSpelling>,
    callback_base_url: Option<String>,
    sid: Option<String>,
    #[serde(default, deserialize_with = "optional_secret")]
    api_key: Option<SecretString>,
    #[serde(default, deserialize_with = "optional_secret")]
    callback_secret: Option<SecretString>,
    #[serde(default, deserialize_with = "optional_secret")]
    previous_callback_secret: Option<SecretString>,
    #[serde(default, deserialize_with = "optional_secret")]
    callback_header: Option<SecretString>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ProviderWord {
    Meta,
    Kaleyra,
}

/// Why a channel's table is invalid. Never contains a value.
#[derive(Debug, thiserror::Error)]
enum ChannelError {
    #[error("channel {0} needs {1}")]
    Missing(ChannelId, &'static str),
    #[error("channel {0} has {1}, which its provider does not have")]
    Foreign(ChannelId, &'static str),
    #[error("{1} of channel {0} must begin with http:// or https://, or be the word sandbox")]
    Url(ChannelId, &'static str),
    #[error("callback_secret of channel {0} must be 16 to 128 characters of a-z, A-Z, 0-9, - and _")]
    CallbackSecret(ChannelId),
    #[error("callback_header of channel {0} {1}")]
    Header(ChannelId, HeaderError),
}

impl TryFrom<ChannelTable> for ChannelEntry {
    type Error = ChannelError;

    fn try_from(table: ChannelTable) -> Result<Self, ChannelError> {
        let (id, tenant, number) = (table.id, table.tenant.clone(), table.number.clone());
        let (name, waba_id, throughput) = (table.name.clone(), table.waba_id.clone(), table.throughput);
        let carrier = match table.provider {
            ProviderWord::Meta => Carrier::Meta(table.meta()?),
            ProviderWord::Kaleyra => Carrier::Kaleyra(table.kaleyra()?),
        };
        Ok(Self { id, tenant, number, name, waba_id, throughput, carrier })
    }
}

impl ChannelTable {
    fn meta(self) -> Result<MetaEntry, ChannelError> {
        let id = self.id;
        let foreign = [
            ("api", self.api.is_some()),
            ("base_url", self.base_url.is_some()),
            ("numbers", self.numbers.is_some()),
            ("callback_base_url", self.callback_base_url.is_some()),
            ("sid", self.sid.is_some()),
            ("api_key", self.api_key.is_some()),
            ("callback_secret", self.callback_secret.is_some()),
            ("previous_callback_secret", self.previous_callback_secret.is_some()),
            ("callback_header", self.callback_header.is_some()),
        ];
        without(id, &foreign)?;
        self.waba_id.as_ref().ok_or(ChannelError::Missing(id, "waba_id"))?;
        Ok(MetaEntry {
            app: self.app.ok_or(ChannelError::Missing(id, "app"))?,
            phone_number_id: self.phone_number_id.ok_or(ChannelError::Missing(id, "phone_number_id"))?,
            access_token: self.access_token.ok_or(ChannelError::Missing(id, "access_token"))?,
            graph_base_url: web(id, "graph_base_url", self.graph_base_url)?,
            graph_version: self.graph_version,
            thread_control: self.thread_control.unwrap_or_default(),
        })
    }

    fn kaleyra(self) -> Result<KaleyraEntry, ChannelError> {
        let id = self.id;
        let foreign = [
            ("app", self.app.is_some()),
            ("phone_number_id", self.phone_number_id.is_some()),
            ("access_token", self.access_token.is_some()),
            ("graph_base_url", self.graph_base_url.is_some()),
            ("graph_version", self.graph_version.is_some()),
            ("thread_control", self.thread_control.is_some()),
        ];
        without(id, &foreign)?;
        let current = self.callback_secret.ok_or(ChannelError::Missing(id, "callback_secret"))?;
        let callback: Vec<SecretString> =
            std::iter::once(current).chain(self.previous_callback_secret).collect();
        if !callback.iter().all(|secret| is_callback_secret(secret.expose_secret())) {
            return Err(ChannelError::CallbackSecret(id));
        }
        let header = self.callback_header.map(|text| CallbackHeader::parse(text.expose_secret()));
        let base_url = web(id, "base_url", self.base_url)?.ok_or(ChannelError::Missing(id, "base_url"))?;
        let callback_base_url = web(id, "callback_base_url", self.callback_base_url)?;
        if callback_base_url.as_deref() == Some(SANDBOX) {
            return Err(ChannelError::Url(id, "callback_base_url"));
        }
        let api = self.api.ok_or(ChannelError::Missing(id, "api (v1 or v2)"))?;
        // Without it no status of V1 has our reference, and an unknown outcome is never resolved.
        if api == KaleyraApi::V1 && callback_base_url.is_none() && base_url != SANDBOX {
            return Err(ChannelError::Missing(id, "callback_base_url, as its api is v1"));
        }
        let api_key = self.api_key.filter(|key| !key.expose_secret().is_empty());
        Ok(KaleyraEntry {
            api,
            base_url,
            numbers: self.numbers.unwrap_or_default(),
            callback_base_url,
            secret: KaleyraSecret {
                sid: self.sid.filter(|sid| !sid.is_empty()).ok_or(ChannelError::Missing(id, "sid"))?,
                api_key: api_key.ok_or(ChannelError::Missing(id, "api_key"))?,
                callback,
                callback_header: header.transpose().map_err(|error| ChannelError::Header(id, error))?,
            },
        })
    }
}

fn without(id: ChannelId, foreign: &[(&'static str, bool)]) -> Result<(), ChannelError> {
    match foreign.iter().find(|(_, given)| *given) {
        Some((field, _)) => Err(ChannelError::Foreign(id, field)),
        None => Ok(()),
    }
}

/// A base URL without its trailing slash.
fn web(id: ChannelId, field: &'static str, url: Option<String>) -> Result<Option<String>, ChannelError> {
    let Some(url) = url else { return Ok(None) };
    let fits = url == SANDBOX || url.starts_with("https://") || url.starts_with("http://");
    if fits { Ok(Some(url.trim_end_matches('/').to_owned())) } else { Err(ChannelError::Url(id, field)) }
}

impl ChannelEntry {
    /// The channel; `simulated` replaces the word `sandbox`, where a sandbox runs.
    #[must_use]
    pub fn channel(&self, simulated: Option<&Simulated>) -> Channel {
        let (id, tenant, number) = (self.id, self.tenant.clone(), self.number.clone());
        let url = |given: &str, stand_in: fn(&Simulated) -> &String| match simulated {
            Some(simulated) if given == SANDBOX => stand_in(simulated).clone(),
            _ => given.to_owned(),
        };
        let access = match &self.carrier {
            Carrier::Meta(entry) => Access::Meta(MetaAccess {
                app: entry.app.clone(),
                phone_number_id: entry.phone_number_id.clone(),
                graph_base_url: url(entry.graph_base_url.as_deref().unwrap_or(GRAPH), |it| &it.graph),
                graph_version: entry.graph_version.clone().unwrap_or_else(|| GRAPH_VERSION.to_owned()),
                thread_control: entry.thread_control,
            }),
            Carrier::Kaleyra(entry) => {
                let own = simulated.filter(|_| entry.base_url == SANDBOX).map(|it| it.callbacks.clone());
                Access::Kaleyra(KaleyraAccess {
                    api: entry.api,
                    base_url: url(&entry.base_url, |it| &it.kaleyra),
                    numbers: entry.numbers,
                    callback_base_url: entry.callback_base_url.clone().or(own),
                })
            }
        };
        let catalogue = match &self.carrier {
            // V1 lists the templates of an account, which has no id besides the channel's.
            Carrier::Kaleyra(KaleyraEntry { api: KaleyraApi::V1, .. }) => Some(CatalogueId::of_channel(id)),
            _ => self.waba_id.clone(),
        };
        Channel {
            id,
            tenant,
            number,
            name: self.name.clone(),
            catalogue,
            throughput: self.throughput,
            disabled_at: None,
            access,
        }
    }

    /// Whether its base URL is the word `sandbox`.
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        match &self.carrier {
            Carrier::Meta(entry) => entry.graph_base_url.as_deref() == Some(SANDBOX),
            Carrier::Kaleyra(entry) => entry.base_url == SANDBOX,
        }
    }

    /// The credentials of the channel.
    #[must_use]
    pub fn secret(&self) -> ChannelSecret {
        match &self.carrier {
            Carrier::Meta(entry) => ChannelSecret::Meta { access_token: entry.access_token.clone() },
            Carrier::Kaleyra(entry) => ChannelSecret::Kaleyra(entry.secret.clone()),
        }
    }

    /// The app that sends its webhooks; `None` at Kaleyra.
    #[must_use]
    pub fn app(&self) -> Option<&AppId> {
        match &self.carrier {
            Carrier::Meta(entry) => Some(&entry.app),
            Carrier::Kaleyra(_) => None,
        }
    }

    /// Its inbound address.
    #[must_use]
    pub fn line(&self) -> InboundAddress {
        self.channel(None).line()
    }
}
