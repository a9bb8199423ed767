//! Where the bytes of files are kept, and where they come from.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use super::store::StoreError;
use crate::domain::file::{ContentHash, FileAddress, MediaFile, MimeType};

/// Reads of what is known of files. It is written through the store.
#[async_trait]
pub trait FileRecords: Send + Sync {
    /// What is known of a file.
    async fn file(&self, address: &FileAddress) -> Result<Option<MediaFile>, StoreError>;
}

/// The store of files failed us.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the store of files is unavailable: {0}")]
pub struct FilesError(pub String);

/// The bytes of files. What is written is there whole or not at all.
#[async_trait]
pub trait Files: Send + Sync {
    /// Begins to write a file.
    async fn begin(&self, file: &FileAddress, mime: &MimeType) -> Result<Box<dyn FileWriter>, FilesError>;

    /// The size of a file; none when it is not there.
    async fn size(&self, file: &FileAddress) -> Result<Option<u64>, FilesError>;

    /// The first bytes of a file that is there: `most`, or all of it where it has fewer.
    async fn beginning(&self, file: &FileAddress, most: usize) -> Result<Vec<u8>, FilesError>;

    /// An absolute address that anybody can read the file at, for as long as `valid`.
    ///
    /// # Errors
    /// When no address can be made.
    fn reading(&self, file: &FileAddress, shown: Shown<'_>, valid: Duration) -> Result<String, FilesError>;

    /// An absolute address that anybody can put the file to, for as long as `valid`, if it has this type and size and
    /// is not there yet.
    ///
    /// # Errors
    /// When no address can be made.
    fn writing(&self, file: &FileAddress, limits: Limits<'_>, valid: Duration) -> Result<Upload, FilesError>;
}

/// How a file is shown to who reads it.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// What it holds.
    pub mime: &'a MimeType,
    /// What it is saved as; none for a reader that asks no name.
    pub name: Option<&'a str>,
}

/// What an upload must be.
#[derive(Debug, Clone, Copy)]
pub struct Limits<'a> {
    /// Its type.
    pub mime: &'a MimeType,
    /// Its size in bytes, no more and no less.
    pub size: u64,
}

/// Where and how to put a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The address, for one `PUT`.
    pub url: String,
    /// The headers that must be sent along, by name.
    pub headers: Vec<(&'static str, String)>,
}

/// A file that is being written, piece by piece.
#[async_trait]
pub trait FileWriter: Send {
    /// Adds bytes. What is held in memory does not grow with the file.
    async fn add(&mut self, bytes: &[u8]) -> Result<(), FilesError>;

    /// All is written: from now on the file is there.
    async fn finish(self: Box<Self>) -> Result<(), FilesError>;

    /// The file is not wanted any more. Best effort: what is left over the store forgets by itself.
    async fn abandon(self: Box<Self>);
}

/// What a source says of a file before its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Described {
    /// What it holds.
    pub mime: Option<MimeType>,
    /// Its size in bytes.
    pub size: Option<u64>,
    /// The hash of its bytes.
    pub sha256: Option<ContentHash>,
}

/// Why a file could not be had from where it is. The texts hold no address and no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Its address is none that may be opened.
    #[error("{0}")]
    Forbidden(&'static str),
    /// It is not there: gone, or not any more, or not for us.
    #[error("{0}")]
    Refused(String),
    /// The way there is broken; later it may be otherwise.
    #[error("{0}")]
    Unavailable(String),
}

/// A file on its way in. Its reader sets the limits.
#[async_trait]
pub trait Source: Send {
    /// What is said of it.
    fn described(&self) -> &Described;

    /// The next bytes; none at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, SourceError>;
}

/// Files at addresses that others name: on the open internet only.
#[async_trait]
pub trait Web: Send + Sync {
    /// Begins to read what is at an address.
    async fn open(&self, url: &str, timeout: Duration) -> Result<Box<dyn Source>, SourceError>;
}
