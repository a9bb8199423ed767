//! Reads the environment. Every error names the variable.

use std::str::FromStr;

/// A variable is missing or invalid.
#[derive(Debug, thiserror::Error)]
pub enum EnvError {
    /// It is not set.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// It is set to an invalid value.
    #[error("the environment variable {name} is invalid: {problem}")]
    Malformed {
        /// The name of the variable.
        name: &'static str,
        /// What is wrong with its value.
        problem: String,
    },
}

/// The value of a variable, which may be empty.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place where the environment is read")]
pub fn given(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The value of a variable; an empty one counts as not set.
#[must_use]
pub fn optional(name: &str) -> Option<String> {
    given(name).filter(|value| !value.is_empty())
}

/// The value of a variable that must be set.
///
/// # Errors
/// [`EnvError::Missing`].
pub fn required(name: &'static str) -> Result<String, EnvError> {
    optional(name).ok_or(EnvError::Missing(name))
}

/// The value of a variable that may be set, parsed.
///
/// # Errors
/// [`EnvError::Malformed`].
pub fn parsed<T>(name: &'static str) -> Result<Option<T>, EnvError>
where
    T: FromStr<Err: std::fmt::Display>,
{
    let Some(text) = optional(name) else { return Ok(None) };
    text.parse().map(Some).map_err(|error: T::Err| EnvError::Malformed { name, problem: error.to_string() })
}
