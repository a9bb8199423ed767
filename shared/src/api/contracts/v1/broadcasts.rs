//! What becomes of a broadcast: `/v1/broadcasts/{id}`.

use axum::response::Response;
use http::Uri;
use serde_json::{Value, json};

use super::{
    errors::{MaySend, Reader, answered},
    message::status,
    read::{self, number},
};
use crate::{
    api::common::{
        Failure,
        access::Authorized,
        ids::{broadcast_id, conversation_id, message_id},
        paging,
        query::Params,
        request::PathParams,
    },
    assembly::App,
    domain::{
        broadcast::{Broadcast, Course, Dropped, EntryRecipient, Outcome},
        caller::Caller,
        content::Content,
        delivery::shown,
        id::{BroadcastId, RequestRef},
        phone::Phone,
        rejection::Rejection,
    },
    service::{
        broadcast::{Overview, Standing, Told},
        send::SendError,
    },
};

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
        // One more than asked for tells whether there is a next page.
        let found = app.core.broadcast_recipients(&caller.tenant, id, from, limit + 1).await?;
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

fn shape(it: &Overview) -> Value {
    let Overview { broadcast, counts } = it;
    let (name, language) = match &broadcast.content {
        Content::Template(template) => (Some(&template.name), Some(&template.language)),
        _ => (None, None),
    };
    json!({
        "id": broadcast_id(broadcast.id),
        "state": state(broadcast, counts.queued),
        "stopped_by": match &broadcast.course {
            Course::Stopped { rejection } => Some(refusal(rejection)),
            _ => None,
        },
        "template": { "name": name, "language": language },
        "created_at": broadcast.created_at.iso_millis(),
        "counts": {
            "total": broadcast.total,
            "queued": counts.queued,
            "accepted": counts.sent,
            "failed": counts.failed,
            "unknown": counts.unknown,
            "not_begun": counts.dropped,
            "delivered": counts.delivered,
            "read": counts.read,
            "undelivered": counts.undelivered,
        },
    })
}

fn state(broadcast: &Broadcast, queued: usize) -> &'static str {
    match broadcast.course {
        Course::Cancelled { .. } => "cancelled",
        Course::Stopped { .. } => "stopped",
        Course::Running if queued > 0 => "running",
        Course::Running => "done",
    }
}

fn recipient(told: &Told) -> Value {
    let entry = &told.entry;
    let outcome = match told.standing {
        Standing::Queued => "queued",
        Standing::Sent => "accepted",
        Standing::Unknown => "unknown",
        Standing::Failed => "failed",
        Standing::Dropped => "not_begun",
    };
    let (message, conversation) = match &entry.outcome {
        Outcome::Sent { message, conversation, .. } => (Some(*message), *conversation),
        Outcome::Unknown { message } | Outcome::Refused { message, .. } => (*message, None),
        _ => (None, None),
    };
    let kept = told.message.as_ref();
    let (mut number, mut user, mut named) = (None, None, None);
    match entry.recipient() {
        Some(EntryRecipient::Number(given)) => number = Some(given),
        Some(EntryRecipient::UserId(given)) => user = Some(given),
        Some(EntryRecipient::Conversation(given)) => named = Some(given),
        None => {}
    }
    let conversation = kept.map(|kept| kept.address.conversation).or(conversation).or(named);
    json!({
        "phone_number": number.as_ref().map(Phone::e164),
        "user_id": user,
        "given": entry.given,
        "request_id": entry.request.map(RequestRef::get),
        "outcome": outcome,
        "error": error(told),
        "message_id": message.map(message_id),
        "conversation_id": conversation.map(conversation_id),
        "provider_message_id": kept.and_then(|kept| kept.wamid.as_ref()),
        "status": kept.map(|kept| status(shown(kept.handover, &kept.facts))),
    })
}

/// Why a recipient has no message; of those who wait, what happened so far.
fn error(told: &Told) -> Option<Value> {
    let plain = |code: &str, detail: &str| Some(json!({ "code": code, "detail": detail }));
    match &told.entry.outcome {
        _ if told.standing == Standing::Sent => None,
        Outcome::Unknown { .. } if told.standing == Standing::Failed => told.rejection.as_ref().map(refusal),
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

fn refusal(rejection: &Rejection) -> Value {
    json!({
        "code": rejection.reason.code(),
        "provider_code": rejection.provider_code,
        "detail": rejection.detail,
    })
}
