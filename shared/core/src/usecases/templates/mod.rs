//! Templates: our cache of the providers' templates, and the validation of messages.

mod alternatives;
mod apply;
mod on_rejection;
mod render;
mod sync;
pub(crate) mod validate;
mod webhook;

use std::sync::Arc;

use crate::{
    ports::{provider::Provider, template_cache::TemplateCaches},
    usecases::{ChannelSecrets, Context, Ports},
};

pub use sync::{Copy, SyncError, Synced};
pub use validate::Fitting;
/// The template cache of an account: synced, kept up to date by webhooks, looked up for sends.
#[derive(Clone)]
pub struct Templates {
    pub(crate) ctx: Arc<Context>,
    pub(crate) template_caches: Arc<dyn TemplateCaches>,
    pub(crate) provider: Arc<dyn Provider>,
    pub(crate) secrets: ChannelSecrets,
}

impl Templates {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            template_caches: Arc::clone(&ports.template_caches),
            provider: Arc::clone(&ports.provider),
            secrets: ChannelSecrets::new(ports),
        }
    }
}
