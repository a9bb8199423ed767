//! Ingests files to send: by reference, as bytes, or from a URL. In each case the bytes are in our store in
//! the end, and type and size are validated before anything is sent.

use std::{fmt, time::Duration};

use serde::Serialize;

use crate::{
    domain::{
        content::{BEGINNING, Content, FitError, Media, MediaKind, MediaSource, SentFile},
        file::{ContentHash, FileState, MediaFile, MimeType, document_name, harmless_name},
        id::{FileId, TenantId},
        idempotency::Fingerprint,
    },
    ports::{
        clock::Deadline,
        files::{DownloadError, FileStoreError},
        store::{Commit, Record, StoreError, Write},
    },
    usecases::{
        FileLinks, Files,
        files::{FileProblem, Flow, pour},
    },
};

/// The time limit for ingesting a file before it is sent.
const TAKING: Duration = Duration::from_secs(10);

/// The time reserved for sending: the provider's response and the commit.
const SENDING: Duration = Duration::from_secs(15);

/// The time that must be left to ingest bytes of the request and to send them: writing takes less than a
/// second, unless the store needs a retry.
pub const BYTES_TAKE: Duration = SENDING.saturating_add(Duration::from_secs(3));

/// A file as the sender gives it.
#[derive(Clone, PartialEq, Eq)]
pub enum FileSource {
    /// A file that is stored already, by our id.
    Reference(FileId),
    /// A file at a URL.
    Address {
        /// The public URL to download it from.
        url: String,
        /// Its media type; `None` for the type in the response.
        mime: Option<MimeType>,
    },
    /// A file with its bytes in the request.
    Bytes {
        /// The media type of the bytes.
        mime: MimeType,
        /// The whole content of the file.
        bytes: Vec<u8>,
    },
}

/// Shows neither bytes nor URLs, which may be permissions.
impl fmt::Debug for FileSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reference(id) => write!(formatter, "Reference({id})"),
            Self::Address { .. } => formatter.write_str("Address"),
            Self::Bytes { bytes, .. } => write!(formatter, "Bytes({})", bytes.len()),
        }
    }
}

/// How a file is sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct MediaOptions {
    /// The kind; `None` for the default of its type.
    pub kind: Option<MediaKind>,
    /// The caption below it, up to 1024 characters.
    pub caption: Option<String>,
    /// The file name; `None` for the name that it has.
    pub name: Option<String>,
}

/// A request to send a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileAsked {
    /// The file as the sender gives it.
    pub given: FileSource,
    /// How it is sent.
    pub how: MediaOptions,
}

impl FileAsked {
    /// The hash of the request. It needs only the request itself, so that a repeat is recognised before
    /// anything is fetched or stored.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let (mime, what) = match &self.given {
            FileSource::Reference(id) => (None, format!("file {id}")),
            FileSource::Address { url, mime } => (mime.as_ref(), format!("address {url}")),
            FileSource::Bytes { mime, bytes } => (Some(mime), format!("bytes {}", ContentHash::of(bytes))),
        };
        Fingerprint::of(&(what, mime, &self.how))
    }
}

impl Files {
    /// Makes a content of a file, however it is given. Aborts when the time before a send that must end by
    /// `deadline` is up.
    ///
    /// # Errors
    /// When the file is not available, cannot be sent like this, or a store fails.
    pub async fn file_to_send(
        &self,
        tenant: &TenantId,
        asked: FileAsked,
        deadline: Deadline,
    ) -> Result<Content, FileProblem> {
        let left = self.ctx.ids.now().until(deadline.0).saturating_sub(SENDING).min(TAKING);
        let given = asked.fingerprint();
        let request = MediaRequest { how: asked.how, given };
        // Which is too slow: the source, or our own store.
        let late = match asked.given {
            FileSource::Address { .. } => DownloadError::Unavailable("it takes too long".to_owned()).into(),
            FileSource::Reference(_) | FileSource::Bytes { .. } => {
                FileStoreError("no answer in time".to_owned()).into()
            }
        };
        let taken = async {
            match asked.given {
                FileSource::Reference(id) => self.attachment(tenant, id, &request).await,
                FileSource::Address { url, mime } => {
                    self.take_from_web(tenant, &url, mime, &request, left).await
                }
                FileSource::Bytes { mime, bytes } => self.take_bytes(tenant, mime, &bytes, &request).await,
            }
        };
        tokio::time::timeout(left, taken).await.unwrap_or(Err(late))
    }

    /// Makes a content of a stored file: an uploaded one, or one that a customer sent.
    ///
    /// # Errors
    /// When there is no such file, when it is not stored yet, when it cannot be sent like this, or when a
    /// store fails.
    async fn attachment(
        &self,
        tenant: &TenantId,
        id: FileId,
        request: &MediaRequest,
    ) -> Result<Content, FileProblem> {
        let file = self.stored_file(tenant, id).await?;
        let (content, kind) = (content(&file, request)?, request.kind_of(&file.mime));
        if let FileState::Stored { size, .. } = file.state
            && kind.turns_on_beginning(size)
        {
            let beginning = self.file_store.beginning(&file.address, BEGINNING).await?;
            kind.holds_as_it_begins(size, &beginning)?;
        }
        Ok(content)
    }

    /// Makes a content of bytes.
    ///
    /// # Errors
    /// When they cannot be sent like this, or a store fails.
    async fn take_bytes(
        &self,
        tenant: &TenantId,
        mime: MimeType,
        bytes: &[u8],
        request: &MediaRequest,
    ) -> Result<Content, FileProblem> {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let stored = FileState::Stored { size, sha256: Some(ContentHash::of(bytes)) };
        let file = self.ours(tenant, mime, request.how.name.as_deref(), stored);
        // An invalid caption or name is rejected before anything is stored.
        let content = content(&file, request)?;
        request.kind_of(&file.mime).holds_as_it_begins(size, bytes)?;
        let mut writer = self.file_store.begin(&file.address, &file.mime).await?;
        writer.add(bytes).await?;
        writer.finish().await?;
        self.write_down(file).await?;
        Ok(content)
    }

    /// Makes a content of a file at a public URL.
    ///
    /// # Errors
    /// When the URL is not allowed or cannot be downloaded, when the file cannot be sent like this, or when
    /// a store fails.
    async fn take_from_web(
        &self,
        tenant: &TenantId,
        url: &str,
        mime: Option<MimeType>,
        request: &MediaRequest,
        patience: Duration,
    ) -> Result<Content, FileProblem> {
        let mut source = self.web.open(url, patience).await?;
        let said = source.described().clone();
        let mime = mime.or(said.mime).unwrap_or_else(MimeType::unknown);
        let kind = request.kind_of(&mime);
        kind.takes(&mime)?;
        said.size.map_or(Ok(()), |size| kind.holds(size))?;
        let name = request.how.name.clone().or_else(|| name_in(url));
        let unread = FileState::Stored { size: 0, sha256: None };
        let mut file = self.ours(tenant, mime, name.as_deref(), unread);
        // An invalid caption or name is rejected before anything is downloaded.
        content_of(&file, kind, request)?;
        let mut writer = self.file_store.begin(&file.address, &file.mime).await?;
        let poured =
            match pour(source.as_mut(), writer.as_mut(), kind.most_bytes(), Flow::of_strangers()).await {
                Ok(Some(written)) => {
                    let fits = kind.holds_as_it_begins(written.size, &written.beginning);
                    fits.map(|()| written).map_err(FileProblem::from)
                }
                Ok(None) => Err(FitError::Size { kind: kind.name(), most: kind.most_bytes() }.into()),
                Err(problem) => Err(problem),
            };
        let written = match poured {
            Ok(written) => written,
            Err(problem) => {
                writer.abandon().await;
                return Err(problem);
            }
        };
        writer.finish().await?;
        file.state = FileState::Stored { size: written.size, sha256: Some(written.sha256) };
        let content = content_of(&file, kind, request)?;
        self.write_down(file).await?;
        Ok(content)
    }

    fn ours(&self, tenant: &TenantId, mime: MimeType, name: Option<&str>, state: FileState) -> MediaFile {
        let address = FileLinks::address_of(tenant, self.ctx.ids.id());
        let name = name.and_then(harmless_name);
        MediaFile::ours(address, mime, name, state, self.ctx.ids.now(), self.ctx.settings.files_kept)
    }

    async fn write_down(&self, file: MediaFile) -> Result<(), StoreError> {
        match self.ctx.store.commit(vec![Write::Put(Record::File(file))]).await? {
            Commit::Committed => Ok(()),
            Commit::Conflict => Err(StoreError::Unavailable("an id was made twice".to_owned())),
        }
    }
}

/// The request for a file, without its source.
struct MediaRequest {
    how: MediaOptions,
    given: Fingerprint,
}

impl MediaRequest {
    /// The kind as which a file of this type is sent.
    fn kind_of(&self, mime: &MimeType) -> MediaKind {
        self.how.kind.unwrap_or_else(|| MediaKind::of(mime))
    }
}

/// Makes a content of a file, and validates it by its metadata.
fn content(file: &MediaFile, request: &MediaRequest) -> Result<Content, FileProblem> {
    let kind = request.kind_of(&file.mime);
    kind.takes(&file.mime)?;
    if let FileState::Stored { size, .. } = &file.state {
        kind.holds(*size)?;
    }
    content_of(file, kind, request)
}

fn content_of(file: &MediaFile, kind: MediaKind, request: &MediaRequest) -> Result<Content, FileProblem> {
    let how = &request.how;
    let mut attachment = file.attachment();
    if let Some(name) = how.name.as_deref().and_then(harmless_name) {
        attachment.name = Some(name);
    }
    // Only documents show their name; without one they would have no extension either.
    if kind == MediaKind::Document {
        attachment.name.get_or_insert_with(|| document_name(&file.mime));
    }
    let name = attachment.name.clone().filter(|_| kind == MediaKind::Document);
    let source = MediaSource::File(Box::new(SentFile { attachment, given: request.given.clone() }));
    Ok(Content::Media(Media::new(kind, source, how.caption.clone(), name)?))
}

/// The file name in the last segment of a URL.
fn name_in(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next()?;
    let last = path.split_once("://")?.1.rsplit_once('/')?.1;
    let dotted = last.contains('.');
    harmless_name(last).filter(|_| dotted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gets_its_name_from_its_url() {
        assert_eq!(name_in("https://a.example/x/bill.pdf?y=1").as_deref(), Some("bill.pdf"));
        for none in ["https://a.example", "https://a.example/", "https://a.example/x", "x"] {
            assert_eq!(name_in(none), None, "{none}");
        }
    }
}
