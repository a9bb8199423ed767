//! Webhooks of an app, authenticated by a signature.

use std::sync::Arc;

use axum::extract::Request;
use http::StatusCode;

use super::{app_of_path, app_secret::app_secret, errors::unreadable, ingest};
use crate::app::{App, WebhookUseCases};
use crate::common::{
    access::Public,
    body::{self, CALLBACK_LIMIT},
    request::PathParams,
};
use ventanilla_core::{
    domain::{
        channel::{Origin, ProviderApp},
        inbound::Item,
    },
    ports::credentials::Freshness,
};
use ventanilla_whatsapp::webhook::{WebhookCall, WebhookKey, Webhooks};

pub(super) async fn receive_from_app(
    Public(app, own): Public<Arc<WebhookUseCases>>,
    params: PathParams,
    request: Request,
) -> StatusCode {
    let (parts, body) = request.into_parts();
    let Some((sender, source)) = app_of_path(&own, &params) else { return StatusCode::NOT_FOUND };
    let bytes = match body::read(body, CALLBACK_LIMIT).await {
        Ok(bytes) => bytes,
        Err(error) => return unreadable(&error),
    };
    let query = parts.uri.query().unwrap_or_default();
    let call = WebhookCall { path_secret: None, headers: &parts.headers, query, body: &bytes };
    match items(&app, source, &sender, call).await {
        Ok(items) => ingest(&own.inbound, &Origin::App(sender.app), items).await,
        Err(status) => status,
    }
}

/// The items of a body whose signature is valid.
async fn items(
    app: &App,
    source: &dyn Webhooks,
    sender: &ProviderApp,
    call: WebhookCall<'_>,
) -> Result<Vec<Item>, StatusCode> {
    let (origin, now) = (Origin::App(sender.app.clone()), app.clock.now());
    let known = app_secret(app, sender, Freshness::Cached).await?;
    if let Ok(items) = source.receive(call, WebhookKey::App(&known), &origin, now) {
        return Ok(items);
    }
    // The secret may have been changed under us.
    let fresh = app_secret(app, sender, Freshness::Refreshed).await?;
    source.receive(call, WebhookKey::App(&fresh), &origin, now).map_err(|error| {
        tracing::warn!(metric = "signature_failure", app = %sender.app, %error, "a webhook was rejected");
        StatusCode::UNAUTHORIZED
    })
}
