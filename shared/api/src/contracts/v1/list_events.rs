//! `GET /v1/events`: the log, oldest first.

use std::time::Duration;

use axum::{extract::Request, response::Response};
use http::StatusCode;
use serde::Serialize;

use super::{
    errors::{Reader, RouteError},
    event::{EventView, event},
    event_report::{TYPES, type_of},
    read::{self, answered_or_refused},
};
use crate::app::App;
#[cfg(feature = "schema")]
use crate::common::schema;
use crate::common::{
    Failure, InputError, Missing, access::Authorized, ids::read_id, nearest::nearest, paging,
    problem::Problem, query::Params, request,
};
use ventanilla_core::{
    domain::{
        event::EventKind,
        id::{ConversationId, TenantId},
        log::{Cursor, Numbered},
    },
    usecases::events::log::LogRead,
};

/// Time between two reads while a caller waits.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The time reserved for reading and answering.
const ANSWERING: Duration = Duration::from_secs(2);

/// Entries per read where a filter applies.
const LOOKED_THROUGH: usize = 100;

/// Most such reads per page.
const LOOKS: usize = 4;

/// A page of events.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub(super) struct EventPage {
    #[cfg_attr(feature = "schema", schemars(length(max = 100)))]
    data: Vec<EventView>,
    /// Where to ask on; what was asked with while nothing follows.
    #[cfg_attr(feature = "schema", schemars(with = "schema::LogCursor"))]
    next_cursor: String,
    /// How far the log went when this was asked, or a little less.
    #[cfg_attr(feature = "schema", schemars(with = "schema::LogCursor"))]
    log_end: String,
}

/// A decoded request for events.
struct Asked {
    /// The position after which to read; `None` asks for the end of the log.
    place: Option<Cursor>,
    limit: usize,
    wait: Duration,
    filter: EventFilter,
}

/// The part of the log that was read.
struct Looked {
    /// The entries that match.
    entries: Vec<Numbered>,
    /// The position of the last entry that was read.
    place: Cursor,
    /// The end of the log.
    end: Cursor,
}

pub(super) async fn list(Authorized { app, caller, .. }: Reader, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let tenant = &caller.tenant;
    let found = async {
        let Asked { place, limit, wait, filter } = asked(&app, tenant, &Params::read(&parts.uri)).await?;
        let Some(place) = place else {
            let end = app.core.events.log_end(tenant).await?;
            return Ok(page(Vec::new(), end, end));
        };
        let left = app.clock.now().until(request::deadline(&parts, app.clock.as_ref()).0);
        wait_for(&app, tenant, place, wait.min(left.saturating_sub(ANSWERING))).await?;
        let looked = look(&app, tenant, place, limit, &filter).await?;
        Ok(shown(&app, tenant, looked).await?)
    };
    answered_or_refused(found.await)
}

async fn asked(app: &App, tenant: &TenantId, query: &Params) -> Result<Asked, Failure> {
    Ok(Asked {
        limit: usize::from(paging::limit(query.get("limit"))?),
        wait: wait(query.get("wait"), app.core.ports.ctx.settings.event_wait)?,
        filter: EventFilter::of(app, tenant, query).await?,
        place: place(query)?,
    })
}

/// The position in the log, from `cursor` or from its former name `after`.
fn place(query: &Params) -> Result<Option<Cursor>, InputError> {
    let read = |name: &'static str| {
        let given = query.get(name).map(str::parse::<Cursor>).transpose();
        given.map_err(|error| InputError::field(name, error))
    };
    match (read("cursor")?, read("after")?) {
        (Some(_), Some(_)) => Err(InputError::field("after", "cannot be given together with cursor")),
        (cursor, after) => Ok(cursor.or(after)),
    }
}

/// The filter of events.
struct EventFilter {
    kind: Option<&'static str>,
    /// A conversation, with those merged into it.
    conversations: Option<Vec<ConversationId>>,
}

impl EventFilter {
    async fn of(app: &App, tenant: &TenantId, query: &Params) -> Result<Self, Failure> {
        let kind = query.get("type").map(kind).transpose()?;
        let Some(id) = query.get("conversation_id") else { return Ok(Self { kind, conversations: None }) };
        let id = read_id(id).map_err(|error| InputError::field("conversation_id", error))?;
        let whole = app.core.ports.ctx.store.whole_conversation(tenant, id).await?;
        let whole = whole.ok_or(Failure::NotFound(Missing::Conversation))?;
        Ok(Self { kind, conversations: Some(whole.ids().to_vec()) })
    }

    fn is_everything(&self) -> bool {
        self.kind.is_none() && self.conversations.is_none()
    }

    fn fits(&self, it: &EventKind) -> bool {
        let within = |ids: &Vec<ConversationId>| it.subject().0.is_some_and(|id| ids.contains(&id));
        self.kind.is_none_or(|kind| type_of(it) == kind) && self.conversations.as_ref().is_none_or(within)
    }
}

fn kind(text: &str) -> Result<&'static str, InputError> {
    TYPES.iter().find(|known| **known == text).copied().ok_or_else(|| match nearest(text, &TYPES) {
        Some(known) => InputError::field("type", format!("is no type of event; did you mean `{known}`?")),
        None => InputError::field("type", format!("is no type of event; known are {}", TYPES.join(", "))),
    })
}

/// Reads the log for matching events, as far as one page may.
///
/// # Errors
/// [`resync`] after a gap in the log, or when the store fails.
async fn look(
    app: &App,
    tenant: &TenantId,
    after: Cursor,
    limit: usize,
    filter: &EventFilter,
) -> Result<Looked, RouteError> {
    let at_once = if filter.is_everything() { limit } else { LOOKED_THROUGH };
    let (mut found, mut place, mut looks) = (Vec::new(), after, 0);
    loop {
        let (entries, end) = match app.core.events.log_after(tenant, place, at_once).await? {
            LogRead::Entries(entries, end) => (entries, end),
            LogRead::Gap(end) => return Err(resync(end).into()),
        };
        for entry in entries {
            place = entry.cursor;
            if filter.fits(&entry.event.kind) {
                found.push(entry);
            }
            if found.len() == limit {
                break;
            }
        }
        looks += 1;
        if found.len() == limit || place == end || looks == LOOKS {
            return Ok(Looked { entries: found, place, end });
        }
    }
}

/// The page, with the events' resources. The next page begins after the last entry that was read, or, where
/// the response would be too large, after the last one shown.
async fn shown(app: &App, tenant: &TenantId, looked: Looked) -> Result<EventPage, Failure> {
    let Looked { entries, place, end } = looked;
    let cursors: Vec<Cursor> = entries.iter().map(|entry| entry.cursor).collect();
    let events = app.core.event_contexts.in_context(app.inbox.as_ref(), tenant, entries).await?;
    let look = read::look(app, tenant).await?;
    let (data, cut) = paging::within_answer(events.iter().map(|it| event(it, look)));
    let last = data.len().checked_sub(1).and_then(|last| cursors.get(last));
    let next = last.copied().filter(|_| cut).unwrap_or(place);
    Ok(page(data, next, end))
}

/// Waits until there is a new entry, as long as the caller wants.
async fn wait_for(app: &App, tenant: &TenantId, after: Cursor, longest: Duration) -> Result<(), Failure> {
    let until = tokio::time::Instant::now() + longest;
    while app.core.events.log_end(tenant).await? == after && tokio::time::Instant::now() + LOOK_EVERY <= until
    {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}

/// How long a caller wants to wait, which may exceed this installation's limit.
fn wait(given: Option<&str>, longest: Duration) -> Result<Duration, InputError> {
    let Some(text) = given else { return Ok(Duration::ZERO) };
    let wait = text.parse().ok().map(Duration::from_secs).filter(|wait| *wait <= longest);
    let problem = || match longest.as_secs() {
        0 => "must be 0: this installation answers at once".to_owned(),
        most => format!("must be a number of seconds from 0 to {most}"),
    };
    wait.ok_or_else(|| InputError::field("wait", problem()))
}

fn page(data: Vec<EventView>, next: Cursor, end: Cursor) -> EventPage {
    EventPage { data, next_cursor: next.to_string(), log_end: end.to_string() }
}

/// The problem after a gap: the client must read its resources again, and then the events after this cursor.
fn resync(end: Cursor) -> Problem {
    Problem::new(StatusCode::GONE, "resync_required", "Events no longer kept")
        .detail("the events after this cursor are not kept any more: read everything again, then go on after `cursor`")
        .with("cursor", end.to_string().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_has_one_name_at_a_time() {
        let read = |query: &str| {
            let params = Params::read(&format!("/x?{query}").parse().unwrap());
            place(&params).map_err(|error| error.to_string())
        };
        assert_eq!(read(""), Ok(None));
        for query in ["cursor=7", "after=7"] {
            assert_eq!(read(query), Ok(Some(Cursor::after(7))), "{query}");
        }
        for (query, says) in [
            ("cursor=7&after=7", "after cannot be given together with cursor"),
            ("cursor=x", "cursor must be a cursor that an event had"),
            ("after=", "after must be a cursor that an event had"),
        ] {
            assert_eq!(read(query), Err(says.to_owned()), "{query}");
        }
    }

    #[test]
    fn an_unknown_type_is_rejected_with_the_nearest_one() {
        assert_eq!(kind("message.status"), Ok("message.status"));
        let says = |text: &str| kind(text).unwrap_err().to_string();
        assert_eq!(says("message.recieved"), "type is no type of event; did you mean `message.received`?");
        assert!(says("").starts_with("type is no type of event; known are message.received, "));
    }
}
