//! Dispatches calls to the provider of a channel.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;

use crate::registry::Registry;
use ventanilla_core::{
    domain::{channel::Channel, rejection::Reason},
    ports::{
        files::{DownloadError, FileReader},
        provider::{
            Acceptance, Listing, MediaDownload, Outgoing, Provider, ReadReceipt, SendFailure, TemplatePage,
            ThreadControl, Typing,
        },
    },
};

/// All providers; each message goes through its channel's.
#[derive(Clone)]
pub struct Providers(BTreeMap<&'static str, Arc<dyn Provider>>);

impl Providers {
    /// The providers of a registry, with this HTTP client.
    #[must_use]
    pub fn new(registry: &Registry, http: &reqwest::Client) -> Self {
        Self(registry.iter().map(|provider| (provider.name, (provider.client)(http.clone()))).collect())
    }

    fn of(&self, channel: &Channel) -> Result<&dyn Provider, SendFailure> {
        let name = channel.access.provider();
        self.0.get(name).map(AsRef::as_ref).ok_or_else(|| unregistered(name))
    }
}

/// The error for a row with a provider that this version does not have.
pub(crate) fn unregistered(name: &str) -> SendFailure {
    SendFailure::Refused(Reason::Unsupported.because(format!("no provider {name} is registered")))
}

#[async_trait]
impl Provider for Providers {
    async fn send(&self, outgoing: Outgoing<'_>) -> Result<Acceptance, SendFailure> {
        self.of(outgoing.channel)?.send(outgoing).await
    }

    async fn mark_read(&self, receipt: ReadReceipt<'_>) -> Result<Typing, SendFailure> {
        self.of(receipt.channel)?.mark_read(receipt).await
    }

    async fn thread_control(&self, asked: ThreadControl<'_>) -> Result<(), SendFailure> {
        self.of(asked.channel)?.thread_control(asked).await
    }

    async fn file(&self, download: MediaDownload<'_>) -> Result<Box<dyn FileReader>, DownloadError> {
        let refused = |_| DownloadError::Refused("its provider is not registered".to_owned());
        self.of(download.channel).map_err(refused)?.file(download).await
    }

    async fn templates(&self, listing: Listing<'_>) -> Result<TemplatePage, SendFailure> {
        self.of(listing.channel)?.templates(listing).await
    }
}
