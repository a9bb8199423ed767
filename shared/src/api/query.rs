//! Query strings.

use http::Uri;

use crate::contract::InputError;

/// The parameters of a query string.
#[derive(Debug, Default)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Reads the query string of a request. Bytes that are no text become U+FFFD.
    #[must_use]
    pub fn read(uri: &Uri) -> Self {
        let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        Self(pairs.into_owned().collect())
    }

    /// The first value of a parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A parameter that is on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// `true`.
    On,
    /// `false`, or not given.
    Off,
}

/// Reads a parameter that is on or off.
///
/// # Errors
/// Names the parameter when it is something else.
pub fn flag(params: &Params, name: &'static str) -> Result<Flag, InputError> {
    match params.get(name) {
        None | Some("false" | "") => Ok(Flag::Off),
        Some("true") => Ok(Flag::On),
        Some(_) => Err(InputError::field(name, "must be true or false")),
    }
}
