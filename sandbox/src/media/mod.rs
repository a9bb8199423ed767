//! The files that a provider stores: those that customers sent, and those that the business uploaded.

mod mime_types;
mod samples;

use std::{collections::HashMap, time::Duration};

use bytes::Bytes;

pub(crate) use self::mime_types::{
    UPLOAD_TYPES, UploadError, default_mime_type, fits_message, validate_upload,
};

/// The side that a stored file came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MediaOrigin {
    /// A customer sent it.
    Customer,
    /// The business uploaded it.
    Upload,
}

/// A file that the provider stores, with its bytes.
#[derive(Debug, Clone)]
pub(crate) struct Media {
    /// The business number that it was sent to or uploaded on.
    pub(crate) phone_number_id: String,
    /// The side that it came from.
    pub(crate) origin: MediaOrigin,
    /// The MIME type that the customer's phone or the upload assigned.
    pub(crate) mime_type: String,
    /// The content of the file.
    pub(crate) bytes: Bytes,
    /// When the provider deletes it, in Unix seconds; `None` for never.
    pub(crate) expires_at: Option<i64>,
}

/// All files by media id.
#[derive(Debug, Default)]
pub(crate) struct MediaStore(HashMap<String, Media>);

impl MediaStore {
    /// The file with this id, if it exists at `now`, in Unix seconds.
    pub(crate) fn get(&self, id: &str, now: i64) -> Option<&Media> {
        self.0.get(id).filter(|media| media.expires_at.is_none_or(|expires_at| now < expires_at))
    }

    /// Stores a file; replaces the one with the same id.
    pub(crate) fn insert(&mut self, id: String, media: Media) {
        self.0.insert(id, media);
    }

    /// Deletes a file; its id is unknown from then on.
    pub(crate) fn remove(&mut self, id: &str) {
        self.0.remove(id);
    }
}

impl Media {
    /// A generated file that never expires, different for every id, of `size` bytes if given.
    pub(crate) fn generate(id: &str, phone_number_id: &str, mime_type: &str, size: Option<usize>) -> Self {
        let mut bytes = format!("bytes of media {id}\n").into_bytes();
        if let Some(size) = size {
            bytes.resize(size, b'.');
        }
        Self::never_expiring(phone_number_id, mime_type, bytes)
    }

    /// Like [`Self::generate`], a file that programs can open if its type is known and `size` is large enough.
    pub(crate) fn sample(id: &str, phone_number_id: &str, mime_type: &str, size: Option<usize>) -> Self {
        match samples::sample(mime_type, id, size) {
            Some(bytes) => Self::never_expiring(phone_number_id, mime_type, bytes),
            None => Self::generate(id, phone_number_id, mime_type, size),
        }
    }

    fn never_expiring(phone_number_id: &str, mime_type: &str, bytes: Vec<u8>) -> Self {
        Self {
            phone_number_id: phone_number_id.to_owned(),
            origin: MediaOrigin::Customer,
            mime_type: mime_type.to_owned(),
            bytes: Bytes::from(bytes),
            expires_at: None,
        }
    }
}

/// How one download of a file fails, at Meta or at Kaleyra.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFault {
    /// The file does not exist.
    NotFound,
    /// The provider is unavailable: HTTP 503.
    Unavailable,
    /// The download URL is given, and has expired when it is requested. Only Meta gives download URLs.
    Expired,
    /// The bytes do not match the announced hash.
    OtherBytes,
    /// The connection breaks half-way.
    CutShort,
    /// The bytes come after this delay.
    Slow(Duration),
}

impl FileFault {
    /// Whether the fault applies when the download URL is requested.
    pub(crate) fn affects_description(self) -> bool {
        matches!(self, Self::NotFound | Self::Expired)
    }
}

#[cfg(test)]
mod tests {
    use super::{Media, MediaStore};

    #[test]
    fn a_file_is_gone_from_the_second_in_which_it_expires() {
        let mut store = MediaStore::default();
        let media = Media::generate("1", "1001", "image/png", None);
        store.insert("1".to_owned(), Media { expires_at: Some(100), ..media.clone() });
        store.insert("2".to_owned(), media);
        assert!(store.get("1", 99).is_some());
        assert!(store.get("1", 100).is_none());
        assert!(store.get("2", i64::MAX).is_some(), "a file without a lifetime stays");
        store.remove("2");
        assert!(store.get("2", 0).is_none());
    }
}
