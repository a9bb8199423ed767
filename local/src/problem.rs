//! What the local server itself says no with.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::json;

/// An answer as the API describes its errors (RFC 9457).
pub(crate) fn problem(status: StatusCode, code: &str, title: &str) -> Response {
    let body = json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "code": code });
    (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}
