//! Replays archived webhooks, after a fix in how they are parsed.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use async_trait::async_trait;
use ventanilla::{
    domain::{
        caller::Tenant,
        channel::Channel,
        file::FileAddress,
        raw::{RawItem, RawOwner},
        time::Timestamp,
    },
    ports::{
        archive::Archive,
        clock::Clock,
        queue::{FetchQueue, QueueError},
        store::StoreError,
        template_cache::TemplateCaches,
    },
    usecases::{Inbound, Ports, inbound::ingest::Tally},
    whatsapp::webhook_registry::WebhookRegistry,
};

const HOUR: Duration = Duration::from_hours(1);

/// The result of a replay.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ReplaySummary {
    /// Archived webhooks, or parts of large ones.
    pub webhooks: usize,
    /// Their items, counted by disposition.
    pub items: Tally,
    /// Webhooks with at least one item that the store failed for.
    pub failed: usize,
}

/// A range of arrival times.
#[derive(Debug, Clone, Copy)]
pub struct TimeRange {
    /// Arrived at this time or later.
    pub from: Timestamp,
    /// Arrived before this time.
    pub until: Timestamp,
}

impl TimeRange {
    /// How many calendar hours the range touches.
    #[must_use]
    pub fn hours(&self) -> usize {
        let range = self.from.hour_start().until(self.until).as_millis();
        usize::try_from(range.div_ceil(HOUR.as_millis())).unwrap_or(usize::MAX)
    }
}

/// All owners of archived webhooks: each tenant and, for webhooks without a tenant, each sender.
#[must_use]
pub fn owners(tenants: &[Tenant], channels: &[Channel]) -> BTreeSet<RawOwner> {
    let tenants = tenants.iter().map(|tenant| RawOwner::Tenant(tenant.id.clone()));
    tenants.chain(channels.iter().map(Channel::origin).map(RawOwner::Sender)).collect()
}

/// Ingests archived webhooks again.
pub struct Replayer {
    inbound: Inbound,
    archive: Arc<dyn Archive>,
    channels: Arc<dyn TemplateCaches>,
    providers: WebhookRegistry,
    clock: Arc<dyn Clock>,
}

impl Replayer {
    /// Builds it of these ports.
    #[must_use]
    pub fn new(ports: &Ports, archive: Arc<dyn Archive>, providers: WebhookRegistry) -> Self {
        let fetches: Arc<dyn FetchQueue> = Arc::new(FetchedBySweep);
        let clock = Arc::clone(ports.ctx.ids.clock());
        Self {
            inbound: Inbound::new(ports, &fetches),
            archive,
            channels: Arc::clone(&ports.template_caches),
            providers,
            clock,
        }
    }

    /// Ingests again what arrived for an owner in a range of time. Items that were ingested before do not change, so a
    /// replay can be repeated. `progress` is called after every hour.
    ///
    /// # Errors
    /// When the archive cannot be read. Items that the store fails for are counted.
    pub async fn replay(
        &self,
        owner: &RawOwner,
        range: TimeRange,
        mut progress: impl FnMut(Timestamp, &ReplaySummary),
    ) -> Result<ReplaySummary, StoreError> {
        let channels = self.channels.channels().await?;
        let mut replayed = ReplaySummary::default();
        let mut hour = range.from.hour_start();
        while hour < range.until {
            let mut mark = None;
            loop {
                let page = self.archive.hour(owner, hour, mark).await?;
                // A row may outlive its TTL: the store takes up to two days to remove it.
                let now = self.clock.now();
                let wanted = |archived: &&RawItem| {
                    (range.from..range.until).contains(&archived.at) && archived.expires_at > now
                };
                for archived in page.items.iter().filter(wanted) {
                    self.ingest_archived(&channels, archived, &mut replayed).await;
                }
                mark = page.next;
                if mark.is_none() {
                    break;
                }
            }
            progress(hour, &replayed);
            hour = hour.plus(HOUR);
        }
        Ok(replayed)
    }

    async fn ingest_archived(&self, channels: &[Channel], archived: &RawItem, replayed: &mut ReplaySummary) {
        let items = self.providers.read_again(archived, channels);
        replayed.webhooks += 1;
        match self.inbound.ingest_archived(&archived.origin, &archived.owner, items).await {
            Ok(tally) => {
                for (disposition, count) in tally {
                    *replayed.items.entry(disposition).or_default() += count;
                }
            }
            Err(error) => {
                tracing::error!(%error, origin = %archived.origin, "an archived webhook could not be replayed");
                replayed.failed += 1;
            }
        }
    }
}

/// The queue of a command, which has none: a file that is to be fetched is on record, and the sweep puts it into the
/// functions' queue when it is due.
struct FetchedBySweep;

#[async_trait]
impl FetchQueue for FetchedBySweep {
    async fn want(&self, _: &[FileAddress]) -> Result<(), QueueError> {
        Ok(())
    }
}
