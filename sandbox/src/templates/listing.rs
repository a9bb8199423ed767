//! Responses to calls for a list of templates, for every API.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use tokio::sync::oneshot;

use crate::{
    BusinessNumber, FaultRule, Sandbox,
    delay::{self, DelayedCall},
    fault_injection::take_list_fault,
    log::{ListEntry, LogEntry},
};

/// The error of the scripted fault that applies to this page, if any. `numbers` are those whose templates are listed.
pub(crate) fn list_fault(
    rules: &mut Vec<FaultRule>,
    numbers: &[Arc<BusinessNumber>],
    page: u32,
) -> Option<u32> {
    take_list_fault(rules, page, |id| numbers.iter().any(|number| number.phone_number_id == id))
}

/// Logs a call with its status, and responds as soon as no delay applies.
pub(crate) async fn respond(sandbox: &Sandbox, entry: ListEntry, result: impl IntoResponse) -> Response {
    let response = result.into_response();
    let delay = log_call(sandbox, entry, &response);
    delay::wait_for_release(delay).await;
    response
}

/// Logs a call, and returns the delay that applies to it.
fn log_call(sandbox: &Sandbox, mut entry: ListEntry, response: &Response) -> Option<oneshot::Receiver<()>> {
    entry.http_status = response.status().as_u16();
    let mut state = sandbox.state();
    state.log.push(LogEntry::List(entry));
    state.delays.take_matching(|call| matches!(call, DelayedCall::List))
}
