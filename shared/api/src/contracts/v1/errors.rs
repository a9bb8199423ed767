//! Failures of `/v1`: problem details (RFC 9457) with a `code`.

use std::borrow::Cow;

use axum::response::Response;
use http::{HeaderMap, StatusCode, request::Parts};
use serde::Serialize;
use serde_json::json;

use super::{refusal, routes};
use crate::app::AppOnly;
use crate::common::{
    AuthError, Encoded, Failure, InputError,
    access::{Authorized, Contract, scope},
    auth::Clients,
    problem::Problem,
    query, respond,
};
use ventanilla_core::usecases::sending::Replay;

/// The contract's marker: its clients send their key as a bearer token.
pub struct V1;

impl Contract for V1 {
    const CLIENTS: Clients = Clients::SendKeys;

    fn check_query(parts: &Parts) -> Result<(), InputError> {
        query::check(&parts.uri, routes::parameters(parts))
    }

    fn failed(failure: &Failure) -> Encoded {
        problem(failure).into()
    }
}

/// The marker for the route that the PHP bot's player also calls, whose clients send no key.
pub(super) struct V1Link;

impl Contract for V1Link {
    const CLIENTS: Clients = Clients::SendNone;

    fn check_query(parts: &Parts) -> Result<(), InputError> {
        query::check(&parts.uri, routes::parameters(parts))
    }

    fn failed(failure: &Failure) -> Encoded {
        problem(failure).into()
    }
}

/// A caller with the scope `read`.
pub(super) type Reader<U = AppOnly> = Authorized<scope::Read, V1, U>;

/// A caller with the scope `send`.
pub(super) type MaySend<U = AppOnly> = Authorized<scope::Send, V1, U>;

/// Encodes a failure as problem details.
#[must_use]
pub(super) fn problem(failure: &Failure) -> Problem {
    let (status, title) = table(failure);
    let problem = Problem::new(status, failure.code(), title);
    match failure {
        Failure::Input(error) | Failure::OutOfReach(error) => {
            problem.detail(error.to_string()).field(error.place())
        }
        Failure::Auth(error) => problem.detail(access_detail(*error)),
        Failure::NotFound(_) => problem.detail("there is nothing with this id"),
        Failure::NoChannel => problem.detail("the company has no channel to send on"),
        Failure::KeyReused => problem.detail("this Idempotency-Key came with another request"),
        Failure::InProgress => {
            problem.detail("a request with this Idempotency-Key is in progress; try again")
        }
        Failure::Rejected(rejection) => refusal::explained(problem, rejection),
        Failure::Unknown(id) => {
            let detail = "the message may or may not have been sent; do not send it again";
            problem.message(*id).detail(detail)
        }
        Failure::Unavailable(_) => problem.detail("the store did not answer in time; try again"),
    }
}

/// What the caller lacks.
fn access_detail(error: AuthError) -> Cow<'static, str> {
    match error {
        AuthError::NoKey => "send an API key as `Authorization: Bearer vk_…`".into(),
        AuthError::BadKey => "the API key is unknown, malformed or revoked".into(),
        AuthError::Forbidden(scope) => format!("the key needs the scope `{}`", scope.as_str()).into(),
    }
}

/// Why a request of `/v1` failed on a route with problems of its own.
pub(super) enum RouteError {
    /// A failure that every route may have.
    Failed(Failure),
    /// A problem of this route.
    Problem(Box<Problem>),
}

impl<E: Into<Failure>> From<E> for RouteError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Problem> for RouteError {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

/// A problem of a single route, as a response.
#[must_use]
pub(super) fn refused(problem: Problem) -> Response {
    respond::answer(problem.into(), None, Replay::Original)
}

/// Encodes the result of a handler; a failure is logged.
#[must_use]
pub(super) fn answered<T: Serialize>(found: Result<T, Failure>) -> Response {
    let ok = |body| Encoded { status: StatusCode::OK, headers: HeaderMap::new(), body: json!(body) };
    respond::answered::<V1>(found.map(ok))
}

/// The error table of `/v1`.
fn table(failure: &Failure) -> (StatusCode, &'static str) {
    match failure {
        Failure::Input(InputError::Method) => (StatusCode::METHOD_NOT_ALLOWED, "Method not allowed"),
        Failure::Input(InputError::TooLarge(_)) => (StatusCode::PAYLOAD_TOO_LARGE, "Request body too large"),
        Failure::Input(_) => (StatusCode::BAD_REQUEST, "Invalid request"),
        Failure::OutOfReach(_) => (StatusCode::BAD_GATEWAY, "File not available now"),
        Failure::Auth(AuthError::NoKey) => (StatusCode::UNAUTHORIZED, "API key required"),
        Failure::Auth(AuthError::BadKey) => (StatusCode::UNAUTHORIZED, "Invalid API key"),
        Failure::Auth(AuthError::Forbidden(_)) => (StatusCode::FORBIDDEN, "Missing scope"),
        Failure::NotFound(_) | Failure::NoChannel => (StatusCode::NOT_FOUND, "Not found"),
        Failure::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "Temporarily unavailable"),
        Failure::InProgress => (StatusCode::CONFLICT, "First request still in progress"),
        Failure::KeyReused => (StatusCode::UNPROCESSABLE_ENTITY, "Idempotency key used for another request"),
        Failure::Rejected(rejection) => refusal::title(rejection.reason),
        Failure::Unknown(_) => (StatusCode::BAD_GATEWAY, "Outcome unknown"),
    }
}
