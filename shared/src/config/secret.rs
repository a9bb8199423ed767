//! Reads credentials from a configuration file. A value of another type is not repeated: it may be a
//! credential without its quotes.

use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de::Error as _};

/// Reads a required credential, which must be a string.
pub(super) fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    match toml::Value::deserialize(deserializer)? {
        toml::Value::String(text) => Ok(SecretString::from(text)),
        _ => Err(D::Error::custom("a credential must be text in quotes")),
    }
}

/// Reads a credential that may be absent.
pub(super) fn optional_secret<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SecretString>, D::Error> {
    secret(deserializer).map(Some)
}
