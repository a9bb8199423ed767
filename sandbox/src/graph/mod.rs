//! The endpoints of the Graph API.

mod auth;
mod error;
mod health;
mod media;
mod numbers;
mod profile;
mod query;
mod response;
mod send;
mod templates;
mod thread_control;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::Uri,
    routing::{get, post},
};

use self::error::GraphError;
pub(crate) use self::{media::download_path, profile::Profile};
use crate::Sandbox;

/// All endpoints, relative to their mount point.
pub(crate) fn router(sandbox: Sandbox) -> Router {
    Router::new()
        .route("/{version}/{object}/messages", post(send::messages))
        .route("/{version}/{object}/thread_control", post(thread_control::control))
        .route(
            "/{version}/{object}/message_templates",
            get(templates::list).post(templates::create).delete(templates::remove),
        )
        .route("/{version}/debug_token", get(health::debug_token))
        .route("/{version}/{object}/subscribed_apps", get(health::subscribed_apps).post(health::subscribe))
        .route("/{version}/{object}/phone_numbers", get(numbers::list))
        .route("/{version}/{object}/whatsapp_business_profile", get(profile::show).post(profile::change))
        .route("/{version}/{object}/subscriptions", get(health::subscriptions))
        .route(
            "/{version}/{object}/media",
            post(media::upload).layer(DefaultBodyLimit::max(media::MAX_UPLOAD_BODY)),
        )
        .route("/{version}/{object}", get(media::describe).post(templates::edit).delete(media::remove))
        .route("/media/{id}", get(media::download))
        .fallback(unknown_path)
        .method_not_allowed_fallback(unknown_path)
        .with_state(sandbox)
}

async fn unknown_path(uri: Uri) -> GraphError {
    GraphError::unknown_path(uri.path())
}

/// Accepts versions such as `v25.0`.
fn check_version(version: &str) -> Result<(), GraphError> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = version
        .strip_prefix('v')
        .and_then(|number| number.split_once('.'))
        .is_some_and(|(major, minor)| digits(major) && digits(minor));
    if fits { Ok(()) } else { Err(GraphError::unknown_path(&format!("/{version}"))) }
}
