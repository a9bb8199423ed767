//! Idempotency keys: a client's promise that two requests are the same.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};
use sha2::{Digest, Sha256};

use super::{
    caller::hex,
    id::{BroadcastId, MessageId, TenantId},
    socket::SocketId,
    time::Timestamp,
};

/// How long a key is stored.
pub const REMEMBERED: Duration = Duration::from_hours(48);

/// A client's key: 1 to 255 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IdempotencyKey(String);

/// A text is not an idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 255 visible ASCII characters")]
pub struct KeyError;

impl IdempotencyKey {
    /// Reads a key.
    ///
    /// # Errors
    /// [`KeyError`] when it is empty, over-long or holds other characters.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let fits = (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
        if fits { Ok(Self(text.to_owned())) } else { Err(KeyError) }
    }

    /// The key of a broadcast whose caller gave none.
    #[must_use]
    pub fn of_broadcast(id: BroadcastId) -> Self {
        // No caller's key can begin like this.
        Self(format!("\n{id}"))
    }

    /// The key of a frame, from the gateway's ids of both.
    #[must_use]
    pub fn of_frame(socket: &SocketId, name: &str) -> Self {
        Self(format!("\nframe {} {name}", socket.as_str()))
    }

    /// The key of one part of a request with this key.
    #[must_use]
    pub fn for_part(&self, part: &str) -> Self {
        // A character that no caller's key can contain keeps the two apart.
        Self(format!("{}\n{part}", self.0))
    }

    /// The key as it is stored, for one operation: a hash, so that no client text enters a table key.
    #[must_use]
    pub fn hashed(&self, operation: &str) -> HashedKey {
        HashedKey(hex(&Sha256::digest(format!("{operation}\0{}", self.0))))
    }
}

/// SHA-256 of an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HashedKey(String);

impl HashedKey {
    /// 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The hash of a request's meaning: two requests with the same hash are the same request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The fingerprint of any serialisable value. The order of an object's fields, and a decimal point in a
    /// whole number, make no difference: the store keeps neither.
    #[must_use]
    pub fn of<T: Serialize>(meaning: &T) -> Self {
        // Our own plain structs always serialise; the fallback only keeps this free of panics.
        let spelled = serde_json::to_value(meaning).map(canonical).unwrap_or_default();
        Self(hex(&Sha256::digest(spelled.to_string())))
    }

    /// 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The canonical spelling of a JSON value.
fn canonical(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let sorted: BTreeMap<String, Value> =
                fields.into_iter().map(|(name, value)| (name, canonical(value))).collect();
            Value::Object(sorted.into_iter().collect())
        }
        Value::Array(entries) => entries.into_iter().map(canonical).collect(),
        Value::Number(number) => whole(&number).map_or(Value::Number(number), Value::from),
        other => other,
    }
}

/// A number without a fraction, in any spelling.
fn whole(number: &Number) -> Option<i64> {
    number.to_string().strip_suffix(".0")?.parse().ok()
}

/// The stored result of an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRecord {
    /// The tenant whose client used the key.
    pub tenant: TenantId,
    /// SHA-256 of the key and the operation.
    pub key: HashedKey,
    /// The meaning of the first request with this key.
    pub fingerprint: Fingerprint,
    /// The message that the first request created.
    pub message: MessageId,
    /// When it expires. This time decides, never the row's absence.
    pub expires_at: Timestamp,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_read_from_the_store_has_the_same_fingerprint() {
        let of = |text: &str| Fingerprint::of(&serde_json::from_str::<Value>(text).unwrap());
        let kept = of(r#"{"b":[{"y":14.0,"x":"1"}],"a":null}"#);
        assert_eq!(kept, of(r#"{"a":null,"b":[{"x":"1","y":14}]}"#));
        for other in [r#"{"a":null,"b":[{"x":"1","y":14.5}]}"#, r#"{"a":null,"b":[{"x":1,"y":14}]}"#] {
            assert_ne!(kept, of(other));
        }
        assert_ne!(of("[1,2]"), of("[2,1]"));
    }

    #[test]
    fn a_key_is_short_and_visible() {
        assert!(IdempotencyKey::parse("order-7 / retry").is_ok());
        for bad in ["", "a\nb", "ä", &"k".repeat(256)] {
            assert_eq!(IdempotencyKey::parse(bad), Err(KeyError));
        }
    }
}
