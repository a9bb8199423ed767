//! Media: images, videos, audio, documents, stickers.

use serde::{Deserialize, Serialize};

use crate::domain::{file::Attachment, idempotency::Fingerprint};

/// Longest caption, in characters (facts: meta.md 2.3).
const CAPTION_LIMIT: usize = 1024;

/// Longest link, in bytes.
const LINK_LIMIT: usize = 2048;

/// Longest file name, in characters (facts: kaleyra.md 6).
const NAME_LIMIT: usize = 255;

/// The kinds of media that WhatsApp distinguishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// `image`: a picture, JPEG or PNG.
    Image,
    /// `video`: a film, with or without sound.
    Video,
    /// `audio`: sound that is shown as a file.
    Audio,
    /// `audio` with the voice flag: sound that is shown as spoken by the sender.
    Voice,
    /// `document`: a file of any other type.
    Document,
    /// `sticker`: a WebP picture, static or animated.
    Sticker,
}

impl MediaKind {
    /// The provider's name of the kind, the same for both kinds of audio.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio | Self::Voice => "audio",
            Self::Document => "document",
            Self::Sticker => "sticker",
        }
    }

    /// The kind with this name at the provider.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Image, Self::Video, Self::Audio, Self::Document, Self::Sticker];
        all.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Where a media file is read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaSource {
    /// A public URL, from which the provider downloads it.
    Link(MediaLink),
    /// Uploaded at the provider, under this id.
    Id(String),
    /// Our own file store. The provider gets a signed URL when the message is sent.
    File(Box<SentFile>),
}

/// A stored file of ours that is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentFile {
    /// The file, with its type, size and name.
    #[serde(flatten)]
    pub attachment: Attachment,
    /// Hash of the request for it: the same for the same request, wherever the file was stored and whatever
    /// it turned out to be.
    pub given: Fingerprint,
}

/// A URL that a provider may download a file from: `http` or `https`, up to 2048 characters of ASCII.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MediaLink(String);

/// A media file to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// The kind that it is sent as.
    pub kind: MediaKind,
    /// Where the provider reads it from.
    #[serde(flatten)]
    pub source: MediaSource,
    /// The caption below it, up to 1024 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// The file name that the customer sees; for documents only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
}

/// Why a media file cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MediaError {
    /// `link` is not a URL of a file.
    #[error("link must be an http or https URL of at most 2048 characters")]
    Link,
    /// `id` is not a media id of the provider.
    #[error("id must not be empty")]
    Id,
    /// A caption that is too long.
    #[error("caption must not be longer than 1024 characters")]
    CaptionTooLong,
    /// A caption on a kind that has none.
    #[error("caption is not possible with audio and stickers")]
    CaptionMisplaced,
    /// A file name on a kind that is no document, or an invalid one.
    #[error(
        "filename is possible with documents only, and must have 1 to 255 characters, none of them a control character"
    )]
    FileName,
}

impl Media {
    /// Checks the parts of a media message.
    ///
    /// # Errors
    /// [`MediaError`] says which part is invalid.
    pub fn new(
        kind: MediaKind,
        source: MediaSource,
        caption: Option<String>,
        file_name: Option<String>,
    ) -> Result<Self, MediaError> {
        if matches!(&source, MediaSource::Id(id) if id.trim().is_empty()) {
            return Err(MediaError::Id);
        }
        if let Some(caption) = &caption {
            if matches!(kind, MediaKind::Audio | MediaKind::Voice | MediaKind::Sticker) {
                return Err(MediaError::CaptionMisplaced);
            }
            if caption.chars().count() > CAPTION_LIMIT {
                return Err(MediaError::CaptionTooLong);
            }
        }
        let fits = |name: &String| {
            (1..=NAME_LIMIT).contains(&name.chars().count()) && !name.chars().any(char::is_control)
        };
        if file_name.as_ref().is_some_and(|name| kind != MediaKind::Document || !fits(name)) {
            return Err(MediaError::FileName);
        }
        Ok(Self { kind, source, caption, file_name })
    }
}

impl MediaLink {
    /// A signed URL of our own. It may be longer than a caller's: it carries a permission.
    #[must_use]
    pub fn signed(url: String) -> Self {
        Self(url)
    }

    /// The URL as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for MediaLink {
    type Error = MediaError;

    fn try_from(text: String) -> Result<Self, MediaError> {
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        let named = host.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'));
        if named && printable && text.len() <= LINK_LIMIT { Ok(Self(text)) } else { Err(MediaError::Link) }
    }
}

impl From<MediaLink> for String {
    fn from(link: MediaLink) -> String {
        link.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(text: &str) -> Result<MediaSource, MediaError> {
        MediaLink::try_from(text.to_owned()).map(MediaSource::Link)
    }

    #[test]
    fn a_link_is_a_web_address() {
        assert!(link("https://files.example/a.pdf?x=1").is_ok());
        for bad in
            ["", "ftp://a/b", "https://", "https:///a", "https://a b", "https://ä.example/", "javascript:x"]
        {
            assert_eq!(link(bad), Err(MediaError::Link), "{bad}");
        }
    }

    #[test]
    fn each_kind_has_its_own_extras() {
        let source = link("https://a.example/f").unwrap();
        let make = |kind, caption: Option<&str>, name: Option<&str>| {
            Media::new(kind, source.clone(), caption.map(str::to_owned), name.map(str::to_owned)).err()
        };
        assert_eq!(make(MediaKind::Document, Some("x"), Some("bill.pdf")), None);
        assert_eq!(make(MediaKind::Image, Some(&"é".repeat(1024)), None), None);
        assert_eq!(make(MediaKind::Image, Some(&"é".repeat(1025)), None), Some(MediaError::CaptionTooLong));
        assert_eq!(make(MediaKind::Audio, Some("x"), None), Some(MediaError::CaptionMisplaced));
        assert_eq!(make(MediaKind::Sticker, Some("x"), None), Some(MediaError::CaptionMisplaced));
        assert_eq!(make(MediaKind::Image, None, Some("a.jpg")), Some(MediaError::FileName));
        assert_eq!(make(MediaKind::Document, None, Some("")), Some(MediaError::FileName));
        assert_eq!(make(MediaKind::Document, None, Some("bill\0.pdf")), Some(MediaError::FileName));
        assert_eq!(
            Media::new(MediaKind::Image, MediaSource::Id(" ".to_owned()), None, None),
            Err(MediaError::Id)
        );
    }
}
