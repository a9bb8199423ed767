//! Takes in what providers call back. 200 means that every item is kept; anything else makes the
//! provider send the whole again, which is safe.

use axum::{
    Router,
    extract::{Request, State},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, StatusCode, Uri};
use ventanilla::{
    api::{
        body::{self, META_LIMIT},
        query::Params,
        request::{PathParams, named, path_param},
    },
    assembly::App,
    callback::meta,
    contract::InputError,
    domain::id::AppId,
    port::credentials::{AppSecret, CredentialError, Freshness},
};

/// The routes of this function.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/webhooks/meta/{app}", get(handshake).post(callback))
        .layer(middleware::from_fn(named))
        .with_state(app)
}

async fn handshake(State(app): State<App>, params: PathParams, uri: Uri) -> Response {
    let answer = async {
        let id: AppId = path_param(&params, "app").parse().map_err(|_| StatusCode::NOT_FOUND)?;
        let query = Params::read(&uri);
        let secret = secret(&app, &id, Freshness::Cached).await?;
        let (mode, token) = (query.get("hub.mode"), query.get("hub.verify_token"));
        let challenge = query.get("hub.challenge");
        let echoed = meta::handshake(mode, token, challenge, &secret.verify_token);
        echoed.map(str::to_owned).ok_or(StatusCode::FORBIDDEN)
    };
    match answer.await {
        Ok(challenge) => challenge.into_response(),
        Err(status) => status.into_response(),
    }
}

async fn callback(State(app): State<App>, params: PathParams, request: Request) -> StatusCode {
    let (parts, body) = request.into_parts();
    let Ok(id) = path_param(&params, "app").parse::<AppId>() else { return StatusCode::NOT_FOUND };
    let bytes = match body::read(body, META_LIMIT).await {
        Ok(bytes) => bytes,
        Err(InputError::TooLarge(_)) => return StatusCode::PAYLOAD_TOO_LARGE,
        Err(InputError::Field { .. }) => return StatusCode::BAD_REQUEST,
    };
    match take_in(&app, &id, &parts.headers, &bytes).await {
        Ok(()) => StatusCode::OK,
        Err(status) => status,
    }
}

async fn take_in(app: &App, id: &AppId, headers: &HeaderMap, bytes: &[u8]) -> Result<(), StatusCode> {
    let known = secret(app, id, Freshness::Cached).await?;
    let signature = signature(headers);
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
    let items = meta::split(verified, app.clock.now());
    let received = items.len();
    match app.core.take_in(id, items).await {
        Ok(tally) => {
            tracing::info!(metric = "callback", app = %id, received, ?tally, "a callback was taken in");
            Ok(())
        }
        Err(error) => {
            tracing::error!(app = %id, received, %error, "a callback could not be kept; it will come again");
            Err(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

/// The one signature header. Two of them are none.
fn signature(headers: &HeaderMap) -> Option<&str> {
    let mut given = headers.get_all("x-hub-signature-256").iter();
    match (given.next(), given.next()) {
        (Some(only), None) => only.to_str().ok(),
        _ => None,
    }
}

async fn secret(app: &App, id: &AppId, how: Freshness) -> Result<AppSecret, StatusCode> {
    app.core.credentials.app(id, how).await.map_err(|error| match error {
        CredentialError::Missing => StatusCode::NOT_FOUND,
        // Not a 4xx: the provider shall come again.
        CredentialError::Unavailable => StatusCode::INTERNAL_SERVER_ERROR,
    })
}
