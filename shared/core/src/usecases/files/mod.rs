//! Files: customers' files are fetched and stored, files to send are ingested, and both can be downloaded.

pub(crate) mod fetch;
pub(crate) mod fetch_outcome;
mod ingest;
pub(crate) mod links;
pub(crate) mod requests;
mod urls;

pub use fetch::Fetched;
pub use ingest::{BYTES_TAKE, FileAsked, FileSource, MediaOptions};
pub use urls::{Download, PendingUpload, UploadRequest};

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::time::{Instant, timeout};

use crate::{
    domain::{
        content::{BEGINNING, FitError, MediaError},
        file::ContentHash,
    },
    ports::{
        files::{DownloadError, FileReader, FileRecords, FileStore, FileStoreError, FileWriter, Web},
        store::StoreError,
    },
    usecases::{Context, Ports},
};

/// Why a file cannot be downloaded, ingested or sent.
#[derive(Debug, thiserror::Error)]
pub enum FileProblem {
    /// The tenant has no such file, or it expired.
    #[error("is no file of yours")]
    NotFound,
    /// It is not stored yet: it is being fetched, or its upload is missing.
    #[error("is not there yet")]
    NotYet,
    /// It will never be stored.
    #[error("could not be fetched from WhatsApp, and never will be")]
    Lost,
    /// Its type or size does not fit the kind.
    #[error(transparent)]
    Fit(#[from] FitError),
    /// The caption or file name is invalid.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// The upload has another size than announced.
    #[error("must have {expected} bytes")]
    OtherSize {
        /// The announced size in bytes.
        expected: u64,
    },
    /// It could not be fetched from its source.
    #[error("cannot be fetched: {0}")]
    Source(#[from] DownloadError),
    /// The idempotency key was used with another request.
    #[error("was asked for with an idempotency key of another request")]
    KeyReused,
    /// The file's metadata could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file's bytes could not be read or written.
    #[error(transparent)]
    Files(#[from] FileStoreError),
}

/// The result of writing a file's bytes.
pub(crate) struct StoredBytes {
    size: u64,
    sha256: ContentHash,
    /// Its first bytes: [`BEGINNING`], where it has as many.
    beginning: Vec<u8>,
}

/// The period over which the rate of a source is measured.
const SPAN: Duration = Duration::from_secs(15);

/// Bytes that a source must deliver in each [`SPAN`]: 64 KB a second. A slower one would not deliver a large
/// file in the time limit, and delays others meanwhile.
const LEAST: usize = 15 * 64 * 1024;

/// Measures how fast a source delivers. Only the time spent waiting for it counts, not that of our store.
struct Flow {
    span: Duration,
    least: usize,
    left: Duration,
    came: usize,
}

impl Flow {
    /// The limit for a URL that a caller or customer names.
    fn of_strangers() -> Self {
        Self::new(SPAN, LEAST)
    }

    /// No limit, for the provider's own files: they are our customers', however slow it is.
    fn of_provider() -> Self {
        Self::new(SPAN, 0)
    }

    fn new(span: Duration, least: usize) -> Self {
        Self { span, least, left: span, came: 0 }
    }

    /// The next bytes, from a source that delivers fast enough.
    async fn next(&mut self, source: &mut dyn FileReader) -> Result<Option<Bytes>, DownloadError> {
        let mut coming = source.next();
        loop {
            let since = Instant::now();
            if let Ok(bytes) = timeout(self.left, &mut coming).await {
                let bytes = bytes?;
                self.left = self.left.saturating_sub(since.elapsed());
                self.came += bytes.as_ref().map_or(0, Bytes::len);
                return Ok(bytes);
            }
            if self.came < self.least {
                return Err(DownloadError::Unavailable("it comes too slowly".to_owned()));
            }
            (self.left, self.came) = (self.span, 0);
        }
    }
}

/// Copies a source into the store, chunk by chunk. `None` when it is larger than `most` bytes.
async fn pour(
    source: &mut dyn FileReader,
    writer: &mut dyn FileWriter,
    most: u64,
    mut flow: Flow,
) -> Result<Option<StoredBytes>, FileProblem> {
    let (mut hasher, mut size, mut beginning) = (Sha256::new(), 0, Vec::new());
    while let Some(bytes) = flow.next(source).await? {
        size += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if size > most {
            return Ok(None);
        }
        hasher.update(&bytes);
        beginning.extend(bytes.iter().take(BEGINNING - beginning.len()));
        writer.add(&bytes).await?;
    }
    Ok(Some(StoredBytes { size, sha256: ContentHash::finished(hasher), beginning }))
}

/// Files that callers upload, send and download.
#[derive(Clone)]
pub struct Files {
    pub(crate) ctx: Arc<Context>,
    pub(crate) file_records: Arc<dyn FileRecords>,
    pub(crate) file_store: Arc<dyn FileStore>,
    pub(crate) web: Arc<dyn Web>,
}

impl Files {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports, file_store: &Arc<dyn FileStore>) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            file_records: Arc::clone(&ports.file_records),
            file_store: Arc::clone(file_store),
            web: Arc::clone(&ports.web),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use async_trait::async_trait;

    use super::*;
    use crate::ports::files::Described;

    /// Delivers chunks of this size, each after a while, and nothing after the last.
    struct Drops {
        size: usize,
        every: Duration,
        left: usize,
        described: Described,
    }

    fn drops(size: usize, every: Duration, left: usize) -> Drops {
        Drops { size, every, left, described: Described { mime: None, size: None, sha256: None } }
    }

    #[async_trait]
    impl FileReader for Drops {
        fn described(&self) -> &Described {
            &self.described
        }

        async fn next(&mut self) -> Result<Option<Bytes>, DownloadError> {
            if self.left == 0 {
                return pending().await;
            }
            self.left -= 1;
            tokio::time::sleep(self.every).await;
            Ok(Some(vec![0; self.size].into()))
        }
    }

    const SHORT: Duration = Duration::from_millis(40);

    async fn end_of(mut source: Drops, least: usize) -> (usize, Option<DownloadError>) {
        let (mut flow, mut came) = (Flow::new(SHORT, least), 0);
        loop {
            match flow.next(&mut source).await {
                Ok(Some(bytes)) => came += bytes.len(),
                Ok(None) => return (came, None),
                Err(error) => return (came, Some(error)),
            }
        }
    }

    #[tokio::test]
    async fn a_slow_source_is_aborted() {
        let slow = DownloadError::Unavailable("it comes too slowly".to_owned());
        let (came, end) = end_of(drops(1, Duration::from_millis(5), usize::MAX), 1_000_000).await;
        assert!(came < 1_000_000, "{came}");
        assert_eq!(end, Some(slow.clone()));
        // It stalls after many good spans.
        let (came, end) = end_of(drops(1_000, Duration::ZERO, 50), 1_000).await;
        assert_eq!((came, end), (50_000, Some(slow)));
    }

    #[tokio::test]
    async fn a_source_may_pause_after_it_was_fast_enough() {
        // The first chunk is enough for the span in which the second is awaited.
        let mut source = drops(1_000, Duration::ZERO, 1);
        let mut flow = Flow::new(SHORT, 1_000);
        assert!(flow.next(&mut source).await.is_ok());
        source.left = 1;
        source.every = SHORT + SHORT / 2;
        assert_eq!(flow.next(&mut source).await.unwrap().unwrap().len(), 1_000);
    }
}
