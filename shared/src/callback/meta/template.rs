//! News of templates (facts: meta.md 4.7). The fields are told apart by their shape as well as by name:
//! Meta's own page prints one of them wrongly.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::{
    callback::lenient::{AHEAD, first_text, text},
    domain::{id::CatalogueId, inbound::TemplateNews, template::TemplateKey, time::Timestamp},
};

/// Webhooks tell whole seconds: within one, they count as later than a list that was asked for.
const WITHIN_A_SECOND: Duration = Duration::from_millis(999);

/// News of a template; none for fields about something else.
pub(super) fn news(entry: &Value, field: &str, value: &Value, now: Timestamp) -> Option<TemplateNews> {
    if !field.contains("template") {
        return None;
    }
    let account = CatalogueId::try_from(text(entry, "id")?.into_owned()).ok()?;
    let name = text(value, "message_template_name")?;
    let language = text(value, "message_template_language")?;
    let told_at = text(entry, "time")
        .and_then(|time| time.parse().ok())
        .map(|at: i64| Timestamp::from_seconds(at).plus(WITHIN_A_SECOND));
    let about_category = field == "template_category_update" || value.get("new_category").is_some();
    Some(TemplateNews {
        account,
        key: TemplateKey::of(&name, &language).ok()?,
        at: told_at.unwrap_or(now).min(now.plus(AHEAD)),
        status: text(value, "event").map(|event| status_of(&event)),
        category: about_category
            .then(|| text(value, "new_category"))
            .flatten()
            .map(std::borrow::Cow::into_owned),
        quality: text(value, "new_quality_score").map(std::borrow::Cow::into_owned),
        components: components(field, value),
    })
}

/// The status that an event leads to.
fn status_of(event: &str) -> String {
    match event {
        // Flagged ones can still be sent.
        "REINSTATED" | "UNARCHIVED" | "FLAGGED" => "APPROVED",
        other => other,
    }
    .to_owned()
}

/// The parts that a components update tells, as a list has them.
fn components(field: &str, value: &Value) -> Option<Vec<Value>> {
    if field != "message_template_components_update" {
        return None;
    }
    if let Some(whole) = value.get("components").and_then(Value::as_array) {
        return Some(whole.clone());
    }
    let part = |(kind, names): (&str, &[&str])| {
        let text = first_text(value, names)?;
        let fields = [("type".to_owned(), Value::from(kind)), ("text".to_owned(), Value::from(text))];
        Some(Value::Object(Map::from_iter(fields)))
    };
    let parts: [(&str, &[&str]); 3] = [
        ("HEADER", &["message_template_title"]),
        ("BODY", &["message_template_element"]),
        ("FOOTER", &["message_template_footer"]),
    ];
    let told: Vec<Value> = parts.into_iter().filter_map(part).collect();
    (!told.is_empty()).then_some(told)
}
