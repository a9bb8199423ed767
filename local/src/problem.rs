//! What the local server itself says no with.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use ventanilla::api::common::problem::Problem;

/// An answer as the API describes its errors (RFC 9457).
pub(crate) fn problem(status: StatusCode, code: &'static str, title: &'static str) -> Response {
    Problem::new(status, code, title).into_response()
}
