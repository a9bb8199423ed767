//! Webhooks become rows: messages, delivery statuses, payments.

pub mod archive;
mod complete;
pub mod ingest;
pub mod payment;
pub mod receive;
pub mod status;
pub(crate) mod update;

use std::sync::Arc;

use crate::{
    ports::{directory::Directory, queue::FetchQueue, template_cache::TemplateCaches},
    usecases::{
        Contacts, Context, ConversationActions, Conversations, MediaRequests, OptOuts, Outcomes, Ports,
        StatusUpdates, Templates, Updates,
    },
};

/// Ingests webhooks: every item is archived, then becomes rows.
#[derive(Clone)]
pub struct Inbound {
    pub(crate) ctx: Arc<Context>,
    pub(crate) template_caches: Arc<dyn TemplateCaches>,
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) contacts: Contacts,
    pub(crate) actions: ConversationActions,
    pub(crate) conversations: Conversations,
    pub(crate) media_requests: MediaRequests,
    pub(crate) opt_outs: OptOuts,
    pub(crate) outcomes: Outcomes,
    pub(crate) statuses: StatusUpdates,
    pub(crate) templates: Templates,
    pub(crate) updates: Updates,
}

impl Inbound {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports, fetches: &Arc<dyn FetchQueue>) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            template_caches: Arc::clone(&ports.template_caches),
            directory: Arc::clone(&ports.directory),
            contacts: Contacts::new(ports),
            actions: ConversationActions::new(ports),
            conversations: Conversations::new(ports),
            media_requests: MediaRequests::new(ports, fetches),
            opt_outs: OptOuts::new(ports),
            outcomes: Outcomes::new(ports),
            statuses: StatusUpdates::new(ports),
            templates: Templates::new(ports),
            updates: Updates::new(ports),
        }
    }
}
