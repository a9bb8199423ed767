//! Which files WhatsApp takes as what: types and sizes (facts: meta.md 7).

use super::MediaKind;
use crate::domain::file::{LARGEST, MimeType};

const KB: u64 = 1024;
const MB: u64 = 1024 * KB;

/// Most bytes of a sticker that stands still; one that moves may have five times as many.
const STILL_STICKER: u64 = 100 * KB;

/// How many bytes of a file's beginning tell all that is judged by what it holds.
pub const BEGINNING: usize = 21;

/// Why a file cannot be sent as what it is to be sent as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FitError {
    /// A file of another type.
    #[error("of type {mime} cannot be sent as {kind}: it must be one of {types}", types = .taken.join(", "))]
    Type {
        /// What it is to be sent as.
        kind: &'static str,
        /// What it is.
        mime: String,
        /// What is taken.
        taken: &'static [&'static str],
    },
    /// A file that is too large.
    #[error("is too large to be sent as {kind}: {most} bytes are the most")]
    Size {
        /// What it is to be sent as.
        kind: &'static str,
        /// Most bytes.
        most: u64,
    },
    /// A file of nothing.
    #[error("is empty")]
    Empty,
}

impl MediaKind {
    /// What a file of this type is sent as unless its sender says so: all that is not made for another kind is a
    /// document.
    #[must_use]
    pub fn of(mime: &MimeType) -> Self {
        let made_for = [Self::Image, Self::Video, Self::Audio, Self::Sticker];
        let taken = |kind: &Self| kind.types().contains(&mime.essence());
        made_for.into_iter().find(taken).unwrap_or(Self::Document)
    }

    /// The types that are taken; of documents Meta lists some and takes others as well.
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

    /// Most bytes. Of stickers this is the limit of moving ones: see [`Self::holds_as_it_begins`].
    #[must_use]
    pub fn most_bytes(self) -> u64 {
        match self {
            Self::Image => 5 * MB,
            Self::Video | Self::Audio | Self::Voice => 16 * MB,
            Self::Sticker => 500 * KB,
            Self::Document => LARGEST,
        }
    }

    /// Whether a file of this type can be sent like this.
    ///
    /// # Errors
    /// When it cannot.
    pub fn takes(self, mime: &MimeType) -> Result<(), FitError> {
        let taken = self.types();
        if taken.is_empty() || taken.contains(&mime.essence()) {
            return Ok(());
        }
        Err(FitError::Type { kind: self.name(), mime: mime.essence().to_owned(), taken })
    }

    /// Whether a file of this size can be sent like this.
    ///
    /// # Errors
    /// When it cannot.
    pub fn holds(self, size: u64) -> Result<(), FitError> {
        match size {
            0 => Err(FitError::Empty),
            size if size > self.most_bytes() => {
                Err(FitError::Size { kind: self.name(), most: self.most_bytes() })
            }
            _ => Ok(()),
        }
    }

    /// Whether only its beginning tells if a file of this size can be sent like this.
    #[must_use]
    pub fn turns_on_beginning(self, size: u64) -> bool {
        self == Self::Sticker && size > STILL_STICKER
    }

    /// Whether a file of this size, which begins like this, can be sent like this: at least [`BEGINNING`] bytes,
    /// where it has as many.
    ///
    /// # Errors
    /// When it cannot.
    pub fn holds_as_it_begins(self, size: u64, beginning: &[u8]) -> Result<(), FitError> {
        self.holds(size)?;
        if self.turns_on_beginning(size) && !moves(beginning) {
            return Err(FitError::Size { kind: "still sticker", most: STILL_STICKER });
        }
        Ok(())
    }

    /// Our word for it, which tells a voice note from other sound.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Voice => "voice",
            other => other.as_str(),
        }
    }

    /// The kind that our word stands for.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        if name == "voice" { Some(Self::Voice) } else { Self::from_word(name) }
    }
}

/// Whether a WebP picture moves: its first chunk is an extended header, whose flags say so.
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
    fn what_does_not_fit_says_why() {
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
    fn a_large_sticker_must_move() {
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
