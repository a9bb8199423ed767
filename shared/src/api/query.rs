//! Query strings.

use axum::extract::Query;
use http::Uri;

use crate::contract::InputError;

/// The parameters of a query string.
#[derive(Debug, Default)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Reads the query string of a request.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn read(uri: &Uri) -> Result<Self, InputError> {
        Query::<Vec<(String, String)>>::try_from_uri(uri)
            .map(|Query(pairs)| Self(pairs))
            .map_err(|_| InputError::field("query", "is not a valid query string"))
    }

    /// The first value of a parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}
