//! The context of every use case, and the ports that use cases are built from.

use std::sync::Arc;

use crate::{
    domain::{
        event::{Event, EventKind},
        id::TenantId,
        ids::Ids,
        settings::Settings,
    },
    ports::{
        attempts::AttemptRecords,
        broadcasts::BroadcastRecords,
        credentials::Credentials,
        directory::Directory,
        files::{FileRecords, Web},
        health_check::HealthCheckReads,
        inbox::InboxRecords,
        leads::LeadRecords,
        log::LogRecords,
        opt_out::OptOutRecords,
        provider::Provider,
        sockets::SocketRecords,
        store::{Record, Store, Write},
        template_cache::TemplateCaches,
    },
};

/// The context of every use case. All of them share one.
#[derive(Clone)]
pub struct Context {
    /// Reads of conversations, messages and contacts; and every commit.
    pub store: Arc<dyn Store>,
    /// The clock, and the source of new ids.
    pub ids: Ids,
    /// The settings that an operator may change.
    pub settings: Settings,
}

/// The ports that every function has. A use case is built from them, and from those that only some functions
/// have: queues, the file store, the push to sockets.
#[derive(Clone)]
pub struct Ports {
    /// Store, ids and settings.
    pub ctx: Arc<Context>,
    /// Reads of attempts, idempotency keys and due work.
    pub attempts: Arc<dyn AttemptRecords>,
    /// Reads of opt-outs from marketing.
    pub opt_out_records: Arc<dyn OptOutRecords>,
    /// Reads of the template cache.
    pub template_caches: Arc<dyn TemplateCaches>,
    /// Reads of the results of health checks.
    pub health_checks: Arc<dyn HealthCheckReads>,
    /// Reads of broadcasts and their batches.
    pub broadcast_records: Arc<dyn BroadcastRecords>,
    /// Reads of sockets and of the offline queue.
    pub sockets: Arc<dyn SocketRecords>,
    /// Reads of leads by both ids.
    pub lead_records: Arc<dyn LeadRecords>,
    /// Reads of the event log.
    pub log: Arc<dyn LogRecords>,
    /// Pages of conversations, messages and contacts.
    pub inbox: Arc<dyn InboxRecords>,
    /// Reads of the metadata of files.
    pub file_records: Arc<dyn FileRecords>,
    /// Downloads from URLs that others name.
    pub web: Arc<dyn Web>,
    /// Reads of tenants, API keys and channels.
    pub directory: Arc<dyn Directory>,
    /// Credentials of channels and apps.
    pub credentials: Arc<dyn Credentials>,
    /// Calls to the providers, by channel.
    pub provider: Arc<dyn Provider>,
}

impl Context {
    /// The writes of new events of these kinds, with the current time.
    pub(crate) fn events(&self, tenant: &TenantId, changes: Vec<EventKind>) -> impl Iterator<Item = Write> {
        let events: Vec<Write> =
            changes.into_iter().map(|kind| Write::Put(Record::Event(self.event(tenant, kind)))).collect();
        events.into_iter()
    }

    /// A new event of this kind, with the current time.
    pub(crate) fn event(&self, tenant: &TenantId, kind: EventKind) -> Event {
        let at = self.ids.now();
        Event { id: self.ids.event_id(at), tenant: tenant.clone(), at, kind }
    }
}
