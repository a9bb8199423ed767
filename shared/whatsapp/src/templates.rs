//! Templates in Meta's list format, which others pass on (facts: meta.md 6).

use serde_json::Value;

use ventanilla_core::domain::template::{
    Category, ParameterFormat, TemplateDetails, TemplateKey, TemplateStatus,
};

/// Templates from Meta's format. Entries with an invalid name or language are left out and logged.
pub(crate) fn listed(entries: &[Value]) -> Vec<(TemplateKey, TemplateDetails)> {
    entries.iter().filter_map(one).collect()
}

fn one(entry: &Value) -> Option<(TemplateKey, TemplateDetails)> {
    let Ok(key) = TemplateKey::of(word(entry, "name"), word(entry, "language")) else {
        tracing::warn!(name = word(entry, "name"), "a template with an invalid name or language");
        return None;
    };
    let format = match word(entry, "parameter_format").to_ascii_uppercase().as_str() {
        "NAMED" => ParameterFormat::Named,
        _ => ParameterFormat::Positional,
    };
    let details = TemplateDetails {
        status: TemplateStatus::from(word(entry, "status")),
        category: Category::from(word(entry, "category")),
        format,
        components: entry.get("components").and_then(Value::as_array).cloned().unwrap_or_default(),
        quality: entry
            .get("quality_score")
            .map(|it| word(it, "score").to_owned())
            .filter(|it| !it.is_empty()),
    };
    Some((key, details))
}

/// The text of a field; empty where it has none.
pub(crate) fn word<'a>(object: &'a Value, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}
