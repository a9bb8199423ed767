//! The routes that providers call. 200 means that every item is kept; anything else makes the provider send the whole
//! again where it repeats, which is safe. There are no types of bodies: any JSON is split into items (`ventanilla_whatsapp::callback`),
//! answers have none, and the handshake's is text.

mod app_secret;
#[cfg(feature = "schema")]
pub(crate) mod document;
mod errors;
mod receive_kaleyra;
mod receive_meta;
pub mod routes;
mod verify_meta;

use http::{HeaderMap, StatusCode};

use ventanilla_core::{
    domain::{channel::Origin, inbound::Item},
    usecases::Inbound,
};

/// Keeps the items of a callback that was proven to be its sender's.
async fn take_in(inbound: &Inbound, origin: &Origin, items: Vec<Item>) -> StatusCode {
    let received = items.len();
    match inbound.take_in(origin, items).await {
        Ok(tally) => {
            tracing::info!(%origin, received, ?tally, "a callback was taken in");
            StatusCode::OK
        }
        Err(error) => {
            tracing::error!(metric = "callback_failed", %origin, received, %error, "a callback could not be kept");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

/// The one value of a header. Two of them are none.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut given = headers.get_all(name).iter();
    match (given.next(), given.next()) {
        (Some(only), None) => only.to_str().ok(),
        _ => None,
    }
}
