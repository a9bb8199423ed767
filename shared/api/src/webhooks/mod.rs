//! The routes that providers call. 200 means that every item is stored; anything else makes the provider
//! repeat the whole webhook, if it does, which is safe. There are no types of bodies: any JSON is split into
//! items (`ventanilla_whatsapp`), responses have no body, and the handshake's is text.

mod app_secret;
#[cfg(feature = "schema")]
pub(crate) mod document;
mod errors;
mod receive_from_app;
mod receive_from_channel;
pub mod routes;
mod verify;

use http::StatusCode;

use crate::{
    app::WebhookUseCases,
    common::request::{PathParams, path_param},
};
use ventanilla_core::{
    domain::{
        channel::{Origin, ProviderApp},
        inbound::Item,
    },
    usecases::Inbound,
};
use ventanilla_whatsapp::webhook::{Addressing, Webhooks};

/// Ingests the items of an authenticated webhook.
async fn ingest(inbound: &Inbound, origin: &Origin, items: Vec<Item>) -> StatusCode {
    let received = items.len();
    match inbound.ingest(origin, items).await {
        Ok(tally) => {
            tracing::info!(%origin, received, ?tally, "a webhook was ingested");
            StatusCode::OK
        }
        Err(error) => {
            tracing::error!(metric = "callback_failed", %origin, received, %error, "a webhook could not be stored");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

/// The app of a path, with its provider's webhooks; `None` where that provider's webhooks are not signed by
/// apps.
fn app_of_path(own: &WebhookUseCases, params: &PathParams) -> Option<(ProviderApp, &'static dyn Webhooks)> {
    let found = own.providers.find(path_param(params, "provider"))?;
    let id = path_param(params, "app").parse().ok()?;
    let sender = ProviderApp { provider: found.provider.name.to_owned(), app: id };
    (found.webhooks.addressing() == Addressing::App).then_some((sender, found.webhooks))
}
