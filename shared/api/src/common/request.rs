//! Helpers for a handler's request: its path parameters, its deadline, its log span.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{MatchedPath, RawPathParams, rejection::RawPathParamsRejection},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderValue, Request, request::Parts};
use lambda_http::RequestExt;
use tokio::time::Instant;
use tracing::{
    Instrument, Span,
    field::{Empty, display},
};

use ventanilla_core::system::SystemEntropy;
use ventanilla_core::{
    domain::{id::TenantId, time::Timestamp},
    ports::clock::{Clock, Deadline, Entropy},
};

/// The time limit of a request without a gateway: the functions' own time-out.
const PATIENCE: Duration = Duration::from_secs(25);

/// When the request must be answered: Lambda's deadline, or 25 seconds from now.
#[must_use]
pub fn deadline(parts: &Parts, clock: &dyn Clock) -> Deadline {
    let of_lambda = parts
        .extensions
        .lambda_context_ref()
        .and_then(|context| i64::try_from(context.deadline).ok())
        .filter(|millis| *millis > 0);
    Deadline(of_lambda.map_or_else(|| clock.now().plus(PATIENCE), Timestamp::from_millis))
}

/// Adds the id, the route and, once it is known, the tenant to every log line of a request, and returns the
/// id to the caller. Logs the response in one line.
pub async fn named(request: Request<Body>, next: Next) -> Response {
    let id = match request.lambda_context_ref() {
        Some(context) => context.request_id.clone(),
        None => given(request.headers()).unwrap_or_else(|| format!("{:016x}", SystemEntropy.next_u64())),
    };
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
    // Level error: a span below the logged level would be in no line.
    let span =
        tracing::error_span!("request", request_id = %id, method = %request.method(), route, tenant = Empty);
    let begun = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::info!(status = response.status().as_u16(), millis, "a request was answered"));
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

/// Adds the tenant to the further log lines of a request.
pub(super) fn is_of(tenant: &TenantId) {
    Span::current().record("tenant", display(tenant));
}

/// The parameters of a path; an error when they are not UTF-8.
pub type PathParams = Result<RawPathParams, RawPathParamsRejection>;

/// The value of one path parameter; empty when it cannot be decoded.
#[must_use]
pub fn path_param<'a>(params: &'a PathParams, name: &str) -> &'a str {
    let mut all = params.iter().flatten();
    all.find(|(known, _)| *known == name).map(|(_, value)| value).unwrap_or_default()
}

fn given(headers: &HeaderMap) -> Option<String> {
    let text = headers.get("x-request-id")?.to_str().ok()?;
    let harmless =
        (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    harmless.then(|| text.to_owned())
}
