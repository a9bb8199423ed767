//! The payloads of Meta's webhooks, field by field. Kaleyra's V2 passes them on.

use serde_json::{Map, Value, json};

use super::{InboundMessage, StatusSeries};
use crate::{
    BusinessNumber, error_codes,
    phone::{Phone, Status},
};

/// The `value` of a customer's message.
pub(super) fn inbound(number: &BusinessNumber, inbound: &InboundMessage) -> Value {
    value(number, inbound.contact.clone(), "messages", inbound.message.clone())
}

/// The `value` of a status of a message of the business.
pub(super) fn status(
    number: &BusinessNumber,
    series: &StatusSeries,
    status: Status,
    timestamp: i64,
) -> Value {
    let mut fields = Map::new();
    let id = series.correlation.id.as_ref().unwrap_or(&series.wamid);
    fields.insert("id".into(), id.as_str().into());
    fields.insert("status".into(), status.as_str().into());
    fields.insert("timestamp".into(), timestamp.to_string().into());
    if let Some(recipient) = &series.recipient_id {
        fields.insert("recipient_id".into(), recipient.as_str().into());
    }
    fields.insert("recipient_user_id".into(), series.recipient_user_id.as_str().into());
    if let Some(data) =
        series.correlation.callback_data.as_ref().filter(|_| !series.omits_callback_data(status))
    {
        fields.insert("biz_opaque_callback_data".into(), data.as_str().into());
    }
    if matches!(status, Status::Sent | Status::Delivered) {
        fields.insert("pricing".into(), pricing(series));
    }
    let failed = series.failure.as_ref().filter(|_| status == Status::Failed);
    if let Some(failure) = failed {
        fields.insert("errors".into(), json!([error(failure.code)]));
    }
    // Meta sends no contact with a failure.
    let contact = failed.is_none().then(|| series.contact.clone());
    value(number, contact, "statuses", fields.into())
}

/// An entry of `contacts`; a hidden phone number leaves only the BSUID.
pub(crate) fn contact(phone: &Phone, hide_phone: bool) -> Value {
    let mut profile = Map::new();
    profile.insert("name".into(), phone.name.as_str().into());
    if let Some(username) = &phone.username {
        profile.insert("username".into(), username.as_str().into());
    }
    let mut contact = Map::new();
    contact.insert("profile".into(), profile.into());
    if let Some(wa_id) = phone.wa_id.as_ref().filter(|_| !hide_phone) {
        contact.insert("wa_id".into(), wa_id.as_str().into());
    }
    contact.insert("user_id".into(), phone.user_id.as_str().into());
    contact.into()
}

/// The envelope in which Meta posts the `value` of a field (facts: meta.md 4.4).
pub(super) fn envelope(number: &BusinessNumber, field: &str, value: &Value) -> Value {
    json!({
        "object": "whatsapp_business_account",
        "entry": [{"id": number.waba_id, "changes": [{"field": field, "value": value}]}],
    })
}

/// The `metadata` of a `value`: the business number.
pub(crate) fn metadata(number: &BusinessNumber) -> Value {
    json!({
        "display_phone_number": number.display_phone_number,
        "phone_number_id": number.phone_number_id,
    })
}

/// A `value` with one item and its contact.
pub(super) fn value(number: &BusinessNumber, contact: Option<Value>, list: &str, item: Value) -> Value {
    let mut value = Map::new();
    value.insert("messaging_product".into(), "whatsapp".into());
    value.insert("metadata".into(), metadata(number));
    if let Some(contact) = contact {
        value.insert("contacts".into(), json!([contact]));
    }
    value.insert(list.into(), Value::Array(vec![item]));
    value.into()
}

/// The `pricing` of a message (facts: onboarding.md 3).
fn pricing(series: &StatusSeries) -> Value {
    let category = series.category.as_deref().unwrap_or("service");
    json!({
        "billable": series.billing.billable,
        "pricing_model": "PMP",
        "type": series.billing.kind(),
        "category": category.to_ascii_lowercase(),
    })
}

fn error(code: u32) -> Value {
    json!({
        "code": code,
        "title": error_codes::title(code),
        "message": error_codes::title(code),
        "error_data": {"details": error_codes::details(code)},
        "href": error_codes::HREF,
    })
}
