//! The components of a message beside those of its template: the message itself, or one card of a carousel.

use serde_json::Value;

use super::{ValidationProblem, of, word};
use crate::domain::template::ParameterFormat;

/// Components of a message, with those of the template that they fill in.
pub(super) struct Part<'a> {
    /// What stands before a component's name: empty, or `card 0 `.
    pub(super) prefix: String,
    /// The components of the template.
    pub(super) template: &'a [Value],
    /// The components of the message.
    pub(super) sent: &'a [Value],
    /// How the template's variables are named.
    pub(super) format: ParameterFormat,
    /// The maximum length of the filled body, in characters.
    pub(super) body_limit: usize,
}

impl Part<'_> {
    /// A problem of one of its components.
    pub(super) fn problem(&self, component: &str, problem: &str) -> ValidationProblem {
        of(&format!("{}{component}", self.prefix), problem)
    }

    /// The components of the message with this name.
    pub(super) fn named(&self, component: &str) -> impl Iterator<Item = &Value> {
        self.sent.iter().filter(move |it| name_of(it).as_deref() == Some(component))
    }

    /// The parameters of the message for this component.
    pub(super) fn parameters(&self, component: &str) -> Vec<&Value> {
        self.named(component).filter_map(|it| it.get("parameters")?.as_array()).flatten().collect()
    }

    /// The buttons of the template.
    pub(super) fn buttons(&self) -> &[Value] {
        let buttons = self.template.iter().find(|it| is_of(it, "BUTTONS"));
        buttons.and_then(|it| it.get("buttons")?.as_array()).map_or(&[], Vec::as_slice)
    }

    /// The text of the template's component of this type.
    pub(super) fn text(&self, kind: &str) -> Option<&str> {
        self.template.iter().find(|it| is_of(it, kind))?.get("text")?.as_str()
    }
}

/// Whether a component of a template, or a button, has this type.
pub(super) fn is_of(component: &Value, kind: &str) -> bool {
    word(component, "type").eq_ignore_ascii_case(kind)
}

/// The name of a component of a message: `header`, `body`, `button 0`; `None` for other types.
pub(super) fn name_of(component: &Value) -> Option<String> {
    match word(component, "type").to_ascii_lowercase().as_str() {
        "button" => Some(format!("button {}", index_of(component, "index")?)),
        kind @ ("header" | "body") => Some(kind.to_owned()),
        _ => None,
    }
}

/// An index, as a number or as text.
pub(super) fn index_of(object: &Value, field: &str) -> Option<u64> {
    let value = object.get(field)?;
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
