//! Templates as Kaleyra's V1 lists them (facts: kaleyra.md 5); V2 lists them as Meta does.

use serde_json::{Value, json};

use crate::templates::word;
use ventanilla_core::domain::template::{
    Category, ParameterFormat, TemplateDetails, TemplateKey, TemplateStatus,
};

/// Headers that are not text. How V1 lists them is not documented; the single word is our guess.
const FILES: [&str; 5] = ["IMAGE", "VIDEO", "DOCUMENT", "GIF", "LOCATION"];

/// A template of Kaleyra's V1, whose list is not documented beyond its parts: name, status, header, body,
/// footer, buttons.
pub(super) fn of_v1(entry: &Value) -> Option<(TemplateKey, TemplateDetails)> {
    let mut components = Vec::new();
    for (field, kind) in [("header", "HEADER"), ("body", "BODY"), ("footer", "FOOTER")] {
        match entry.get(field) {
            Some(Value::String(text)) if !text.is_empty() => {
                components.push(match (kind, FILES.contains(&text.as_str())) {
                    ("HEADER", true) => json!({ "type": kind, "format": text }),
                    ("HEADER", false) => json!({ "type": kind, "format": "TEXT", "text": text }),
                    _ => json!({ "type": kind, "text": text }),
                });
            }
            _ => {}
        }
    }
    if let Some(buttons) = entry.get("buttons").and_then(Value::as_array).filter(|all| !all.is_empty()) {
        components.push(json!({ "type": "BUTTONS", "buttons": buttons }));
    }
    let name = first(entry, &["template_name", "name"]);
    let language = first(entry, &["lang_code", "language"]);
    let details = TemplateDetails {
        status: TemplateStatus::from(word(entry, "status")),
        category: Category::from(word(entry, "category")),
        format: ParameterFormat::Positional,
        components,
        quality: None,
    };
    TemplateKey::of(name, language).ok().map(|key| (key, details))
}

fn first<'a>(entry: &'a Value, fields: &[&str]) -> &'a str {
    fields.iter().map(|field| word(entry, field)).find(|word| !word.is_empty()).unwrap_or_default()
}
