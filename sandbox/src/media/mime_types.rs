//! The MIME types and sizes that Meta accepts (facts: meta.md 7).

/// One megabyte as Meta counts it.
const MB: usize = 1024 * 1024;

/// A MIME type, the message types that can carry it, and the maximum size in bytes.
type Row = (&'static str, &'static [&'static str], usize);

/// The types that an upload accepts. A document can be of any of them.
pub(crate) const UPLOAD_TYPES: [Row; 19] = [
    ("audio/aac", &["audio"], 16 * MB),
    ("audio/mp4", &["audio"], 16 * MB),
    ("audio/mpeg", &["audio"], 16 * MB),
    ("audio/amr", &["audio"], 16 * MB),
    ("audio/ogg", &["audio"], 16 * MB),
    ("audio/opus", &["audio"], 16 * MB),
    ("application/vnd.ms-powerpoint", &[], 100 * MB),
    ("application/msword", &[], 100 * MB),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", &[], 100 * MB),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", &[], 100 * MB),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &[], 100 * MB),
    ("application/pdf", &[], 100 * MB),
    ("text/plain", &[], 100 * MB),
    ("application/vnd.ms-excel", &[], 100 * MB),
    ("image/jpeg", &["image"], 5 * MB),
    ("image/png", &["image"], 5 * MB),
    ("image/webp", &["sticker"], 500 * 1024),
    ("video/mp4", &["video"], 16 * MB),
    ("video/3gpp", &["video"], 16 * MB),
];

/// The maximum size of a sticker that is not animated, in bytes.
const MAX_STILL_STICKER: usize = 100 * 1024;

/// Why an upload is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UploadError {
    /// The MIME type is none that Meta accepts.
    UnknownType,
    /// The file is larger than this many bytes.
    TooLarge(usize),
    /// The file has no bytes.
    Empty,
}

/// Validates the type and the size of a file to upload.
pub(crate) fn validate_upload(mime_type: &str, size: usize) -> Result<(), UploadError> {
    let (.., max) = find(mime_type).ok_or(UploadError::UnknownType)?;
    match size {
        0 => Err(UploadError::Empty),
        _ if size > max => Err(UploadError::TooLarge(max)),
        _ => Ok(()),
    }
}

/// Whether a message of type `kind` can carry this file.
pub(crate) fn fits_message(kind: &str, mime_type: &str, bytes: &[u8]) -> bool {
    if kind == "sticker" && !is_animated(bytes) && bytes.len() > MAX_STILL_STICKER {
        return false;
    }
    find(mime_type).is_some_and(|(_, kinds, _)| kind == "document" || kinds.contains(&kind))
}

/// The MIME type that a phone assigns to a file of this message type; `None` for types without a file.
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

/// The row of a MIME type, whatever its parameters and case.
fn find(mime_type: &str) -> Option<Row> {
    let essence = mime_type.split(';').next().unwrap_or_default().trim();
    UPLOAD_TYPES.into_iter().find(|(known, ..)| known.eq_ignore_ascii_case(essence))
}

/// Whether a WebP has the animation flag of its extended header.
fn is_animated(bytes: &[u8]) -> bool {
    bytes.get(12..16) == Some(b"VP8X".as_slice()) && bytes.get(20).is_some_and(|flags| flags & 0x02 != 0)
}

#[cfg(test)]
mod tests {
    use super::{UploadError, fits_message, validate_upload};

    #[test]
    fn an_upload_has_a_known_type_and_at_most_its_size() {
        assert_eq!(validate_upload("image/jpeg", 5 * 1024 * 1024), Ok(()));
        assert_eq!(validate_upload("image/jpeg", 5 * 1024 * 1024 + 1), Err(UploadError::TooLarge(5_242_880)));
        assert_eq!(validate_upload("IMAGE/PNG; x=y", 1), Ok(()));
        assert_eq!(validate_upload("text/plain", 0), Err(UploadError::Empty));
        for unknown in ["image/gif", "application/octet-stream", "image", ""] {
            assert_eq!(validate_upload(unknown, 1), Err(UploadError::UnknownType), "{unknown}");
        }
    }

    #[test]
    fn a_message_carries_only_files_of_its_kind() {
        assert!(fits_message("image", "image/png", b"x"));
        assert!(fits_message("document", "image/png", b"x"));
        assert!(fits_message("audio", "audio/ogg; codecs=opus", b"x"));
        assert!(!fits_message("image", "image/webp", b"x"));
        assert!(!fits_message("video", "audio/mp4", b"x"));
    }

    #[test]
    fn only_an_animated_sticker_may_be_large() {
        let mut webp = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x02".to_vec();
        webp.resize(300 * 1024, 0);
        assert!(fits_message("sticker", "image/webp", &webp));
        webp[20] = 0;
        assert!(!fits_message("sticker", "image/webp", &webp));
        webp.truncate(100 * 1024);
        assert!(fits_message("sticker", "image/webp", &webp));
    }
}
