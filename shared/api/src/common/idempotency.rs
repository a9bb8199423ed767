//! The `Idempotency-Key` header.

use http::HeaderMap;

use crate::common::InputError;
use ventanilla_core::domain::idempotency::IdempotencyKey;

/// The header's name.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// On an answer that was given before.
pub const REPLAYED: &str = "idempotent-replayed";

/// The key that came with a request, if any.
///
/// # Errors
/// When there are several, or it is not 1 to 255 visible ASCII characters.
pub fn key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, InputError> {
    let wrong = |problem: &str| InputError::field("Idempotency-Key", problem);
    let mut given = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = given.next() else { return Ok(None) };
    if given.next().is_some() {
        return Err(wrong("must be given once"));
    }
    let key = value.to_str().ok().and_then(|text| IdempotencyKey::parse(text).ok());
    key.map(Some).ok_or_else(|| wrong("must be 1 to 255 visible ASCII characters"))
}
