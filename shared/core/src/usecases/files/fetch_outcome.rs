//! The outcome of a fetch, or its delay: committed on the file and on its message, with an event.

use std::{sync::Arc, time::Duration};

use crate::{
    domain::{
        event::{EventKind, Telling},
        file::{FetchState, FileAddress, FileState, MediaFile},
        message::{Message, MessageAddress},
    },
    ports::{
        files::FileRecords,
        store::{Commit, Record, StoreError, Write},
    },
    usecases::{
        Context, Ports, Updates,
        files::{Fetched, StoredBytes},
        until_committed::Decision,
    },
};

/// The time limit for the event that a file is late: clients that wait get the event about the file in any
/// case.
const WORTH_TELLING: Duration = Duration::from_secs(3);

/// Commits outcomes of fetches with their events.
#[derive(Clone)]
pub struct FetchOutcomes {
    pub(crate) ctx: Arc<Context>,
    pub(crate) file_records: Arc<dyn FileRecords>,
    pub(crate) updates: Updates,
}

impl FetchOutcomes {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            file_records: Arc::clone(&ports.file_records),
            updates: Updates::new(ports),
        }
    }
}

impl FetchOutcomes {
    /// Emits the event for a message whose file is late. If that fails, clients get it with the file, with
    /// its failure, or from the sweep.
    pub(crate) async fn tell_before_it_is_there(&self, file: &mut MediaFile) {
        let mut announced = file.clone();
        let Some(news) = self.first_telling(&mut announced) else { return };
        let changes = vec![Write::Put(Record::File(announced.clone())), news];
        match tokio::time::timeout(WORTH_TELLING, self.ctx.store.commit(changes)).await {
            Ok(Ok(Commit::Committed)) => *file = MediaFile { rev: file.rev + 1, ..announced },
            failed => tracing::warn!(tenant = %file.address.tenant, file = %file.address.id, ?failed,
                "the event of a late file could not be written"),
        }
    }

    /// The event of a file that is not stored yet, for clients that wait for its message; `None` when it was
    /// emitted before.
    pub(crate) fn first_telling(&self, file: &mut MediaFile) -> Option<Write> {
        let FileState::Fetching(fetch) = &mut file.state else { return None };
        match (fetch.announce(self.ctx.ids.now()), file.came_with) {
            (Telling::First, Some(message)) => Some(self.file_event(&file.address, message, Telling::First)),
            _ => None,
        }
    }

    fn file_event(&self, file: &FileAddress, message: MessageAddress, telling: Telling) -> Write {
        let MessageAddress { conversation, at: message_at, id: message } = message;
        let kind = EventKind::MessageMedia { conversation, message, message_at, file: file.id, telling };
        Write::Put(Record::Event(self.ctx.event(&file.tenant, kind)))
    }

    pub(crate) async fn keep_file(
        &self,
        file: MediaFile,
        written: StoredBytes,
    ) -> Result<Fetched, StoreError> {
        let StoredBytes { size, sha256, .. } = written;
        self.commit_outcome(file, FileState::Stored { size, sha256: Some(sha256) }).await?;
        Ok(Fetched::Stored)
    }

    pub(crate) async fn mark_lost(&self, file: MediaFile, why: &str) -> Result<Fetched, StoreError> {
        tracing::error!(metric = "file_lost", tenant = %file.address.tenant, file = %file.address.id, why,
            "a customer's file could not be fetched");
        self.commit_outcome(file, FileState::Lost { why: why.to_owned() }).await?;
        Ok(Fetched::Lost)
    }

    pub(crate) async fn put_off(&self, file: MediaFile, problem: &str) -> Result<Fetched, StoreError> {
        tracing::warn!(tenant = %file.address.tenant, file = %file.address.id, problem,
            "a file could not be fetched; it is retried later");
        let FileState::Fetching(FetchState { lease_until: ours, .. }) = file.state else {
            return Ok(Fetched::Nothing);
        };
        let address = &file.address.clone();
        self.ctx
            .until_committed_from(file, |file| async move {
                let file = match file {
                    Some(file) => Some(file),
                    None => self.file_records.file(address).await?,
                };
                let Some(mut file) = file else { return Ok(Decision::Done(Fetched::Nothing)) };
                let FileState::Fetching(fetch) = &mut file.state else {
                    return Ok(Decision::Done(Fetched::Nothing));
                };
                if fetch.lease_until != ours {
                    // Our lease ended, and the next holder decides; or it is scheduled already.
                    return Ok(Decision::Done(Fetched::Nothing));
                }
                fetch.failed(self.ctx.ids.now());
                let news = self.first_telling(&mut file);
                let changes = std::iter::once(Write::Put(Record::File(file))).chain(news).collect();
                Ok(Decision::Commit(changes, Fetched::Later))
            })
            .await
    }

    /// The file with its current state; `None` when it is gone.
    async fn as_now(&self, known: &MediaFile) -> Result<Option<MediaFile>, StoreError> {
        let found = self.file_records.file(&known.address).await?;
        Ok(found.map(|found| MediaFile { state: found.state, rev: found.rev, ..known.clone() }))
    }

    /// Commits the outcome of a fetch on the file and on its message, with the event.
    async fn commit_outcome(&self, file: MediaFile, end: FileState) -> Result<(), StoreError> {
        let (known, end) = (&file.clone(), &end);
        self.ctx
            .until_committed_from(file, |file| async move {
                let file = match file {
                    Some(file) => Some(file),
                    None => self.as_now(known).await?,
                };
                let Some(mut file) = file else { return Ok(Decision::Done(())) };
                let FileState::Fetching(fetch) = &mut file.state else {
                    // Another worker finished it, with the same bytes.
                    return Ok(Decision::Done(()));
                };
                let telling = fetch.announce(self.ctx.ids.now());
                let ended = MediaFile { state: end.clone(), ..file };
                let mut changes = Vec::new();
                if let Some(at) = ended.came_with
                    && let Some(message) = self.ctx.store.message(&ended.address.tenant, at).await?
                {
                    let edited = self.updates.edited_by(&message).await?;
                    changes.extend(shown_on(message, &ended));
                    changes.push(self.file_event(&ended.address, at, telling));
                    if let Some(edited) = edited {
                        let news = self.file_event(&ended.address, edited.address, Telling::Further);
                        changes.extend(shown_on(edited, &ended).into_iter().chain([news]));
                    }
                }
                changes.push(Write::Put(Record::File(ended)));
                Ok(Decision::Commit(changes, ()))
            })
            .await
    }
}

/// The message with the current state of its file; `None` where an edit replaced the file.
fn shown_on(mut message: Message, file: &MediaFile) -> Option<Write> {
    if message.media.as_ref().is_some_and(|shown| shown.file != file.address.id) {
        return None;
    }
    message.media = Some(Box::new(file.attachment()));
    Some(Write::Put(Record::Message(message)))
}
