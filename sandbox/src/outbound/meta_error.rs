//! Meta's errors for messages, before an API formats them.

/// An error of Meta's that no API has formatted yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MetaError {
    /// Meta's error code, such as 131008.
    pub(crate) code: u32,
    /// Meta's `error_subcode`, where it is known.
    pub(crate) subcode: Option<u32>,
    /// What is wrong, as a sentence.
    pub(crate) details: String,
}

impl MetaError {
    /// An error with this code.
    pub(crate) fn new(code: u32, details: impl Into<String>) -> Self {
        Self { code, subcode: None, details: details.into() }
    }

    /// Adds Meta's `error_subcode`, which narrows the code down.
    pub(crate) fn with_subcode(self, subcode: u32) -> Self {
        Self { subcode: Some(subcode), ..self }
    }

    /// A required parameter is missing.
    pub(crate) fn missing(parameter: &str) -> Self {
        Self::new(131_008, format!("The parameter {parameter} is required."))
    }

    /// A parameter has an invalid value.
    pub(crate) fn invalid(parameter: &str, why: &str) -> Self {
        Self::new(131_009, format!("The parameter {parameter} {why}."))
    }

    /// The request is malformed.
    pub(crate) fn malformed(details: impl Into<String>) -> Self {
        Self::new(100, details)
    }
}
