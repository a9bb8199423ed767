//! Kaleyra: callbacks proven by a secret in their address, with any method.

use axum::extract::{Request, State};
use http::{HeaderMap, StatusCode};
use ventanilla::{
    api::{
        body::{self, CALLBACK_LIMIT},
        request::{PathParams, path_param},
    },
    assembly::App,
    callback::kaleyra::{self, Admitted, Told},
    domain::{channel::Origin, id::ChannelId},
    port::credentials::{ChannelSecret, CredentialError, Freshness, KaleyraSecret},
};

use super::{only, take_in, unreadable};

pub(super) async fn callback(State(app): State<App>, params: PathParams, request: Request) -> StatusCode {
    let (parts, body) = request.into_parts();
    // Who does not know the secret does not learn which channels there are either.
    let Ok(id) = path_param(&params, "channel").parse::<ChannelId>() else { return refused(None) };
    let bytes = match body::read(body, CALLBACK_LIMIT).await {
        Ok(bytes) => bytes,
        Err(error) => return unreadable(&error),
    };
    let told = Told::read(parts.uri.query().unwrap_or_default(), &bytes);
    match admitted(&app, id, told, path_param(&params, "secret"), &parts.headers).await {
        Ok(admitted) => {
            let items = kaleyra::split(&admitted, id, app.clock.now());
            take_in(&app, &Origin::Channel(id), items).await
        }
        Err(status) => status,
    }
}

async fn admitted(
    app: &App,
    id: ChannelId,
    told: Told,
    given: &str,
    headers: &HeaderMap,
) -> Result<Admitted, StatusCode> {
    let check =
        |told, secret: &KaleyraSecret| kaleyra::admit(told, given, |name| only(headers, name), secret);
    let known = secret(app, id, Freshness::Cached).await?;
    if let Ok(admitted) = check(told.clone(), &known) {
        return Ok(admitted);
    }
    // The secret may have been changed under us.
    let fresh = secret(app, id, Freshness::Refreshed).await?;
    check(told, &fresh).map_err(|_| refused(Some(id)))
}

fn refused(channel: Option<ChannelId>) -> StatusCode {
    let channel = channel.map(tracing::field::display);
    tracing::warn!(metric = "signature_failure", channel, "a callback was refused");
    StatusCode::UNAUTHORIZED
}

async fn secret(app: &App, id: ChannelId, how: Freshness) -> Result<KaleyraSecret, StatusCode> {
    match app.core.credentials.channel(id, how).await {
        Ok(ChannelSecret::Kaleyra(secret)) => Ok(secret),
        Ok(ChannelSecret::Meta { .. }) | Err(CredentialError::Missing) => Err(refused(Some(id))),
        // Not a 4xx: whoever looks after Kaleyra's failed calls shall see that it can be repeated.
        Err(CredentialError::Unavailable) => {
            tracing::error!(metric = "callback_failed", channel = %id, "no credentials to check a callback with");
            Err(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}
