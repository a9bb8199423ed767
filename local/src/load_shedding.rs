//! What the local server does when there is too much to do at once: it says so at once, and nothing is begun.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderValue, StatusCode, header};
use tokio::sync::Semaphore;

use crate::problem::problem;

/// The most requests that are answered at a time, unless the options say otherwise.
pub(crate) const MAX_CONCURRENT_REQUESTS: usize = 256;

/// The time, in seconds, after which to try again.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// Lets a request in if there is a place left.
pub(crate) async fn limit_concurrency(
    State(permits): State<Arc<Semaphore>>,
    request: Request,
    next: Next,
) -> Response {
    let Ok(_permit) = permits.try_acquire() else {
        let mut busy =
            problem(StatusCode::SERVICE_UNAVAILABLE, "overloaded", "Too many requests at once; try again.");
        busy.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
        return busy;
    };
    next.run(request).await
}
