//! A channel: one business number at one provider.

use std::{fmt, num::NonZeroU16, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    id::{AppId, CatalogueId, ChannelId, InboundAddress, PhoneNumberId, TenantId},
    phone::Phone,
    rejection::{Reason, Rejection},
    time::Timestamp,
};

/// A channel and how to reach its provider. Credentials are elsewhere (`port::credentials`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Our id.
    pub id: ChannelId,
    /// Whose channel it is.
    pub tenant: TenantId,
    /// The business number itself.
    pub number: Phone,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<ChannelName>,
    /// The account at the provider that its templates belong to; none where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalogue: Option<CatalogueId>,
    /// How many messages it may send in a second; the provider's usual limit when none is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throughput: Option<NonZeroU16>,
    /// When an operator disabled it: it refuses to send from then on, and still takes callbacks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<Timestamp>,
    /// Who carries its messages, and how to reach them.
    #[serde(flatten)]
    pub access: Access,
}

/// What people call a channel: 1 to 100 characters, none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChannelName(String);

/// A text is no name for a channel.
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

/// Messages in a second that Meta takes from a number unless it was raised (facts: meta.md 8.4).
pub const USUAL_THROUGHPUT: u16 = 80;

/// The way to a channel's provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "provider", rename_all = "snake_case")]
pub enum Access {
    /// WhatsApp Cloud API, or any host that speaks it.
    Meta(MetaAccess),
    /// Kaleyra.
    Kaleyra(KaleyraAccess),
}

/// The way to a number at Meta.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetaAccess {
    /// The app whose callbacks may speak for this channel.
    pub app: AppId,
    /// Meta's id of the number; routes its callbacks.
    pub phone_number_id: PhoneNumberId,
    /// Base URL of the Graph endpoint, without a trailing slash.
    pub graph_base_url: String,
    /// Version segment of Graph URLs, like `v26.0`.
    pub graph_version: String,
    /// Whether conversations of the number change hands by Meta's thread control: it shares them with Meta's Business
    /// Agent, or with other apps (facts: onboarding.md 4).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub thread_control: bool,
}

/// The way to a number at Kaleyra.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KaleyraAccess {
    /// The API that the number's account is on.
    pub api: KaleyraApi,
    /// Base URL of the account's pod, without a trailing slash: Kaleyra's own documents disagree on some
    /// of them, so it is never derived (facts: kaleyra.md 2.1).
    pub base_url: String,
    /// How recipients are spelled.
    #[serde(default)]
    pub numbers: NumberSpelling,
    /// Public base URL of our own callback routes, without a trailing slash. With it, V1 is told with
    /// every message where its statuses go; V2 has no field for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback_base_url: Option<String>,
}

/// The two generations of Kaleyra's API. An account is on one of them (facts: kaleyra.md 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KaleyraApi {
    /// Forms; statuses know only the provider's id.
    V1,
    /// Meta's message objects in an envelope.
    V2,
}

impl fmt::Display for KaleyraApi {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        })
    }
}

/// How a provider wants numbers spelled: Kaleyra's samples have both (facts: kaleyra.md 2.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberSpelling {
    /// `+50212345678`.
    #[default]
    E164,
    /// `50212345678`.
    Digits,
}

impl NumberSpelling {
    /// A number in this spelling.
    #[must_use]
    pub fn of(self, number: &Phone) -> String {
        match self {
            Self::E164 => number.e164(),
            Self::Digits => number.digits().to_owned(),
        }
    }
}

/// Who sent a callback, by what it proved.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// An app of Meta's, by its signature. It may speak for several channels.
    App(AppId),
    /// The provider of this channel, by a secret that only that provider was told.
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
    /// What speaks against sending through it, whatever is sent.
    #[must_use]
    pub fn refusal(&self) -> Option<Rejection> {
        self.disabled_at?;
        Some(Reason::ChannelDisabled.because("the channel is disabled; an operator can enable it again"))
    }

    /// Whether conversations change hands at the provider as well.
    #[must_use]
    pub fn has_thread_control(&self) -> bool {
        matches!(&self.access, Access::Meta(access) if access.thread_control)
    }

    /// The time between two messages of many.
    #[must_use]
    pub fn pace(&self) -> Duration {
        Duration::from_secs(1) / u32::from(self.throughput.map_or(USUAL_THROUGHPUT, NonZeroU16::get))
    }

    /// What leads callbacks here.
    #[must_use]
    pub fn line(&self) -> InboundAddress {
        match &self.access {
            Access::Meta(access) => InboundAddress::from(&access.phone_number_id),
            Access::Kaleyra(_) => InboundAddress::of_channel(self.id),
        }
    }

    /// Whether callbacks of this origin may speak for this channel.
    #[must_use]
    pub fn hears(&self, origin: &Origin) -> bool {
        match (&self.access, origin) {
            (Access::Meta(access), Origin::App(app)) => access.app == *app,
            (Access::Kaleyra(_), Origin::Channel(channel)) => self.id == *channel,
            (Access::Meta(_), Origin::Channel(_)) | (Access::Kaleyra(_), Origin::App(_)) => false,
        }
    }
}

impl Channel {
    /// Whether callbacks on the other's address may be about this one: they are at the same provider.
    #[must_use]
    pub fn shares_callbacks_with(&self, other: &Self) -> bool {
        self.tenant == other.tenant
            && matches!((&self.access, &other.access), (Access::Kaleyra(_), Access::Kaleyra(_)))
    }

    /// Whether a template that its provider does not list does not exist. Kaleyra lists only those that were
    /// made there (facts: kaleyra.md 5).
    #[must_use]
    pub fn lists_are_whole(&self) -> bool {
        matches!(self.access, Access::Meta(_))
    }

    /// Whether a status names a message by the id that the answer to its call gave.
    #[must_use]
    pub fn ids_agree(&self) -> bool {
        matches!(self.access, Access::Meta(_))
    }
}

/// Whose the id of a channel is. Credentials are found by the id alone, so it is one tenant's for good, even when
/// the channel itself never came to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelOwner {
    /// The id.
    pub channel: ChannelId,
    /// The tenant.
    pub tenant: TenantId,
}

/// What a business number leads to, within its tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessNumber {
    /// The channel.
    pub channel: ChannelId,
}

/// What a line leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelRoute {
    /// The line.
    #[serde(alias = "phone_number_id")]
    pub line: InboundAddress,
    /// Whose channel it is.
    pub tenant: TenantId,
    /// The channel.
    pub channel: ChannelId,
}
