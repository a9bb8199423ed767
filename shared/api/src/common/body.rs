//! Reading a request's body up to a limit.

use axum::body::Body;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::common::InputError;

/// Largest body of an API call, in bytes. A text of 4096 characters needs a tenth of it.
pub const API_LIMIT: usize = 256 * 1024;

/// Largest body of a call that may contain a file, in bytes: Lambda's limit is 6 MB for the whole event
/// (facts: platform-limits.md 2.3). Larger files need an upload first.
pub const FILE_LIMIT: usize = 5 * 1024 * 1024 + 512 * 1024;

/// Largest body of a call with many recipients, in bytes.
pub const MANY_LIMIT: usize = 1024 * 1024;

/// Largest body of a webhook, in bytes: Meta's limit (facts: meta.md 4.3); Kaleyra documents none.
pub const CALLBACK_LIMIT: usize = 3 * 1024 * 1024;

/// The mark that some editors and libraries put in front of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A JSON body without a leading byte order mark (RFC 8259, 8.1).
#[must_use]
pub fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body)
}

/// Reads a whole body, unchanged: webhooks are signed over it.
///
/// # Errors
/// When it is longer than `limit`, or incomplete.
pub async fn read(body: Body, limit: usize) -> Result<Bytes, InputError> {
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(InputError::TooLarge(limit)),
        Err(_) => Err(InputError::field("body", "broke off")),
    }
}
