//! The error responses of the local server itself.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use ventanilla::api::common::problem::Problem;

/// An error response in the format of the API (RFC 9457).
pub(crate) fn problem(status: StatusCode, code: &'static str, title: &'static str) -> Response {
    Problem::new(status, code, title).into_response()
}
