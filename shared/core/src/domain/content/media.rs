//! Files: images, videos, audio, documents, stickers.

use serde::{Deserialize, Serialize};

use crate::domain::{file::Attachment, idempotency::Fingerprint};

/// Longest caption, in characters (facts: meta.md 2.3).
const CAPTION_LIMIT: usize = 1024;

/// Longest link, in bytes.
const LINK_LIMIT: usize = 2048;

/// Longest file name, in characters (facts: kaleyra.md 6).
const NAME_LIMIT: usize = 255;

/// The kinds of files that WhatsApp tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// Sound.
    Audio,
    /// A voice note: sound that is shown as spoken by the sender.
    Voice,
    /// Any other file.
    Document,
    /// A sticker.
    Sticker,
}

impl MediaKind {
    /// The provider's word, which is the same for both kinds of sound.
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

    /// The kind that a provider's word stands for.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Image, Self::Video, Self::Audio, Self::Document, Self::Sticker];
        all.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Where a file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaSource {
    /// At a public address, from where the provider fetches it.
    Link(MediaLink),
    /// At the provider, under this id.
    Id(String),
    /// In our own store. The provider is given an address of it when the message goes out.
    File(Box<SentFile>),
}

/// A file of ours that is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentFile {
    /// What it is.
    #[serde(flatten)]
    pub attachment: Attachment,
    /// What its sender gave and how it was to be sent, as a hash: the same for the same words, wherever the file
    /// was put and whatever it turned out to be.
    pub given: Fingerprint,
}

/// An address that a provider may fetch a file from: `http` or `https`, up to 2048 characters of ASCII.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MediaLink(String);

/// A file to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// What it is.
    pub kind: MediaKind,
    /// Where it is.
    #[serde(flatten)]
    pub source: MediaSource,
    /// Text below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// What a document is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
}

/// Why a file cannot be sent. Each says which part is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MediaError {
    /// Not an address of a file.
    #[error("link must be an http or https URL of at most 2048 characters")]
    Link,
    /// Not an id.
    #[error("id must not be empty")]
    Id,
    /// A caption that is too long.
    #[error("caption must not be longer than 1024 characters")]
    CaptionTooLong,
    /// A caption where there can be none.
    #[error("caption is not possible with audio and stickers")]
    CaptionMisplaced,
    /// A name of something else than a document, or an impossible one.
    #[error(
        "filename is possible with documents only, and must have 1 to 255 characters, none of them a control character"
    )]
    FileName,
}

impl Media {
    /// A file.
    ///
    /// # Errors
    /// [`MediaError`] says which part is wrong.
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
    /// An address of our own making. It may be longer than what callers may give: it carries a permission.
    #[must_use]
    pub fn signed(url: String) -> Self {
        Self(url)
    }

    /// The address.
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
