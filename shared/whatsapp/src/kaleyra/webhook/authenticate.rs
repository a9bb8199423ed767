//! Authenticates Kaleyra's webhooks: by a secret in the URL, and a header where the operator asked for one
//! (facts: kaleyra.md 4.6).

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use subtle::ConstantTimeEq;

use super::payload::payload;
use crate::{
    kaleyra::KaleyraSecret,
    lenient::parse,
    webhook::{NotAuthentic, WebhookCall},
};
use ventanilla_core::domain::raw::RawItem;

/// A webhook whose secret was checked, now or on arrival. There is no other way to make one.
#[derive(Debug, Clone)]
pub struct Authenticated(Value);

impl Authenticated {
    pub(super) fn payload(&self) -> &Value {
        &self.0
    }
}

/// Checks a webhook, in constant time, and only then parses it. An empty secret matches nothing.
///
/// # Errors
/// [`NotAuthentic`].
pub fn authenticate(call: WebhookCall<'_>, expected: &KaleyraSecret) -> Result<Authenticated, NotAuthentic> {
    let given = call.path_secret.unwrap_or_default();
    let mut known = false;
    for secret in &expected.callback {
        known |= same(given, secret);
    }
    let proven = expected
        .callback_header
        .as_ref()
        .is_none_or(|wanted| call.header(&wanted.name).is_some_and(|value| same(value, &wanted.value)));
    if known && proven { Ok(Authenticated(payload(call.query, call.body))) } else { Err(NotAuthentic) }
}

fn same(given: &str, expected: &SecretString) -> bool {
    let expected = expected.expose_secret().as_bytes();
    !expected.is_empty() && bool::from(given.as_bytes().ct_eq(expected))
}

/// Webhooks from the archive: they were authenticated before they were stored.
pub fn archived(kept: &RawItem) -> impl Iterator<Item = Authenticated> {
    kept.items().map(|item| Authenticated(parse(item.as_bytes()).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::*;
    use crate::kaleyra::CallbackHeader;

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
        let mut headers = HeaderMap::new();
        if let Some(header) = header {
            headers.insert("authorization", HeaderValue::from_static(header));
        }
        let call = WebhookCall { path_secret: Some(given), headers: &headers, query: "", body: b"" };
        authenticate(call, expected).is_ok()
    }

    #[test]
    fn the_secret_in_the_path_authenticates_a_webhook_and_two_are_valid_at_once() {
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
