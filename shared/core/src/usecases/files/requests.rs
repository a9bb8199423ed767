//! Files of webhooks: stored as rows, and queued for the fetch.

use std::{sync::Arc, time::Duration};

use crate::{
    domain::{
        channel::Channel,
        file::{FileAddress, FileState, MediaFile, Presence},
        inbound::InboundMessage,
        message::MessageAddress,
    },
    ports::{
        files::FileRecords,
        queue::FetchQueue,
        store::{Commit, Record, Write},
    },
    usecases::{Context, FetchOutcomes, Ports, requeue::RequeueError},
};

/// The time limit for the queue where the sweep would do as well.
const WORTH_PUTTING: Duration = Duration::from_secs(3);

/// Stores the files of webhooks as rows, and queues them for the fetch.
#[derive(Clone)]
pub struct MediaRequests {
    pub(crate) ctx: Arc<Context>,
    pub(crate) fetches: Arc<dyn FetchQueue>,
    pub(crate) file_records: Arc<dyn FileRecords>,
    pub(crate) fetch_outcomes: FetchOutcomes,
}

impl MediaRequests {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports, fetches: &Arc<dyn FetchQueue>) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            fetches: Arc::clone(fetches),
            file_records: Arc::clone(&ports.file_records),
            fetch_outcomes: FetchOutcomes::new(ports),
        }
    }

    /// The file of an inbound message, to be committed with it.
    pub(crate) fn received_file(
        &self,
        channel: &Channel,
        inbound: &InboundMessage,
        message: MessageAddress,
    ) -> Option<MediaFile> {
        let file = inbound.file.as_ref()?;
        let address = FileAddress { tenant: channel.tenant.clone(), id: self.ctx.ids.id() };
        let (now, kept) = (self.ctx.ids.now(), self.ctx.settings.files_kept);
        Some(MediaFile::received(address, channel.id, file, (inbound.direction, message), now, kept))
    }

    /// Queues a new file for the fetch. If that fails, the sweep does it.
    pub(crate) async fn fetch_soon(&self, file: &MediaFile) {
        if !matches!(file.state, FileState::Fetching(_)) {
            return;
        }
        let wanted = [file.address.clone()];
        let put = tokio::time::timeout(WORTH_PUTTING, self.fetches.want(&wanted)).await;
        let problem = match put {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the queue took too long".to_owned(),
        };
        tracing::warn!(tenant = %file.address.tenant, file = %file.address.id, problem,
            "a file could not be queued; the sweep does it");
    }

    /// Queues a due file again, or gives up when the provider has deleted it; emits the event that its
    /// message waits for. `None` when another worker is processing it, or has.
    pub(crate) async fn requeue_fetch(
        &self,
        address: &FileAddress,
    ) -> Result<Option<Presence>, RequeueError> {
        let now = self.ctx.ids.now();
        let found = self.file_records.file(address).await?;
        let Some(mut file) = found.filter(|file| file.due_at().is_some_and(|due| due <= now)) else {
            return Ok(None);
        };
        let FileState::Fetching(fetch) = &mut file.state else { return Ok(None) };
        if fetch.is_over(now) {
            self.fetch_outcomes.mark_lost(file, "the provider has it no more").await?;
            return Ok(Some(Presence::Lost));
        }
        // The worker that holds it has not emitted the event: then only that is done.
        let leased = fetch.is_leased(now);
        if !leased {
            fetch.queued_again(now);
        }
        let news = self.fetch_outcomes.first_telling(&mut file);
        let changes = std::iter::once(Write::Put(Record::File(file))).chain(news).collect();
        if self.ctx.store.commit(changes).await? == Commit::Conflict || leased {
            return Ok(None);
        }
        let again = [address.clone()];
        self.fetches.want(&again).await?;
        Ok(Some(Presence::Coming))
    }
}
