//! Calls for a list of templates, whichever API they come by.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use tokio::sync::oneshot;

use crate::{
    BusinessNumber, FaultRule, Sandbox,
    delay::{self, DelayedCall},
    fault_injection::take_list_fault,
    log::{ListEntry, LogEntry},
};

/// The error that a scripted fault puts in the place of this page, if one is due; the numbers are
/// those whose templates are listed.
pub(crate) fn list_fault(
    rules: &mut Vec<FaultRule>,
    numbers: &[Arc<BusinessNumber>],
    page: u32,
) -> Option<u32> {
    take_list_fault(rules, page, |id| numbers.iter().any(|number| number.phone_number_id == id))
}

/// The answer to a call, which is logged with its status, once no hold is on it.
pub(crate) async fn respond(sandbox: &Sandbox, entry: ListEntry, result: impl IntoResponse) -> Response {
    let response = result.into_response();
    let delay = log_call(sandbox, entry, &response);
    delay::wait_for_release(delay).await;
    response
}

/// Logs a call; gives the hold that it meets.
fn log_call(sandbox: &Sandbox, mut entry: ListEntry, response: &Response) -> Option<oneshot::Receiver<()>> {
    entry.http_status = response.status().as_u16();
    let mut state = sandbox.state();
    state.log.push(LogEntry::List(entry));
    state.delays.take_matching(|call| matches!(call, DelayedCall::List))
}
