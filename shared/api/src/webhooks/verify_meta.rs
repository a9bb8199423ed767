//! Meta's subscription handshake, authenticated by the verify token.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, Uri};

use super::app_secret::app_secret;
use crate::app::App;
use crate::common::{
    access::Public,
    query::Params,
    request::{PathParams, path_param},
};
use ventanilla_core::{domain::id::AppId, ports::credentials::Freshness};
use ventanilla_whatsapp::callback::meta;

pub(super) async fn verify_meta(Public(app): Public, params: PathParams, uri: Uri) -> Response {
    match challenge(&app, path_param(&params, "app"), &Params::read(&uri)).await {
        Ok(challenge) => challenge.into_response(),
        Err(status) => status.into_response(),
    }
}

/// The challenge, which is returned where the verify token is valid.
async fn challenge(app: &App, id: &str, query: &Params) -> Result<String, StatusCode> {
    let id: AppId = id.parse().map_err(|_| StatusCode::NOT_FOUND)?;
    let (mode, token) = (query.get("hub.mode"), query.get("hub.verify_token"));
    let challenge = query.get("hub.challenge");
    // A token that was just rotated is read again before the handshake is rejected.
    for how in [Freshness::Cached, Freshness::Refreshed] {
        let secret = app_secret(app, &id, how).await?;
        if let Some(echoed) = meta::handshake(mode, token, challenge, &secret.verify_token) {
            return Ok(echoed.to_owned());
        }
    }
    Err(StatusCode::FORBIDDEN)
}
