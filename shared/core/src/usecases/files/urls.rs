//! Giving files out, and letting their owners put them in.

use std::time::Duration;

use crate::{
    domain::{
        content::{HeaderFile, MediaKind},
        file::{Attachment, FileState, MediaFile, MimeType, UPLOAD_OPEN},
        id::{FileId, TenantId},
        time::Timestamp,
    },
    ports::{
        files::{Limits, Shown, Upload},
        store::{Commit, Record, StoreError, Write},
    },
    usecases::{FileLinks, Files, files::FileProblem},
};

/// How long an address for reading is valid (facts: seed-apis.md 3.6).
const READING: Duration = Duration::from_mins(5);

/// Where a file can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// What is known of it.
    pub file: Attachment,
    /// An absolute address that anybody can read it at.
    pub url: String,
    /// Until when the address is valid.
    pub until: Timestamp,
}

/// A wish to put a file in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadWish {
    /// What it holds.
    pub mime: MimeType,
    /// Its size in bytes.
    pub size: u64,
    /// What it is called.
    pub name: Option<String>,
}

/// An upload that may begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The file that it makes.
    pub file: FileId,
    /// Where and how to put it.
    pub upload: Upload,
    /// Until when it must be begun.
    pub until: Timestamp,
}

impl Files {
    /// Where a file of the tenant's can be read.
    ///
    /// # Errors
    /// When there is none, when it is not there, or when a store fails.
    pub async fn download(&self, tenant: &TenantId, id: FileId) -> Result<Download, FileProblem> {
        let file = self.stored_file(tenant, id).await?;
        let name = file.name.clone().unwrap_or_else(|| match file.mime.extension() {
            Some(extension) => format!("file.{extension}"),
            None => "file".to_owned(),
        });
        let shown = Shown { mime: &file.mime.usual(), name: Some(&name) };
        let url = self.file_store.reading(&file.address, shown, READING)?;
        Ok(Download { file: file.attachment(), url, until: self.ctx.ids.now().plus(READING) })
    }

    /// Lets a tenant put a file in.
    ///
    /// # Errors
    /// When no file like this can be sent, or a store fails.
    pub async fn open_upload(&self, tenant: &TenantId, wish: UploadWish) -> Result<Opened, FileProblem> {
        let UploadWish { mime, size, name } = wish;
        MediaKind::of(&mime).holds(size).or_else(|_| MediaKind::Document.holds(size))?;
        let (now, id) = (self.ctx.ids.now(), self.ctx.ids.id());
        let (address, until) = (FileLinks::address_of(tenant, id), now.plus(UPLOAD_OPEN));
        let upload = self.file_store.writing(&address, Limits { mime: &mime, size }, UPLOAD_OPEN)?;
        let state = FileState::Awaited { size, until };
        let file = MediaFile::ours(address, mime, name, state, now, self.ctx.settings.files_kept);
        match self.ctx.store.commit(vec![Write::Put(Record::File(file))]).await? {
            Commit::Committed => Ok(Opened { file: id, upload, until }),
            Commit::Conflict => Err(StoreError::Unavailable("an id was made twice".to_owned()).into()),
        }
    }

    /// A file of the tenant's that is there.
    pub(crate) async fn stored_file(&self, tenant: &TenantId, id: FileId) -> Result<MediaFile, FileProblem> {
        let found = self.file_records.file(&FileLinks::address_of(tenant, id)).await?;
        // A row may outlive its time: the table takes up to two days to remove it.
        let file = found.filter(|file| file.expires_at > self.ctx.ids.now()).ok_or(FileProblem::NotFound)?;
        match file.state {
            FileState::Stored { .. } => Ok(file),
            FileState::Wanted(_) => Err(FileProblem::NotYet),
            FileState::Lost { .. } => Err(FileProblem::Lost),
            FileState::Awaited { size, .. } => self.put_in(file, size).await,
        }
    }

    /// A file that its owner was to put in: looks whether they did.
    async fn put_in(&self, mut file: MediaFile, expected: u64) -> Result<MediaFile, FileProblem> {
        match self.file_store.size(&file.address).await? {
            None => Err(FileProblem::NotYet),
            Some(size) if size != expected => Err(FileProblem::OtherSize { expected }),
            // Not written down: who only reads can look as well, and the store is asked soon enough.
            Some(size) => {
                file.state = FileState::Stored { size, sha256: None };
                Ok(file)
            }
        }
    }
}

impl Files {
    /// A file of the tenant's that a template's header shows as this kind.
    ///
    /// # Errors
    /// When there is none, when it is not there, when it cannot be sent like this, or when a store fails.
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
