//! What a request to many is answered.

use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::{
    super::{
        errors::failed,
        recipient::{echoed, field},
    },
    outcome::{Outcome, Told},
};
use crate::{
    api::common::{Encoded, Failure},
    domain::{
        id::{BroadcastId, ConversationId},
        rejection::Reason,
        template::Problem,
    },
    service::send::{Replay, SendError},
};

/// How a request ended: for each recipient, in the order of the request.
pub(super) fn sent_to_many(results: &[Told]) -> Encoded {
    Encoded { status: StatusCode::OK, headers: HeaderMap::new(), body: processed(results) }
}

/// How a request stands that goes on: its job is what it can be asked after by.
pub(super) fn goes_on(results: &[Told], job: BroadcastId) -> Encoded {
    let mut body = processed(results);
    let queued = count(results, |outcome| matches!(outcome, Outcome::Queued));
    if let Some(summary) = body.get_mut("summary").and_then(Value::as_object_mut) {
        summary.insert("queued".to_owned(), queued.into());
        summary.insert("jobId".to_owned(), job.get().into());
    }
    Encoded { status: StatusCode::ACCEPTED, headers: place_of(job), body }
}

/// A request of which it is open whether it goes on: to be asked after before it is made again.
pub(super) fn maybe_begun(job: BroadcastId) -> Encoded {
    let mut body =
        refused("No se sabe si el envío quedó en cola; consúltelo antes de repetirlo", "outcome_unknown");
    if let Some(object) = body.as_object_mut() {
        object.insert("jobId".to_owned(), job.get().into());
    }
    Encoded { status: StatusCode::BAD_GATEWAY, headers: place_of(job), body }
}

fn place_of(job: BroadcastId) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Ok(place) = format!("/v1/broadcasts/{job}").parse() {
        headers.insert(http::header::LOCATION, place);
    }
    headers
}

/// What is wrong with the template for everybody: nothing was sent.
pub(super) fn wrong_template(problems: &[Problem]) -> Encoded {
    let shown: Vec<Value> =
        problems.iter().map(|it| json!({ "component": it.component, "problem": it.problem })).collect();
    let body = json!({
        "success": false,
        "error": "Problema con la plantilla",
        "code": Reason::TemplateProblem.code(),
        "problems": shown,
    });
    Encoded { status: StatusCode::BAD_REQUEST, headers: HeaderMap::new(), body }
}

fn count(results: &[Told], wanted: fn(&Outcome) -> bool) -> usize {
    results.iter().filter(|told| wanted(&told.outcome)).count()
}

fn processed(results: &[Told]) -> Value {
    let sent = count(results, |outcome| matches!(outcome, Outcome::Sent { .. }));
    let unknown = count(results, |outcome| {
        matches!(outcome, Outcome::BrokeOff | Outcome::Failed(Failure::Send(SendError::Unknown(_))))
    });
    let would = count(results, |outcome| matches!(outcome, Outcome::WouldBeSent));
    let queued = count(results, |outcome| matches!(outcome, Outcome::Queued));
    // `failed` is what was not certainly sent, as its clients count; `unknown` of these may have been.
    let mut summary = json!({
        "total": results.len(),
        "sent": sent,
        "failed": results.len() - sent - would - queued,
        "unknown": unknown,
    });
    if let Some(object) = summary.as_object_mut().filter(|_| would > 0) {
        object.insert("would_be_sent".to_owned(), would.into());
    }
    let results: Vec<Value> = results.iter().map(result).collect();
    json!({ "success": true, "summary": summary, "results": results })
}

fn refused(text: &str, code: &str) -> Value {
    json!({ "success": false, "error": text, "code": code })
}

fn result(told: &Told) -> Value {
    let mut body = match &told.outcome {
        Outcome::Sent { message, conversation, wamid } => json!({
            "success": true,
            "data": {
                "messages": wamid.as_ref().map(|id| json!({ "id": id.as_str() })).into_iter().collect::<Vec<_>>(),
                "message_id": message.get(),
                "conversation_id": conversation.map(ConversationId::get),
            },
        }),
        Outcome::Failed(failure) => failed(failure).1,
        Outcome::Queued => json!({ "success": true, "queued": true, "data": { "messages": [] } }),
        Outcome::WouldBeSent => json!({ "success": true, "dry_run": true }),
        Outcome::Dropped => {
            refused("El envío terminó antes de su turno; no se envió nada a este destinatario", "not_begun")
        }
        Outcome::Duplicate => refused("El destinatario está repetido en la solicitud", "duplicate_recipient"),
        Outcome::Invalid(field, problem) => json!({
            "success": false,
            "error": format!("Datos inválidos: {problem}"),
            "code": "invalid_request",
            "details": [{ "field": field, "message": problem }],
        }),
        Outcome::BrokeOff => {
            refused("No se sabe si WhatsApp recibió el mensaje; no lo envíe de nuevo", "outcome_unknown")
        }
        Outcome::NotBegun => {
            refused("No alcanzó el tiempo; no se envió nada a este destinatario", "not_begun")
        }
    };
    if let Some(object) = body.as_object_mut() {
        object.shift_insert(0, field(told.named_by).to_owned(), echoed(&told.given, told.named_by));
        if told.replay == Replay::Replayed {
            object.insert("replayed".to_owned(), true.into());
        }
    }
    body
}
