//! Meta's webhooks: authenticated by a signature.

use axum::{body::Bytes, extract::Request};
use http::{HeaderMap, StatusCode};

use super::{app_secret::app_secret, errors::unreadable, only, take_in};
use crate::app::App;
use crate::common::{
    access::Public,
    body::{self, CALLBACK_LIMIT},
    request::{PathParams, path_param},
};
use ventanilla_core::{
    domain::{channel::Origin, id::AppId, inbound::Item},
    ports::credentials::Freshness,
};
use ventanilla_whatsapp::callback::meta;

pub(super) async fn receive_meta(Public(app): Public, params: PathParams, request: Request) -> StatusCode {
    let (parts, body) = request.into_parts();
    let Ok(id) = path_param(&params, "app").parse::<AppId>() else { return StatusCode::NOT_FOUND };
    let bytes = match body::read(body, CALLBACK_LIMIT).await {
        Ok(bytes) => bytes,
        Err(error) => return unreadable(&error),
    };
    match items(&app, &id, &parts.headers, &bytes).await {
        Ok(items) => take_in(&app, &Origin::App(id), items).await,
        Err(status) => status,
    }
}

/// The items of a body with a valid signature.
async fn items(app: &App, id: &AppId, headers: &HeaderMap, bytes: &Bytes) -> Result<Vec<Item>, StatusCode> {
    let known = app_secret(app, id, Freshness::Cached).await?;
    let signature = only(headers, "x-hub-signature-256");
    let verified = if let Ok(verified) = meta::verify(bytes, signature, &known.signing) {
        verified
    } else {
        // The secret may have been rotated.
        let fresh = app_secret(app, id, Freshness::Refreshed).await?;
        meta::verify(bytes, signature, &fresh.signing).map_err(|error| {
            tracing::warn!(metric = "signature_failure", app = %id, %error, "a webhook was rejected");
            StatusCode::UNAUTHORIZED
        })?
    };
    Ok(meta::split(verified, app.clock.now()))
}
