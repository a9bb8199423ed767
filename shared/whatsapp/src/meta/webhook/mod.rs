//! Meta's webhooks (facts: meta.md 4): the handshake, the signature, and the items of a body.

mod coexistence;
mod customer;
mod error;
mod file;
mod handover;
mod history;
mod message;
mod parts;
mod payment;
mod preference;
mod signature;
mod source;
mod split;
mod standby;
mod status;
mod template;

pub use signature::{Verified, archived, verify};
pub use source::MetaWebhooks;
pub use split::split;

pub(crate) use error::errors;
pub(crate) use file::read as file;
pub(crate) use message::words;
pub(crate) use parts::parts;
pub(crate) use payment::payment;
pub(crate) use split::{Part, of_change};
pub(crate) use status::price;

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// Answers the subscription handshake: with the challenge, if the token is ours and the challenge is
/// harmless to echo.
#[must_use]
pub fn handshake<'a>(
    mode: Option<&str>,
    token: Option<&str>,
    challenge: Option<&'a str>,
    expected: &SecretString,
) -> Option<&'a str> {
    let expected = expected.expose_secret().as_bytes();
    let known = !expected.is_empty() && bool::from(token?.as_bytes().ct_eq(expected));
    let challenge = challenge?;
    let harmless = (1..=256).contains(&challenge.len())
        && challenge.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    (known && harmless && mode == Some("subscribe")).then_some(challenge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_token_gets_its_challenge_back() {
        let expected = SecretString::from("token");
        let ask = |mode, token, challenge| handshake(mode, token, challenge, &expected);
        assert_eq!(ask(Some("subscribe"), Some("token"), Some("1158201444")), Some("1158201444"));
        assert_eq!(ask(Some("subscribe"), Some("Token"), Some("1")), None);
        assert_eq!(ask(Some("subscribe"), None, Some("1")), None);
        assert_eq!(ask(Some("unsubscribe"), Some("token"), Some("1")), None);
        assert_eq!(ask(Some("subscribe"), Some("token"), Some("<script>")), None);
        assert_eq!(ask(Some("subscribe"), Some("token"), Some("")), None);
        assert_eq!(handshake(Some("subscribe"), Some(""), Some("1"), &SecretString::from("")), None);
    }
}
