//! Meta's errors for parameters (facts: template-rules.md 1.3).

use crate::outbound::MetaError;

/// The number of parameters differs from the number of variables.
pub(super) fn wrong_count(place: &str, wanted: usize, given: usize) -> MetaError {
    let details = format!(
        "{place}: number of localizable_params ({given}) does not match the expected number of params ({wanted})"
    );
    MetaError::new(132_000, details)
}

/// A parameter has the wrong type or name.
pub(super) fn mismatch(place: &str, wanted: &str, given: &str) -> MetaError {
    MetaError::new(132_012, format!("{place}: Format mismatch, expected {wanted}, received {given}"))
}

/// A parameter is malformed, or a button is another one.
pub(super) fn invalid(details: impl Into<String>) -> MetaError {
    MetaError::new(132_018, details)
}

/// A filled text is longer than `max` characters.
pub(super) fn too_long(place: &str, max: usize, given: usize) -> MetaError {
    MetaError::new(132_005, format!("{place}: the text has {given} characters, and {max} are allowed"))
}
