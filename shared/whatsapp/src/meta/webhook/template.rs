//! Webhooks about templates (facts: meta.md 4.7). Their fields are distinguished by shape as well as by
//! name: Meta's own page prints one of them wrongly.

use std::time::Duration;

use serde_json::{Value, json};

use crate::lenient::{AHEAD, text, time};
use ventanilla_core::domain::{
    id::TemplateAccountId,
    inbound::{ComponentsUpdate, TemplateUpdate},
    template::TemplateKey,
    time::Timestamp,
};

/// Webhooks have whole seconds: within one second, they count as later than a list that was fetched.
const WITHIN_A_SECOND: Duration = Duration::from_millis(999);

/// The news of a template; `None` for other fields.
pub(super) fn template_update(
    entry: &Value,
    field: &str,
    value: &Value,
    now: Timestamp,
) -> Option<TemplateUpdate> {
    if !field.contains("template") {
        return None;
    }
    let account = TemplateAccountId::try_from(text(entry, "id")?.into_owned()).ok()?;
    let name = text(value, "message_template_name")?;
    let language = text(value, "message_template_language")?;
    let told_at = time(entry, "time").map(|at| at.plus(WITHIN_A_SECOND));
    let about_category = field == "template_category_update" || value.get("new_category").is_some();
    Some(TemplateUpdate {
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

/// The status after an event.
fn status_of(event: &str) -> String {
    match event {
        // Flagged ones can still be sent.
        "REINSTATED" | "UNARCHIVED" | "FLAGGED" => "APPROVED",
        other => other,
    }
    .to_owned()
}

/// The components of an update, in the format of a list. Even an unreadable update shows that something
/// changed.
fn components(field: &str, value: &Value) -> Option<ComponentsUpdate> {
    if field != "message_template_components_update" {
        return None;
    }
    if let Some(whole) = value.get("components").and_then(Value::as_array) {
        return Some(ComponentsUpdate::Whole(whole.clone()));
    }
    let part = |name| text(value, name).filter(|text| !text.is_empty());
    let mut parts = Vec::new();
    if let Some(text) = part("message_template_title") {
        // Files are never included, so the header is now a text.
        parts.push(json!({ "type": "HEADER", "format": "TEXT", "text": text }));
    }
    if let Some(text) = part("message_template_element") {
        parts.push(json!({ "type": "BODY", "text": text }));
    }
    if let Some(text) = part("message_template_footer") {
        parts.push(json!({ "type": "FOOTER", "text": text }));
    }
    parts.extend(buttons(value));
    Some(ComponentsUpdate::Parts(parts))
}

/// The buttons: only URL and phone buttons are ever included. `None` where one of them is unreadable,
/// because then their positions are unknown.
fn buttons(value: &Value) -> Option<Value> {
    let list = value.get("message_template_buttons")?.as_array()?;
    let buttons: Vec<Value> = list.iter().map(button).collect::<Option<_>>()?;
    (!buttons.is_empty()).then(|| json!({ "type": "BUTTONS", "buttons": buttons }))
}

fn button(value: &Value) -> Option<Value> {
    let label = text(value, "message_template_button_text")?;
    match text(value, "message_template_button_type")?.to_ascii_uppercase().as_str() {
        "URL" => {
            let url = text(value, "message_template_button_url")?;
            Some(json!({ "type": "URL", "text": label, "url": url }))
        }
        "PHONE_NUMBER" => {
            let number = text(value, "message_template_button_phone_number")?;
            Some(json!({ "type": "PHONE_NUMBER", "text": label, "phone_number": number }))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(value: &Value) -> Vec<Value> {
        match components("message_template_components_update", value) {
            Some(ComponentsUpdate::Parts(parts)) => parts,
            other => panic!("{other:?}"),
        }
    }

    fn link(kind: &str) -> Value {
        json!({
            "message_template_button_type": kind,
            "message_template_button_text": "Ver",
            "message_template_button_url": "https://a.example/{{1}}",
        })
    }

    #[test]
    fn a_components_update_has_the_format_of_a_list() {
        let call = json!({
            "message_template_button_type": "PHONE_NUMBER",
            "message_template_button_text": "Llamar",
            "message_template_button_phone_number": "+50212345678",
        });
        let value = json!({
            "message_template_title": "Servicio {{1}}", "message_template_element": "Hola {{1}}.",
            "message_template_footer": "", "message_template_buttons": [link("URL"), call],
        });
        assert_eq!(
            parts(&value),
            [
                json!({ "type": "HEADER", "format": "TEXT", "text": "Servicio {{1}}" }),
                json!({ "type": "BODY", "text": "Hola {{1}}." }),
                json!({ "type": "BUTTONS", "buttons": [
                    { "type": "URL", "text": "Ver", "url": "https://a.example/{{1}}" },
                    { "type": "PHONE_NUMBER", "text": "Llamar", "phone_number": "+50212345678" },
                ] }),
            ]
        );
    }

    #[test]
    fn unreadable_components_are_left_out_and_still_a_change() {
        let value = json!({ "message_template_buttons": [link("URL"), link("SOMETHING_NEW")] });
        assert_eq!(parts(&value), Vec::<Value>::new());
        assert_eq!(parts(&json!({})), Vec::<Value>::new());
        assert_eq!(components("message_template_status_update", &json!({})), None);
        let whole = json!([{ "type": "BODY", "text": "a" }]);
        let update = components("message_template_components_update", &json!({ "components": whole }));
        assert_eq!(update, Some(ComponentsUpdate::Whole(vec![json!({ "type": "BODY", "text": "a" })])));
    }
}
