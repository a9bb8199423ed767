//! Health checks of channels: their stored results, and the calls to providers that they need.

use std::time::Duration;

use async_trait::async_trait;

use super::{
    credentials::{AppSecret, ChannelSecret},
    provider::SendFailure,
    store::StoreError,
};
use crate::domain::{
    channel::Channel,
    health_check::ChannelCheck,
    id::{ChannelId, TenantId},
    phone::Phone,
    time::Timestamp,
};

/// Reads of the results of health checks. They are written through the store.
#[async_trait]
pub trait HealthCheckReads: Send + Sync {
    /// The result of the last health check of a channel; `None` before its first.
    async fn last_check(
        &self,
        tenant: &TenantId,
        channel: ChannelId,
    ) -> Result<Option<ChannelCheck>, StoreError>;
}

/// A health check's input: the channel and the credentials to ask its provider with.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The channel to check.
    pub channel: &'a Channel,
    /// The credentials of the channel.
    pub secret: &'a ChannelSecret,
    /// The credentials of its app, where it has an app and they are available.
    pub app: Option<&'a AppSecret>,
    /// The URL that webhooks should go to, if known: the check sends it a verification handshake.
    pub callback: Option<&'a str>,
    /// How long each of the calls may take.
    pub timeout: Duration,
}

/// The provider's answer to one question; `Ok(None)` where it cannot be asked, or not with these
/// credentials.
pub type InspectionAnswer<T> = Result<Option<T>, SendFailure>;

/// The provider's answers about a channel.
#[derive(Debug, Clone)]
pub struct Inspection {
    /// The facts about the channel's token.
    pub token: InspectionAnswer<TokenFacts>,
    /// The facts about the business number.
    pub number: InspectionAnswer<NumberFacts>,
    /// The health status of the number.
    pub health: InspectionAnswer<HealthFacts>,
    /// The apps that are subscribed to the number's account.
    pub listeners: InspectionAnswer<Vec<Listener>>,
    /// The configuration of the app's own webhook.
    pub webhook: InspectionAnswer<WebhookFacts>,
    /// The result of the handshake with our own webhook URL; `None` where the URL is not known.
    pub handshake: Option<Handshake>,
}

/// The facts about a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFacts {
    /// The provider's id of the app that it was made for.
    pub app: Option<String>,
    /// Whether the provider considers it valid.
    pub validity: Validity,
    /// When it expires; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// The permissions that it grants.
    pub scopes: Vec<String>,
}

/// Whether the provider considers a token valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// The provider accepts it.
    Valid,
    /// The provider rejects it.
    Invalid,
}

/// The facts about a number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NumberFacts {
    /// The business number, as the provider spells it.
    pub number: Option<Phone>,
    /// The quality rating of its messages: `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
    pub quality: Option<String>,
}

/// The health status of a number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HealthFacts {
    /// `CONNECTED`, or the status that keeps it from sending.
    pub status: Option<String>,
    /// How many customers may be written to first in 24 hours, like `TIER_2K`.
    pub messaging_limit: Option<String>,
    /// The throughput level: `STANDARD`, `HIGH`.
    pub throughput: Option<String>,
    /// Where its webhooks go: the URL of the number has precedence over that of its account, and that over
    /// the app's. `None` if none is set.
    pub callback: Option<Destination>,
}

/// The URL that webhooks go to, and where it is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The URL, which may contain a secret.
    pub url: String,
    /// Where it is configured.
    pub set_at: SetAt,
}

impl Destination {
    /// The URL without parts that may be secret.
    #[must_use]
    pub fn shown(&self) -> &str {
        self.url.split(['?', '#']).next().unwrap_or_default()
    }
}

/// Where a webhook URL is configured, in order of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetAt {
    /// Configured on the number.
    Number,
    /// Configured on its account.
    Account,
    /// Configured on the app.
    App,
}

/// An app that is subscribed to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// The provider's id of the app.
    pub app: String,
    /// The name of the app at the provider.
    pub name: Option<String>,
}

/// The configuration of an app's webhook.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookFacts {
    /// The fields that it is subscribed to; `None` where there is no webhook, or it is switched off.
    pub fields: Option<Vec<String>>,
}

/// The result of a handshake with our own webhook URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handshake {
    /// The URL answered correctly.
    Answered,
    /// The URL answered something else, with this HTTP status.
    Refused(u16),
    /// The URL did not answer.
    Unreachable,
}

/// Asks providers for the health of channels.
#[async_trait]
pub trait Inspector: Send + Sync {
    /// Asks everything that the provider can be asked. Changes nothing there.
    async fn inspect(&self, question: Question<'_>) -> Inspection;

    /// Subscribes the app of the credentials to the channel's account. Doing it again is harmless.
    async fn subscribe(&self, question: Question<'_>) -> Result<(), SendFailure>;
}
