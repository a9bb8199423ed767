//! `POST /{version}/{phone_number_id}/messages`.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Value, json};

use super::{auth, check_version, error::GraphError, response::Graph};
use crate::{
    BusinessNumber, Sandbox,
    log::{CallEntry, Verdict},
    outbound::{Complaint, Outgoing, mark_read, play, refuse},
    routing::ThreadId,
    sandbox::State as Everything,
};

/// Sends a message, or marks one as read.
pub(super) async fn messages(
    State(sandbox): State<Sandbox>,
    Path((version, phone_number_id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let admitted = admit(&sandbox, &version, &phone_number_id, &headers, &body);
    let mut entry = CallEntry::new(sandbox.clock(), &phone_number_id, Verdict::Lost);
    let (number, body) = match admitted {
        Ok(admitted) => admitted,
        Err(error) => return refuse(&sandbox, entry, error),
    };
    if body.get("status").is_some() {
        return match mark_read(&sandbox, &number, &body) {
            Ok(()) => Json(json!({"success": true})).into_response(),
            Err(complaint) => GraphError::from(complaint).into_response(),
        };
    }
    let outgoing = Outgoing::parse(&body, &mut entry)
        .and_then(|outgoing| outgoing.sent_by(&number))
        .and_then(|outgoing| {
            outgoing.category(&sandbox.state().templates, &number)?;
            check_owner(&sandbox, &number, &outgoing)?;
            Ok(outgoing)
        });
    match outgoing {
        Ok(outgoing) => play(&sandbox, &number, &outgoing, entry, &Graph(&outgoing)).await,
        Err(complaint) => refuse(&sandbox, entry, GraphError::from(complaint)),
    }
}

/// Anything but a template goes out only from the owner of the conversation, or from the escalation partner, who
/// takes it (facts: onboarding.md 4; the code of the refusal is not documented).
fn check_owner(sandbox: &Sandbox, number: &BusinessNumber, outgoing: &Outgoing) -> Result<(), Complaint> {
    let now = sandbox.clock().unix_now();
    let mut state = sandbox.state();
    let Everything { phones, threads, .. } = &mut *state;
    let customer = phones.key_of(&outgoing.to);
    let id = ThreadId { phone_number_id: &number.phone_number_id, customer: &customer };
    if outgoing.kind == "template" || threads.may_serve(id, now) {
        return Ok(());
    }
    Err(Complaint::new(131_005, "The thread is idle or has another owner."))
}

/// The number that the path and the token name, and the JSON of the body.
pub(super) fn admit(
    sandbox: &Sandbox,
    version: &str,
    phone_number_id: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Arc<BusinessNumber>, Value), GraphError> {
    check_version(version)?;
    let number = auth::number(sandbox, headers, phone_number_id)?;
    let body = serde_json::from_slice::<Value>(body).ok().filter(Value::is_object);
    let body = body.ok_or_else(|| Complaint::malformed("The body is not a JSON object."))?;
    Ok((number, body))
}
