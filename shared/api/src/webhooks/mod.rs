//! The routes that providers call. 200 means that every item is stored; anything else makes the provider
//! repeat the whole webhook, if it does, which is safe. There are no types of bodies: any JSON is split into
//! items (`ventanilla_whatsapp::callback`), responses have no body, and the handshake's is text.

mod app_secret;
#[cfg(feature = "schema")]
pub(crate) mod document;
mod errors;
mod receive_kaleyra;
mod receive_meta;
pub mod routes;
mod verify_meta;

use http::{HeaderMap, StatusCode};

use crate::app::App;
use ventanilla_core::domain::{channel::Origin, inbound::Item};

/// Ingests the items of an authenticated webhook.
async fn take_in(app: &App, origin: &Origin, items: Vec<Item>) -> StatusCode {
    let received = items.len();
    match app.core.inbound.take_in(origin, items).await {
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

/// The only value of a header; `None` where there are two.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut given = headers.get_all(name).iter();
    match (given.next(), given.next()) {
        (Some(only), None) => only.to_str().ok(),
        _ => None,
    }
}
