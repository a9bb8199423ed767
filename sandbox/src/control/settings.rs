//! The provider's rules that can be switched off.

use axum::{Json, extract::State};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{BadRequest, read};
use crate::{Sandbox, ServiceWindow};

/// The body of the settings routes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    service_window: ServiceWindow,
}

/// `GET /sandbox/settings`: the current settings.
pub(super) async fn show(State(sandbox): State<Sandbox>) -> Json<Settings> {
    Json(Settings { service_window: sandbox.state().service_window })
}

/// `PUT /sandbox/settings`: replaces the settings.
pub(super) async fn set(State(sandbox): State<Sandbox>, body: Bytes) -> Result<Json<Settings>, BadRequest> {
    let settings: Settings = read(&body)?;
    sandbox.set_service_window(settings.service_window);
    Ok(Json(settings))
}
