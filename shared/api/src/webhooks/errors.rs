//! Failures of webhooks: a status without a body.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::common::{Encoded, Failure, InputError, access::Contract, auth::Clients};

/// The marker of the webhooks' routes.
pub(super) struct Webhooks;

impl Contract for Webhooks {
    const CLIENTS: Clients = Clients::SendNone;

    fn failed(_: &Failure) -> Encoded {
        Encoded { status: StatusCode::INTERNAL_SERVER_ERROR, headers: HeaderMap::new(), body: Value::Null }
    }

    fn method_not_allowed() -> Response {
        StatusCode::METHOD_NOT_ALLOWED.into_response()
    }
}

/// The status for an invalid body.
pub(super) fn unreadable(error: &InputError) -> StatusCode {
    tracing::warn!(%error, "a webhook's body could not be read");
    match error {
        InputError::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        InputError::Method | InputError::Field { .. } | InputError::Mismatch { .. } => {
            StatusCode::BAD_REQUEST
        }
    }
}
