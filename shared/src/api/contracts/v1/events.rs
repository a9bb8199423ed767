//! `GET /v1/events`: the log, for whoever asks.

use std::time::Duration;

use axum::{extract::Request, response::Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::errors::{Reader, answered};
use crate::{
    api::{
        common::{Encoded, Failure, InputError, access::Authorized, paging, query::Params, request, respond},
        contracts::v1,
    },
    assembly::App,
    domain::{id::TenantId, log::Cursor},
    service::{log::Found, send::Replay},
};

/// Time between two looks while a caller waits.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What is kept of the time of a call for reading and answering.
const ANSWERING: Duration = Duration::from_secs(2);

pub(super) async fn events(Authorized { app, caller, .. }: Reader, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let found = async {
        let query = Params::read(&parts.uri);
        let limit = usize::from(paging::limit(query.get("limit"))?);
        let wait = wait(query.get("wait"), app.core.settings.event_wait)?;
        let Some(after) = query.get("after") else {
            let end = app.core.log_end(&caller.tenant).await?;
            return Ok(Ok(page(&[], end, end)));
        };
        let after: Cursor = after.parse().map_err(|error| InputError::field("after", error))?;
        let left = app.clock.now().until(request::deadline(&parts, app.clock.as_ref()).0);
        wait_for(&app, &caller.tenant, after, wait.min(left.saturating_sub(ANSWERING))).await?;
        Ok(match app.core.log_after(&caller.tenant, after, limit).await? {
            Found::Entries(entries, end) => {
                let cursors: Vec<Cursor> = entries.iter().map(|entry| entry.cursor).collect();
                let events = app.core.in_context(app.inbox.as_ref(), &caller.tenant, entries).await?;
                let now = app.clock.now();
                let (data, _) = paging::within_answer(events.iter().map(|it| json!(v1::event(it, now))));
                let next = data.len().checked_sub(1).and_then(|last| cursors.get(last));
                Ok(page(&data, next.copied().unwrap_or(after), end))
            }
            Found::Gap(end) => Err(end),
        })
    };
    match found.await {
        Ok(Ok(page)) => answered(Ok(page)),
        Ok(Err(end)) => resync(end),
        Err(failure) => answered(Err(failure)),
    }
}

/// Waits until something follows, as long as the caller wants to.
async fn wait_for(app: &App, tenant: &TenantId, after: Cursor, longest: Duration) -> Result<(), Failure> {
    let until = tokio::time::Instant::now() + longest;
    while app.core.log_end(tenant).await? == after && tokio::time::Instant::now() + LOOK_EVERY <= until {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}

/// How long a caller wants to wait, which may be too long for this installation.
fn wait(given: Option<&str>, longest: Duration) -> Result<Duration, InputError> {
    let Some(text) = given else { return Ok(Duration::ZERO) };
    let wait = text.parse().ok().map(Duration::from_secs).filter(|wait| *wait <= longest);
    let problem = || match longest.as_secs() {
        0 => "must be 0: this installation answers at once".to_owned(),
        most => format!("must be a number of seconds from 0 to {most}"),
    };
    wait.ok_or_else(|| InputError::field("wait", problem()))
}

fn page(data: &[Value], next: Cursor, end: Cursor) -> Value {
    json!({ "data": data, "next_cursor": next.to_string(), "log_end": end.to_string() })
}

/// What follows is not kept any more: everything must be read anew, and then what follows the cursor told.
fn resync(end: Cursor) -> Response {
    let title = "The events after this cursor are not kept any more; read everything anew";
    let (status, code) = (StatusCode::GONE, "resync_required");
    let body = json!({
        "type": "about:blank", "title": title, "status": status.as_u16(), "code": code, "cursor": end.to_string(),
    });
    let headers =
        HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"))]);
    respond::answer(Encoded { status, headers, body }, None, Replay::Original)
}
