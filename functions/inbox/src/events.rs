//! `GET /v1/events`: the log, for whoever asks.

use std::time::Duration;

use axum::{
    extract::{Request, State},
    response::Response,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};
use ventanilla::{
    api::{paging, problem::answered, query::Params, request, respond},
    assembly::App,
    contract::{Encoded, Failure, InputError},
    domain::{
        id::TenantId,
        log::{Cursor, Numbered},
        time::Timestamp,
    },
    service::{log::Found, send::Replay},
};

/// The longest that a caller may wait for something to happen.
const LONGEST_WAIT: u64 = 20;

/// Time between two looks while a caller waits.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What is kept of the time of a call for reading and answering.
const ANSWERING: Duration = Duration::from_secs(2);

pub(super) async fn events(State(app): State<App>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let found = async {
        let caller = super::reader(&app, &parts.headers).await?;
        let query = Params::read(&parts.uri);
        let limit = usize::from(paging::limit(query.get("limit"))?);
        let wait = wait(query.get("wait"))?;
        let Some(after) = query.get("after") else {
            let end = app.core.log_end(&caller.tenant).await?;
            return Ok(Ok(page(&[], end, end)));
        };
        let after: Cursor = after.parse().map_err(|error| InputError::field("after", error))?;
        let left = app.clock.now().until(request::deadline(&parts, app.clock.as_ref()).0);
        wait_for(&app, &caller.tenant, after, wait.min(left.saturating_sub(ANSWERING))).await?;
        Ok(match app.core.log_after(&caller.tenant, after, limit).await? {
            Found::Entries(entries, end) => {
                Ok(page(&entries, entries.last().map_or(after, |last| last.cursor), end))
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

fn wait(given: Option<&str>) -> Result<Duration, InputError> {
    let Some(text) = given else { return Ok(Duration::ZERO) };
    let seconds = text.parse().ok().filter(|seconds| *seconds <= LONGEST_WAIT);
    let problem =
        || InputError::field("wait", format!("must be a number of seconds from 0 to {LONGEST_WAIT}"));
    seconds.map(Duration::from_secs).ok_or_else(problem)
}

fn page(entries: &[Numbered], next: Cursor, end: Cursor) -> Value {
    let events: Vec<Value> = entries.iter().map(entry).collect();
    json!({ "events": events, "next_cursor": next.to_string(), "log_end": end.to_string() })
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

fn entry(it: &Numbered) -> Value {
    let event = &it.event;
    let mut data = match serde_json::to_value(&event.kind) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let kind = data.remove("kind");
    json!({
        "cursor": it.cursor.to_string(),
        "id": event.id,
        "type": kind,
        "at": event.at.iso_millis(),
        "data": data.into_iter().map(field).collect::<Map<_, _>>(),
    })
}

/// A field as the rest of `/v1` has it: ids say what they are of, times are text.
fn field((name, value): (String, Value)) -> (String, Value) {
    match (name.as_str(), value.as_i64()) {
        ("message_at" | "expires_at", Some(millis)) => {
            (name, Timestamp::from_millis(millis).iso_millis().into())
        }
        (
            "conversation" | "message" | "channel" | "contact" | "absorbed" | "broadcast" | "lead" | "file",
            _,
        ) => (format!("{name}_id"), value),
        _ => (name, value),
    }
}

#[cfg(test)]
mod tests {
    use ventanilla::domain::event::EventKind;

    use super::*;

    #[test]
    fn ids_say_what_they_are_of_and_times_are_text() {
        let kind = EventKind::MessageReceived {
            conversation: "7".parse().unwrap(),
            message: "9".parse().unwrap(),
            message_at: Timestamp::from_millis(1_772_533_800_123),
            file: Some("11".parse().unwrap()),
        };
        let Value::Object(fields) = serde_json::to_value(kind).unwrap() else { panic!() };
        let shown: Map<_, _> = fields.into_iter().map(field).collect();
        assert_eq!(
            Value::Object(shown),
            json!({ "kind": "message.received", "conversation_id": 7, "message_id": 9, "message_at": "2026-03-03T10:30:00.123Z", "file_id": 11 })
        );
    }
}
