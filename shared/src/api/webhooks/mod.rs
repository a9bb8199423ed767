//! Takes in what providers call back. 200 means that every item is kept; anything else makes the
//! provider send the whole again where it repeats, which is safe.

#[cfg(feature = "schema")]
pub(in crate::api) mod document;
mod kaleyra;
mod meta;
pub mod routes;

use http::{HeaderMap, StatusCode};

use crate::{
    api::common::InputError,
    assembly::App,
    domain::{channel::Origin, inbound::Item},
};

/// Keeps the items of a callback that was proven to be its sender's.
async fn take_in(app: &App, origin: &Origin, items: Vec<Item>) -> StatusCode {
    let received = items.len();
    match app.core.take_in(origin, items).await {
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

/// What a body that cannot be read is answered.
fn unreadable(error: &InputError) -> StatusCode {
    tracing::warn!(%error, "a callback's body could not be read");
    match error {
        InputError::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        InputError::Method | InputError::Field { .. } | InputError::Mismatch { .. } => {
            StatusCode::BAD_REQUEST
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
