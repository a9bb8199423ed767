//! The body of a template to many.

use serde::Deserialize;
use serde_json::Value;

#[cfg(feature = "schema")]
use super::super::document;
use super::super::{
    near_misses::{ENTRY, TEMPLATE},
    recipient::{Named, given},
    types::ServiceRequest,
};
use crate::common::{Fields, InputError, claim::chosen_channel, components::components};
#[cfg(feature = "schema")]
use crate::common::{components::TemplateComponent, schema};
use ventanilla_core::domain::{
    broadcast::{EntryOutcome as Kept, EntryRecipient, MOST_RECIPIENTS, RecipientEntry},
    content::{TemplateContent, TemplateError},
    id::ChannelId,
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(
        rename = "TemplateToMany",
        extend("additionalProperties" = true),
        transform = document::template_to_many
    )
)]
pub(in crate::contracts::ambiosys) struct TemplateBody {
    /// The template's name, as `listTemplates` shows it.
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("pattern" = "^[a-z0-9_]{1,512}$")))]
    template_name: Option<String>,
    /// Its language and locale, as `listTemplates` shows them.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "String", extend("pattern" = "^[A-Za-z0-9_-]{2,16}$", "examples" = ["es", "en_US"]))
    )]
    language_code: Option<String>,
    /// What fills the template's places: one for each component that has any. Nested at most 16 levels deep and of at
    /// most 100,000 bytes in all. Null and none are an empty list, for a template without places.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Vec<TemplateComponent<'static>>>"))]
    components: Option<Value>,
    /// Who gets it. An entry that is not as shown here fails alone; a customer who came before in the list, by
    /// whichever of their addresses and in whatever spelling, is not sent to again (`duplicate_recipient`). More than
    /// 100 go on after the answer.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<RecipientBody>", length(min = 1, max = 1000)))]
    recipients: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(inline, extend("oneOf" = document::one_customer(), "additionalProperties" = true))
)]
struct RecipientBody {
    /// The number, as in `/api/whatsapp/send`.
    phone_number: Option<String>,
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::CustomerUserId>"))]
    user_id: Option<String>,
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::CustomerConversationId>"))]
    conversation_id: Option<Value>,
    /// The service request that it is about. The conversation is linked to the latest one given.
    #[cfg_attr(
        feature = "schema",
        schemars(
            with = "Option<u64>",
            extend("format" = "int64", "minimum" = 1, "maximum" = 9_007_199_254_740_991_u64)
        )
    )]
    request_id: Option<ServiceRequest>,
}

impl RecipientBody {
    fn named(&self) -> Named<'_> {
        Named {
            number: self.phone_number.as_deref(),
            user_id: self.user_id.as_deref(),
            conversation: self.conversation_id.as_ref(),
        }
    }
}

/// A decoded template to many.
#[derive(Debug)]
pub(super) struct TemplateRequest {
    /// The template with its parameters.
    pub(super) template: TemplateContent,
    /// The recipients, in the order of the request; invalid entries are marked.
    pub(super) recipients: Vec<RecipientEntry>,
    /// The selected channel, and the field that selects it; `None` for the default one.
    pub(super) channel: Option<(String, ChannelId)>,
    /// Whether it is a dry run.
    pub(super) dry_run: bool,
}

/// Reads the body of `/send-template`. An invalid recipient fails alone.
///
/// # Errors
/// Names the field.
pub(super) fn template_request(body: &[u8]) -> Result<TemplateRequest, InputError> {
    let fields = Fields::read(body)?;
    TEMPLATE.check(&fields)?;
    let body: TemplateBody = fields.typed()?;
    let missing = |field: &'static str| move || InputError::field(field, "is missing");
    let name = body.template_name.ok_or_else(missing("templateName"))?;
    let language = body.language_code.ok_or_else(missing("languageCode"))?;
    let template = TemplateContent::new(&name, &language, components(body.components.as_ref())?);
    let template = template.map_err(|error| {
        let field = match error {
            TemplateError::Name => "templateName",
            TemplateError::Language => "languageCode",
            TemplateError::Components => "components",
        };
        InputError::field(field, error)
    })?;
    let mut recipients = recipients(body.recipients.as_ref())?;
    let channel = chosen_channel(&fields)?;
    if channel.is_some() {
        recipients.iter_mut().for_each(refuse_conversation);
    }
    Ok(TemplateRequest { template, recipients, channel, dry_run: fields.dry_run()? })
}

/// Reads the list. Its entries must be objects: nothing else can name a recipient.
fn recipients(given: Option<&Value>) -> Result<Vec<RecipientEntry>, InputError> {
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

fn wanted(entry: &Value) -> RecipientEntry {
    let (given, named_by) = given(entry);
    let meant = Fields::of(entry).and_then(|fields| {
        // An entry alone has no such claim.
        fields.no_dry_run()?;
        ENTRY.check(&fields)?;
        let body: RecipientBody = fields.typed()?;
        Ok((body.named().recipient()?, body.request_id.map(|request| request.0)))
    });
    match meant {
        Ok((recipient, request)) => RecipientEntry::new(given, named_by, recipient, request),
        Err(error) => {
            let (field, problem) = (error.place().to_owned(), error.to_string());
            RecipientEntry::of_nobody(given, named_by, Kept::Invalid { field, problem })
        }
    }
}

/// Rejects a conversation, which has a channel of its own, where a channel is selected.
fn refuse_conversation(entry: &mut RecipientEntry) {
    if let Some(EntryRecipient::Conversation(_)) = entry.recipient() {
        let problem = "conversationId cannot go together with channelId: a conversation has its own channel";
        let outcome = Kept::Invalid { field: "conversationId".to_owned(), problem: problem.to_owned() };
        *entry = RecipientEntry::of_nobody(entry.given.clone(), entry.named_by(), outcome);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
    fn a_list_of_bare_numbers_is_rejected_with_an_example() {
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
