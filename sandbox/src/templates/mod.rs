//! Message templates of business accounts, and the validation of messages that use one.

mod check;
mod creation;
mod demo;
mod fields;
mod history;
mod kaleyra_form;
mod listing;
mod parameters;
mod parse;
mod review;
mod store;

use serde_json::{Value, json};

pub(crate) use self::{
    check::validate,
    creation::Subcode,
    fields::field_names,
    history::TemplateHistory,
    listing::{list_fault, respond},
    parse::{components, is_name, read, read_edit},
    review::start as start_review,
    store::Templates,
};
use crate::Clock;

/// The fields of a template that the Graph API returns by default.
pub(crate) const DEFAULT_FIELDS: [&str; 7] =
    ["name", "parameter_format", "components", "language", "status", "category", "id"];

/// The fields that are returned on request only.
const OTHER_FIELDS: [&str; 3] = ["quality_score", "rejected_reason", "message_send_ttl_seconds"];

/// A message template of a business account.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    /// The template's id: digits in the API, a number in webhooks; 0 until the store assigns one.
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) language: String,
    /// The status in upper case: `APPROVED`, `PAUSED` and others of Meta's.
    pub(crate) status: String,
    /// The category in upper case: `AUTHENTICATION`, `MARKETING` or `UTILITY`.
    pub(crate) category: String,
    pub(crate) format: ParameterFormat,
    /// The components, with their types in upper case.
    pub(crate) components: Vec<Value>,
    /// The quality rating: `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    pub(crate) quality: String,
    /// Since when the quality applies, in Unix seconds.
    pub(crate) quality_since: i64,
    /// The rejection reason; `NONE` if it was not rejected.
    pub(crate) rejected_reason: String,
    /// How long Meta tries to deliver, in seconds, if the template says so; -1 stands for 30 days.
    pub(crate) time_to_live: Option<i64>,
    /// When the template was edited, in Unix seconds.
    pub(crate) edited_at: Vec<i64>,
}

/// How the variables of a template are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParameterFormat {
    /// Numbered variables: `{{1}}`, `{{2}}` and so on.
    Positional,
    /// Named variables, such as `{{first_name}}`.
    Named,
}

impl ParameterFormat {
    /// Parses either word, in any case.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Positional, Self::Named].into_iter().find(|format| format.as_str().eq_ignore_ascii_case(text))
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Positional => "POSITIONAL",
            Self::Named => "NAMED",
        }
    }
}

impl Template {
    /// An approved template with numbered variables and unknown quality.
    pub(crate) fn new(name: &str, language: &str, category: &str, components: Vec<Value>) -> Self {
        Self {
            id: 0,
            name: name.to_owned(),
            language: language.to_owned(),
            status: "APPROVED".to_owned(),
            category: category.to_owned(),
            format: ParameterFormat::Positional,
            components,
            quality: "UNKNOWN".to_owned(),
            quality_since: Clock::default().unix_now(),
            rejected_reason: "NONE".to_owned(),
            time_to_live: None,
            edited_at: Vec::new(),
        }
    }

    /// Whether this is the template of this name in this language.
    pub(crate) fn has_name(&self, name: &str, language: &str) -> bool {
        self.name == name && self.language == language
    }

    /// The component of this type.
    pub(crate) fn component(&self, kind: &str) -> Option<&Value> {
        self.components.iter().find(|component| text_field(component, "type") == kind)
    }

    /// The text of the component of this type.
    pub(crate) fn text(&self, kind: &str) -> Option<&str> {
        self.component(kind)?.get("text")?.as_str()
    }

    /// The format of the header; `TEXT` if there is none.
    pub(crate) fn header_format(&self) -> &str {
        let format = self.component("HEADER").and_then(|header| header.get("format"));
        format.and_then(Value::as_str).unwrap_or("TEXT")
    }

    /// The buttons, in order.
    pub(crate) fn buttons(&self) -> &[Value] {
        self.component("BUTTONS").map_or(&[], |component| items(component, "buttons"))
    }

    /// Whether the template is or once was approved.
    pub(crate) fn was_approved(&self) -> bool {
        ["APPROVED", "PAUSED", "DISABLED"].contains(&self.status.as_str()) || !self.edited_at.is_empty()
    }

    /// Whether another template has the same body and footer; Meta does not compare login codes (facts: template-rules.md
    /// 2). Translations of one template are not compared.
    pub(crate) fn has_same_text(&self, other: &Self) -> bool {
        self.name != other.name
            && other.category != "AUTHENTICATION"
            && ["BODY", "FOOTER"].iter().all(|kind| self.text(kind) == other.text(kind))
    }

    /// Whether the name or a text contains this.
    pub(crate) fn has_text(&self, text: &str) -> bool {
        self.name.contains(text)
            || ["HEADER", "BODY", "FOOTER"]
                .iter()
                .any(|kind| self.text(kind).is_some_and(|own| own.contains(text)))
    }

    /// The field of this name as the Graph API shows it; `None` if the sandbox has no such field.
    pub(crate) fn field(&self, name: &str) -> Option<Value> {
        Some(match name {
            "id" => self.id.to_string().into(),
            "name" => self.name.as_str().into(),
            "language" => self.language.as_str().into(),
            "status" => self.status.as_str().into(),
            "category" => self.category.as_str().into(),
            "parameter_format" => self.format.as_str().into(),
            "components" => self.components.clone().into(),
            "quality_score" => json!({"score": self.quality, "date": self.quality_since}),
            "rejected_reason" => self.rejected_reason.as_str().into(),
            "message_send_ttl_seconds" => self.time_to_live?.into(),
            _ => return None,
        })
    }

    /// The template with those of these fields that exist.
    pub(crate) fn select_fields<'a>(&self, fields: impl IntoIterator<Item = &'a str>) -> Value {
        let kept = fields.into_iter().filter_map(|name| Some((name.to_owned(), self.field(name)?)));
        Value::Object(kept.collect())
    }

    /// The template with all of its fields.
    pub(crate) fn all_fields(&self) -> Value {
        self.select_fields(DEFAULT_FIELDS.into_iter().chain(OTHER_FIELDS))
    }
}

/// Whether a button's URL ends in a variable.
fn has_open_link(button: &Value) -> bool {
    text_field(button, "url").contains("{{")
}

/// A text field; empty when there is none.
fn text_field<'a>(object: &'a Value, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// The variables of a text, without duplicates.
fn variables(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for piece in text.split("{{").skip(1) {
        if let Some((name, _)) = piece.split_once("}}")
            && !found.contains(&name)
        {
            found.push(name);
        }
    }
    found
}

/// A list; empty when there is none.
fn items<'a>(object: &'a Value, field: &str) -> &'a [Value] {
    object.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
