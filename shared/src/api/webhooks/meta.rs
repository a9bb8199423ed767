//! Meta: the handshake, and callbacks proven by a signature.

use axum::{
    body::Bytes,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, Uri};

use super::{only, take_in, unreadable};
use crate::{
    api::common::{
        access::Public,
        body::{self, CALLBACK_LIMIT},
        query::Params,
        request::{PathParams, path_param},
    },
    assembly::App,
    callback::meta,
    domain::{channel::Origin, id::AppId, inbound::Item},
    port::credentials::{AppSecret, CredentialError, Freshness},
};

pub(super) async fn handshake(Public(app): Public, params: PathParams, uri: Uri) -> Response {
    let answer = async {
        let id: AppId = path_param(&params, "app").parse().map_err(|_| StatusCode::NOT_FOUND)?;
        let query = Params::read(&uri);
        let (mode, token) = (query.get("hub.mode"), query.get("hub.verify_token"));
        let challenge = query.get("hub.challenge");
        // A token that was changed only just now is read again before the handshake is refused.
        for how in [Freshness::Cached, Freshness::Refreshed] {
            let secret = secret(&app, &id, how).await?;
            if let Some(echoed) = meta::handshake(mode, token, challenge, &secret.verify_token) {
                return Ok(echoed.to_owned());
            }
        }
        Err(StatusCode::FORBIDDEN)
    };
    match answer.await {
        Ok(challenge) => challenge.into_response(),
        Err(status) => status.into_response(),
    }
}

pub(super) async fn callback(Public(app): Public, params: PathParams, request: Request) -> StatusCode {
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

/// The items of a body whose signature is right.
async fn items(app: &App, id: &AppId, headers: &HeaderMap, bytes: &Bytes) -> Result<Vec<Item>, StatusCode> {
    let known = secret(app, id, Freshness::Cached).await?;
    let signature = only(headers, "x-hub-signature-256");
    let verified = if let Ok(verified) = meta::verify(bytes, signature, &known.signing) {
        verified
    } else {
        // The secret may have been changed under us.
        let fresh = secret(app, id, Freshness::Refreshed).await?;
        meta::verify(bytes, signature, &fresh.signing).map_err(|error| {
            tracing::warn!(metric = "signature_failure", app = %id, %error, "a callback was refused");
            StatusCode::UNAUTHORIZED
        })?
    };
    Ok(meta::split(verified, app.clock.now()))
}

/// The secrets of an app that a channel names. For others nothing is asked of the source of secrets, where every name
/// costs a call.
async fn secret(app: &App, id: &AppId, how: Freshness) -> Result<AppSecret, StatusCode> {
    match app.core.directory.has_app(id).await {
        Ok(true) => {}
        Ok(false) => return Err(StatusCode::NOT_FOUND),
        Err(error) => {
            tracing::error!(metric = "callback_failed", app = %id, %error, "a callback could not be checked");
            return Err(StatusCode::INTERNAL_SERVER_ERROR);
        }
    }
    app.core.credentials.app(id, how).await.map_err(|error| match error {
        CredentialError::Missing => StatusCode::NOT_FOUND,
        // Not a 4xx: the provider shall come again.
        CredentialError::Unavailable => StatusCode::INTERNAL_SERVER_ERROR,
    })
}
