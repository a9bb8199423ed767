//! The subcodes of rejected definitions (facts: meta.md 3.3, template-rules.md 2).

use crate::outbound::MetaError;

/// Why Meta rejects a definition; the number is `error_subcode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Subcode {
    /// The account has as many templates as it may have.
    TooManyTemplates = 2_388_019,
    /// The name is blocked, because an approved template with it was deleted.
    NameBlocked = 2_388_023,
    /// The template is in review.
    InReview = 2_388_039,
    /// A text is too long.
    Length = 2_388_040,
    /// The header is malformed.
    Header = 2_388_047,
    /// The body is malformed.
    Body = 2_388_072,
    /// The footer is malformed.
    Footer = 2_388_073,
    /// Too many variables for the length of the text.
    TooManyVariables = 2_388_293,
    /// A variable stands at the start or the end of a text.
    VariableAtEnd = 2_388_299,
}

impl Subcode {
    /// Error 100 with this subcode.
    pub(crate) fn error(self, details: impl Into<String>) -> MetaError {
        MetaError::malformed(details).with_subcode(self as u32)
    }
}
