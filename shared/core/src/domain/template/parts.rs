//! Components that a webhook reports only in part.

use serde_json::Value;

use super::TemplateDetails;

impl TemplateDetails {
    /// Merges a component: its fields replace those of the component of the same type, the rest stays.
    pub(super) fn merge(&mut self, part: &Value) {
        let of_type = |component: &&mut Value| component.get("type") == part.get("type");
        match (self.components.iter_mut().find(of_type), part.as_object()) {
            (Some(Value::Object(known)), Some(fields)) => {
                if let (Some(Value::Array(buttons)), Some(Value::Array(new))) =
                    (known.get_mut("buttons"), fields.get("buttons"))
                {
                    merge_buttons(buttons, new);
                } else {
                    known.extend(fields.clone());
                }
            }
            _ => self.components.push(part.clone()),
        }
    }
}

/// Replaces the buttons with a link or number. The others, which webhooks do not report, stay where they
/// are.
fn merge_buttons(known: &mut Vec<Value>, updated: &[Value]) {
    let mut replacements = updated.iter();
    known.retain_mut(|button| {
        if !leads_away(button) {
            return true;
        }
        let new = replacements.next();
        if let Some(new) = new {
            *button = new.clone();
        }
        new.is_some()
    });
    known.extend(replacements.cloned());
}

/// Whether it opens a link or calls a number.
fn leads_away(button: &Value) -> bool {
    matches!(button.get("type").and_then(Value::as_str), Some("URL" | "PHONE_NUMBER"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::template::ParameterFormat;

    fn merged(components: &[Value], part: &Value) -> Vec<Value> {
        let mut details = TemplateDetails {
            status: "APPROVED".into(),
            category: "UTILITY".into(),
            format: ParameterFormat::Positional,
            components: components.to_vec(),
            quality: None,
        };
        details.merge(part);
        details.components
    }

    #[test]
    fn reported_fields_are_merged_and_the_rest_stays() {
        let known = [
            json!({ "type": "HEADER", "format": "IMAGE" }),
            json!({ "type": "BODY", "text": "a", "example": 1 }),
        ];
        let body = json!({ "type": "BODY", "text": "b" });
        assert_eq!(
            merged(&known, &body),
            [known[0].clone(), json!({ "type": "BODY", "text": "b", "example": 1 })]
        );
        let header = json!({ "type": "HEADER", "format": "TEXT", "text": "c" });
        assert_eq!(merged(&known, &header), [header, known[1].clone()]);
        let footer = json!({ "type": "FOOTER", "text": "d" });
        assert_eq!(merged(&known, &footer).last(), Some(&footer));
    }

    #[test]
    fn link_and_call_buttons_are_replaced_and_others_stay() {
        let reply = json!({ "type": "QUICK_REPLY", "text": "Sí" });
        let link = |url: &str| json!({ "type": "URL", "text": "Ver", "url": url });
        let all = |buttons: &[&Value]| json!({ "type": "BUTTONS", "buttons": buttons });
        let (one, two, new) = (link("https://1"), link("https://2"), link("https://3"));
        let known = [all(&[&reply, &one, &two])];
        assert_eq!(merged(&known, &all(&[&new])), [all(&[&reply, &new])]);
        assert_eq!(merged(&known, &all(&[&two, &new])), [all(&[&reply, &two, &new])]);
        assert_eq!(merged(&known, &all(&[&one, &two, &new])), [all(&[&reply, &one, &two, &new])]);
        assert_eq!(merged(&[], &all(&[&new])), [all(&[&new])]);
    }
}
