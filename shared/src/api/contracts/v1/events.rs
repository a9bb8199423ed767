//! `GET /v1/events`: the log, for whoever asks.

use std::time::Duration;

use axum::{extract::Request, response::Response};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    errors::{Reader, answered, refused},
    event::{self, TYPES},
    read,
};
use crate::{
    api::common::{
        Failure, InputError, access::Authorized, ids::read_id, nearest::nearest, paging, problem::Problem,
        query::Params, request,
    },
    assembly::App,
    domain::{
        event::EventKind,
        id::{ConversationId, TenantId},
        log::{Cursor, Numbered},
    },
    service::{log::Found, send::SendError},
};

/// Time between two looks while a caller waits.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What is kept of the time of a call for reading and answering.
const ANSWERING: Duration = Duration::from_secs(2);

/// Entries read at a time where not all of them are known to be wanted.
const LOOKED_THROUGH: usize = 100;

/// How often that is done for one page.
const LOOKS: usize = 4;

/// `EventPage` of openapi.yaml.
#[derive(Debug, Serialize)]
struct EventPage {
    data: Vec<Value>,
    next_cursor: String,
    log_end: String,
}

/// A part of the log that was looked through.
struct Looked {
    /// What is wanted of it.
    entries: Vec<Numbered>,
    /// The last entry that was looked at.
    place: Cursor,
    /// How far the log goes.
    end: Cursor,
}

pub(super) async fn events(Authorized { app, caller, .. }: Reader, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let found = async {
        let query = Params::read(&parts.uri);
        let limit = usize::from(paging::limit(query.get("limit"))?);
        let wait = wait(query.get("wait"), app.core.settings.event_wait)?;
        let wanted = Wanted::of(&app, &caller.tenant, &query).await?;
        let Some(after) = query.get("after") else {
            let end = app.core.log_end(&caller.tenant).await?;
            return Ok(Ok(page(Vec::new(), end, end)));
        };
        let after: Cursor = after.parse().map_err(|error| InputError::field("after", error))?;
        let left = app.clock.now().until(request::deadline(&parts, app.clock.as_ref()).0);
        wait_for(&app, &caller.tenant, after, wait.min(left.saturating_sub(ANSWERING))).await?;
        match look(&app, &caller.tenant, after, limit, &wanted).await? {
            Ok(looked) => shown(&app, &caller.tenant, looked).await.map(Ok),
            Err(end) => Ok(Err(end)),
        }
    };
    match found.await {
        Ok(Ok(page)) => answered(Ok(page)),
        Ok(Err(end)) => resync(end),
        Err(failure) => answered(Err(failure)),
    }
}

/// Which events a caller wants to see.
struct Wanted {
    kind: Option<&'static str>,
    /// A conversation, with those that were merged into it.
    conversations: Option<Vec<ConversationId>>,
}

impl Wanted {
    async fn of(app: &App, tenant: &TenantId, query: &Params) -> Result<Self, Failure> {
        let kind = query.get("type").map(kind).transpose()?;
        let Some(id) = query.get("conversation_id") else { return Ok(Self { kind, conversations: None }) };
        let id = read_id(id).map_err(|error| InputError::field("conversation_id", error))?;
        let whole = app.core.whole_conversation(tenant, id).await?;
        let whole = whole.ok_or(Failure::Send(SendError::ConversationNotFound))?;
        Ok(Self { kind, conversations: Some(whole.ids().to_vec()) })
    }

    fn is_everything(&self) -> bool {
        self.kind.is_none() && self.conversations.is_none()
    }

    fn fits(&self, it: &EventKind) -> bool {
        let within = |ids: &Vec<ConversationId>| it.subject().0.is_some_and(|id| ids.contains(&id));
        self.kind.is_none_or(|kind| event::type_of(it) == kind)
            && self.conversations.as_ref().is_none_or(within)
    }
}

fn kind(text: &str) -> Result<&'static str, InputError> {
    TYPES.iter().find(|known| **known == text).copied().ok_or_else(|| match nearest(text, &TYPES) {
        Some(known) => InputError::field("type", format!("is no type of event; did you mean `{known}`?")),
        None => InputError::field("type", format!("is no type of event; known are {}", TYPES.join(", "))),
    })
}

/// Looks through the log for what is wanted, as far as one page may. Gives its end where what follows is not kept.
async fn look(
    app: &App,
    tenant: &TenantId,
    after: Cursor,
    limit: usize,
    wanted: &Wanted,
) -> Result<Result<Looked, Cursor>, Failure> {
    let at_once = if wanted.is_everything() { limit } else { LOOKED_THROUGH };
    let (mut found, mut place, mut looks) = (Vec::new(), after, 0);
    loop {
        let (entries, end) = match app.core.log_after(tenant, place, at_once).await? {
            Found::Entries(entries, end) => (entries, end),
            Found::Gap(end) => return Ok(Err(end)),
        };
        for entry in entries {
            place = entry.cursor;
            if wanted.fits(&entry.event.kind) {
                found.push(entry);
            }
            if found.len() == limit {
                break;
            }
        }
        looks += 1;
        if found.len() == limit || place == end || looks == LOOKS {
            return Ok(Ok(Looked { entries: found, place, end }));
        }
    }
}

/// What was found, with what it is about. The next page begins after what was looked at, or, where the answer is too
/// large for it all, after what is shown.
async fn shown(app: &App, tenant: &TenantId, looked: Looked) -> Result<Value, Failure> {
    let Looked { entries, place, end } = looked;
    let cursors: Vec<Cursor> = entries.iter().map(|entry| entry.cursor).collect();
    let events = app.core.in_context(app.inbox.as_ref(), tenant, entries).await?;
    let look = read::look(app, tenant).await?;
    let (data, cut) = paging::within_answer(events.iter().map(|it| json!(event::event(it, look))));
    let last = data.len().checked_sub(1).and_then(|last| cursors.get(last));
    let next = last.copied().filter(|_| cut).unwrap_or(place);
    Ok(page(data, next, end))
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

fn page(data: Vec<Value>, next: Cursor, end: Cursor) -> Value {
    json!(EventPage { data, next_cursor: next.to_string(), log_end: end.to_string() })
}

/// What follows is not kept any more: everything must be read anew, and then what follows the cursor told.
fn resync(end: Cursor) -> Response {
    let problem = Problem::new(StatusCode::GONE, "resync_required", "Events no longer kept")
        .detail("the events after this cursor are not kept any more: read everything again, then go on after `cursor`")
        .with("cursor", end.to_string().into());
    refused(problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_one_of_the_list_or_told_what_it_is_like() {
        assert_eq!(kind("message.status"), Ok("message.status"));
        let says = |text: &str| kind(text).unwrap_err().to_string();
        assert_eq!(says("message.recieved"), "type is no type of event; did you mean `message.received`?");
        assert!(says("").starts_with("type is no type of event; known are message.received, "));
    }
}
