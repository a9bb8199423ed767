//! `POST /{version}/{phone_number_id}/messages`: sends a message or marks one as read.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Value, json};

use super::{auth, check_version, error::GraphError, response::GraphFormat};
use crate::{
    BusinessNumber, Sandbox,
    log::{CallEntry, CallOutcome},
    outbound::{MetaError, OutboundMessage, mark_read, media_refs, process_send, reject},
    routing::ThreadId,
    sandbox::State as SandboxState,
};

/// Sends the message in the body, or marks one as read if it has a `status`.
pub(super) async fn messages(
    State(sandbox): State<Sandbox>,
    Path((version, phone_number_id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let authorized = authorize(&sandbox, &version, &phone_number_id, &headers, &body);
    let mut entry = CallEntry::new(sandbox.clock(), &phone_number_id, CallOutcome::NoResponse);
    let (number, body) = match authorized {
        Ok(authorized) => authorized,
        Err(error) => return reject(&sandbox, entry, error),
    };
    if body.get("status").is_some() {
        return match mark_read(&sandbox, &number, &body) {
            Ok(()) => Json(json!({"success": true})).into_response(),
            Err(error) => GraphError::from(error).into_response(),
        };
    }
    let outbound = OutboundMessage::parse(&body, &mut entry)
        .and_then(|outbound| outbound.sent_by(&number))
        .and_then(|outbound| {
            outbound.category(&sandbox.state().templates, &number)?;
            check_files(&sandbox, &number, &outbound)?;
            check_owner(&sandbox, &number, &outbound)?;
            check_rates(&sandbox, &number, &outbound)?;
            Ok(outbound)
        });
    match outbound {
        Ok(outbound) => process_send(&sandbox, &number, &outbound, entry, &GraphFormat(&outbound)).await,
        Err(error) => reject(&sandbox, entry, GraphError::from(error)),
    }
}

/// Every media id must be that of a file of this number, sent or uploaded (facts: meta.md 7).
fn check_files(
    sandbox: &Sandbox,
    number: &BusinessNumber,
    outbound: &OutboundMessage,
) -> Result<(), MetaError> {
    let now = sandbox.clock().unix_now();
    let state = sandbox.state();
    let is_own = |id: &str| {
        let media = state.media.get(id, now);
        media.is_some_and(|media| media.phone_number_id == number.phone_number_id)
    };
    media_refs(&outbound.kind, &outbound.content).iter().try_for_each(|file| file.validate(is_own))
}

/// Only the owner of the conversation may send free-form messages, or the escalation partner, who takes it (facts:
/// onboarding.md 4; the error code is not documented).
fn check_owner(
    sandbox: &Sandbox,
    number: &BusinessNumber,
    outbound: &OutboundMessage,
) -> Result<(), MetaError> {
    let now = sandbox.clock().unix_now();
    let mut state = sandbox.state();
    let SandboxState { phones, threads, .. } = &mut *state;
    let customer = phones.key_of(&outbound.to);
    let id = ThreadId { phone_number_id: &number.phone_number_id, customer: &customer };
    if outbound.kind == "template" || threads.may_send_free_form(id, now) {
        return Ok(());
    }
    Err(MetaError::new(131_005, "The thread is idle or has another owner."))
}

/// Counts the message, unless the number or the customer has had too many (facts: meta.md 8.4).
fn check_rates(
    sandbox: &Sandbox,
    number: &BusinessNumber,
    outbound: &OutboundMessage,
) -> Result<(), MetaError> {
    let now = sandbox.clock().unix_ms();
    let mut state = sandbox.state();
    let SandboxState { phones, usage, settings, .. } = &mut *state;
    usage.try_send(&settings.limits, &number.phone_number_id, &phones.key_of(&outbound.to), now)
}

/// Authorizes a call; returns the number and the JSON of the body.
pub(super) fn authorize(
    sandbox: &Sandbox,
    version: &str,
    phone_number_id: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Arc<BusinessNumber>, Value), GraphError> {
    check_version(version)?;
    let number = auth::number(sandbox, headers, phone_number_id)?;
    let body = serde_json::from_slice::<Value>(body).ok().filter(Value::is_object);
    let body = body.ok_or_else(|| MetaError::malformed("The body is not a JSON object."))?;
    Ok((number, body))
}
