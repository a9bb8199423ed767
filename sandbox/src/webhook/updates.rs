//! Meta's webhooks besides messages and their statuses: changes of templates, and customers' marketing preferences.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Webhook, body::WebhookBody};
use crate::{BusinessNumber, ProviderAccount, log::WebhookKind, phone::Phone, templates::Template};

/// A change that Meta reports to a business account.
#[derive(Debug, Clone)]
pub(crate) struct AccountUpdate {
    /// The webhook field, such as `message_template_status_update`.
    pub(crate) field: &'static str,
    value: Value,
    kind: WebhookKind,
}

impl AccountUpdate {
    /// The status of a template changed.
    pub(crate) fn status(template: &Template) -> Self {
        let mut value = template_identity(template);
        value.insert("event".into(), template.status.as_str().into());
        value.insert("message_template_category".into(), template.category.as_str().into());
        value.insert("reason".into(), template.rejected_reason.as_str().into());
        Self::of_template("message_template_status_update", value)
    }

    /// The quality of a template changed; `before` has the previous one.
    pub(crate) fn quality(template: &Template, before: &Template) -> Self {
        let mut value = template_identity(template);
        value.insert("previous_quality_score".into(), before.quality.as_str().into());
        value.insert("new_quality_score".into(), template.quality.as_str().into());
        Self::of_template("message_template_quality_update", value)
    }

    /// The category of a template changed; `before` has the previous one.
    pub(crate) fn category(template: &Template, before: &Template) -> Self {
        let mut value = template_identity(template);
        value.insert("previous_category".into(), before.category.as_str().into());
        value.insert("new_category".into(), template.category.as_str().into());
        Self::of_template("template_category_update", value)
    }

    /// The components of a template changed. Meta reports only texts, and buttons with a URL or phone number.
    pub(crate) fn components(template: &Template) -> Self {
        let mut value = template_identity(template);
        let body = template.text("BODY").unwrap_or_default();
        value.insert("message_template_element".into(), body.into());
        for (name, kind) in [("message_template_title", "HEADER"), ("message_template_footer", "FOOTER")] {
            if let Some(text) = template.text(kind) {
                value.insert(name.into(), text.into());
            }
        }
        let buttons: Vec<Value> = template.buttons().iter().filter_map(button).collect();
        if !buttons.is_empty() {
            value.insert("message_template_buttons".into(), buttons.into());
        }
        Self::of_template("message_template_components_update", value)
    }

    /// A customer stops or resumes marketing messages, as `choice` says, since `now` in Unix seconds.
    pub(crate) fn preference(
        number: &BusinessNumber,
        phone: &Phone,
        category: &str,
        choice: &str,
        now: i64,
    ) -> Self {
        let mut preference = Map::new();
        if let Some(wa_id) = &phone.wa_id {
            preference.insert("wa_id".into(), wa_id.as_str().into());
        }
        preference.insert("user_id".into(), phone.user_id.as_str().into());
        let detail = format!("User requested to {choice} marketing messages");
        preference.insert("detail".into(), detail.into());
        preference.insert("category".into(), category.into());
        preference.insert("value".into(), choice.into());
        preference.insert("timestamp".into(), now.into());
        let value = json!({
            "messaging_product": "whatsapp",
            "metadata": super::metadata(number),
            "contacts": [super::contact(phone, false)],
            "user_preferences": [preference],
        });
        Self { field: "user_preferences", value, kind: WebhookKind::Preference(choice.to_owned()) }
    }

    fn of_template(field: &'static str, value: Map<String, Value>) -> Self {
        Self { field, value: value.into(), kind: WebhookKind::Template(field.to_owned()) }
    }
}

impl Webhook {
    /// The webhook of a change at `now`, to the URL of this number; `None` for a number of Kaleyra's, which documents
    /// no such webhook.
    pub(crate) fn account_update(number: &BusinessNumber, update: &AccountUpdate, now: i64) -> Option<Self> {
        let ProviderAccount::Meta { app_secret, .. } = &number.provider else {
            return None;
        };
        let change = json!({"field": update.field, "value": update.value});
        let entry = json!({"id": number.waba_id, "time": now, "changes": [change]});
        let payload = json!({"object": "whatsapp_business_account", "entry": [entry]});
        Some(Self::new(number, "", update.kind.clone(), WebhookBody::signed(&payload, app_secret)))
    }
}

/// One number of Meta's for each webhook URL, because an account's changes are reported once per URL.
pub(crate) fn receivers(numbers: &[Arc<BusinessNumber>]) -> Vec<&BusinessNumber> {
    let mut receivers: Vec<&BusinessNumber> = Vec::new();
    for number in numbers.iter().filter(|number| number.kaleyra_api().is_none()) {
        if receivers.iter().all(|own| own.webhook_url != number.webhook_url) {
            receivers.push(number);
        }
    }
    receivers
}

/// The fields that identify a template. In webhooks its id is a number, and its language has a hyphen.
fn template_identity(template: &Template) -> Map<String, Value> {
    let mut value = Map::new();
    value.insert("message_template_id".into(), template.id.into());
    value.insert("message_template_name".into(), template.name.as_str().into());
    value.insert("message_template_language".into(), template.language.replace('_', "-").into());
    value
}

/// The reported fields of a button; `None` for one without a URL or phone number.
fn button(button: &Value) -> Option<Value> {
    let (name, target) = match button.get("type")?.as_str()? {
        "URL" => ("message_template_button_url", button.get("url")?),
        "PHONE_NUMBER" => ("message_template_button_phone_number", button.get("phone_number")?),
        _ => return None,
    };
    let mut fields = Map::new();
    fields.insert("message_template_button_type".into(), button.get("type")?.clone());
    fields.insert("message_template_button_text".into(), button.get("text")?.clone());
    fields.insert(name.into(), target.clone());
    Some(fields.into())
}
