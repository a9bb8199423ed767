//! The routes that inject faults.

use axum::{Json, extract::State};
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use super::{BadRequest, read};
use crate::{FaultRule, Sandbox};

/// `POST /sandbox/faults`: adds a rule; 400 if it is invalid.
pub(super) async fn add(
    State(sandbox): State<Sandbox>,
    body: Bytes,
) -> Result<(StatusCode, Json<FaultRule>), BadRequest> {
    let rule: FaultRule = read(&body)?;
    if let Some(mistake) = rule.mistake() {
        return Err(mistake.into());
    }
    if rule.phone_number_id.as_deref().is_some_and(|id| sandbox.number(id).is_none()) {
        return Err("`phone_number_id` is not one of the sandbox".into());
    }
    sandbox.inject(rule.clone());
    Ok((StatusCode::CREATED, Json(rule)))
}

/// `GET /sandbox/faults`: the rules that still have uses.
pub(super) async fn list(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(json!({"faults": sandbox.state().rules}))
}

/// `DELETE /sandbox/faults`: removes all rules.
pub(super) async fn clear(State(sandbox): State<Sandbox>) -> StatusCode {
    sandbox.state().rules.clear();
    StatusCode::NO_CONTENT
}
