//! Delivers a webhook to the business, with retries.

use std::time::Duration;

use http::StatusCode;

use super::Webhook;
use crate::{
    Sandbox,
    log::{LogEntry, WebhookEntry, WebhookKind},
    phone::Status,
};

/// The most attempts for a webhook.
const MAX_ATTEMPTS: u32 = 8;

/// How long the receiver may take to respond.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How many webhooks are in flight at a time. The others wait before they start, because a receiver with more than it
/// can answer within [`TIMEOUT`] would get all of them again as retries.
pub(crate) const MAX_CONCURRENT_DELIVERIES: usize = 16;

/// Makes one attempt and, unless the response is 200, retries in the background. Returns the first response.
pub(crate) async fn deliver(sandbox: &Sandbox, webhook: Webhook) -> Option<StatusCode> {
    let status = attempt(sandbox, &webhook, 1).await;
    if status != Some(StatusCode::OK) {
        let work_guard = sandbox.pending().begin();
        let sandbox = sandbox.clone();
        tokio::spawn(async move {
            retry(&sandbox, &webhook).await;
            drop(work_guard);
        });
    }
    status
}

async fn retry(sandbox: &Sandbox, webhook: &Webhook) {
    let mut wait = sandbox.retry_backoff();
    for number in 2..=MAX_ATTEMPTS {
        tokio::time::sleep(wait).await;
        wait = wait.saturating_mul(2);
        if attempt(sandbox, webhook, number).await == Some(StatusCode::OK) {
            return;
        }
    }
    tracing::warn!(
        message.id = webhook.wamid,
        attempts = MAX_ATTEMPTS,
        "webhook dropped after its last attempt"
    );
}

async fn attempt(sandbox: &Sandbox, webhook: &Webhook, attempt: u32) -> Option<StatusCode> {
    let status = send(sandbox, webhook).await;
    let delivered = status == Some(StatusCode::OK);
    let mut state = sandbox.state();
    let is_message = matches!(webhook.kind, WebhookKind::Message(_));
    if delivered
        && is_message
        && let Some(phone) = state.phones.phone_with_message(&webhook.wamid)
    {
        phone.record(&webhook.wamid, Status::Delivered);
    }
    state.log.push(LogEntry::Webhook(WebhookEntry {
        at: sandbox.clock().iso_now(),
        phone_number_id: webhook.phone_number_id.clone(),
        wamid: webhook.wamid.clone(),
        kind: webhook.kind.clone(),
        http_status: status.map(|status| status.as_u16()),
        delivered,
        attempt,
    }));
    status
}

async fn send(sandbox: &Sandbox, webhook: &Webhook) -> Option<StatusCode> {
    // The semaphore is never closed.
    let _slot = sandbox.delivery_slots().acquire().await.ok()?;
    // Looked up for every attempt, because a receiver may move.
    let number = sandbox.number(&webhook.phone_number_id)?;
    let url = webhook.url.as_ref().unwrap_or(&number.webhook_url);
    let request = webhook.body.request(sandbox.client(), url).timeout(TIMEOUT);
    match request.send().await {
        Ok(response) => Some(response.status()),
        Err(error) => {
            let error = error.without_url();
            tracing::debug!(%error, message.id = webhook.wamid, "webhook not answered");
            None
        }
    }
}
