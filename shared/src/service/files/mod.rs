//! Files: what customers send is fetched and kept, what is to be sent is taken in, and both are given out.

mod fetch;
mod give;
mod take;

pub use fetch::Fetched;
pub use give::{Download, Opened, UploadWish};
pub use take::{Given, Sending};

use sha2::{Digest, Sha256};

use super::Core;
use crate::{
    domain::{
        content::{FitError, MediaError},
        file::{ContentHash, FileAddress},
        id::{FileId, TenantId},
    },
    port::{
        book::StoreError,
        files::{FileWriter, FilesError, Source, SourceError},
    },
};

/// Why a file cannot be given, taken or sent.
#[derive(Debug, thiserror::Error)]
pub enum FileProblem {
    /// The tenant has no such file, or has it no more.
    #[error("is no file of yours")]
    NotFound,
    /// It is not there yet: it is being fetched, or was not put there yet.
    #[error("is not there yet")]
    NotYet,
    /// It never will be there.
    #[error("could not be fetched from WhatsApp, and never will be")]
    Lost,
    /// It is not what it must be.
    #[error(transparent)]
    Fit(#[from] FitError),
    /// What is said with it cannot be.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// It has another size than was said.
    #[error("must have {expected} bytes")]
    OtherSize {
        /// What was said.
        expected: u64,
    },
    /// It could not be had from where it is.
    #[error("cannot be fetched: {0}")]
    Source(#[from] SourceError),
    /// What is known of files could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bytes could not be read or written.
    #[error(transparent)]
    Files(#[from] FilesError),
}

impl Core {
    fn address_of(tenant: &TenantId, id: FileId) -> FileAddress {
        FileAddress { tenant: tenant.clone(), id }
    }
}

/// What was written.
struct Written {
    size: u64,
    sha256: ContentHash,
}

/// Pours a source into the store, piece by piece. None when there is more of it than may be.
async fn pour(
    source: &mut dyn Source,
    writer: &mut dyn FileWriter,
    most: u64,
) -> Result<Option<Written>, FileProblem> {
    let (mut hasher, mut size) = (Sha256::new(), 0);
    while let Some(bytes) = source.next().await? {
        size += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if size > most {
            return Ok(None);
        }
        hasher.update(&bytes);
        writer.add(&bytes).await?;
    }
    Ok(Some(Written { size, sha256: ContentHash::finished(hasher) }))
}
