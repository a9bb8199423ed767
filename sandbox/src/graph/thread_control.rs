//! `POST /{version}/{phone_number_id}/thread_control`: changes the owner of a conversation (facts: onboarding.md 4).
//!
//! Only error 2494191 is documented. All others come as 100, and their texts are invented.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Value, json};

use super::{error::GraphError, send::authorize};
use crate::{
    BusinessNumber, Sandbox,
    address::Address,
    ids,
    log::{ControlEntry, LogEntry},
    outbound::{MetaError, recipient},
    routing::{Role, ThreadControlError, ThreadId},
    sandbox::State as SandboxState,
};

/// The maximum length of `metadata`, in characters.
const MAX_METADATA_LENGTH: usize = 2000;

/// The requested change of the owner.
enum Action {
    Pass(Role),
    Release,
    Take,
}

/// Passes, releases or takes a conversation.
pub(super) async fn control(
    State(sandbox): State<Sandbox>,
    Path((version, phone_number_id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut entry = ControlEntry::new(sandbox.clock(), &phone_number_id);
    let done = authorize(&sandbox, &version, &phone_number_id, &headers, &body)
        .and_then(|(number, body)| apply_action(&sandbox, &number, &body, &mut entry));
    entry.error_code = done.as_ref().err().map(GraphError::code);
    sandbox.state().log.push(LogEntry::Control(entry));
    match done {
        Ok(()) => {
            let answer = json!({"messaging_product": "whatsapp", "request_id": ids::uuid()});
            Json(answer).into_response()
        }
        Err(error) => error.into_response(),
    }
}

fn apply_action(
    sandbox: &Sandbox,
    number: &BusinessNumber,
    body: &Value,
    entry: &mut ControlEntry,
) -> Result<(), GraphError> {
    let (customer, action) = read(body, entry)?;
    let now = sandbox.clock().unix_now();
    let mut state = sandbox.state();
    let SandboxState { phones, threads, .. } = &mut *state;
    let ours = threads.routing(&number.phone_number_id).ok_or(ThreadControlError::NotConfigured)?.ours;
    let customer = phones.key_of(&customer);
    let id = ThreadId { phone_number_id: &number.phone_number_id, customer: &customer };
    // A handover by the business notifies somebody else: the business gets no webhook for its own calls.
    match action {
        Action::Pass(target) => threads.pass(id, ours, target, now).map(drop)?,
        Action::Take => threads.take(id, ours, now).map(drop)?,
        Action::Release => threads.release(id, ours, now)?,
    }
    Ok(())
}

fn read(body: &Value, entry: &mut ControlEntry) -> Result<(Address, Action), MetaError> {
    let word = |name: &str| body.get(name).and_then(Value::as_str);
    entry.action = word("action").map(str::to_owned);
    entry.metadata = word("metadata").map(str::to_owned);
    if word("messaging_product") != Some("whatsapp") {
        return Err(MetaError::malformed("The parameter messaging_product must be whatsapp."));
    }
    let (customer, _) = recipient(body)?;
    entry.to = Some(customer.as_str().to_owned());
    if entry.metadata.as_ref().is_some_and(|text| text.chars().count() > MAX_METADATA_LENGTH) {
        return Err(MetaError::invalid("metadata", "must have at most 2000 characters"));
    }
    let action = match word("action") {
        Some("pass") => Action::Pass(target(body)?),
        Some("release") => Action::Release,
        Some("take") => Action::Take,
        _ => return Err(MetaError::invalid("action", "must be pass, release or take")),
    };
    Ok((customer, action))
}

/// The new owner of a passed conversation: the escalation partner by default.
fn target(body: &Value) -> Result<Role, MetaError> {
    match body.pointer("/control_pass/target_role") {
        None => Ok(Role::Escalation),
        Some(role) => serde_json::from_value(role.clone())
            .map_err(|_| MetaError::invalid("control_pass.target_role", "must be a role")),
    }
}

impl From<ThreadControlError> for GraphError {
    fn from(not_allowed: ThreadControlError) -> Self {
        let why = match not_allowed {
            ThreadControlError::NotEscalation => return Self::new(2_494_191),
            ThreadControlError::NotConfigured => "Conversation routing is not configured for this number.",
            ThreadControlError::NotOwner => "The thread is idle or has another owner.",
            ThreadControlError::NoSuchTarget => "The target role is not enabled.",
            ThreadControlError::AlreadyOwner => "The target owns the thread already.",
        };
        Self::new(100).details(why)
    }
}
