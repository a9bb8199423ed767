//! Paging: an opaque cursor and a limit, the same on every list of ours.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};

use crate::contract::InputError;

/// Entries on a page where the caller names no number.
pub const DEFAULT_LIMIT: u16 = 50;

/// Most entries on a page.
pub const LARGEST_LIMIT: u16 = 100;

/// A mark as a cursor.
#[must_use]
pub fn cursor<M: Serialize>(mark: &M) -> String {
    // Our own plain structs always serialise; the fallback only keeps this free of panics.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(mark).unwrap_or_default())
}

/// The mark of a cursor.
///
/// # Errors
/// When it is not one of ours.
pub fn mark<M: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<M>, InputError> {
    let Some(cursor) = cursor else { return Ok(None) };
    let read = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    read.map(Some).ok_or_else(|| InputError::field("cursor", "is not one that a list of ours gave"))
}

/// The number of entries asked for.
///
/// # Errors
/// When it is not between 1 and [`LARGEST_LIMIT`].
pub fn limit(given: Option<&str>) -> Result<u16, InputError> {
    let Some(text) = given else { return Ok(DEFAULT_LIMIT) };
    let number = text.parse().ok().filter(|limit| (1..=LARGEST_LIMIT).contains(limit));
    number.ok_or_else(|| InputError::field("limit", format!("must be a number from 1 to {LARGEST_LIMIT}")))
}
