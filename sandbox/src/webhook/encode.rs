//! Escapes and signs the bytes of a webhook.

use std::fmt::Write as _;

use hmac::{Hmac, Mac as _, digest::Key};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::ids;

/// Writes JSON as Meta does: non-ASCII as `\uXXXX` in lower case, `/` as `\/`.
pub(super) fn meta_json(value: &Value) -> String {
    let plain = value.to_string();
    let mut text = String::with_capacity(plain.len() + plain.len() / 4);
    // Both kinds of character occur only inside strings, where escaping them is allowed.
    for character in plain.chars() {
        match character {
            '/' => text.push_str("\\/"),
            _ if character.is_ascii() => text.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    // Writing to a string cannot fail.
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
        }
    }
    text
}

/// The value of `X-Hub-Signature-256`.
pub(super) fn signature(app_secret: &[u8], body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new(&block_key(app_secret));
    mac.update(body);
    format!("sha256={}", ids::hex(&mac.finalize().into_bytes()))
}

/// The key as HMAC defines it: padded to one block, hashed first if longer. With a whole block, the constructor cannot
/// fail.
fn block_key(secret: &[u8]) -> Key<Hmac<Sha256>> {
    let hashed = Sha256::digest(secret);
    let mut key = Key::<Hmac<Sha256>>::default();
    let secret = if secret.len() > key.len() { hashed.as_slice() } else { secret };
    key.iter_mut().zip(secret).for_each(|(slot, byte)| *slot = *byte);
    key
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{meta_json, signature};

    #[test]
    fn json_is_escaped_as_meta_escapes_it() -> Result<(), serde_json::Error> {
        let value = json!({"a": "ä/€ 👍 \"\\/\" \n"});
        let text = meta_json(&value);
        assert_eq!(text, r#"{"a":"\u00e4\/\u20ac \ud83d\udc4d \"\\\/\" \n"}"#);
        assert_eq!(serde_json::from_str::<Value>(&text)?, value);
        Ok(())
    }

    #[test]
    fn signatures_match_the_published_hmac_vectors() {
        // RFC 4231, cases 2 and 6: a key shorter and one longer than a block.
        assert_eq!(
            signature(b"Jefe", b"what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            signature(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First"),
            "sha256=60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }
}
