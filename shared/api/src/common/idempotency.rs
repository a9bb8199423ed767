//! The `Idempotency-Key` header, and the header of a replayed response.

use http::HeaderMap;

use crate::common::InputError;
use ventanilla_core::domain::idempotency::IdempotencyKey;

/// Name of the request header.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Name of the response header that marks a replay.
pub const REPLAYED: &str = "idempotent-replayed";

/// The idempotency key of a request; `None` where it has none.
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
