//! Checks of channels: what is on record of them, and what their providers say.

use std::time::Duration;

use async_trait::async_trait;

use super::{
    credentials::{AppSecret, ChannelSecret},
    provider::SendFailure,
    store::StoreError,
};
use crate::domain::{
    channel::Channel,
    checkup::ChannelCheck,
    id::{ChannelId, TenantId},
    phone::Phone,
    time::Timestamp,
};

/// Reads of what checks found. They are written through the store.
#[async_trait]
pub trait Checkups: Send + Sync {
    /// What the last check of a channel found; none before its first.
    async fn last_check(
        &self,
        tenant: &TenantId,
        channel: ChannelId,
    ) -> Result<Option<ChannelCheck>, StoreError>;
}

/// A question to a provider: how does this channel stand?
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The channel.
    pub channel: &'a Channel,
    /// Its credentials.
    pub secret: &'a ChannelSecret,
    /// Its app's credentials, where it has an app and they are at hand.
    pub app: Option<&'a AppSecret>,
    /// Where callbacks should go, if that is known: somebody is sent there to shake hands.
    pub callback: Option<&'a str>,
    /// How long each of the calls may take.
    pub timeout: Duration,
}

/// What a provider says of one thing; none where it cannot be asked for it, or not with what is at hand.
pub type Said<T> = Result<Option<T>, SendFailure>;

/// What a provider says of a channel.
#[derive(Debug, Clone)]
pub struct Inspection {
    /// Of the channel's token.
    pub token: Said<TokenFacts>,
    /// Of the number.
    pub number: Said<NumberFacts>,
    /// Of how the number stands.
    pub standing: Said<StandingFacts>,
    /// Which apps hear of the number's account.
    pub listeners: Said<Vec<Listener>>,
    /// Of the app's own webhook.
    pub webhook: Said<WebhookFacts>,
    /// What our own callback address answers to the handshake.
    pub handshake: Option<Handshake>,
}

/// What is known of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFacts {
    /// The provider's id of the app that it was made for.
    pub app: Option<String>,
    /// Whether the provider says that it is valid.
    pub validity: Validity,
    /// When it ends; none for never.
    pub expires_at: Option<Timestamp>,
    /// What it may do.
    pub scopes: Vec<String>,
}

/// Whether a token opens anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// It does.
    Valid,
    /// It does not.
    Invalid,
}

/// What is known of a number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NumberFacts {
    /// The number itself.
    pub number: Option<Phone>,
    /// What customers think of its messages: `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
    pub quality: Option<String>,
}

/// How a number stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StandingFacts {
    /// `CONNECTED`, or what stands in the way.
    pub status: Option<String>,
    /// How many customers may be written to first in 24 hours, like `TIER_2K`.
    pub messaging_limit: Option<String>,
    /// How fast it may send: `STANDARD`, `HIGH`.
    pub throughput: Option<String>,
    /// Where its callbacks go: that of the number before that of its account before that of the app. None if
    /// they go nowhere.
    pub callback: Option<Destination>,
}

/// Where callbacks go, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The address.
    pub url: String,
    /// Where it is set.
    pub set_at: SetAt,
}

impl Destination {
    /// The address without what may be a secret in it.
    #[must_use]
    pub fn shown(&self) -> &str {
        self.url.split(['?', '#']).next().unwrap_or_default()
    }
}

/// Where an address for callbacks is set. The earlier counts before the later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetAt {
    /// On the number.
    Number,
    /// On its account.
    Account,
    /// On the app.
    App,
}

/// An app that hears of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// The provider's id of it.
    pub app: String,
    /// Its name.
    pub name: Option<String>,
}

/// An app's own webhook.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookFacts {
    /// What it is told of; none where there is no webhook, or one that is switched off.
    pub fields: Option<Vec<String>>,
}

/// What came of a handshake at our own address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handshake {
    /// It was answered as it should be.
    Answered,
    /// Something else was answered, with this status.
    Refused(u16),
    /// Nobody answered.
    Unreachable,
}

/// Asks providers how channels stand.
#[async_trait]
pub trait Inspector: Send + Sync {
    /// Asks for all that there is to ask for. Changes nothing at the provider.
    async fn inspect(&self, question: Question<'_>) -> Inspection;

    /// Has the channel's account tell the app of the credentials what happens. Doing it again is harmless.
    async fn subscribe(&self, question: Question<'_>) -> Result<(), SendFailure>;
}
