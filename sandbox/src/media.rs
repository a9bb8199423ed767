//! The files simulated customers send: small made-up bytes under Meta-like ids.

use std::collections::HashMap;

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
    /// A made-up file, different for every id.
    pub(crate) fn made_up(id: &str, phone_number_id: &str, mime_type: &str) -> Self {
        Self {
            phone_number_id: phone_number_id.to_owned(),
            mime_type: mime_type.to_owned(),
            bytes: Bytes::from(format!("bytes of media {id}\n")),
        }
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
