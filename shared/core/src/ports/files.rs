//! The file store, and the sources that files are fetched from.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use super::store::StoreError;
use crate::domain::file::{ContentHash, FileAddress, MediaFile, MimeType};

/// Reads of the metadata of files. It is written through the store.
#[async_trait]
pub trait FileRecords: Send + Sync {
    /// The metadata of a file; `None` where there is none.
    async fn file(&self, address: &FileAddress) -> Result<Option<MediaFile>, StoreError>;
}

/// The file store failed. The text says how.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the file store is unavailable: {0}")]
pub struct FileStoreError(pub String);

/// The file store. A file is there whole or not at all.
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Starts to write a file.
    async fn begin(&self, file: &FileAddress, mime: &MimeType)
    -> Result<Box<dyn FileWriter>, FileStoreError>;

    /// The size of a file in bytes; `None` when it is not stored.
    async fn size(&self, file: &FileAddress) -> Result<Option<u64>, FileStoreError>;

    /// The first bytes of a stored file: `most`, or all of it where it has fewer.
    async fn beginning(&self, file: &FileAddress, most: usize) -> Result<Vec<u8>, FileStoreError>;

    /// A download URL that anybody can use for as long as `valid`.
    ///
    /// # Errors
    /// When no URL can be made.
    fn reading(
        &self,
        file: &FileAddress,
        shown: DownloadHeaders<'_>,
        valid: Duration,
    ) -> Result<String, FileStoreError>;

    /// An upload URL that anybody can use for as long as `valid`, for a file of this type and size that is
    /// not stored yet.
    ///
    /// # Errors
    /// When no URL can be made.
    fn writing(
        &self,
        file: &FileAddress,
        limits: UploadLimits<'_>,
        valid: Duration,
    ) -> Result<Upload, FileStoreError>;
}

/// How a download is presented to its reader.
#[derive(Debug, Clone, Copy)]
pub struct DownloadHeaders<'a> {
    /// The media type of the response.
    pub mime: &'a MimeType,
    /// The file name for saving it; `None` for a reader that needs none.
    pub name: Option<&'a str>,
}

/// The constraints of an upload.
#[derive(Debug, Clone, Copy)]
pub struct UploadLimits<'a> {
    /// The media type that the upload must have.
    pub mime: &'a MimeType,
    /// The exact size that it must have, in bytes.
    pub size: u64,
}

/// An upload URL with its headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The URL, for one `PUT`.
    pub url: String,
    /// The headers that the `PUT` must have, by name.
    pub headers: Vec<(&'static str, String)>,
}

/// A file that is being written, chunk by chunk.
#[async_trait]
pub trait FileWriter: Send {
    /// Appends bytes. Memory use does not grow with the file.
    async fn add(&mut self, bytes: &[u8]) -> Result<(), FileStoreError>;

    /// Completes the file: from now on it is stored.
    async fn finish(self: Box<Self>) -> Result<(), FileStoreError>;

    /// Discards the file. Best effort: the store expires what is left over.
    async fn abandon(self: Box<Self>);
}

/// A source's description of a file, before its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Described {
    /// The media type that it names.
    pub mime: Option<MimeType>,
    /// The size that it names, in bytes.
    pub size: Option<u64>,
    /// The hash that it names.
    pub sha256: Option<ContentHash>,
}

/// Why a file could not be fetched. The texts contain no URL and no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DownloadError {
    /// Its URL may not be opened.
    #[error("{0}")]
    Forbidden(&'static str),
    /// It is not there, not any more, or not for us.
    #[error("{0}")]
    Refused(String),
    /// The connection failed; a retry may succeed.
    #[error("{0}")]
    Unavailable(String),
}

/// A file that is being fetched. Its reader sets the limits.
#[async_trait]
pub trait FileReader: Send {
    /// The description of the file.
    fn described(&self) -> &Described;

    /// The next bytes; `None` at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, DownloadError>;
}

/// Files at URLs that others name: on the public internet only.
#[async_trait]
pub trait Web: Send + Sync {
    /// Starts to read from a URL. `timeout` is for the whole download.
    async fn open(&self, url: &str, timeout: Duration) -> Result<Box<dyn FileReader>, DownloadError>;
}
