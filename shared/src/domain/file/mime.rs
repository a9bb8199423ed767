//! What files hold.

use serde::{Deserialize, Serialize};

/// A text is no type of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a type like image/jpeg")]
pub struct MimeError;

/// What a file holds: a media type like `audio/ogg; codecs=opus`, at most 128 visible characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MimeType(String);

impl MimeType {
    /// Any bytes.
    #[must_use]
    pub fn unknown() -> Self {
        Self("application/octet-stream".to_owned())
    }

    /// Reads a type.
    ///
    /// # Errors
    /// [`MimeError`].
    pub fn parse(text: &str) -> Result<Self, MimeError> {
        let text = text.trim().to_ascii_lowercase();
        let token = |part: &str| {
            let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte);
            !part.is_empty() && part.bytes().all(letter)
        };
        let essence = text.split(';').next().unwrap_or_default().trim();
        let typed = essence.split_once('/').is_some_and(|(kind, sort)| token(kind) && token(sort));
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        if typed && plain && text.len() <= 128 { Ok(Self(text)) } else { Err(MimeError) }
    }

    /// The type as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The type without its parameters, like `audio/ogg`.
    #[must_use]
    pub fn essence(&self) -> &str {
        self.0.split(';').next().unwrap_or_default().trim()
    }
}

impl TryFrom<String> for MimeType {
    type Error = MimeError;

    fn try_from(text: String) -> Result<Self, MimeError> {
        Self::parse(&text)
    }
}

impl From<MimeType> for String {
    fn from(mime: MimeType) -> String {
        mime.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_read_with_its_parameters() {
        let opus = MimeType::parse("audio/OGG; codecs=opus").unwrap();
        assert_eq!((opus.as_str(), opus.essence()), ("audio/ogg; codecs=opus", "audio/ogg"));
        for bad in
            ["", "image", "/png", "image/", "image/p ng", "a/b\r\nx: y", &format!("a/{}", "b".repeat(128))]
        {
            assert_eq!(MimeType::parse(bad), Err(MimeError), "{bad}");
        }
    }
}
