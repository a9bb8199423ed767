//! The use cases: what callers, callbacks and the clock make happen.

mod backoff;
pub mod broadcasts;
pub mod channels;
pub mod contacts;
pub mod conversations;
pub mod diagnose;
pub mod events;
pub mod files;
pub mod inbound;
pub mod leads;
pub mod live;
pub mod opt_outs;
pub mod reconcile;
pub mod sending;
pub mod templates;

use std::sync::Arc;

use crate::{
    domain::{mint::Mint, settings::Settings},
    ports::{
        book::{Attempts, Book},
        broadcasts::Broadcasts,
        catalogue::Catalogues,
        checkup::Checkups,
        credentials::Credentials,
        directory::Directory,
        files::{FileRecords, Files, Web},
        inbox::Inbox,
        leads::Leads,
        log::Log,
        provider::Provider,
        queue::{FetchQueue, Queue},
        sockets::{Posts, Sockets},
        suppression::Suppressions,
    },
};

/// Everything the use cases work with.
#[derive(Clone)]
pub struct Core {
    /// Conversations, messages, contacts.
    pub book: Arc<dyn Book>,
    /// Attempts.
    pub attempts: Arc<dyn Attempts>,
    /// Who does not want marketing.
    pub suppressions: Arc<dyn Suppressions>,
    /// Our copy of templates.
    pub catalogues: Arc<dyn Catalogues>,
    /// What checks of channels found.
    pub checkups: Arc<dyn Checkups>,
    /// Broadcasts.
    pub broadcasts: Arc<dyn Broadcasts>,
    /// Who listens.
    pub sockets: Arc<dyn Sockets>,
    /// The way to them.
    pub posts: Arc<dyn Posts>,
    /// What was told of leads.
    pub leads: Arc<dyn Leads>,
    /// The log of events.
    pub log: Arc<dyn Log>,
    /// Many conversations and messages at once.
    pub inbox: Arc<dyn Inbox>,
    /// What goes on after its caller was answered.
    pub queue: Arc<dyn Queue>,
    /// What is known of files.
    pub file_records: Arc<dyn FileRecords>,
    /// The bytes of files.
    pub files: Arc<dyn Files>,
    /// Files that are to be fetched.
    pub fetches: Arc<dyn FetchQueue>,
    /// Files at addresses that others name.
    pub web: Arc<dyn Web>,
    /// Callers and channels.
    pub directory: Arc<dyn Directory>,
    /// Secrets.
    pub credentials: Arc<dyn Credentials>,
    /// The way out.
    pub provider: Arc<dyn Provider>,
    /// Time and ids.
    pub mint: Mint,
    /// What an operator may set.
    pub settings: Settings,
}
