//! Calls for a list of templates, whichever API they come by.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use tokio::sync::oneshot;

use crate::{
    BusinessNumber, FaultRule, Sandbox,
    delay::{self, Held},
    fault_injection::strike_list,
    log::{ListEntry, LogEntry},
};

/// The error that a scripted fault puts in the place of this page, if one is due; the numbers are
/// those whose templates are listed.
pub(crate) fn due(rules: &mut Vec<FaultRule>, numbers: &[Arc<BusinessNumber>], page: u32) -> Option<u32> {
    strike_list(rules, page, |id| numbers.iter().any(|number| number.phone_number_id == id))
}

/// The answer to a call, which is logged with its status, once no hold is on it.
pub(crate) async fn answer(sandbox: &Sandbox, entry: ListEntry, answer: impl IntoResponse) -> Response {
    let response = answer.into_response();
    let hold = logged(sandbox, entry, &response);
    delay::wait(hold).await;
    response
}

/// Logs a call; gives the hold that it meets.
fn logged(sandbox: &Sandbox, mut entry: ListEntry, response: &Response) -> Option<oneshot::Receiver<()>> {
    entry.http_status = response.status().as_u16();
    let mut state = sandbox.state();
    state.log.push(LogEntry::List(entry));
    state.holds.meet(|held| matches!(held, Held::List))
}
