//! Carrying a callback to the business, again and again if need be.

use std::time::Duration;

use http::StatusCode;

use super::Callback;
use crate::{
    Sandbox,
    log::{About, CallbackEntry, LogEntry},
    phone::Status,
};

/// How often a callback is tried in all.
const TRIES: u32 = 8;

/// How long the receiver may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How many callbacks are on their way at a time. The others wait before they set out: whoever gets more at once than
/// fits into [`TIMEOUT`] gets all of them again on top, and a small machine never comes to rest.
pub(crate) const AT_ONCE: usize = 16;

/// Tries once and, if the answer is not 200, goes on in the background; tells the first answer.
pub(crate) async fn deliver(sandbox: &Sandbox, callback: Callback) -> Option<StatusCode> {
    let status = attempt(sandbox, &callback, 1).await;
    if status != Some(StatusCode::OK) {
        let ticket = sandbox.pending().begin();
        let sandbox = sandbox.clone();
        tokio::spawn(async move {
            retry(&sandbox, &callback).await;
            drop(ticket);
        });
    }
    status
}

async fn retry(sandbox: &Sandbox, callback: &Callback) {
    let mut wait = sandbox.retry_backoff();
    for number in 2..=TRIES {
        tokio::time::sleep(wait).await;
        wait = wait.saturating_mul(2);
        if attempt(sandbox, callback, number).await == Some(StatusCode::OK) {
            return;
        }
    }
    tracing::warn!(message.id = callback.wamid, tries = TRIES, "callback given up");
}

async fn attempt(sandbox: &Sandbox, callback: &Callback, attempt: u32) -> Option<StatusCode> {
    let status = send(sandbox, callback).await;
    let delivered = status == Some(StatusCode::OK);
    let mut state = sandbox.state();
    let is_message = matches!(callback.about, About::Message(_));
    if delivered
        && is_message
        && let Some(phone) = state.phones.holder_of(&callback.wamid)
    {
        phone.record(&callback.wamid, Status::Delivered);
    }
    state.log.push(LogEntry::Callback(CallbackEntry {
        at: sandbox.clock().iso_now(),
        phone_number_id: callback.phone_number_id.clone(),
        wamid: callback.wamid.clone(),
        about: callback.about.clone(),
        http_status: status.map(|status| status.as_u16()),
        delivered,
        attempt,
    }));
    status
}

async fn send(sandbox: &Sandbox, callback: &Callback) -> Option<StatusCode> {
    // It is never closed.
    let _way = sandbox.ways().acquire().await.ok()?;
    // Asked for at every try, because a receiver may move.
    let number = sandbox.number(&callback.phone_number_id)?;
    let url = callback.url.as_ref().unwrap_or(&number.callback_url);
    let request = callback.parcel.request(sandbox.client(), url).timeout(TIMEOUT);
    match request.send().await {
        Ok(response) => Some(response.status()),
        Err(error) => {
            let error = error.without_url();
            tracing::debug!(%error, message.id = callback.wamid, "callback not answered");
            None
        }
    }
}
