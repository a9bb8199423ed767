//! Where providers call.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::{kaleyra, meta};
use crate::api::common::{Encoded, Failure, access::Contract, auth::Clients, route::routes};

routes! {
    /// What the function `webhook` answers.
    webhook in "webhook", Webhooks {
        get "/webhooks/meta/{app}" None => meta::handshake, "verifyMetaWebhook", "Answer Meta's subscription handshake";
        post "/webhooks/meta/{app}" None => meta::callback, "receiveMetaWebhook", "Take in a callback";
        any "/webhooks/kaleyra/{channel}/{secret}" None => kaleyra::callback, "receiveKaleyraWebhook", "Take in a callback";
    }
}

/// What providers are told: a status.
struct Webhooks;

impl Contract for Webhooks {
    const CLIENTS: Clients = Clients::SendNone;

    fn failed(_: &Failure) -> Encoded {
        Encoded { status: StatusCode::INTERNAL_SERVER_ERROR, headers: HeaderMap::new(), body: Value::Null }
    }

    fn method_not_allowed() -> Response {
        StatusCode::METHOD_NOT_ALLOWED.into_response()
    }
}
