//! A channel: one business number at one provider.

mod access;

pub use access::{
    Access, Capability, KaleyraAccess, KaleyraApi, MetaAccess, NumberSpelling, OtherAccess, OtherProvider,
    ProviderApp,
};

use std::{fmt, num::NonZeroU16, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    id::{AppId, ChannelId, InboundAddress, TemplateAccountId, TenantId},
    phone::Phone,
    rejection::{Reason, Rejection},
    time::Timestamp,
};

/// A channel and how to reach its provider. Credentials are elsewhere (`port::credentials`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Our id of the channel.
    pub id: ChannelId,
    /// Whose channel it is.
    pub tenant: TenantId,
    /// The business number itself.
    pub number: Phone,
    /// The name that people gave it; `None` where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<ChannelName>,
    /// The account at the provider that its templates belong to; `None` where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(rename = "catalogue")]
    pub template_account: Option<TemplateAccountId>,
    /// Messages per second that it may send; `None` for the provider's usual limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throughput: Option<NonZeroU16>,
    /// When an operator disabled it: from then on it rejects sends, and still accepts webhooks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<Timestamp>,
    /// Its provider, and the settings to reach it.
    #[serde(flatten)]
    pub access: Access,
}

/// The name of a channel: 1 to 100 characters, none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChannelName(String);

/// A text is not a valid channel name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name of a channel must be 1 to 100 characters, none of them a control character")]
pub struct ChannelNameError;

impl ChannelName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ChannelName {
    type Error = ChannelNameError;

    fn try_from(text: String) -> Result<Self, ChannelNameError> {
        let fits = (1..=100).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if fits { Ok(Self(text)) } else { Err(ChannelNameError) }
    }
}

impl FromStr for ChannelName {
    type Err = ChannelNameError;

    fn from_str(text: &str) -> Result<Self, ChannelNameError> {
        text.to_owned().try_into()
    }
}

impl From<ChannelName> for String {
    fn from(name: ChannelName) -> String {
        name.0
    }
}

/// Messages per second that Meta accepts from a number unless the limit was raised (facts: meta.md 8.4).
pub const USUAL_THROUGHPUT: u16 = 80;

/// The authenticated origin of a webhook.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// An app at Meta, by its signature. It may concern several channels.
    App(AppId),
    /// The provider of this channel, by a secret that only that provider knows.
    Channel(ChannelId),
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::App(app) => write!(formatter, "app/{app}"),
            Self::Channel(channel) => write!(formatter, "channel/{channel}"),
        }
    }
}

impl Channel {
    /// Why the channel cannot send anything; `None` where it can.
    #[must_use]
    pub fn disabled_rejection(&self) -> Option<Rejection> {
        self.disabled_at?;
        Some(Reason::ChannelDisabled.because("the channel is disabled; an operator can enable it again"))
    }

    /// Whether conversations are also handed off at the provider.
    #[must_use]
    pub fn has_thread_control(&self) -> bool {
        self.access.supports(Capability::ThreadControl)
    }

    /// The time between two messages of a broadcast.
    #[must_use]
    pub fn send_interval(&self) -> Duration {
        Duration::from_secs(1) / u32::from(self.throughput.map_or(USUAL_THROUGHPUT, NonZeroU16::get))
    }

    /// The address at the provider that routes webhooks here.
    #[must_use]
    pub fn inbound_address(&self) -> InboundAddress {
        // An address of the channel's own says by itself which channel is meant.
        let named = self.access.app().and(self.access.phone_number_id());
        named.map_or_else(|| InboundAddress::of_channel(self.id), InboundAddress::from)
    }

    /// Who sends its webhooks: its app where it has one, else whoever knows the channel's own secret.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.access.app().map_or(Origin::Channel(self.id), |app| Origin::App(app.clone()))
    }

    /// Whether webhooks of this origin may concern this channel.
    #[must_use]
    pub fn accepts_webhooks_of(&self, origin: &Origin) -> bool {
        self.origin() == *origin
    }
}

impl Channel {
    /// Whether a webhook on the other channel's address may concern this one: they are at the same provider, whose
    /// webhooks no app signs.
    #[must_use]
    pub fn shares_callbacks_with(&self, other: &Self) -> bool {
        self.tenant == other.tenant
            && self.access.provider() == other.access.provider()
            && self.access.app().is_none()
            && other.access.app().is_none()
    }

    /// Whether a template that is missing in the provider's list does not exist.
    #[must_use]
    pub fn lists_are_whole(&self) -> bool {
        self.access.supports(Capability::WholeTemplateLists)
    }

    /// Whether statuses carry the same message id as the response to the send call.
    #[must_use]
    pub fn ids_agree(&self) -> bool {
        self.access.supports(Capability::StableMessageIds)
    }
}

/// The owner of a channel's id. Credentials are found by the id alone, so it belongs to one tenant for good,
/// even when the channel itself was never created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelOwner {
    /// The id of the channel.
    pub channel: ChannelId,
    /// The tenant that the id belongs to.
    pub tenant: TenantId,
}

/// The channel of a business number, within its tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessNumber {
    /// The channel that sends with the number.
    pub channel: ChannelId,
}

/// The channel of an inbound address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelRoute {
    /// The address at the provider: the key of this entry.
    #[serde(alias = "phone_number_id")]
    pub line: InboundAddress,
    /// The tenant of the channel.
    pub tenant: TenantId,
    /// The channel that webhooks on this address concern.
    pub channel: ChannelId,
}
