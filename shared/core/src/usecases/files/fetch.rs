//! Downloads the files that customers sent, in the background.

use std::{pin::pin, sync::Arc, time::Duration};

use tokio::time::Instant;

use crate::{
    domain::file::{
        FetchClaim, FetchState, FileAddress, FileState, LARGEST, MediaFile, MediaOrigin, MimeType,
    },
    ports::{
        clock::Deadline,
        credentials::{Credentials, Freshness},
        directory::Directory,
        files::{DownloadError, FileReader, FileRecords, FileStore, FileStoreError, Web},
        provider::{MediaDownload, Provider},
        store::{Commit, Record, StoreError, Write},
    },
    usecases::{
        Context, FetchOutcomes, Ports,
        files::{Flow, StoredBytes, pour},
    },
};

/// The time reserved for storing the result.
const RESERVE: Duration = Duration::from_secs(10);

/// The longest time for a file at a URL: the largest file needs less than a megabyte a second for it. So
/// slow URLs occupy one of the few workers for this time at most, and less below the rate of
/// [`super::pour`].
const LONGEST: Duration = Duration::from_mins(2);

/// The time limit for a file, whatever time there is: one at the provider may use all of it.
fn longest(origin: &MediaOrigin) -> Duration {
    match origin {
        MediaOrigin::Link(_) => LONGEST,
        MediaOrigin::MediaId(_) => Duration::MAX,
    }
}

/// The wait before the retry of a fetch that failed fast.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// The result of fetching a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fetched {
    /// It is in our store now.
    Stored,
    /// The fetch failed; it is retried later.
    Later,
    /// The fetch failed for good.
    Lost,
    /// There was nothing to do, or another worker holds it.
    Nothing,
}

/// Why a fetch failed.
enum Trouble {
    /// A retry may succeed.
    Passing(String),
    /// No retry can succeed.
    Final(&'static str),
}

impl From<DownloadError> for Trouble {
    // Also where the provider says that it has no such file: a new URL, or another hour, was seen to help.
    fn from(error: DownloadError) -> Self {
        Self::Passing(error.to_string())
    }
}

impl From<FileStoreError> for Trouble {
    fn from(error: FileStoreError) -> Self {
        Self::Passing(error.to_string())
    }
}

/// Downloads files from the provider or the web into the file store.
#[derive(Clone)]
pub struct MediaFetch {
    pub(crate) ctx: Arc<Context>,
    pub(crate) credentials: Arc<dyn Credentials>,
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) file_records: Arc<dyn FileRecords>,
    pub(crate) file_store: Arc<dyn FileStore>,
    pub(crate) provider: Arc<dyn Provider>,
    pub(crate) web: Arc<dyn Web>,
    pub(crate) fetch_outcomes: FetchOutcomes,
}

impl MediaFetch {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports, file_store: &Arc<dyn FileStore>) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            credentials: Arc::clone(&ports.credentials),
            directory: Arc::clone(&ports.directory),
            file_records: Arc::clone(&ports.file_records),
            file_store: Arc::clone(file_store),
            provider: Arc::clone(&ports.provider),
            web: Arc::clone(&ports.web),
            fetch_outcomes: FetchOutcomes::new(ports),
        }
    }
}

impl MediaFetch {
    /// Fetches a file, and stores the result. May be called any number of times.
    ///
    /// # Errors
    /// When file metadata cannot be read or written; the sweep queues the file again.
    pub async fn fetch(&self, address: &FileAddress, deadline: Deadline) -> Result<Fetched, StoreError> {
        let Some(mut file) = self.file_records.file(address).await? else { return Ok(Fetched::Nothing) };
        let now = self.ctx.ids.now();
        let fetch = match &mut file.state {
            FileState::Fetching(fetch) => match fetch.claim(now) {
                FetchClaim::Taken => fetch.clone(),
                FetchClaim::NotNow => return Ok(Fetched::Nothing),
                FetchClaim::Over => {
                    return self.fetch_outcomes.mark_lost(file, "the provider has it no more").await;
                }
            },
            _ => return Ok(Fetched::Nothing),
        };
        if self.ctx.store.commit(vec![Write::Put(Record::File(file.clone()))]).await? == Commit::Conflict {
            return Ok(Fetched::Nothing);
        }
        file.rev += 1;
        let patience =
            self.ctx.ids.now().until(deadline.0).saturating_sub(RESERVE).min(longest(&fetch.origin));
        let claimed = file.clone();
        let mut bringing =
            pin!(tokio::time::timeout(patience, self.bring_or_again(&claimed, &fetch, patience)));
        let in_time = tokio::time::timeout(self.ctx.settings.file_patience, &mut bringing).await;
        let brought = if let Ok(brought) = in_time {
            brought
        } else {
            tokio::join!(bringing, self.fetch_outcomes.tell_before_it_is_there(&mut file)).0
        };
        match brought.unwrap_or_else(|_| Err(Trouble::Passing("it took too long".to_owned()))) {
            Ok((written, mime)) => self.fetch_outcomes.keep_file(MediaFile { mime, ..file }, written).await,
            Err(Trouble::Final(why)) => self.fetch_outcomes.mark_lost(file, why).await,
            Err(Trouble::Passing(problem)) => self.fetch_outcomes.put_off(file, &problem).await,
        }
    }

    /// Downloads the bytes into our store, with one retry where the first try failed fast: clients that wait
    /// for the message would otherwise get it without its file.
    async fn bring_or_again(
        &self,
        file: &MediaFile,
        fetch: &FetchState,
        patience: Duration,
    ) -> Result<(StoredBytes, MimeType), Trouble> {
        let since = Instant::now();
        // An earlier fetch may have been rejected for its token.
        let how = if fetch.tries > 1 { Freshness::Refreshed } else { Freshness::Cached };
        let first = self.bring(file, fetch, how, patience).await;
        let soon = since.elapsed() + AGAIN_AFTER < self.ctx.settings.file_patience;
        match first {
            Err(Trouble::Passing(problem)) if soon && file.is_waited_for() => {
                tracing::info!(tenant = %file.address.tenant, file = %file.address.id, problem,
                    "the fetch of a file is retried at once");
                tokio::time::sleep(AGAIN_AFTER).await;
                self.bring(file, fetch, Freshness::Refreshed, patience).await
            }
            ended => ended,
        }
    }

    /// Downloads the bytes into our store; returns their size, hash and media type.
    async fn bring(
        &self,
        file: &MediaFile,
        fetch: &FetchState,
        how: Freshness,
        patience: Duration,
    ) -> Result<(StoredBytes, MimeType), Trouble> {
        let mut source = self.source(file, fetch, how, patience).await?;
        let said = source.described().clone();
        if said.size.is_some_and(|size| size > LARGEST) {
            return Err(Trouble::Final("it is larger than 100 MB"));
        }
        let mime = Some(&file.mime).filter(|mime| **mime != MimeType::unknown()).or(said.mime.as_ref());
        let mime = mime.cloned().unwrap_or_else(MimeType::unknown);
        let mut writer = self.file_store.begin(&file.address, &mime).await?;
        let flow = match fetch.origin {
            MediaOrigin::MediaId(_) => Flow::of_provider(),
            MediaOrigin::Link(_) => Flow::of_strangers(),
        };
        let poured = pour(source.as_mut(), writer.as_mut(), LARGEST, flow).await;
        // The description that came with the URL is of these bytes; that of the message may be older.
        let promised = said.sha256.as_ref().or(fetch.promised.as_ref());
        let written = match poured {
            Ok(Some(written)) if promised.is_some_and(|promised| *promised != written.sha256) => {
                Err(Trouble::Passing("its hash differs from the announced one".to_owned()))
            }
            Ok(Some(written)) if said.size.is_some_and(|size| size != written.size) => {
                Err(Trouble::Passing("its size differs from the announced one".to_owned()))
            }
            Ok(Some(written)) => Ok(written),
            Ok(None) => Err(Trouble::Final("it is larger than 100 MB")),
            Err(problem) => Err(Trouble::Passing(problem.to_string())),
        };
        match written {
            Ok(written) => writer.finish().await.map(|()| (written, mime)).map_err(Trouble::from),
            Err(trouble) => {
                writer.abandon().await;
                Err(trouble)
            }
        }
    }

    async fn source(
        &self,
        file: &MediaFile,
        fetch: &FetchState,
        how: Freshness,
        timeout: Duration,
    ) -> Result<Box<dyn FileReader>, Trouble> {
        let media_id = match &fetch.origin {
            MediaOrigin::Link(url) => return Ok(self.web.open(url, timeout).await?),
            MediaOrigin::MediaId(id) => id,
        };
        let passing = |error: StoreError| Trouble::Passing(error.to_string());
        let channel = self.directory.channel(&file.address.tenant, fetch.channel).await.map_err(passing)?;
        let channel = channel.ok_or_else(|| Trouble::Passing("its channel is not there".to_owned()))?;
        let secret = self.credentials.channel(channel.id, how).await;
        let secret = secret.map_err(|error| Trouble::Passing(error.to_string()))?;
        Ok(self
            .provider
            .file(MediaDownload { channel: &channel, secret: &secret, media_id, timeout })
            .await?)
    }
}
