//! Calls for a list of templates, whichever API they come by.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};

use crate::{
    BusinessNumber, FaultRule, Sandbox,
    log::{ListEntry, LogEntry},
    strike::strike_list,
};

/// The error that a scripted fault puts in the place of this page, if one is due; the numbers are
/// those whose templates are listed.
pub(crate) fn due(rules: &mut Vec<FaultRule>, numbers: &[Arc<BusinessNumber>], page: u32) -> Option<u32> {
    strike_list(rules, page, |id| numbers.iter().any(|number| number.phone_number_id == id))
}

/// The answer to a call, which is logged with its status.
pub(crate) fn answer(sandbox: &Sandbox, mut entry: ListEntry, answer: impl IntoResponse) -> Response {
    let response = answer.into_response();
    entry.http_status = response.status().as_u16();
    sandbox.state().log.push(LogEntry::List(entry));
    response
}
