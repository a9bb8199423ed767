//! The handshake that a provider starts when an app's webhook URL is entered there.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::{StatusCode, Uri};

use super::{app_of_path, app_secret::app_secret};
use crate::app::{App, WebhookUseCases};
use crate::common::{access::Public, query::Params, request::PathParams};
use ventanilla_core::{domain::channel::ProviderApp, ports::credentials::Freshness};
use ventanilla_whatsapp::webhook::{Handshake, Webhooks};

pub(super) async fn verify(
    Public(app, own): Public<Arc<WebhookUseCases>>,
    params: PathParams,
    uri: Uri,
) -> Response {
    let Some((sender, source)) = app_of_path(&own, &params) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match challenge(&app, source, &sender, &Params::read(&uri)).await {
        Ok(challenge) => challenge.into_response(),
        Err(status) => status.into_response(),
    }
}

/// The challenge to give back, if the verify token is right.
async fn challenge(
    app: &App,
    source: &dyn Webhooks,
    sender: &ProviderApp,
    query: &Params,
) -> Result<String, StatusCode> {
    let asked = Handshake {
        mode: query.get("hub.mode"),
        token: query.get("hub.verify_token"),
        challenge: query.get("hub.challenge"),
    };
    // A token that was changed just now is read again before the handshake is rejected.
    for how in [Freshness::Cached, Freshness::Refreshed] {
        let secret = app_secret(app, sender, how).await?;
        if let Some(challenge) = source.handshake(asked, &secret) {
            return Ok(challenge.to_owned());
        }
    }
    Err(StatusCode::FORBIDDEN)
}
