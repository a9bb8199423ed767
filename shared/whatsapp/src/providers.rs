//! Outgoing calls: one folder per provider, and what all of them share.

use async_trait::async_trait;

use crate::{kaleyra, meta};
use ventanilla_core::{
    domain::channel::Access,
    ports::{
        files::{Source, SourceError},
        provider::{
            Acceptance, Listing, Outgoing, Provider, ReadReceipt, SendFailure, TemplatePage, ThreadControl,
            Typing, Wish,
        },
    },
};

/// All providers; each message goes through the one that its channel names.
#[derive(Debug, Clone)]
pub struct Providers {
    pub(crate) meta: meta::Meta,
    pub(crate) kaleyra: kaleyra::Kaleyra,
}

impl Providers {
    /// All providers, over this HTTP client.
    #[must_use]
    pub fn new(http: reqwest::Client) -> Self {
        Self { meta: meta::Meta::new(http.clone()), kaleyra: kaleyra::Kaleyra::new(http) }
    }
}

#[async_trait]
impl Provider for Providers {
    async fn send(&self, outgoing: Outgoing<'_>) -> Result<Acceptance, SendFailure> {
        match outgoing.channel.access {
            Access::Meta(_) => self.meta.send(outgoing).await,
            Access::Kaleyra(_) => self.kaleyra.send(outgoing).await,
        }
    }

    async fn mark_read(&self, receipt: ReadReceipt<'_>) -> Result<Typing, SendFailure> {
        match receipt.channel.access {
            Access::Meta(_) => self.meta.mark_read(receipt).await,
            Access::Kaleyra(_) => self.kaleyra.mark_read(receipt).await,
        }
    }

    async fn thread_control(&self, asked: ThreadControl<'_>) -> Result<(), SendFailure> {
        match asked.channel.access {
            Access::Meta(_) => self.meta.thread_control(asked).await,
            Access::Kaleyra(_) => self.kaleyra.thread_control(asked).await,
        }
    }

    async fn file(&self, wish: Wish<'_>) -> Result<Box<dyn Source>, SourceError> {
        match wish.channel.access {
            Access::Meta(_) => self.meta.file(wish).await,
            Access::Kaleyra(_) => self.kaleyra.file(wish).await,
        }
    }

    async fn templates(&self, listing: Listing<'_>) -> Result<TemplatePage, SendFailure> {
        match listing.channel.access {
            Access::Meta(_) => self.meta.templates(listing).await,
            Access::Kaleyra(_) => self.kaleyra.templates(listing).await,
        }
    }
}
