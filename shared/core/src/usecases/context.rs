//! What every use case works with, and what all of them are built of.

use std::sync::Arc;

use crate::{
    domain::{
        event::{Event, EventKind},
        id::TenantId,
        mint::Mint,
        settings::Settings,
    },
    ports::{
        attempts::Attempts,
        broadcasts::Broadcasts as BroadcastRecords,
        catalogue::Catalogues,
        checkup::Checkups,
        credentials::Credentials,
        directory::Directory,
        files::{FileRecords, Web},
        inbox::Inbox,
        leads::Leads as LeadRecords,
        log::Log,
        provider::Provider,
        sockets::Sockets,
        store::{Record, Store, Write},
        suppression::Suppressions,
    },
};

/// What every use case works with. All of them share one.
#[derive(Clone)]
pub struct Context {
    /// Conversations, messages, contacts; and every write.
    pub store: Arc<dyn Store>,
    /// Time and ids.
    pub ids: Mint,
    /// What an operator may set.
    pub settings: Settings,
}

/// The ports that every function has. A use case is built of them, and of those ports besides that only some functions
/// have: queues, the bucket, the way to open sockets.
#[derive(Clone)]
pub struct Ports {
    /// Store, ids and settings.
    pub ctx: Arc<Context>,
    /// Attempts.
    pub attempts: Arc<dyn Attempts>,
    /// Opt-outs.
    pub suppressions: Arc<dyn Suppressions>,
    /// The template cache.
    pub catalogues: Arc<dyn Catalogues>,
    /// Results of health checks.
    pub checkups: Arc<dyn Checkups>,
    /// Broadcasts.
    pub broadcast_records: Arc<dyn BroadcastRecords>,
    /// Sockets, and what waits for them.
    pub sockets: Arc<dyn Sockets>,
    /// Leads.
    pub lead_records: Arc<dyn LeadRecords>,
    /// The log of events.
    pub log: Arc<dyn Log>,
    /// Lists of conversations, messages and contacts.
    pub inbox: Arc<dyn Inbox>,
    /// What is known of files.
    pub file_records: Arc<dyn FileRecords>,
    /// Files at URLs that others name.
    pub web: Arc<dyn Web>,
    /// Tenants, API keys and channels.
    pub directory: Arc<dyn Directory>,
    /// Secrets.
    pub credentials: Arc<dyn Credentials>,
    /// The providers.
    pub provider: Arc<dyn Provider>,
}

impl Context {
    /// The events that tell of these changes, of now.
    pub(crate) fn events(&self, tenant: &TenantId, news: Vec<EventKind>) -> impl Iterator<Item = Write> {
        let events: Vec<Write> =
            news.into_iter().map(|kind| Write::Put(Record::Event(self.event(tenant, kind)))).collect();
        events.into_iter()
    }

    /// An event of now.
    pub(crate) fn event(&self, tenant: &TenantId, kind: EventKind) -> Event {
        let at = self.ids.now();
        Event { id: self.ids.event_id(at), tenant: tenant.clone(), at, kind }
    }
}
