//! A channel: one business number at one provider.

use serde::{Deserialize, Serialize};

use super::{
    id::{AppId, ChannelId, PhoneNumberId, TenantId},
    phone::Phone,
};

/// Who carries the messages of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    /// WhatsApp Cloud API, or any host that speaks it.
    Meta,
}

/// A channel and how to reach its provider. Credentials are elsewhere (`port::credentials`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Our id.
    pub id: ChannelId,
    /// Whose channel it is.
    pub tenant: TenantId,
    /// Who carries its messages.
    pub provider: ProviderKind,
    /// The app whose callbacks may speak for this channel.
    pub app: AppId,
    /// The provider's id of the number; routes its callbacks.
    pub phone_number_id: PhoneNumberId,
    /// The business number itself.
    pub number: Phone,
    /// Base URL of the Graph endpoint, without a trailing slash.
    pub graph_base_url: String,
    /// Version segment of Graph URLs, like `v26.0`.
    pub graph_version: String,
}

/// What a callback's `phone_number_id` leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelRoute {
    /// The provider's id of the number.
    pub phone_number_id: PhoneNumberId,
    /// Whose channel it is.
    pub tenant: TenantId,
    /// The channel.
    pub channel: ChannelId,
}
