//! The registry of the providers' webhooks.

use std::fmt;

use crate::{
    registry::{Registration, Registry, WEBHOOKS},
    webhook::{Addressing, Webhooks},
};
use ventanilla_core::domain::{
    channel::{Channel, Origin},
    inbound::Item,
    raw::RawItem,
};

/// A provider with its webhooks.
#[derive(Clone, Copy)]
pub struct RegisteredWebhooks {
    /// The registration that names the provider.
    pub provider: &'static Registration,
    /// Authenticates and splits its webhooks.
    pub webhooks: &'static dyn Webhooks,
}

impl fmt::Debug for RegisteredWebhooks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("RegisteredWebhooks").field(&self.provider.name).finish()
    }
}

/// The providers whose webhooks are received.
#[derive(Debug, Clone)]
pub struct WebhookRegistry(Vec<RegisteredWebhooks>);

impl Default for WebhookRegistry {
    fn default() -> Self {
        Self(WEBHOOKS.to_vec())
    }
}

impl WebhookRegistry {
    /// The same registry with one more provider.
    #[must_use]
    pub fn with(mut self, provider: &'static Registration, webhooks: &'static dyn Webhooks) -> Self {
        self.0.push(RegisteredWebhooks { provider, webhooks });
        self
    }

    /// The webhooks of the provider with this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<RegisteredWebhooks> {
        self.0.iter().find(|it| it.provider.name == name).copied()
    }

    /// The same providers, without their webhooks.
    #[must_use]
    pub fn providers(&self) -> Registry {
        self.0.iter().map(|it| it.provider).collect()
    }

    /// The items of an archived webhook, parsed again: by the provider of a channel that it may be for, or,
    /// where no such channel is left, by the first provider with the same kind of webhook URL.
    #[must_use]
    pub fn read_again(&self, kept: &RawItem, channels: &[Channel]) -> Vec<Item> {
        let addressing = match kept.origin {
            Origin::App(_) => Addressing::App,
            Origin::Channel(_) => Addressing::Channel,
        };
        let channel = channels.iter().find(|channel| channel.accepts_webhooks_of(&kept.origin));
        let found = channel.and_then(|channel| self.find(channel.access.provider()));
        let found =
            found.or_else(|| self.0.iter().find(|it| it.webhooks.addressing() == addressing).copied());
        found.map(|it| it.webhooks.read_again(kept)).unwrap_or_default()
    }
}
