//! Types and sizes of files that WhatsApp accepts, by kind (facts: meta.md 7).

use super::MediaKind;
use crate::domain::file::{LARGEST, MimeType};

const KB: u64 = 1024;
const MB: u64 = 1024 * KB;

/// Most bytes of a static sticker; an animated one may have five times as many.
const STILL_STICKER: u64 = 100 * KB;

/// How many of a file's first bytes are needed for every check of its content.
pub const BEGINNING: usize = 21;

/// Why a file cannot be sent as the requested kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FitError {
    /// The file has a type that the kind does not accept.
    #[error("of type {mime} cannot be sent as {kind}: it must be one of {types}", types = .taken.join(", "))]
    Type {
        /// The kind that was requested.
        kind: &'static str,
        /// The media type of the file.
        mime: String,
        /// The media types that the kind accepts.
        taken: &'static [&'static str],
    },
    /// The file is too large for the kind.
    #[error("is too large to be sent as {kind}: {most} bytes are the most")]
    Size {
        /// The kind that was requested.
        kind: &'static str,
        /// Most bytes that the kind accepts.
        most: u64,
    },
    /// The file has no bytes.
    #[error("is empty")]
    Empty,
}

impl MediaKind {
    /// The default kind for a file of this type: whatever has no kind of its own is a document.
    #[must_use]
    pub fn of(mime: &MimeType) -> Self {
        let made_for = [Self::Image, Self::Video, Self::Audio, Self::Sticker];
        let taken = |kind: &Self| kind.types().contains(&mime.essence());
        made_for.into_iter().find(taken).unwrap_or(Self::Document)
    }

    /// The accepted media types. For documents Meta lists some and accepts others as well.
    fn types(self) -> &'static [&'static str] {
        match self {
            Self::Image => &["image/jpeg", "image/png"],
            Self::Video => &["video/mp4", "video/3gpp"],
            Self::Audio => &["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"],
            Self::Voice => &["audio/ogg"],
            Self::Sticker => &["image/webp"],
            Self::Document => &[],
        }
    }

    /// Most bytes of a file. For stickers this is the limit of animated ones: see
    /// [`Self::holds_as_it_begins`].
    #[must_use]
    pub fn most_bytes(self) -> u64 {
        match self {
            Self::Image => 5 * MB,
            Self::Video | Self::Audio | Self::Voice => 16 * MB,
            Self::Sticker => 500 * KB,
            Self::Document => LARGEST,
        }
    }

    /// Checks that this kind accepts files of this type.
    ///
    /// # Errors
    /// [`FitError::Type`] where it does not.
    pub fn takes(self, mime: &MimeType) -> Result<(), FitError> {
        let taken = self.types();
        if taken.is_empty() || taken.contains(&mime.essence()) {
            return Ok(());
        }
        Err(FitError::Type { kind: self.name(), mime: mime.essence().to_owned(), taken })
    }

    /// Checks that this kind accepts files of this size in bytes.
    ///
    /// # Errors
    /// [`FitError::Empty`] or [`FitError::Size`] where it does not.
    pub fn holds(self, size: u64) -> Result<(), FitError> {
        match size {
            0 => Err(FitError::Empty),
            size if size > self.most_bytes() => {
                Err(FitError::Size { kind: self.name(), most: self.most_bytes() })
            }
            _ => Ok(()),
        }
    }

    /// Whether the size alone does not decide, and the file's first bytes are needed.
    #[must_use]
    pub fn turns_on_beginning(self, size: u64) -> bool {
        self == Self::Sticker && size > STILL_STICKER
    }

    /// Checks the size of a file together with its first bytes: at least [`BEGINNING`] of them, where it has
    /// as many.
    ///
    /// # Errors
    /// [`FitError::Empty`] or [`FitError::Size`] where the kind does not accept it.
    pub fn holds_as_it_begins(self, size: u64, beginning: &[u8]) -> Result<(), FitError> {
        self.holds(size)?;
        if self.turns_on_beginning(size) && !moves(beginning) {
            return Err(FitError::Size { kind: "still sticker", most: STILL_STICKER });
        }
        Ok(())
    }

    /// Our name of the kind, which tells a voice note from other audio.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Voice => "voice",
            other => other.as_str(),
        }
    }

    /// The kind with this name of ours.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        if name == "voice" { Some(Self::Voice) } else { Self::from_word(name) }
    }
}

/// Whether a WebP picture is animated: its first chunk is an extended header, whose flags say so.
fn moves(beginning: &[u8]) -> bool {
    const ANIMATION: u8 = 0b10;
    let at = |from: usize, word: &[u8]| beginning.get(from..from + word.len()) == Some(word);
    let extended = at(0, b"RIFF") && at(8, b"WEBP") && at(12, b"VP8X");
    extended && beginning.get(20).is_some_and(|flags| flags & ANIMATION != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mime(text: &str) -> MimeType {
        MimeType::parse(text).unwrap()
    }

    #[test]
    fn each_type_is_sent_as_what_it_is() {
        for (text, kind) in [
            ("image/jpeg", MediaKind::Image),
            ("image/webp", MediaKind::Sticker),
            ("audio/ogg; codecs=opus", MediaKind::Audio),
            ("audio/mp3", MediaKind::Audio),
            ("audio/x-m4a", MediaKind::Audio),
            ("audio/opus", MediaKind::Audio),
            ("image/jpg", MediaKind::Image),
            ("video/x-m4v", MediaKind::Video),
            ("video/quicktime", MediaKind::Document),
            ("video/3gpp", MediaKind::Video),
            ("application/pdf", MediaKind::Document),
            ("image/tiff", MediaKind::Document),
        ] {
            assert_eq!(MediaKind::of(&mime(text)), kind, "{text}");
            assert_eq!(kind.takes(&mime(text)), Ok(()));
        }
    }

    #[test]
    fn a_file_that_does_not_fit_is_rejected_with_the_reason() {
        let wrong = MediaKind::Image.takes(&mime("image/gif")).unwrap_err();
        assert_eq!(
            wrong.to_string(),
            "of type image/gif cannot be sent as image: it must be one of image/jpeg, image/png"
        );
        assert!(MediaKind::Voice.takes(&mime("audio/mpeg")).is_err());
        for (kind, most) in [
            (MediaKind::Image, 5 * MB),
            (MediaKind::Audio, 16 * MB),
            (MediaKind::Sticker, 500 * KB),
            (MediaKind::Document, 100 * MB),
        ] {
            assert_eq!(kind.holds(most), Ok(()));
            assert_eq!(kind.holds(most + 1), Err(FitError::Size { kind: kind.name(), most }));
            assert_eq!(kind.holds(0), Err(FitError::Empty));
        }
    }

    #[test]
    fn a_large_sticker_must_be_animated() {
        let moving = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x12";
        assert_eq!(moving.len(), BEGINNING);
        let still = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x10";
        let judged = |size, beginning: &[u8]| MediaKind::Sticker.holds_as_it_begins(size, beginning);
        let refused = Err(FitError::Size { kind: "still sticker", most: 100 * KB });
        assert_eq!(judged(500 * KB, moving), Ok(()));
        assert!(judged(500 * KB + 1, moving).is_err());
        for beginning in [&still[..], b"RIFF\0\0\0\0WEBPVP8 ", b"RIFF", b"", &moving[..20]] {
            assert_eq!(judged(100 * KB + 1, beginning), refused);
            assert_eq!(judged(100 * KB, beginning), Ok(()));
        }
        assert_eq!(MediaKind::Image.holds_as_it_begins(MB, still), Ok(()));
    }
}
