//! The provider's rules that can be changed.

use axum::{Json, extract::State};
use bytes::Bytes;
use serde_json::Value;

use super::{BadRequest, merge_patch::merge_patch, read};
use crate::{Sandbox, Settings};

/// `GET /sandbox/settings`: the current settings.
pub(super) async fn show(State(sandbox): State<Sandbox>) -> Json<Settings> {
    Json(sandbox.settings())
}

/// `PUT /sandbox/settings`: changes the given settings; absent ones stay, and a null restores a default.
pub(super) async fn set(State(sandbox): State<Sandbox>, body: Bytes) -> Result<Json<Settings>, BadRequest> {
    let changes: Value = read(&body)?;
    if !changes.is_object() {
        return Err("the body must be an object".into());
    }
    let invalid = |error: serde_json::Error| BadRequest(format!("invalid body: {error}"));
    let mut settings = serde_json::to_value(sandbox.settings()).map_err(invalid)?;
    merge_patch(&mut settings, &changes);
    let settings: Settings = serde_json::from_value(settings).map_err(invalid)?;
    sandbox.set_settings(settings.clone());
    Ok(Json(settings))
}
