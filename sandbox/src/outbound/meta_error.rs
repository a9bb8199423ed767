//! What Meta finds wrong with a message, whoever passes it on.

/// An error of Meta's that no endpoint has put into its own words yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MetaError {
    /// Meta's error code.
    pub(crate) code: u32,
    /// The sentence that says what is wrong.
    pub(crate) details: String,
}

impl MetaError {
    /// A complaint under this code.
    pub(crate) fn new(code: u32, details: impl Into<String>) -> Self {
        Self { code, details: details.into() }
    }

    /// A parameter that is missing.
    pub(crate) fn missing(parameter: &str) -> Self {
        Self::new(131_008, format!("The parameter {parameter} is required."))
    }

    /// A parameter with a value it cannot have.
    pub(crate) fn invalid(parameter: &str, why: &str) -> Self {
        Self::new(131_009, format!("The parameter {parameter} {why}."))
    }

    /// A request that does not have the form it should.
    pub(crate) fn malformed(details: impl Into<String>) -> Self {
        Self::new(100, details)
    }
}
