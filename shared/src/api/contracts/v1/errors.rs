//! Failures of `/v1`: problem details (RFC 9457) with a `code`.

use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::refusal;
use crate::{
    api::common::{
        AuthError, Encoded, Failure, InputError,
        access::{Authorized, Contract, scope},
        auth::Clients,
        ids::message_id,
        respond,
    },
    service::send::SendError,
};

/// Our own contract.
pub struct V1;

impl Contract for V1 {
    const CLIENTS: Clients = Clients::SendKeys;

    fn failed(failure: &Failure) -> Encoded {
        problem(failure)
    }
}

/// The same for what the PHP bot's player opens as well, whose clients send no key.
pub(super) struct V1Link;

impl Contract for V1Link {
    const CLIENTS: Clients = Clients::SendNone;

    fn failed(failure: &Failure) -> Encoded {
        problem(failure)
    }
}

/// A caller who may read.
pub(super) type Reader = Authorized<scope::Read, V1>;

/// A caller who may send.
pub(super) type MaySend = Authorized<scope::Send, V1>;

/// A failure as problem details.
#[must_use]
pub(super) fn problem(failure: &Failure) -> Encoded {
    let (status, title) = table(failure);
    let mut body =
        json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "code": failure.code() });
    if let (Failure::Input(error) | Failure::OutOfReach(error), Some(object)) =
        (failure, body.as_object_mut())
    {
        object.insert("detail".to_owned(), error.to_string().into());
        object.insert("field".to_owned(), error.place().into());
    }
    if let (Failure::Send(SendError::Rejected(rejection)), Some(object)) = (failure, body.as_object_mut()) {
        object.extend(refusal::particulars(rejection));
    }
    if let (Failure::Send(SendError::Unknown(id)), Some(object)) = (failure, body.as_object_mut()) {
        object.insert("message_id".to_owned(), message_id(*id).into());
    }
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    Encoded { status, headers, body }
}

/// What a route found, or why it did not, as a response; the latter is logged.
#[must_use]
pub(super) fn answered(found: Result<Value, Failure>) -> Response {
    let ok = |body| Encoded { status: StatusCode::OK, headers: HeaderMap::new(), body };
    respond::answered::<V1>(found.map(ok))
}

/// The one table of `/v1`.
fn table(failure: &Failure) -> (StatusCode, &'static str) {
    match failure {
        Failure::Input(InputError::Method) => (StatusCode::METHOD_NOT_ALLOWED, "No such method here"),
        Failure::Input(InputError::TooLarge(_)) => (StatusCode::PAYLOAD_TOO_LARGE, "The body is too large"),
        Failure::Input(_) => (StatusCode::BAD_REQUEST, "The request is wrong"),
        Failure::OutOfReach(_) => (StatusCode::BAD_GATEWAY, "What the request leads to cannot be had now"),
        Failure::Auth(AuthError::NoKey) => (StatusCode::UNAUTHORIZED, "An API key is needed"),
        Failure::Auth(AuthError::BadKey) => (StatusCode::UNAUTHORIZED, "The API key is not valid"),
        Failure::Auth(AuthError::Forbidden(_)) => (StatusCode::FORBIDDEN, "The API key lacks the right"),
        Failure::Send(error) => match error {
            SendError::ConversationNotFound | SendError::NoChannel => (StatusCode::NOT_FOUND, "Not found"),
            SendError::Store(_) => (StatusCode::SERVICE_UNAVAILABLE, "Try again in a moment"),
            SendError::InProgress => (StatusCode::CONFLICT, "The first request is still under way"),
            SendError::KeyReused => {
                (StatusCode::UNPROCESSABLE_ENTITY, "The idempotency key was used for another request")
            }
            SendError::Rejected(rejection) => refusal::title(rejection.reason),
            SendError::Unknown(_) => {
                (StatusCode::BAD_GATEWAY, "It may or may not have been sent; do not send it again")
            }
        },
    }
}
