//! The `Prefer` header (RFC 7240): whether the response should wait for the outcome.

use http::{HeaderMap, HeaderName, HeaderValue};

/// Name of the response header that confirms a preference.
pub const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// The preference for a response without waiting.
pub const RESPOND_ASYNC: HeaderValue = HeaderValue::from_static("respond-async");

/// When the response is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// After the outcome is known, as far as there is time.
    ForTheOutcome,
    /// As soon as the request is stored.
    ForNothing,
}

/// The preference in a request's headers. Unknown ones are ignored, as the RFC says.
#[must_use]
pub fn wait(headers: &HeaderMap) -> Wait {
    let given = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    let asked = given.flat_map(|value| value.split(',')).any(|preference| {
        let name = preference.split([';', '=']).next().unwrap_or_default();
        name.trim().eq_ignore_ascii_case("respond-async")
    });
    if asked { Wait::ForNothing } else { Wait::ForTheOutcome }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preference_is_found_among_others() {
        let with = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.append("prefer", HeaderValue::from_static("return=minimal"));
            headers.append("prefer", HeaderValue::from_static(value));
            wait(&headers)
        };
        for asked in ["respond-async", "wait=10, Respond-Async", "respond-async; x=1"] {
            assert_eq!(with(asked), Wait::ForNothing, "{asked}");
        }
        for not_asked in ["wait=10", "x=\"respond-async-not\"", ""] {
            assert_eq!(with(not_asked), Wait::ForTheOutcome, "{not_asked}");
        }
    }
}
