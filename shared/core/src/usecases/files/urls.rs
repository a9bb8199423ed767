//! Download and upload URLs of files.

use std::time::Duration;

use crate::{
    domain::{
        content::{HeaderFile, MediaKind},
        file::{Attachment, FileState, MediaFile, MimeType, UPLOAD_OPEN},
        id::{FileId, TenantId},
        time::Timestamp,
    },
    ports::{
        files::{DownloadHeaders, Upload, UploadLimits},
        store::{Commit, Record, StoreError, Write},
    },
    usecases::{FileLinks, Files, files::FileProblem},
};

/// How long a download URL is valid (facts: seed-apis.md 3.6).
const READING: Duration = Duration::from_mins(5);

/// A download URL of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// The metadata of the file.
    pub file: Attachment,
    /// An absolute URL that anybody can use.
    pub url: String,
    /// Until when the URL is valid.
    pub until: Timestamp,
}

/// A request for an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadRequest {
    /// The media type of the file.
    pub mime: MimeType,
    /// Its size in bytes.
    pub size: u64,
    /// The file name, where it has one.
    pub name: Option<String>,
}

/// An upload that may start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingUpload {
    /// Our id of the new file.
    pub file: FileId,
    /// The URL and headers for the upload.
    pub upload: Upload,
    /// Until when it must start.
    pub until: Timestamp,
}

impl Files {
    /// A download URL of the tenant's file.
    ///
    /// # Errors
    /// When there is no such file, when it is not stored yet, or when a store fails.
    pub async fn download_url(&self, tenant: &TenantId, id: FileId) -> Result<Download, FileProblem> {
        let file = self.stored_file(tenant, id).await?;
        let name = file.name.clone().unwrap_or_else(|| match file.mime.extension() {
            Some(extension) => format!("file.{extension}"),
            None => "file".to_owned(),
        });
        let shown = DownloadHeaders { mime: &file.mime.usual(), name: Some(&name) };
        let url = self.file_store.reading(&file.address, shown, READING)?;
        Ok(Download { file: file.attachment(), url, until: self.ctx.ids.now().plus(READING) })
    }

    /// Creates a file and returns its upload URL.
    ///
    /// # Errors
    /// When a file of this type and size cannot be sent, or a store fails.
    pub async fn open_upload(
        &self,
        tenant: &TenantId,
        request: UploadRequest,
    ) -> Result<PendingUpload, FileProblem> {
        let UploadRequest { mime, size, name } = request;
        MediaKind::of(&mime).holds(size).or_else(|_| MediaKind::Document.holds(size))?;
        let (now, id) = (self.ctx.ids.now(), self.ctx.ids.id());
        let (address, until) = (FileLinks::address_of(tenant, id), now.plus(UPLOAD_OPEN));
        let upload = self.file_store.writing(&address, UploadLimits { mime: &mime, size }, UPLOAD_OPEN)?;
        let state = FileState::Awaited { size, until };
        let file = MediaFile::ours(address, mime, name, state, now, self.ctx.settings.files_kept);
        match self.ctx.store.commit(vec![Write::Put(Record::File(file))]).await? {
            Commit::Committed => Ok(PendingUpload { file: id, upload, until }),
            Commit::Conflict => Err(StoreError::Unavailable("an id was made twice".to_owned()).into()),
        }
    }

    /// A stored file of the tenant.
    pub(crate) async fn stored_file(&self, tenant: &TenantId, id: FileId) -> Result<MediaFile, FileProblem> {
        let found = self.file_records.file(&FileLinks::address_of(tenant, id)).await?;
        // A row may outlive its expiry: the table takes up to two days to delete it.
        let file = found.filter(|file| file.expires_at > self.ctx.ids.now()).ok_or(FileProblem::NotFound)?;
        match file.state {
            FileState::Stored { .. } => Ok(file),
            FileState::Fetching(_) => Err(FileProblem::NotYet),
            FileState::Lost { .. } => Err(FileProblem::Lost),
            FileState::Awaited { size, .. } => self.put_in(file, size).await,
        }
    }

    /// Checks whether an awaited upload has happened.
    async fn put_in(&self, mut file: MediaFile, expected: u64) -> Result<MediaFile, FileProblem> {
        match self.file_store.size(&file.address).await? {
            None => Err(FileProblem::NotYet),
            Some(size) if size != expected => Err(FileProblem::OtherSize { expected }),
            // Not committed: every reader can check as well, and the store is asked rarely.
            Some(size) => {
                file.state = FileState::Stored { size, sha256: None };
                Ok(file)
            }
        }
    }
}

impl Files {
    /// A stored file for a template's header of this kind.
    ///
    /// # Errors
    /// When there is no such file, when it is not stored yet, when it cannot be sent like this, or when a
    /// store fails.
    pub async fn header_file(
        &self,
        tenant: &TenantId,
        id: FileId,
        kind: MediaKind,
    ) -> Result<HeaderFile, FileProblem> {
        let file = self.stored_file(tenant, id).await?;
        kind.takes(&file.mime)?;
        if let FileState::Stored { size, .. } = file.state {
            kind.holds(size)?;
        }
        let it = file.attachment();
        Ok(HeaderFile { file: id, mime: it.mime, name: it.name })
    }
}
