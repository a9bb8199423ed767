//! Query strings of requests, strictly or leniently read.

use http::Uri;

use super::{names::shown, nearest::nearest};
use crate::common::{DRY_RUN, InputError, is_dry_run, no_dry_run};

/// The parameters of a query string, in their order.
#[derive(Debug, Default)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Reads the query string of a request. Bytes that are not UTF-8 become U+FFFD.
    #[must_use]
    pub fn read(uri: &Uri) -> Self {
        let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        Self(pairs.into_owned().collect())
    }

    /// The first value of a parameter; `None` where it is absent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All parameters, as they came.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Rejects unknown and duplicate names: a client that misspells a filter must not get everything with a 200.
///
/// # Errors
/// Names the parameter, and the known one that is most similar.
pub fn check(uri: &Uri, known: &[&'static str]) -> Result<(), InputError> {
    let given = Params::read(uri).0;
    for (at, (name, _)) in given.iter().enumerate() {
        let Some(known_name) = known.iter().find(|known| *known == name) else {
            return Err(unknown(name, known));
        };
        if given.iter().take(at).any(|(earlier, _)| earlier == name) {
            return Err(InputError::field(*known_name, "is given twice"));
        }
    }
    Ok(())
}

fn unknown(name: &str, known: &[&'static str]) -> InputError {
    let hint = match (nearest(name, known), known) {
        (Some(known), _) => format!("; did you mean `{known}`?"),
        (None, []) => "; this operation has none".to_owned(),
        (None, _) => format!("; known are {}", known.join(", ")),
    };
    InputError::field(shown(name), format!("is an unknown parameter{hint}"))
}

/// The value of a boolean query parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// `true`, or given without a value.
    On,
    /// `false`, or not given.
    Off,
}

/// Reads a boolean parameter.
///
/// # Errors
/// Names the parameter when it has another value.
pub fn flag(params: &Params, name: &'static str) -> Result<Flag, InputError> {
    one_flag(params, name, |given| given == name)
}

/// Whether a dry run is requested, in any spelling: a client that misspells it must not pay for it.
///
/// # Errors
/// Names `dry_run` when it is not a boolean.
pub fn dry_run(params: &Params) -> Result<Flag, InputError> {
    one_flag(params, DRY_RUN, is_dry_run)
}

/// Rejects a requested dry run.
///
/// # Errors
/// Names `dry_run`.
pub fn refuse_dry_run(uri: &Uri) -> Result<(), InputError> {
    match dry_run(&Params::read(uri))? {
        Flag::On => Err(no_dry_run()),
        Flag::Off => Ok(()),
    }
}

fn one_flag(params: &Params, name: &'static str, is_it: impl Fn(&str) -> bool) -> Result<Flag, InputError> {
    let mut given = params.0.iter().filter(|(given, _)| is_it(given)).map(|(_, value)| value.as_str());
    match (given.next(), given.next()) {
        (None | Some("false"), None) => Ok(Flag::Off),
        (Some("true" | ""), None) => Ok(Flag::On),
        (_, Some(_)) => Err(InputError::field(name, "is given twice")),
        (Some(_), None) => Err(InputError::field(name, "must be true or false")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::names::LONGEST_NAME;

    fn params(query: &str) -> Params {
        Params::read(&format!("/x?{query}").parse().unwrap())
    }

    #[test]
    fn an_unknown_name_is_rejected_with_the_nearest_known_one_and_a_duplicate_too() {
        let checked = |query: &str, known: &[&'static str]| {
            let uri = format!("/x?{query}").parse().unwrap();
            check(&uri, known).map_err(|error| (error.place().to_owned(), error.to_string()))
        };
        let known = ["cursor", "limit", "phone"];
        for fine in ["", "limit=1", "limit=&cursor=a&phone=%2B502"] {
            assert_eq!(checked(fine, &known), Ok(()), "{fine}");
        }
        for (query, place, says) in [
            ("phon=1", "phon", "phon is an unknown parameter; did you mean `phone`?"),
            ("limit=1&Limit=2", "Limit", "Limit is an unknown parameter; did you mean `limit`?"),
            ("outcome", "outcome", "outcome is an unknown parameter; known are cursor, limit, phone"),
            ("limit=1&limit=1", "limit", "limit is given twice"),
            ("=1", "", " is an unknown parameter; known are cursor, limit, phone"),
        ] {
            assert_eq!(checked(query, &known), Err((place.to_owned(), says.to_owned())), "{query}");
        }
        let (_, says) = checked("dry_run", &[]).unwrap_err();
        assert_eq!(says, "dry_run is an unknown parameter; this operation has none");
        let (place, _) = checked(&format!("a%0A{}", "x".repeat(500)), &[]).unwrap_err();
        assert_eq!((place.len(), place.contains('\n')), (LONGEST_NAME, false));
    }

    #[test]
    fn a_flag_is_on_when_it_is_there_and_one_that_says_two_things_is_wrong() {
        for (query, expected) in [
            ("", Ok(Flag::Off)),
            ("dry_run=false", Ok(Flag::Off)),
            ("dry_run", Ok(Flag::On)),
            ("dry_run=", Ok(Flag::On)),
            ("a=b&dryRun=true", Ok(Flag::On)),
            ("Dry-Run=true", Ok(Flag::On)),
            ("dry_run=1", Err(())),
            ("dry_run=false&dry_run=true", Err(())),
            ("dry_run=false&dryRun=true", Err(())),
        ] {
            let read = dry_run(&params(query));
            assert!(read.as_ref().err().is_none_or(|error| error.place() == "dry_run"), "{query}");
            assert_eq!(read.map_err(drop), expected, "{query}");
        }
        assert_eq!(flag(&params("unread"), "unread"), Ok(Flag::On));
        assert!(flag(&params("unread=true&unread=false"), "unread").is_err());
    }
}
