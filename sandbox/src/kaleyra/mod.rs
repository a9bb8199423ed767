//! Kaleyra's endpoints: API V2, which wraps Meta's messages, and API V1, which takes forms.

mod account;
mod error;
mod form;
mod media;
mod message;
mod number;
mod refs;
mod templates;
mod v1;
mod v2;

use axum::{
    Router,
    routing::{get, post},
};
use http::{HeaderMap, header};

pub(crate) use self::refs::Refs;
use crate::Sandbox;

/// All endpoints, relative to their mount point.
pub(crate) fn router(sandbox: Sandbox) -> Router {
    Router::new()
        .route("/v2/{sid}/whatsapp/{number}/messages", post(v2::messages))
        .route("/v2/{sid}/whatsapp/{waba_id}/message_templates", get(templates::of_account))
        .route("/v1/{sid}/messages", post(v1::messages))
        .route("/v1/{sid}/whatsapp/templates/status", get(templates::of_sid))
        .route("/v2/{sid}/whatsapp/{number}/phone_number_details", get(number::of_v2))
        .route("/v1/{sid}/whatsapp/{number}/phone_number_details", get(number::of_v1))
        .route("/media/{id}", get(media::download))
        .with_state(sandbox)
}

/// Whether the content type is this one, ignoring its parameters.
fn is_of_type(headers: &HeaderMap, expected: &str) -> bool {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = given.and_then(|given| given.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(expected)
}
