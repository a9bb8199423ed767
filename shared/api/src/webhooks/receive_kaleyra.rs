//! Kaleyra's webhooks: authenticated by a secret in their URL, with any method.

use axum::extract::Request;
use http::{HeaderMap, StatusCode};

use super::{errors::unreadable, only, take_in};
use crate::app::App;
use crate::common::{
    access::Public,
    body::{self, CALLBACK_LIMIT},
    request::{PathParams, path_param},
};
use ventanilla_core::{
    domain::{
        channel::Origin,
        id::{ChannelId, InboundAddress},
    },
    ports::credentials::{ChannelSecret, Freshness, KaleyraSecret},
};
use ventanilla_whatsapp::callback::kaleyra::{self, Admission};

pub(super) async fn receive_kaleyra(Public(app): Public, params: PathParams, request: Request) -> StatusCode {
    let (parts, body) = request.into_parts();
    // A caller without the secret must not learn which channels exist.
    let Ok(id) = path_param(&params, "channel").parse::<ChannelId>() else { return refused(None) };
    let bytes = match body::read(body, CALLBACK_LIMIT).await {
        Ok(bytes) => bytes,
        Err(error) => return unreadable(&error),
    };
    match admission(&app, id, path_param(&params, "secret"), &parts.headers).await {
        Ok(admission) => {
            let admitted = admission.read(parts.uri.query().unwrap_or_default(), &bytes);
            let items = kaleyra::split(&admitted, id, app.clock.now());
            take_in(&app, &Origin::Channel(id), items).await
        }
        Err(status) => status,
    }
}

/// Authenticates a webhook, before its body is read.
async fn admission(
    app: &App,
    id: ChannelId,
    given: &str,
    headers: &HeaderMap,
) -> Result<Admission, StatusCode> {
    // Before the source of credentials is asked, where every unknown name costs a call.
    match app.core.ports.directory.channel_of_line(&InboundAddress::of_channel(id)).await {
        Ok(Some(channel)) if channel.hears(&Origin::Channel(id)) => {}
        Ok(_) => return Err(refused(Some(id))),
        Err(error) => return Err(failed(id, &error)),
    }
    let check = |secret: &KaleyraSecret| kaleyra::admit(given, |name| only(headers, name), secret);
    let known = secret(app, id, Freshness::Cached).await?;
    if let Ok(admission) = check(&known) {
        return Ok(admission);
    }
    // The secret may have been rotated.
    let fresh = secret(app, id, Freshness::Refreshed).await?;
    check(&fresh).map_err(|_| refused(Some(id)))
}

fn refused(channel: Option<ChannelId>) -> StatusCode {
    let channel = channel.map(tracing::field::display);
    tracing::warn!(metric = "signature_failure", channel, "a webhook was rejected");
    StatusCode::UNAUTHORIZED
}

/// The secret of an existing channel. Without it, no webhook can be authenticated: the response tells
/// whoever monitors Kaleyra's failed calls that they can be repeated.
async fn secret(app: &App, id: ChannelId, how: Freshness) -> Result<KaleyraSecret, StatusCode> {
    match app.core.ports.credentials.channel(id, how).await {
        Ok(ChannelSecret::Kaleyra(secret)) => Ok(secret),
        Ok(ChannelSecret::Meta { .. }) => Err(failed(id, &"the channel's secret is one of another provider")),
        Err(error) => Err(failed(id, &error)),
    }
}

fn failed(channel: ChannelId, problem: &dyn std::fmt::Display) -> StatusCode {
    tracing::error!(metric = "callback_failed", %channel, %problem, "a webhook could not be authenticated");
    StatusCode::INTERNAL_SERVER_ERROR
}
