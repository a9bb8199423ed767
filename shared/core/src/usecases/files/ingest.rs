//! Taking in what is to be sent: by reference, as bytes, or from an address. Whichever it is, it lies in our store
//! in the end, and its type and size are judged before anything is sent.

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
        files::{FilesError, SourceError},
        store::{Commit, Record, StoreError, Write},
    },
    usecases::{
        FileLinks, Files,
        files::{FileProblem, Flow, pour},
    },
};

/// How long taking a file in may take before it is sent.
const TAKING: Duration = Duration::from_secs(10);

/// What is left of a request's time for sending: the provider's answer and the commit.
const SENDING: Duration = Duration::from_secs(15);

/// What must be left of a request's time to take in bytes that came with it, and to send them: writing them takes
/// less than a second, but for a store that has to be asked again.
pub const BYTES_TAKE: Duration = SENDING.saturating_add(Duration::from_secs(3));

/// A file as whoever sends it gives it.
#[derive(Clone, PartialEq, Eq)]
pub enum Given {
    /// It is here already.
    Reference(FileId),
    /// It is at an address.
    Address {
        /// The address.
        url: String,
        /// What it holds; none leaves that to what the address says.
        mime: Option<MimeType>,
    },
    /// These are its bytes.
    Bytes {
        /// What they hold.
        mime: MimeType,
        /// The bytes.
        bytes: Vec<u8>,
    },
}

/// Neither bytes nor addresses, which may be permissions.
impl fmt::Debug for Given {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reference(id) => write!(formatter, "Reference({id})"),
            Self::Address { .. } => formatter.write_str("Address"),
            Self::Bytes { bytes, .. } => write!(formatter, "Bytes({})", bytes.len()),
        }
    }
}

/// How a file is to be sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Sending {
    /// As what; none leaves that to its type.
    pub kind: Option<MediaKind>,
    /// Text below it.
    pub caption: Option<String>,
    /// What it is called; none leaves it at the name that it has.
    pub name: Option<String>,
}

/// A file that is to be sent, as its sender asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileAsked {
    /// Where it is.
    pub given: Given,
    /// How it is to be sent.
    pub how: Sending,
}

impl FileAsked {
    /// What was asked for, as a hash. It needs nothing but the words, so that a repeat can be told before anything
    /// is fetched or kept.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let (mime, what) = match &self.given {
            Given::Reference(id) => (None, format!("file {id}")),
            Given::Address { url, mime } => (mime.as_ref(), format!("address {url}")),
            Given::Bytes { mime, bytes } => (Some(mime), format!("bytes {}", ContentHash::of(bytes))),
        };
        Fingerprint::of(&(what, mime, &self.how))
    }
}

impl Files {
    /// A file, however it is given, as a content. What cannot be had in the time before a send that must end by
    /// `deadline` is given up.
    ///
    /// # Errors
    /// When it cannot be had, or cannot be sent like this, or a store fails.
    pub async fn file_to_send(
        &self,
        tenant: &TenantId,
        asked: FileAsked,
        deadline: Deadline,
    ) -> Result<Content, FileProblem> {
        let left = self.ctx.ids.now().until(deadline.0).saturating_sub(SENDING).min(TAKING);
        let given = asked.fingerprint();
        let told = Told { how: asked.how, given };
        // Who is too slow: whoever has the file, or our own store.
        let late = match asked.given {
            Given::Address { .. } => SourceError::Unavailable("it takes too long".to_owned()).into(),
            Given::Reference(_) | Given::Bytes { .. } => FilesError("no answer in time".to_owned()).into(),
        };
        let taken = async {
            match asked.given {
                Given::Reference(id) => self.attachment(tenant, id, &told).await,
                Given::Address { url, mime } => self.take_from_web(tenant, &url, mime, &told, left).await,
                Given::Bytes { mime, bytes } => self.take_bytes(tenant, mime, &bytes, &told).await,
            }
        };
        tokio::time::timeout(left, taken).await.unwrap_or(Err(late))
    }

    /// A file that the tenant has here already, as a content: one that was put in, or that a customer sent.
    ///
    /// # Errors
    /// When there is none, when it is not there, when it cannot be sent like this, or when a store fails.
    async fn attachment(&self, tenant: &TenantId, id: FileId, told: &Told) -> Result<Content, FileProblem> {
        let file = self.stored_file(tenant, id).await?;
        let (content, kind) = (content(&file, told)?, told.kind_of(&file.mime));
        if let FileState::Stored { size, .. } = file.state
            && kind.turns_on_beginning(size)
        {
            let beginning = self.file_store.beginning(&file.address, BEGINNING).await?;
            kind.holds_as_it_begins(size, &beginning)?;
        }
        Ok(content)
    }

    /// Bytes as a content.
    ///
    /// # Errors
    /// When they cannot be sent like this, or a store fails.
    async fn take_bytes(
        &self,
        tenant: &TenantId,
        mime: MimeType,
        bytes: &[u8],
        told: &Told,
    ) -> Result<Content, FileProblem> {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let stored = FileState::Stored { size, sha256: Some(ContentHash::of(bytes)) };
        let file = self.ours(tenant, mime, told.how.name.as_deref(), stored);
        // What cannot be said with it is refused before anything is kept.
        let content = content(&file, told)?;
        told.kind_of(&file.mime).holds_as_it_begins(size, bytes)?;
        let mut writer = self.file_store.begin(&file.address, &file.mime).await?;
        writer.add(bytes).await?;
        writer.finish().await?;
        self.write_down(file).await?;
        Ok(content)
    }

    /// What is at an address on the open internet, as a content.
    ///
    /// # Errors
    /// When the address may not be opened or what is there cannot be had, when it cannot be sent like this, or when
    /// a store fails.
    async fn take_from_web(
        &self,
        tenant: &TenantId,
        url: &str,
        mime: Option<MimeType>,
        told: &Told,
        patience: Duration,
    ) -> Result<Content, FileProblem> {
        let mut source = self.web.open(url, patience).await?;
        let said = source.described().clone();
        let mime = mime.or(said.mime).unwrap_or_else(MimeType::unknown);
        let kind = told.kind_of(&mime);
        kind.takes(&mime)?;
        said.size.map_or(Ok(()), |size| kind.holds(size))?;
        let name = told.how.name.clone().or_else(|| name_in(url));
        let unread = FileState::Stored { size: 0, sha256: None };
        let mut file = self.ours(tenant, mime, name.as_deref(), unread);
        // What cannot be said with it is refused before anything is read.
        content_of(&file, kind, told)?;
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
        let content = content_of(&file, kind, told)?;
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

/// What was told of a file besides where it is.
struct Told {
    how: Sending,
    given: Fingerprint,
}

impl Told {
    /// As what a file of this type is sent.
    fn kind_of(&self, mime: &MimeType) -> MediaKind {
        self.how.kind.unwrap_or_else(|| MediaKind::of(mime))
    }
}

/// A file as a content, judged by what is known of it.
fn content(file: &MediaFile, told: &Told) -> Result<Content, FileProblem> {
    let kind = told.kind_of(&file.mime);
    kind.takes(&file.mime)?;
    if let FileState::Stored { size, .. } = &file.state {
        kind.holds(*size)?;
    }
    content_of(file, kind, told)
}

fn content_of(file: &MediaFile, kind: MediaKind, told: &Told) -> Result<Content, FileProblem> {
    let how = &told.how;
    let mut attachment = file.attachment();
    if let Some(name) = how.name.as_deref().and_then(harmless_name) {
        attachment.name = Some(name);
    }
    // Only documents show their name; without one they would have no end either.
    if kind == MediaKind::Document {
        attachment.name.get_or_insert_with(|| document_name(&file.mime));
    }
    let name = attachment.name.clone().filter(|_| kind == MediaKind::Document);
    let source = MediaSource::File(Box::new(SentFile { attachment, given: told.given.clone() }));
    Ok(Content::Media(Media::new(kind, source, how.caption.clone(), name)?))
}

/// What the last part of an address calls the file.
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
    fn a_file_is_called_what_its_address_calls_it() {
        assert_eq!(name_in("https://a.example/x/bill.pdf?y=1").as_deref(), Some("bill.pdf"));
        for none in ["https://a.example", "https://a.example/", "https://a.example/x", "x"] {
            assert_eq!(name_in(none), None, "{none}");
        }
    }
}
