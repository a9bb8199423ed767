//! Responses: encoding, headers, and the log line of a failure.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};

use super::{access::Contract, idempotency::REPLAYED};
use crate::common::{Encoded, Failure, Unavailable};
use ventanilla_core::{ports::files::FileStoreError, usecases::sending::Replay};

/// A contract's response: with `Retry-After` where waiting helps, with `WWW-Authenticate` for a missing key,
/// and marked when it is a replay.
#[must_use]
pub fn answer(answer: Encoded, failure: Option<&Failure>, replay: Replay) -> Response {
    let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    let mut response = (answer.status, json, answer.body.to_string()).into_response();
    response.headers_mut().extend(answer.headers);
    if response.status() == StatusCode::UNAUTHORIZED
        && !response.headers().contains_key(header::WWW_AUTHENTICATE)
    {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(seconds) = failure.and_then(Failure::retry_after) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if replay == Replay::Replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

/// Encodes a failure in the contract's format, and logs it.
#[must_use]
pub fn failed<C: Contract>(failure: &Failure) -> Response {
    log(failure);
    answer(C::failed(failure), Some(failure), Replay::Original)
}

/// Encodes the result of a handler; a failure is logged.
#[must_use]
pub fn answered<C: Contract>(found: Result<Encoded, Failure>) -> Response {
    match found {
        Ok(encoded) => answer(encoded, None, Replay::Original),
        Err(failure) => failed::<C>(&failure),
    }
}

/// Redirects to a URL on another host. Not to be cached, because the URL expires soon.
#[must_use]
pub fn redirect<C: Contract>(url: &str) -> Response {
    let Ok(place) = HeaderValue::from_str(url) else {
        let problem = FileStoreError("its URL is not a valid header value".to_owned());
        return failed::<C>(&Unavailable::Files(problem).into());
    };
    let headers = [(header::LOCATION, place), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::FOUND, headers, Body::empty()).into_response()
}

/// Logs once, where it becomes a response, why a request failed.
pub fn log(failure: &Failure) {
    let code = failure.code();
    match failure {
        Failure::Unavailable(error) => tracing::error!(code, %error, "a request failed"),
        Failure::Rejected(rejection) => {
            tracing::warn!(
                code,
                provider_code = rejection.provider_code.as_ref().map(tracing::field::display),
                "a send was rejected"
            );
        }
        Failure::OutOfReach(error) => {
            tracing::warn!(code, field = error.place(), "what a request refers to is not available now");
        }
        Failure::NotFound(what) => tracing::info!(code, ?what, "a request was rejected"),
        _ => tracing::info!(code, "a request was rejected"),
    }
}
