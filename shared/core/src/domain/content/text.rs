//! The text of a message.

use serde::{Deserialize, Serialize};

/// Longest text in one message, in UTF-16 units.
///
/// Meta says 4096 characters without saying which kind (facts: meta.md 2.3); UTF-16 units are the
/// stricter reading.
pub const TEXT_LIMIT: usize = 4096;

/// A text that can be sent: 1 to 4096 UTF-16 units, no control characters but tab and line ends.
/// It is kept and sent byte for byte.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MessageText(String);

/// Why a text cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// The text is empty.
    #[error("must not be empty")]
    Empty,
    /// The text is longer than [`TEXT_LIMIT`].
    #[error("must not be longer than 4096 characters")]
    TooLong,
    /// A C0 control character other than tab, line feed, carriage return; or DEL.
    #[error("must not hold control characters besides tab and line ends")]
    Control,
}

impl MessageText {
    /// The text as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for MessageText {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        if text.encode_utf16().count() > TEXT_LIMIT {
            return Err(TextError::TooLong);
        }
        if text.bytes().any(|b| b == 0x7f || (b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r'))) {
            return Err(TextError::Control);
        }
        Ok(Self(text))
    }
}

impl From<MessageText> for String {
    fn from(text: MessageText) -> String {
        text.0
    }
}

/// The length only: texts do not belong into logs.
impl std::fmt::Debug for MessageText {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "MessageText({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<MessageText, TextError> {
        MessageText::try_from(text.to_owned())
    }

    #[test]
    fn a_text_is_kept_byte_for_byte() {
        let text = " \tHola 👋🏽\r\ncafe\u{301} ";
        assert_eq!(read(text).map(String::from), Ok(text.to_owned()));
    }

    #[test]
    fn the_limit_counts_utf_16_units() {
        assert!(read(&"a".repeat(4096)).is_ok());
        assert_eq!(read(&"a".repeat(4097)), Err(TextError::TooLong));
        assert!(read(&"👋".repeat(2048)).is_ok());
        assert_eq!(read(&"👋".repeat(2049)), Err(TextError::TooLong));
    }

    #[test]
    fn control_characters_and_empty_texts_are_rejected() {
        assert_eq!(read(""), Err(TextError::Empty));
        for bad in ["a\0b", "\u{1b}[31m", "\u{7f}", "\u{8}"] {
            assert_eq!(read(bad), Err(TextError::Control));
        }
    }
}
