//! The file store: Amazon S3, or a service with its API.

mod key;
mod objects;
mod sign;
mod writer;

pub use objects::{Bucket, S3};

use std::time::Duration;

use async_trait::async_trait;

use ventanilla_core::{
    domain::file::{FileAddress, MimeType},
    ports::files::{FileWriter, Files, FilesError, Limits, Shown, Upload},
};

/// No file store, for functions that need none.
#[derive(Debug, Clone, Copy)]
pub struct NoFiles;

fn none<T>() -> Result<T, FilesError> {
    Err(FilesError("VENTANILLA_BUCKET is not set".to_owned()))
}

#[async_trait]
impl Files for NoFiles {
    async fn begin(&self, _: &FileAddress, _: &MimeType) -> Result<Box<dyn FileWriter>, FilesError> {
        none()
    }

    async fn size(&self, _: &FileAddress) -> Result<Option<u64>, FilesError> {
        none()
    }

    async fn beginning(&self, _: &FileAddress, _: usize) -> Result<Vec<u8>, FilesError> {
        none()
    }

    fn reading(&self, _: &FileAddress, _: Shown<'_>, _: Duration) -> Result<String, FilesError> {
        none()
    }

    fn writing(&self, _: &FileAddress, _: Limits<'_>, _: Duration) -> Result<Upload, FilesError> {
        none()
    }
}
