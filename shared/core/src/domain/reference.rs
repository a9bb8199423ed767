//! A caller's own references for a message: stored with it, and sent to the provider where it has fields for
//! them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest reference, in characters (the vendor's documents).
pub const REFERENCE_LIMIT: usize = 255;

/// A caller's reference for one message, up to 255 characters.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reference(String);

/// The length only: callers may put names into it, which do not belong into logs.
impl fmt::Debug for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Reference({} bytes)", self.0.len())
    }
}

/// Whether a text had to be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fits {
    /// The text is complete.
    Whole,
    /// The end of the text was cut off.
    Cut,
}

impl Reference {
    /// The first 255 characters of a text.
    #[must_use]
    pub fn cut(text: &str) -> (Self, Fits) {
        match text.char_indices().nth(REFERENCE_LIMIT) {
            Some((end, _)) => (Self(text.get(..end).unwrap_or_default().to_owned()), Fits::Cut),
            None => (Self(text.to_owned()), Fits::Whole),
        }
    }

    /// The reference as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The three references that Kaleyra documents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct References {
    /// The first reference, Kaleyra's `ref`.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", length(max = 255)))]
    pub first: Option<Reference>,
    /// The second reference, Kaleyra's `ref1`.
    #[serde(rename = "ref1", default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", length(max = 255)))]
    pub second: Option<Reference>,
    /// The third reference, Kaleyra's `ref2`.
    #[serde(rename = "ref2", default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", length(max = 255)))]
    pub third: Option<Reference>,
}

impl References {
    /// Whether none of them is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_longer_than_the_limit_is_cut_between_characters() {
        let fitting = "é".repeat(REFERENCE_LIMIT);
        assert_eq!(Reference::cut(&fitting), (Reference(fitting.clone()), Fits::Whole));
        assert_eq!(Reference::cut(&format!("{fitting}x")), (Reference(fitting), Fits::Cut));
    }
}
