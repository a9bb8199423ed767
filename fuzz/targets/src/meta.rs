//! Meta's callbacks, from the signed body to its items.

use hmac::{Hmac, Mac};
use secrecy::SecretString;
use sha2::Sha256;
use ventanilla::{
    domain::{caller::hex, inbound::Item, time::Timestamp},
    whatsapp::meta::webhook::{split, verify},
};

const SECRET: &str = "app-secret";

/// When every body arrives, in milliseconds.
const ARRIVAL: i64 = 1_772_533_800_000;

/// A callback of Meta with this body.
///
/// # Panics
/// When the right signature is refused or another one taken, when no item comes out of the body, or when
/// the raw text of an item is not a body that says the same and nothing else.
pub fn meta_callback(data: &[u8]) {
    let right = signature(data);
    refuses_what_was_not_signed(data, &right);
    let items = items_of(data, &right);
    assert!(!items.is_empty(), "a body without items");
    for item in &items {
        let body = item.raw.as_bytes();
        let again = items_of(body, &signature(body));
        let same = matches!(again.as_slice(), [only] if only.says == item.says);
        assert!(same, "taken in again it says something else: {}", item.raw);
    }
}

#[expect(clippy::expect_used, reason = "a panic is how a target tells what it found")]
fn items_of(body: &[u8], signature: &str) -> Vec<Item> {
    let secret = [SecretString::from(SECRET)];
    let verified = verify(body, Some(signature), &secret).expect("the right signature is taken");
    split(verified, Timestamp::from_millis(ARRIVAL))
}

fn refuses_what_was_not_signed(body: &[u8], right: &str) {
    let secret = [SecretString::from(SECRET)];
    let mut other = body.to_vec();
    let middle = other.len() / 2;
    match other.get_mut(middle) {
        Some(byte) => *byte ^= 1,
        None => other.push(b'\n'),
    }
    assert!(verify(&other, Some(right), &secret).is_err(), "the signature of another body was taken");
    let (start, last) = right.split_at(right.len() - 1);
    let wrong = format!("{start}{}", if last == "0" { "1" } else { "0" });
    assert!(verify(body, Some(&wrong), &secret).is_err(), "a signature with another last digit was taken");
}

#[expect(clippy::expect_used, reason = "HMAC takes a secret of any length")]
fn signature(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a secret of any length");
    mac.update(body);
    format!("sha256={}", hex(&mac.finalize().into_bytes()))
}
