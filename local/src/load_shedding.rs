//! Sheds load: requests above the limit are rejected at once, before any work begins.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderValue, StatusCode, header};
use tokio::sync::Semaphore;

use crate::problem::problem;

/// The default limit of concurrent requests.
pub(crate) const MAX_CONCURRENT_REQUESTS: usize = 256;

/// The `Retry-After` header, in seconds.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// Passes a request on if the limit is not reached; 503 otherwise.
pub(crate) async fn limit_concurrency(
    State(permits): State<Arc<Semaphore>>,
    request: Request,
    next: Next,
) -> Response {
    let Ok(_permit) = permits.try_acquire() else {
        let mut busy = problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "overloaded",
            "Too many concurrent requests; retry later.",
        );
        busy.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
        return busy;
    };
    next.run(request).await
}
