//! Dispatches calls to the provider of a channel.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;

use crate::registry::{Client, Registry};
use ventanilla_core::{
    domain::{channel::Channel, rejection::Reason},
    ports::{
        files::{DownloadError, FileReader},
        health_check::{Inspection, Inspector, Question},
        provider::{
            Acceptance, Listing, MediaDownload, Outgoing, Provider, ReadReceipt, SendFailure, TemplatePage,
            ThreadControl, Typing,
        },
    },
};

/// All providers; each message goes through its channel's.
#[derive(Clone)]
pub struct Providers(BTreeMap<&'static str, Arc<dyn Client>>);

impl Providers {
    /// The providers of a registry, with this HTTP client.
    #[must_use]
    pub fn new(registry: &Registry, http: &reqwest::Client) -> Self {
        Self(registry.iter().map(|provider| (provider.name, (provider.client)(http.clone()))).collect())
    }

    fn of(&self, channel: &Channel) -> Result<&dyn Client, SendFailure> {
        let name = channel.access.provider();
        self.0.get(name).map(AsRef::as_ref).ok_or_else(|| unregistered(name))
    }
}

/// The error for a row with a provider that this version does not have.
fn unregistered(name: &str) -> SendFailure {
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

#[async_trait]
impl Inspector for Providers {
    async fn inspect(&self, question: Question<'_>) -> Inspection {
        match self.of(question.channel) {
            Ok(client) => client.inspect(question).await,
            Err(failure) => Inspection {
                token: Ok(None),
                number: Err(failure),
                health: Ok(None),
                listeners: Ok(None),
                webhook: Ok(None),
                handshake: None,
            },
        }
    }

    async fn subscribe(&self, question: Question<'_>) -> Result<(), SendFailure> {
        self.of(question.channel)?.subscribe(question).await
    }
}
