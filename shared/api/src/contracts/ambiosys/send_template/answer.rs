//! The response to a template to many.

use axum::response::Response;
use http::{HeaderMap, StatusCode, header};

use super::{
    Ended,
    outcome::{Outcome, RecipientResult},
    types::{
        BegunOrNot, GoesOn, NoMessage, NotSentToOne, OfOne, ProblemView, Progress, ProviderMessage,
        QueuedForOne, Replayed, SentMessage, SentToMany, SentToOne, Summary, TemplateProblems,
        WouldBeSentToOne,
    },
};
use crate::{
    common::{
        Encoded, Failure,
        prefer::{PREFERENCE_APPLIED, RESPOND_ASYNC, Wait},
        respond,
    },
    contracts::ambiosys::{
        errors::{ErrorBody, WRONG_DATA},
        recipient::Given,
        types::{Always, encoded},
    },
};
use ventanilla_core::{
    domain::{id::BroadcastId, rejection::Reason, template::ValidationProblem},
    usecases::sending::Replay,
};

/// The response, for a caller who preferred to wait or not.
pub(super) fn answer(ended: Ended, wait: Wait) -> Response {
    let (mut encoded, replay) = match ended {
        Ended::Each(results) => (sent_to_many(&results), Replay::Original),
        Ended::WrongTemplate(problems) => {
            tracing::info!(problems = problems.len(), "a template message was rejected before sending");
            (wrong_template(&problems), Replay::Original)
        }
        Ended::Open(job) => (begun_or_not(job), Replay::Original),
        Ended::GoesOn(results, job, replay) => (goes_on(&results, job), replay),
    };
    if encoded.status == StatusCode::ACCEPTED && wait == Wait::ForNothing {
        encoded.headers.insert(PREFERENCE_APPLIED, RESPOND_ASYNC);
    }
    respond::answer(encoded, None, replay)
}

/// The results of a finished request, in the order of the request.
fn sent_to_many(results: &[RecipientResult]) -> Encoded {
    let body = SentToMany { success: Always, summary: summary(results), results: of_each(results) };
    encoded(StatusCode::OK, &body)
}

/// The progress of a request that continues; its job is the id of the broadcast.
fn goes_on(results: &[RecipientResult], job: BroadcastId) -> Encoded {
    let Summary { total, sent, failed, unknown, .. } = summary(results);
    let queued = count(results, |outcome| matches!(outcome, Outcome::Queued));
    let summary = Progress { total, sent, failed, unknown, queued, job };
    let body = GoesOn { success: Always, summary, results: of_each(results) };
    Encoded { headers: location_header(job), ..encoded(StatusCode::ACCEPTED, &body) }
}

/// The response when it is unknown whether the broadcast exists: the caller should look it up before a
/// retry.
fn begun_or_not(job: BroadcastId) -> Encoded {
    let error = "No se sabe si el envío quedó en cola; consúltelo antes de repetirlo";
    let body = BegunOrNot { success: Always, error, code: "outcome_unknown", job };
    Encoded { headers: location_header(job), ..encoded(StatusCode::BAD_GATEWAY, &body) }
}

fn location_header(job: BroadcastId) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Ok(place) = format!("/v1/broadcasts/{job}").parse() {
        headers.insert(header::LOCATION, place);
    }
    headers
}

/// The faults of the template: nothing was sent.
fn wrong_template(problems: &[ValidationProblem]) -> Encoded {
    let shown = problems.iter().map(|it| ProblemView { component: &it.component, problem: &it.problem });
    let body = TemplateProblems {
        success: Always,
        error: "Problema con la plantilla",
        code: Reason::TemplateProblem.code(),
        problems: shown.collect(),
    };
    encoded(StatusCode::BAD_REQUEST, &body)
}

fn count(results: &[RecipientResult], wanted: fn(&Outcome) -> bool) -> usize {
    results.iter().filter(|result| wanted(&result.outcome)).count()
}

fn summary(results: &[RecipientResult]) -> Summary {
    let sent = count(results, |outcome| matches!(outcome, Outcome::Sent { .. }));
    let unknown =
        count(results, |outcome| matches!(outcome, Outcome::BrokeOff | Outcome::Failed(Failure::Unknown(_))));
    let would = count(results, |outcome| matches!(outcome, Outcome::WouldBeSent));
    let queued = count(results, |outcome| matches!(outcome, Outcome::Queued));
    Summary {
        total: results.len(),
        sent,
        // Whatever was not certainly sent, as the vendor's clients count; `unknown` of these may have been.
        failed: results.len() - sent - would - queued,
        unknown,
        would_be_sent: Some(would).filter(|would| *would > 0),
    }
}

fn of_each(results: &[RecipientResult]) -> Vec<OfOne<'_>> {
    results.iter().map(of_one).collect()
}

fn of_one(result: &RecipientResult) -> OfOne<'_> {
    let given = Given::of(&result.given, result.named_by);
    let replayed = (result.replay == Replay::Replayed).then_some(Replayed(Always));
    let not_sent = |error| OfOne::NotSent(NotSentToOne { given, error, replayed });
    match &result.outcome {
        Outcome::Sent { message, conversation, wamid } => {
            let messages = wamid.iter().map(|id| ProviderMessage { id: id.as_str() }).collect();
            let (message_id, conversation_id) = (*message, (*conversation).into());
            let data = SentMessage { messages, message_id, conversation_id };
            OfOne::Sent(SentToOne { given, success: Always, data, replayed })
        }
        Outcome::Queued => {
            let data = NoMessage { messages: [] };
            OfOne::Queued(QueuedForOne { given, success: Always, queued: Always, data, replayed })
        }
        Outcome::WouldBeSent => {
            OfOne::WouldBeSent(WouldBeSentToOne { given, success: Always, dry_run: Always })
        }
        Outcome::Failed(failure) => not_sent(ErrorBody::of(failure)),
        Outcome::Invalid(field, problem) => {
            not_sent(ErrorBody::new(WRONG_DATA, "invalid_request").about(field, problem))
        }
        Outcome::Duplicate => {
            not_sent(ErrorBody::new("El destinatario está repetido en la solicitud", "duplicate_recipient"))
        }
        Outcome::Dropped => not_sent(ErrorBody::new(DROPPED, "not_begun")),
        Outcome::NotBegun => not_sent(ErrorBody::new(NOT_BEGUN, "not_begun")),
        Outcome::BrokeOff => not_sent(ErrorBody::new(BROKE_OFF, "outcome_unknown")),
    }
}

const DROPPED: &str = "El envío terminó antes de su turno; no se envió nada a este destinatario";
const NOT_BEGUN: &str = "No alcanzó el tiempo; no se envió nada a este destinatario";
const BROKE_OFF: &str = "No se sabe si WhatsApp recibió el mensaje; no lo envíe de nuevo";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use ventanilla_core::domain::broadcast::NamedBy;

    fn result_of(outcome: Outcome) -> RecipientResult {
        RecipientResult {
            given: "7".to_owned(),
            named_by: NamedBy::ConversationId,
            outcome,
            replay: Replay::Original,
        }
    }

    #[test]
    fn an_uncertain_recipient_counts_as_failed() {
        let sent = Outcome::Sent { message: "8".parse().unwrap(), conversation: None, wamid: None };
        let results = [sent, Outcome::BrokeOff, Outcome::Duplicate, Outcome::Queued].map(result_of);
        let counted = json!({ "total": 4, "sent": 1, "failed": 2, "unknown": 1 });
        assert_eq!(json!(summary(&results)), counted);
        let body = goes_on(&results, "9".parse().unwrap()).body;
        assert_eq!((&body["summary"]["queued"], &body["summary"]["jobId"]), (&json!(1), &json!(9)));
        let dry = json!(summary(&[Outcome::WouldBeSent].map(result_of)));
        assert_eq!(dry, json!({ "total": 1, "sent": 0, "failed": 0, "unknown": 0, "would_be_sent": 1 }));
    }

    #[test]
    fn a_result_begins_with_the_recipient_and_ends_with_the_replay() {
        let sent = Outcome::Sent {
            message: "8".parse().unwrap(),
            conversation: Some("7".parse().unwrap()),
            wamid: Some("wamid.A".to_owned().try_into().unwrap()),
        };
        let replayed = RecipientResult { replay: Replay::Replayed, ..result_of(sent) };
        let text = concat!(
            r#"{"conversationId":7,"success":true,"data":{"messages":[{"id":"wamid.A"}],"message_id":8,"#,
            r#""conversation_id":7},"replayed":true}"#
        );
        assert_eq!(json!(of_one(&replayed)).to_string(), text);
        let wrong = Outcome::Invalid("requestId".to_owned(), "requestId must be a number".to_owned());
        let text = concat!(
            r#"{"conversationId":7,"success":false,"error":"Datos inválidos: requestId must be a number","#,
            r#""code":"invalid_request","details":[{"field":"requestId","message":"requestId must be a number"}]}"#
        );
        assert_eq!(json!(of_one(&result_of(wrong))).to_string(), text);
    }
}
