//! The files simulated customers send: small made-up bytes under Meta-like ids.

use std::{collections::HashMap, time::Duration};

use bytes::Bytes;

/// A stored file.
#[derive(Debug, Clone)]
pub(crate) struct Media {
    /// The business number it was sent to.
    pub(crate) phone_number_id: String,
    /// The type the customer's phone gave it.
    pub(crate) mime_type: String,
    /// What it holds.
    pub(crate) bytes: Bytes,
}

/// All files by media id.
pub(crate) type MediaStore = HashMap<String, Media>;

impl Media {
    /// A made-up file, different for every id; of this many bytes, if that matters.
    pub(crate) fn generate(id: &str, phone_number_id: &str, mime_type: &str, size: Option<usize>) -> Self {
        let mut bytes = format!("bytes of media {id}\n").into_bytes();
        if let Some(size) = size {
            bytes.resize(size, b'.');
        }
        Self {
            phone_number_id: phone_number_id.to_owned(),
            mime_type: mime_type.to_owned(),
            bytes: Bytes::from(bytes),
        }
    }
}

/// What goes wrong with one fetch of a file, at Meta or at Kaleyra.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFault {
    /// The file is not there.
    NotFound,
    /// Whoever has the file is out of order.
    Unavailable,
    /// The address is told, and has run out when it is opened. Only Meta tells addresses.
    Expired,
    /// The bytes are others than were told.
    OtherBytes,
    /// The connection breaks off half-way.
    CutShort,
    /// The bytes come this much later.
    Slow(Duration),
}

impl FileFault {
    /// Whether it strikes when an address is asked for.
    pub(crate) fn affects_description(self) -> bool {
        matches!(self, Self::NotFound | Self::Expired)
    }
}

/// The type a phone would give a file of this message type.
pub(crate) fn default_mime_type(kind: &str) -> Option<&'static str> {
    match kind {
        "image" => Some("image/jpeg"),
        "video" => Some("video/mp4"),
        "audio" | "voice" => Some("audio/ogg; codecs=opus"),
        "document" => Some("application/pdf"),
        "sticker" => Some("image/webp"),
        _ => None,
    }
}
