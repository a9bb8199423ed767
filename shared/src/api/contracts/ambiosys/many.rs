//! Templates to one or many: `POST /api/whatsapp/send-template` (the vendor's documents).

use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::{
    near_misses::{ENTRY, TEMPLATE},
    recipient::{echoed, field, given, recipient},
    send::failed,
};
use crate::{
    api::common::{Encoded, Failure, Fields, InputError, claim::chosen_channel, components::components},
    domain::{
        broadcast::{Entry, EntryRecipient, MOST_RECIPIENTS, NamedBy, Outcome as Kept},
        content::{Template, TemplateError},
        id::{BroadcastId, ChannelId, ConversationId, MessageId, Wamid},
        rejection::Reason,
        template::Problem,
    },
    service::send::{Replay, SendError, Sent},
};

/// A template and who gets it.
#[derive(Debug)]
pub struct TemplateRequest {
    /// What.
    pub template: Template,
    /// Who, in the order of the request; those that could not be read are marked as such.
    pub recipients: Vec<Entry>,
    /// The channel that it goes out on, and the field that chooses it; none for the default one.
    pub channel: Option<(String, ChannelId)>,
    /// Whether nothing is to be sent, and only told what would be.
    pub dry_run: bool,
}

/// What is said of one recipient.
#[derive(Debug)]
pub struct Told {
    /// The number, user id or conversation as it was given.
    pub given: String,
    /// Which of these it is.
    pub named_by: NamedBy,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether an earlier request under the same key did it.
    pub replay: Replay,
}

/// How it ended for one recipient.
#[derive(Debug)]
pub enum Outcome {
    /// The provider took it.
    Sent {
        /// Our id of it.
        message: MessageId,
        /// Where it is kept, once it is.
        conversation: Option<ConversationId>,
        /// The provider's id of it.
        wamid: Option<Wamid>,
    },
    /// It was not sent, or not certainly.
    Failed(Failure),
    /// Their turn comes later.
    Queued,
    /// Nothing was begun before the broadcast was over.
    Dropped,
    /// The same customer came before in the list.
    Duplicate,
    /// The request names nobody there: what is wrong with it.
    Invalid(String, String),
    /// Nothing was to be sent, and nothing speaks against it.
    WouldBeSent,
    /// There was no time left to begin; nothing was sent.
    NotBegun,
    /// It broke off, and may have been sent.
    BrokeOff,
}

impl From<Sent> for Outcome {
    fn from(sent: Sent) -> Self {
        Self::Sent { message: sent.id, conversation: sent.conversation, wamid: sent.wamid }
    }
}

impl From<&Kept> for Outcome {
    fn from(kept: &Kept) -> Self {
        match kept {
            Kept::Queued { .. } => Self::Queued,
            Kept::Sent { message, conversation, wamid } => {
                Self::Sent { message: *message, conversation: *conversation, wamid: wamid.clone() }
            }
            Kept::Unknown { message: Some(id) } => Self::Failed(SendError::Unknown(*id).into()),
            Kept::Unknown { message: None } => Self::BrokeOff,
            Kept::Refused { rejection, .. } => Self::Failed(SendError::Rejected(rejection.clone()).into()),
            Kept::Duplicate => Self::Duplicate,
            Kept::Invalid { field, problem } => Self::Invalid(field.clone(), problem.clone()),
            Kept::Dropped { .. } => Self::Dropped,
        }
    }
}

/// Reads the body of `/send-template`. A recipient that is wrong fails alone.
///
/// # Errors
/// Names the field.
pub fn template_request(body: &[u8]) -> Result<TemplateRequest, InputError> {
    let fields = Fields::read(body)?;
    TEMPLATE.check(&fields)?;
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
    let mut recipients = recipients(fields.value("recipients"))?;
    let channel = chosen_channel(&fields)?;
    if channel.is_some() {
        recipients.iter_mut().for_each(refuse_conversation);
    }
    Ok(TemplateRequest { template, recipients, channel, dry_run: fields.dry_run()? })
}

/// Reads the list. What stands in it must be objects: nothing else can say whom it names, and by what.
fn recipients(given: Option<&Value>) -> Result<Vec<Entry>, InputError> {
    let wrong = |problem: &str| Err(InputError::field("recipients", problem));
    match given {
        Some(Value::Array(list)) if list.is_empty() => wrong("must not be empty"),
        Some(Value::Array(list)) if list.len() > MOST_RECIPIENTS => {
            wrong(&format!("must be at most {MOST_RECIPIENTS}"))
        }
        Some(Value::Array(list)) if list.iter().all(Value::is_object) => {
            Ok(list.iter().map(wanted).collect())
        }
        Some(Value::Array(_)) => {
            wrong("must be a list of objects, each like {\"phoneNumber\":\"+50212345678\",\"requestId\":123}")
        }
        _ => wrong("must be a list"),
    }
}

fn wanted(entry: &Value) -> Entry {
    let (given, named_by) = given(entry);
    let meant = Fields::of(entry).and_then(|fields| {
        // Of one alone there is none.
        fields.no_dry_run()?;
        ENTRY.check(&fields)?;
        Ok((recipient(&fields)?, fields.request_ref("requestId")?))
    });
    match meant {
        Ok((recipient, request)) => Entry::new(given, named_by, recipient, request),
        Err(error) => {
            let (field, problem) = (error.place().to_owned(), error.to_string());
            Entry::of_nobody(given, named_by, Kept::Invalid { field, problem })
        }
    }
}

/// A conversation has a channel of its own, which need not be the one that was chosen.
fn refuse_conversation(entry: &mut Entry) {
    if let Some(EntryRecipient::Conversation(_)) = entry.recipient() {
        let problem = "conversationId cannot go together with channelId: a conversation has its own channel";
        let outcome = Kept::Invalid { field: "conversationId".to_owned(), problem: problem.to_owned() };
        *entry = Entry::of_nobody(entry.given.clone(), entry.named_by(), outcome);
    }
}

/// How a request ended: for each recipient, in the order of the request.
#[must_use]
pub fn sent_to_many(results: &[Told]) -> Encoded {
    Encoded { status: StatusCode::OK, headers: HeaderMap::new(), body: processed(results) }
}

/// How a request stands that goes on: its job is what it can be asked after by.
#[must_use]
pub fn goes_on(results: &[Told], job: BroadcastId) -> Encoded {
    let mut body = processed(results);
    let queued = count(results, |outcome| matches!(outcome, Outcome::Queued));
    if let Some(summary) = body.get_mut("summary").and_then(Value::as_object_mut) {
        summary.insert("queued".to_owned(), queued.into());
        summary.insert("jobId".to_owned(), job.get().into());
    }
    Encoded { status: StatusCode::ACCEPTED, headers: place_of(job), body }
}

/// A request of which it is open whether it goes on: to be asked after before it is made again.
#[must_use]
pub fn maybe_begun(job: BroadcastId) -> Encoded {
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
            { "phoneNumber": "+502 1234 5678" }, { "phoneNumber": "nobody" }, {}, { "phoneNumber": "+50212345670", "components": [{}] }, { "phoneNumber": "+50212345679", "requestId": -1 },
            { "userId": "GT.1" }, { "conversationId": 7 }, { "userId": "GT.1", "conversationId": 7 },
        ]);
        let all = read(&body).unwrap().recipients;
        let wrong: Vec<Option<&str>> = all
            .iter()
            .map(|it| match &it.outcome {
                Kept::Invalid { field, .. } => Some(field.as_str()),
                _ => None,
            })
            .collect();
        let numbers = [None, Some("phoneNumber"), Some("phoneNumber"), Some("components"), Some("requestId")];
        assert_eq!(wrong[..5], numbers);
        assert_eq!(wrong[5..], [None, None, Some("conversationId")]);
        assert_eq!(all[0].given, "+502 1234 5678");
    }

    #[test]
    fn a_list_of_bare_numbers_is_told_what_an_entry_looks_like() {
        let mut body = sample();
        body["recipients"] = json!(["+50212345678"]);
        let problem = read(&body).unwrap_err().to_string();
        assert!(problem.contains(r#"each like {"phoneNumber":"+50212345678""#), "{problem}");
    }

    #[test]
    fn a_channel_can_be_chosen() {
        for id in [json!(2), json!("2"), json!("ch_2")] {
            let mut body = sample();
            body["channel_id"] = id.clone();
            let chosen = read(&body).unwrap().channel;
            assert_eq!(chosen, Some(("channel_id".to_owned(), "2".parse().unwrap())), "{id}");
        }
    }

    #[test]
    fn a_conversation_goes_out_on_its_own_channel_only() {
        let mut body = sample();
        body["channelId"] = json!(2);
        body["recipients"] = json!([{ "phoneNumber": "+50212345678" }, { "conversationId": 7 }]);
        let recipients = read(&body).unwrap().recipients;
        assert!(recipients[0].outcome.is_open());
        assert!(matches!(&recipients[1].outcome, Kept::Invalid { field, .. } if field == "conversationId"));
        assert_eq!(recipients[1].given, "7");
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
            ("recipients", json!(["+50212345678"])),
            ("recipients", json!([{ "phoneNumber": "+50212345678" }, 7])),
            ("channelId", json!("main")),
            ("sendAt", json!("2026-12-01T10:00:00Z")),
            ("category", json!("MARKETING")),
            ("phoneNumber", json!("+50212345678")),
            ("reply_to", json!("msg_7")),
            ("template_name", json!("another")),
            ("recipients", json!(vec![json!({}); MOST_RECIPIENTS + 1])),
        ] {
            let mut body = sample();
            // In another spelling a name counts only where the own one says nothing.
            if field == "template_name" {
                body["templateName"] = json!(null);
            }
            body[field] = value;
            assert_eq!(read(&body).unwrap_err().place(), field);
        }
    }
}
