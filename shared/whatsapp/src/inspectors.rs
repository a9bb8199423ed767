//! Dispatches health checks to the provider of a channel.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;

use crate::{providers::unregistered, registry::INSPECTORS};
use ventanilla_core::{
    domain::channel::Channel,
    ports::{
        health_check::{Inspection, Inspector, Question},
        provider::SendFailure,
    },
};

/// The health checks of all providers; each question goes to its channel's.
#[derive(Clone)]
pub struct Inspectors(BTreeMap<&'static str, Arc<dyn Inspector>>);

impl Inspectors {
    /// Those of the registered providers, with this HTTP client.
    #[must_use]
    pub fn new(http: &reqwest::Client) -> Self {
        Self(INSPECTORS.iter().map(|(provider, make)| (provider.name, make(http.clone()))).collect())
    }

    fn of(&self, channel: &Channel) -> Result<&dyn Inspector, SendFailure> {
        let name = channel.access.provider();
        self.0.get(name).map(AsRef::as_ref).ok_or_else(|| unregistered(name))
    }
}

#[async_trait]
impl Inspector for Inspectors {
    async fn inspect(&self, question: Question<'_>) -> Inspection {
        match self.of(question.channel) {
            Ok(inspector) => inspector.inspect(question).await,
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
