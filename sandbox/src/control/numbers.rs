//! The routes for events and the health of a business number.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::{
    BadRequest,
    inbound::{deliver_with_copies, response_status},
    read,
};
use crate::{AccountHealth, Sandbox, webhook::Webhook};

/// The request body of `quality`, in Kaleyra's words.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Quality {
    event: String,
    current_limit: String,
}

/// `POST /sandbox/numbers/{phone_number_id}/quality`: Kaleyra reports a change of a number's quality.
pub(super) async fn quality(
    State(sandbox): State<Sandbox>,
    Path(phone_number_id): Path<String>,
    body: Bytes,
) -> Result<Response, BadRequest> {
    let number = sandbox.number(&phone_number_id).ok_or("`phone_number_id` is not one of the sandbox")?;
    if number.kaleyra_api().is_none() {
        return Err("`phone_number_id` must be one that Kaleyra carries".into());
    }
    let Quality { event, current_limit } = read(&body)?;
    let status = deliver_with_copies(&sandbox, Webhook::quality(&number, &event, &current_limit), 0).await;
    let answer = json!({"webhook_status": status.map(|status| status.as_u16())});
    Ok((response_status(status), Json(answer)).into_response())
}

/// `PUT /sandbox/numbers/{phone_number_id}/standing`: sets a number's health; absent fields are healthy.
pub(super) async fn set_health(
    State(sandbox): State<Sandbox>,
    Path(phone_number_id): Path<String>,
    body: Bytes,
) -> Result<Response, BadRequest> {
    sandbox.number(&phone_number_id).ok_or("`phone_number_id` is not one of the sandbox")?;
    let health: AccountHealth = read(&body)?;
    sandbox.set_account_health(&phone_number_id, health);
    Ok(Json(json!({"ok": true})).into_response())
}
