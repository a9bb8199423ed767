//! Templates to one or many: `POST /api/whatsapp/send-template` (seed 002).

use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::send::failed;
use crate::{
    contract::{Encoded, Failure, Fields, InputError, components::components},
    domain::{
        content::{Template, TemplateError},
        id::{ConversationId, RequestRef, Wamid},
        phone::Phone,
        rejection::Reason,
        template::Problem,
    },
    service::send::{Replay, SendError, Sent},
};

/// Most recipients of one call.
const MOST_RECIPIENTS: usize = 100;

/// A template and who gets it.
#[derive(Debug)]
pub struct TemplateRequest {
    /// What.
    pub template: Template,
    /// Who, in the order of the request.
    pub recipients: Vec<Wanted>,
}

/// A recipient as the caller names them.
#[derive(Debug)]
pub struct Wanted {
    /// The number as it was given; the answer repeats it.
    pub given: String,
    /// Whom that means, and the service request that it is about; or what is wrong with it.
    pub meant: Result<(Phone, Option<RequestRef>), InputError>,
}

/// How it ended for one recipient.
#[derive(Debug)]
pub enum Outcome {
    /// It was sent, or tried, now or by an earlier request under the same key.
    Ended(Result<Sent, Failure>, Replay),
    /// The same number came before in the list.
    Duplicate,
    /// Nothing was to be sent, and nothing speaks against it.
    WouldBeSent,
    /// There was no time left to begin; nothing was sent.
    NotBegun,
    /// It broke off, and may have been sent.
    BrokeOff,
}

/// Reads the body of `/send-template`. A recipient that is wrong fails alone.
///
/// # Errors
/// Names the field.
pub fn template_request(body: &[u8]) -> Result<TemplateRequest, InputError> {
    let fields = Fields::read(body)?;
    let name = fields.required_text("templateName")?;
    let language = fields.required_text("languageCode")?;
    let template = Template::new(name, language, components(fields.value("components"))?);
    let template = template.map_err(|error| {
        let field = match error {
            TemplateError::Name => "templateName",
            TemplateError::Language => "languageCode",
            TemplateError::Components => "components",
        };
        InputError::field(field, error)
    })?;
    let recipients = match fields.value("recipients") {
        Some(Value::Array(list)) if (1..=MOST_RECIPIENTS).contains(&list.len()) => {
            list.iter().map(wanted).collect()
        }
        Some(Value::Array(list)) if list.is_empty() => {
            return Err(InputError::field("recipients", "must not be empty"));
        }
        Some(Value::Array(_)) => {
            return Err(InputError::field("recipients", format!("must be at most {MOST_RECIPIENTS}")));
        }
        _ => return Err(InputError::field("recipients", "must be a list")),
    };
    Ok(TemplateRequest { template, recipients })
}

fn wanted(given: &Value) -> Wanted {
    let number = given.get("phoneNumber");
    let spelled = match number {
        Some(Value::String(text)) => text.chars().take(64).collect(),
        _ => String::new(),
    };
    let meant = Fields::of(given)
        .and_then(|fields| Ok((fields.phone("phoneNumber")?, fields.request_ref("requestId")?)));
    Wanted { given: spelled, meant }
}

/// How a request ended: for each recipient, in the order of the request.
#[must_use]
pub fn sent_to_many(outcome: &Result<Vec<(String, Outcome)>, Failure>) -> Encoded {
    let (status, body) = match outcome {
        Ok(results) => (StatusCode::OK, processed(results)),
        Err(failure) => failed(failure),
    };
    Encoded { status, headers: HeaderMap::new(), body }
}

/// What is wrong with the template for everybody: nothing was sent.
#[must_use]
pub fn wrong_template(problems: &[Problem]) -> Encoded {
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

fn processed(results: &[(String, Outcome)]) -> Value {
    let of = |wanted: fn(&Outcome) -> bool| results.iter().filter(|(_, outcome)| wanted(outcome)).count();
    let sent = of(|outcome| matches!(outcome, Outcome::Ended(Ok(_), _)));
    let unknown = of(|outcome| {
        matches!(outcome, Outcome::BrokeOff | Outcome::Ended(Err(Failure::Send(SendError::Unknown(_))), _))
    });
    let would = of(|outcome| matches!(outcome, Outcome::WouldBeSent));
    // `failed` is what was not certainly sent, as its clients count; `unknown` of these may have been.
    let mut summary = json!({
        "total": results.len(),
        "sent": sent,
        "failed": results.len() - sent - would,
        "unknown": unknown,
    });
    if let Some(object) = summary.as_object_mut().filter(|_| would > 0) {
        object.insert("would_be_sent".to_owned(), would.into());
    }
    let results: Vec<Value> = results.iter().map(|(number, outcome)| result(number, outcome)).collect();
    json!({ "success": true, "summary": summary, "results": results })
}

fn result(number: &str, outcome: &Outcome) -> Value {
    let mut body = match outcome {
        Outcome::Ended(Ok(sent), _) => json!({
            "success": true,
            "data": {
                "messages": sent.wamid.as_ref().map(|id| json!({ "id": Wamid::as_str(id) })).into_iter().collect::<Vec<_>>(),
                "message_id": sent.id.get(),
                "conversation_id": sent.conversation.map(ConversationId::get),
            },
        }),
        Outcome::Ended(Err(failure), _) => failed(failure).1,
        Outcome::WouldBeSent => json!({ "success": true, "dry_run": true }),
        Outcome::Duplicate => json!({
            "success": false,
            "error": "El número está repetido en la solicitud",
            "code": "duplicate_recipient",
        }),
        Outcome::BrokeOff => json!({
            "success": false,
            "error": "No se sabe si WhatsApp recibió el mensaje; no lo envíe de nuevo",
            "code": "outcome_unknown",
        }),
        Outcome::NotBegun => json!({
            "success": false,
            "error": "No alcanzó el tiempo; no se envió nada a este número",
            "code": "not_begun",
        }),
    };
    if let Some(object) = body.as_object_mut() {
        object.shift_insert(0, "phoneNumber".to_owned(), number.into());
        if matches!(outcome, Outcome::Ended(_, Replay::Replayed)) {
            object.insert("replayed".to_owned(), true.into());
        }
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &Value) -> Result<TemplateRequest, InputError> {
        template_request(body.to_string().as_bytes())
    }

    fn sample() -> Value {
        json!({
            "templateName": "appointment_reminder",
            "languageCode": "es",
            "components": [{ "type": "body", "parameters": [{ "type": "text", "text": "Juan" }] }],
            "recipients": [{ "phoneNumber": "+50212345678", "requestId": 123 }],
        })
    }

    #[test]
    fn a_wrong_recipient_fails_alone_and_keeps_its_place() {
        let mut body = sample();
        body["recipients"] = json!([
            { "phoneNumber": "+502 1234 5678" }, { "phoneNumber": "nobody" }, {}, 7, { "phoneNumber": "+50212345679", "requestId": -1 },
        ]);
        let all = read(&body).unwrap().recipients;
        let wrong: Vec<Option<&str>> =
            all.iter().map(|it| it.meant.as_ref().err().map(InputError::place)).collect();
        assert_eq!(wrong, [None, Some("phoneNumber"), Some("phoneNumber"), Some("body"), Some("requestId")]);
        assert_eq!(all[0].given, "+502 1234 5678");
    }

    #[test]
    fn every_mistake_of_the_request_names_its_field() {
        for (field, value) in [
            ("templateName", json!("Not A Name")),
            ("templateName", json!(null)),
            ("languageCode", json!(5)),
            ("languageCode", json!("e")),
            ("components", json!([{ "type": "footer" }])),
            ("recipients", json!([])),
            ("recipients", json!("x")),
            ("recipients", json!(vec![json!({}); MOST_RECIPIENTS + 1])),
        ] {
            let mut body = sample();
            body[field] = value;
            assert_eq!(read(&body).unwrap_err().place(), field);
        }
    }
}
