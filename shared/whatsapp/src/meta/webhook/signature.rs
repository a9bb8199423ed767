//! `X-Hub-Signature-256`: HMAC-SHA256 over the body exactly as received (facts: meta.md 4.2).

use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::webhook::NotAuthentic;
use ventanilla_core::domain::raw::RawItem;

/// A body whose signature was checked, now or on arrival. There is no other way to make one.
#[derive(Debug, Clone, Copy)]
pub struct Verified<'a>(&'a [u8]);

impl<'a> Verified<'a> {
    /// The bytes of the body.
    #[must_use]
    pub fn bytes(self) -> &'a [u8] {
        self.0
    }
}

/// Webhooks from the archive: they were verified before they were stored.
pub fn archived(kept: &RawItem) -> impl Iterator<Item = Verified<'_>> {
    kept.items().map(|item| Verified(item.as_bytes()))
}

/// Checks a body against the signing secrets that are valid now, in constant time.
///
/// `header` is the one value of the header: `sha256=` and 64 lower-case hexadecimal digits. Two
/// values joined by a comma, as API Gateway does, are no signature. An empty secret verifies nothing.
///
/// # Errors
/// [`NotAuthentic`].
pub fn verify<'a>(
    body: &'a [u8],
    header: Option<&str>,
    secrets: &[SecretString],
) -> Result<Verified<'a>, NotAuthentic> {
    let expected =
        header.and_then(|text| text.strip_prefix("sha256=")).and_then(unhex).ok_or(NotAuthentic)?;
    for secret in secrets {
        let secret = secret.expose_secret().as_bytes();
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { continue };
        mac.update(body);
        if !secret.is_empty() && mac.verify_slice(&expected).is_ok() {
            return Ok(Verified(body));
        }
    }
    Err(NotAuthentic)
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    let mut bytes = [0; 32];
    if digits.len() != 64 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = nibble(*high)? << 4 | nibble(*low)?;
    }
    Some(bytes)
}

/// Meta writes lower-case digits; upper-case ones are not Meta's.
fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Computed outside this program: HMAC-SHA256 with key "app-secret".
    const BODY: &[u8] = br#"{"t":"\u00e4\/"}"#;
    const RIGHT: &str = "sha256=33b9ac527a6563af4d58bb64c49e88641b203179e6e0e8f0c1c524cee4de7e62";
    const RAW_BODY: &[u8] = "{\"t\":\"ä/\"}".as_bytes();
    const RAW_RIGHT: &str = "sha256=1517c8e8b530aa888820e36d6015b5b42a82884a84bcbe4555496027a8a71113";

    fn secrets(all: &[&str]) -> Vec<SecretString> {
        all.iter().map(|secret| SecretString::from(*secret)).collect()
    }

    fn passes(body: &[u8], header: Option<&str>, all: &[&str]) -> bool {
        verify(body, header, &secrets(all)).is_ok()
    }

    #[test]
    fn the_right_signature_passes_for_escaped_and_raw_bodies() {
        assert!(passes(BODY, Some(RIGHT), &["app-secret"]));
        assert!(passes(RAW_BODY, Some(RAW_RIGHT), &["app-secret"]));
        assert!(!passes(RAW_BODY, Some(RIGHT), &["app-secret"]));
    }

    #[test]
    fn the_previous_secret_passes_while_rotating() {
        assert!(passes(BODY, Some(RIGHT), &["new-secret", "app-secret"]));
        assert!(!passes(BODY, Some(RIGHT), &["new-secret"]));
        assert!(!passes(BODY, Some(RIGHT), &[]));
        assert!(!passes(BODY, Some(RIGHT), &[""]));
    }

    #[test]
    fn everything_else_fails() {
        let upper = RIGHT.replace("sha256=", "").to_uppercase();
        let doubled = format!("{RIGHT},{RIGHT}");
        let flipped = RIGHT.replace(&RIGHT[7..8], if &RIGHT[7..8] == "0" { "1" } else { "0" });
        for header in [
            None,
            Some(""),
            Some("sha256="),
            Some(&RIGHT[..RIGHT.len() - 1]),
            Some(&RIGHT[7..]),
            Some(&format!("sha1={}", &RIGHT[7..])),
            Some(&format!("sha256={upper}")),
            Some(&doubled),
            Some(&flipped),
            Some(&format!("{RIGHT} ")),
            Some(&format!("sha256={}", "é".repeat(32))),
        ] {
            assert!(!passes(BODY, header, &["app-secret"]), "{header:?}");
        }
        let mut changed = BODY.to_vec();
        changed[3] ^= 1;
        assert!(!passes(&changed, Some(RIGHT), &["app-secret"]));
    }
}
