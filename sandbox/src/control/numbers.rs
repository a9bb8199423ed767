//! Things that happen to a business number.

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
    inbound::{outcome, send},
    read,
};
use crate::{Sandbox, Standing, webhook::Callback};

/// What Kaleyra says of a number's standing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Quality {
    event: String,
    current_limit: String,
}

/// `POST /sandbox/numbers/{phone_number_id}/quality`.
pub(super) async fn quality(
    State(sandbox): State<Sandbox>,
    Path(phone_number_id): Path<String>,
    body: Bytes,
) -> Result<Response, BadRequest> {
    let number = sandbox.number(&phone_number_id).ok_or("`phone_number_id` is not one of the sandbox")?;
    if number.kaleyra().is_none() {
        return Err("`phone_number_id` must be one that Kaleyra carries".into());
    }
    let Quality { event, current_limit } = read(&body)?;
    let status = send(&sandbox, Callback::quality(&number, &event, &current_limit), 0).await;
    let answer = json!({"webhook_status": status.map(|status| status.as_u16())});
    Ok((outcome(status), Json(answer)).into_response())
}

/// `PUT /sandbox/numbers/{phone_number_id}/standing`: what is not named is as it should be.
pub(super) async fn stand(
    State(sandbox): State<Sandbox>,
    Path(phone_number_id): Path<String>,
    body: Bytes,
) -> Result<Response, BadRequest> {
    sandbox.number(&phone_number_id).ok_or("`phone_number_id` is not one of the sandbox")?;
    let standing: Standing = read(&body)?;
    sandbox.set_standing(&phone_number_id, standing);
    Ok(Json(json!({"ok": true})).into_response())
}
