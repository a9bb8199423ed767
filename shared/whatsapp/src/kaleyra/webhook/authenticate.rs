//! Whether a callback is Kaleyra's: a secret in its address, and a header where the operator asked for one
//! (facts: kaleyra.md 4.6).

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use subtle::ConstantTimeEq;

use super::payload::told;
use crate::lenient::parse;
use ventanilla_core::{domain::raw::RawItem, ports::credentials::KaleyraSecret};

/// The proof that a callback is Kaleyra's: its secret was checked.
#[derive(Debug, Clone, Copy)]
pub struct Admission(());

/// A callback whose secret was checked, now or when it came. There is no other way to make one.
#[derive(Debug, Clone)]
pub struct Admitted(Value);

impl Admission {
    /// Reads the callback, which nobody else gets to have read.
    #[must_use]
    pub fn read(self, query: &str, body: &[u8]) -> Admitted {
        Admitted(told(query, body))
    }
}

impl Admitted {
    pub(super) fn told(&self) -> &Value {
        &self.0
    }
}

/// The secret or the header is missing or wrong; which of these is nobody's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the callback's secret is missing or wrong")]
pub struct NotAdmitted;

/// Checks a callback, in constant time. `given` is the secret in its path, `header` finds the one value of
/// a header of it. An empty secret admits nothing.
///
/// # Errors
/// [`NotAdmitted`].
pub fn admit<'a>(
    given: &str,
    header: impl FnOnce(&str) -> Option<&'a str>,
    expected: &KaleyraSecret,
) -> Result<Admission, NotAdmitted> {
    let mut known = false;
    for secret in &expected.callback {
        known |= same(given, secret);
    }
    let proven = expected
        .callback_header
        .as_ref()
        .is_none_or(|wanted| header(&wanted.name).is_some_and(|value| same(value, &wanted.value)));
    if known && proven { Ok(Admission(())) } else { Err(NotAdmitted) }
}

fn same(given: &str, expected: &SecretString) -> bool {
    let expected = expected.expose_secret().as_bytes();
    !expected.is_empty() && bool::from(given.as_bytes().ct_eq(expected))
}

/// Callbacks from the archive: they were checked before they were kept.
pub fn archived(kept: &RawItem) -> impl Iterator<Item = Admitted> {
    kept.items().map(|item| Admitted(parse(item.as_bytes()).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ventanilla_core::ports::credentials::CallbackHeader;

    fn secret(paths: &[&str], header: Option<(&str, &str)>) -> KaleyraSecret {
        KaleyraSecret {
            sid: "HX".to_owned(),
            api_key: "A".into(),
            callback: paths.iter().map(|path| SecretString::from(*path)).collect(),
            callback_header: header
                .map(|(name, value)| CallbackHeader { name: name.to_owned(), value: value.into() }),
        }
    }

    fn passes(given: &str, header: Option<&'static str>, expected: &KaleyraSecret) -> bool {
        admit(given, |name| header.filter(|_| name == "authorization"), expected).is_ok()
    }

    #[test]
    fn the_secret_in_the_path_proves_a_callback_and_two_are_valid_at_once() {
        let rotating = secret(&["new-secret", "old-secret"], None);
        assert!(passes("new-secret", None, &rotating) && passes("old-secret", None, &rotating));
        for wrong in ["", "new-secre", "new-secret ", "NEW-SECRET", "other"] {
            assert!(!passes(wrong, None, &rotating), "{wrong}");
        }
        assert!(!passes("", None, &secret(&[""], None)));
        assert!(!passes("new-secret", None, &secret(&[], None)));
    }

    #[test]
    fn a_header_is_needed_besides_where_one_is_asked_for() {
        let both = secret(&["s"], Some(("authorization", "Basic dTpw")));
        assert!(passes("s", Some("Basic dTpw"), &both));
        for header in [None, Some(""), Some("Basic dTpx"), Some("basic dTpw")] {
            assert!(!passes("s", header, &both), "{header:?}");
        }
        assert!(!passes("x", Some("Basic dTpw"), &both));
    }
}
