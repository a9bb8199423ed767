//! Webhooks of providers that sign nothing: a secret in the URL authenticates them. Any method is accepted.

use std::sync::Arc;

use axum::extract::Request;
use http::StatusCode;

use super::{errors::unreadable, ingest};
use crate::app::{App, WebhookUseCases};
use crate::common::{
    access::Public,
    body::{self, CALLBACK_LIMIT},
    request::{PathParams, path_param},
};
use ventanilla_core::{
    domain::{
        channel::Origin,
        id::{ChannelId, InboundAddress},
        inbound::Item,
    },
    ports::credentials::{ChannelSecret, Freshness},
};
use ventanilla_whatsapp::{
    webhook::{Addressing, WebhookCall, WebhookKey},
    webhook_registry::RegisteredWebhooks,
};

pub(super) async fn receive_from_channel(
    Public(app, own): Public<Arc<WebhookUseCases>>,
    params: PathParams,
    request: Request,
) -> StatusCode {
    let (parts, body) = request.into_parts();
    let source = own.providers.find(path_param(&params, "provider"));
    let Some(source) = source.filter(|it| it.webhooks.addressing() == Addressing::Channel) else {
        return StatusCode::NOT_FOUND;
    };
    // Who does not know the secret does not learn which channels there are either.
    let Ok(id) = path_param(&params, "channel").parse::<ChannelId>() else { return refused(None) };
    let bytes = match body::read(body, CALLBACK_LIMIT).await {
        Ok(bytes) => bytes,
        Err(error) => return unreadable(&error),
    };
    let call = WebhookCall {
        path_secret: Some(path_param(&params, "secret")),
        headers: &parts.headers,
        query: parts.uri.query().unwrap_or_default(),
        body: &bytes,
    };
    match items(&app, source, id, call).await {
        Ok(items) => ingest(&own.inbound, &Origin::Channel(id), items).await,
        Err(status) => status,
    }
}

/// The items of an authenticated webhook; it is not parsed before.
async fn items(
    app: &App,
    source: RegisteredWebhooks,
    id: ChannelId,
    call: WebhookCall<'_>,
) -> Result<Vec<Item>, StatusCode> {
    let origin = Origin::Channel(id);
    // Before anything is asked of the source of secrets, where every unknown name costs a call.
    match app.core.ports.directory.channel_of_inbound_address(&InboundAddress::of_channel(id)).await {
        Ok(Some(channel))
            if channel.accepts_webhooks_of(&origin) && channel.access.provider() == source.provider.name => {}
        Ok(_) => return Err(refused(Some(id))),
        Err(error) => return Err(failed(id, &error)),
    }
    let now = app.clock.now();
    let known = secret(app, source, id, Freshness::Cached).await?;
    if let Ok(items) = source.webhooks.receive(call, WebhookKey::Channel(&known), &origin, now) {
        return Ok(items);
    }
    // The secret may have been changed under us.
    let fresh = secret(app, source, id, Freshness::Refreshed).await?;
    source.webhooks.receive(call, WebhookKey::Channel(&fresh), &origin, now).map_err(|_| refused(Some(id)))
}

fn refused(channel: Option<ChannelId>) -> StatusCode {
    let channel = channel.map(tracing::field::display);
    tracing::warn!(metric = "signature_failure", channel, "a webhook was rejected");
    StatusCode::UNAUTHORIZED
}

/// The secret of an existing channel. Without one, a webhook cannot be authenticated: the failed call shall
/// show at the provider as one that can be repeated.
async fn secret(
    app: &App,
    source: RegisteredWebhooks,
    id: ChannelId,
    how: Freshness,
) -> Result<ChannelSecret, StatusCode> {
    match app.core.ports.credentials.channel(id, how).await {
        Ok(secret) if (source.provider.is_own)(&secret) => Ok(secret),
        Ok(_) => Err(failed(id, &"the channel's secret is one of another provider")),
        Err(error) => Err(failed(id, &error)),
    }
}

fn failed(channel: ChannelId, problem: &dyn std::fmt::Display) -> StatusCode {
    tracing::error!(metric = "callback_failed", %channel, %problem, "a webhook could not be authenticated");
    StatusCode::INTERNAL_SERVER_ERROR
}
