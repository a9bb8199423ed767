//! Outgoing calls: one folder per provider, and the HTTP client that all of them share.

pub mod http;
pub mod meta;

use async_trait::async_trait;

use crate::{
    domain::channel::ProviderKind,
    port::provider::{Acceptance, Outgoing, Provider, SendFailure},
};

/// All providers; each message goes through the one that its channel names.
#[derive(Debug, Clone)]
pub struct Providers {
    meta: meta::Meta,
}

impl Providers {
    /// All providers, over this HTTP client.
    #[must_use]
    pub fn new(http: reqwest::Client) -> Self {
        Self { meta: meta::Meta::new(http) }
    }
}

#[async_trait]
impl Provider for Providers {
    async fn send(&self, outgoing: Outgoing<'_>) -> Result<Acceptance, SendFailure> {
        match outgoing.channel.provider {
            ProviderKind::Meta => self.meta.send(outgoing).await,
        }
    }
}
