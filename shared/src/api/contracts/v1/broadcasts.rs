//! Broadcasts, and what becomes of them.

use axum::response::Response;
use http::Uri;
use serde_json::{Map, Value, json};

use super::{
    errors::{MaySend, Reader, answered},
    message::status,
    read::{self, number},
};
use crate::{
    api::common::{
        Failure, InputError,
        access::Authorized,
        ids::{broadcast_id, channel_id, conversation_id, message_id},
        paging,
        query::Params,
        request::PathParams,
    },
    assembly::App,
    domain::{
        broadcast::{Broadcast, Course, Dropped, Entry, EntryRecipient, Outcome},
        caller::Caller,
        content::Content,
        delivery::shown,
        id::{BroadcastId, ConversationId, RequestRef},
        phone::Phone,
        rejection::Rejection,
    },
    service::{
        broadcast::{Overview, Standing, Told},
        send::SendError,
    },
};

pub(super) async fn list(Authorized { app, caller, .. }: Reader, uri: Uri) -> Response {
    let found = async {
        let query = Params::read(&uri);
        let (after, limit) = (paging::mark(query.get("cursor"))?, paging::limit(query.get("limit"))?);
        let page = app.core.list_broadcasts(&caller.tenant, after, limit).await?;
        let data: Vec<Value> = page.items.iter().map(|it| head(&it.broadcast, it.goes_on).into()).collect();
        Ok(read::page(data, page.next.as_ref()))
    };
    answered(found.await)
}

pub(super) async fn overview(Authorized { app, caller, .. }: Reader, params: PathParams) -> Response {
    let found = async { told(&app, &caller, number(&params)?).await };
    answered(found.await)
}

pub(super) async fn cancel(Authorized { app, caller, .. }: MaySend, params: PathParams) -> Response {
    let cancelled = async {
        let id = number(&params)?;
        app.core.cancel_broadcast(&caller.tenant, id).await?.ok_or_else(not_found)?;
        told(&app, &caller, id).await
    };
    answered(cancelled.await)
}

pub(super) async fn recipients(
    Authorized { app, caller, .. }: Reader,
    params: PathParams,
    uri: Uri,
) -> Response {
    let found = async {
        let id = number(&params)?;
        let query = Params::read(&uri);
        let limit = usize::from(paging::limit(query.get("limit"))?);
        let from: usize = paging::mark(query.get("cursor"))?.unwrap_or_default();
        let standing = query.get("outcome").map(standing).transpose()?;
        // One more than asked for tells whether there is a next page.
        let found = app.core.broadcast_recipients(&caller.tenant, id, standing, from, limit + 1).await?;
        let found = found.ok_or_else(not_found)?;
        let next = found.get(limit).map(|it| it.place);
        Ok(read::page(found.iter().take(limit).map(recipient).collect(), next.as_ref()))
    };
    answered(found.await)
}

fn not_found() -> Failure {
    SendError::ConversationNotFound.into()
}

async fn told(app: &App, caller: &Caller, id: BroadcastId) -> Result<Value, Failure> {
    let found = app.core.broadcast_overview(&caller.tenant, id).await?.ok_or_else(not_found)?;
    Ok(shape(&found))
}

/// A broadcast, counted.
pub(super) fn shape(it: &Overview) -> Value {
    let Overview { broadcast, counts } = it;
    let mut shape = head(broadcast, counts.queued > 0);
    let counts = json!({
        "total": broadcast.total,
        "queued": counts.queued,
        "accepted": counts.sent,
        "failed": counts.failed,
        "unknown": counts.unknown,
        "not_begun": counts.dropped,
        "delivered": counts.delivered,
        "read": counts.read,
        "undelivered": counts.undelivered,
    });
    shape.insert("counts".to_owned(), counts);
    shape.into()
}

/// A broadcast without what its recipients tell.
fn head(broadcast: &Broadcast, goes_on: bool) -> Map<String, Value> {
    let template = match &broadcast.content {
        Content::Template(it) => json!({ "name": it.name, "language": it.language }),
        _ => Value::Null,
    };
    let stopped_by = match &broadcast.course {
        Course::Stopped { rejection } => refusal(rejection),
        _ => Value::Null,
    };
    Map::from_iter([
        ("id".to_owned(), broadcast_id(broadcast.id).into()),
        ("state".to_owned(), state(broadcast, goes_on).into()),
        ("stopped_by".to_owned(), stopped_by),
        ("channel_id".to_owned(), json!(broadcast.channel.map(channel_id))),
        ("type".to_owned(), broadcast.content.kind().into()),
        ("template".to_owned(), template),
        ("total".to_owned(), broadcast.total.into()),
        ("created_at".to_owned(), broadcast.created_at.iso_millis().into()),
    ])
}

fn state(broadcast: &Broadcast, goes_on: bool) -> &'static str {
    match broadcast.course {
        Course::Cancelled { .. } => "cancelled",
        Course::Stopped { .. } => "stopped",
        Course::Running if goes_on => "running",
        Course::Running => "done",
    }
}

/// Our word for where a recipient stands.
fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Queued => "queued",
        Standing::Sent => "accepted",
        Standing::Unknown => "unknown",
        Standing::Failed => "failed",
        Standing::Dropped => "not_begun",
    }
}

/// Where a recipient stands whom a word is for.
fn standing(given: &str) -> Result<Standing, InputError> {
    let all = [Standing::Queued, Standing::Sent, Standing::Unknown, Standing::Failed, Standing::Dropped];
    let problem = || InputError::field("outcome", "must be queued, accepted, unknown, failed or not_begun");
    all.into_iter().find(|it| word(*it) == given).ok_or_else(problem)
}

/// Whom an entry names, in the fields that a recipient has for it.
fn named(entry: &Entry) -> (Map<String, Value>, Option<ConversationId>) {
    let (mut number, mut user, mut conversation) = (None, None, None);
    match entry.recipient() {
        Some(EntryRecipient::Number(given)) => number = Some(given),
        Some(EntryRecipient::UserId(given)) => user = Some(given),
        Some(EntryRecipient::Conversation(given)) => conversation = Some(given),
        None => {}
    }
    let fields = Map::from_iter([
        ("phone_number".to_owned(), json!(number.as_ref().map(Phone::e164))),
        ("user_id".to_owned(), json!(user)),
        ("given".to_owned(), entry.given.as_str().into()),
        ("request_id".to_owned(), json!(entry.request.map(RequestRef::get))),
    ]);
    (fields, conversation)
}

/// A recipient of whom it is only told what would become of them.
pub(super) fn would_be(entry: &Entry, error: Option<&Value>) -> Value {
    let (mut shape, _) = named(entry);
    let outcome = if error.is_some() { "failed" } else { "would_be_sent" };
    shape.insert("outcome".to_owned(), outcome.into());
    shape.insert("error".to_owned(), json!(error));
    shape.into()
}

fn recipient(told: &Told) -> Value {
    let entry = &told.entry;
    let (message, conversation) = match &entry.outcome {
        Outcome::Sent { message, conversation, .. } => (Some(*message), *conversation),
        Outcome::Unknown { message } | Outcome::Refused { message, .. } => (*message, None),
        _ => (None, None),
    };
    let kept = told.message.as_ref();
    let (mut shape, named) = named(entry);
    let conversation = kept.map(|kept| kept.address.conversation).or(conversation).or(named);
    let rest = json!({
        "outcome": word(told.standing),
        "error": error(told),
        "message_id": message.map(message_id),
        "conversation_id": conversation.map(conversation_id),
        "provider_message_id": kept.and_then(|kept| kept.wamid.as_ref()),
        "status": kept.map(|kept| status(shown(kept.handover, &kept.facts))),
    });
    if let Value::Object(rest) = rest {
        shape.extend(rest);
    }
    shape.into()
}

/// Why a recipient has no message; of those who wait, what happened so far.
fn error(told: &Told) -> Option<Value> {
    match &told.entry.outcome {
        _ if told.standing == Standing::Sent => None,
        Outcome::Unknown { .. } if told.standing == Standing::Failed => told.rejection.as_ref().map(refusal),
        _ => error_of(&told.entry),
    }
}

/// The same by what the broadcast made of them alone.
pub(super) fn error_of(entry: &Entry) -> Option<Value> {
    let plain = |code: &str, detail: &str| Some(json!({ "code": code, "detail": detail }));
    match &entry.outcome {
        Outcome::Refused { rejection, .. } | Outcome::Queued { last: Some(rejection), .. } => {
            Some(refusal(rejection))
        }
        Outcome::Invalid { field, problem } => {
            Some(json!({ "code": "invalid_request", "field": field, "detail": problem }))
        }
        Outcome::Duplicate => plain("duplicate_recipient", "the customer came before in the list"),
        Outcome::Unknown { .. } => plain("outcome_unknown", "it may or may not have been sent"),
        Outcome::Dropped { why: Dropped::Cancelled } => plain("cancelled", "the broadcast was cancelled"),
        Outcome::Dropped { why: Dropped::Late } => plain("expired", "its turn did not come within a day"),
        Outcome::Dropped { why: Dropped::Stopped { reason } } => {
            plain(reason.code(), "the broadcast was stopped before its turn")
        }
        Outcome::Sent { .. } | Outcome::Queued { last: None, .. } => None,
    }
}

/// A refusal of one recipient.
pub(super) fn refusal(rejection: &Rejection) -> Value {
    json!({
        "code": rejection.reason.code(),
        "provider_code": rejection.provider_code,
        "detail": rejection.detail,
    })
}
