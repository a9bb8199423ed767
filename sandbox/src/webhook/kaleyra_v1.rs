//! The webhooks of Kaleyra's V1: flat fields, with Kaleyra's own message ids only.

use serde_json::Value;

use super::{InboundMessage, StatusSeries, body::Field};
use crate::{
    BusinessNumber,
    phone::{self, Status},
};

/// A customer's message, which has no id on V1.
///
/// V1 does not document customers without a number; here the BSUID takes its place.
pub(super) fn inbound(number: &BusinessNumber, inbound: &InboundMessage) -> Vec<Field> {
    let InboundMessage { kind, contact, message, media_url, .. } = inbound;
    let content = message.get(kind).cloned().unwrap_or_default();
    let name = contact.as_ref().and_then(|contact| contact.pointer("/profile/name"));
    let from = text(message.get("from").or_else(|| message.get("from_user_id")));
    let mut fields = vec![
        ("body", phone::visible_text(kind, &content).unwrap_or_default()),
        ("from", from.clone()),
        ("name", text(name)),
        ("type", if kind == "audio" { "voice".to_owned() } else { kind.clone() }),
        ("created_at", text(message.get("timestamp"))),
        ("wanumber", number.display_phone_number.clone()),
        ("mobile", from),
    ];
    if let Some(url) = media_url {
        fields.push(("media_url", url.clone()));
        fields.push(("mime_type", text(content.get("mime_type"))));
    }
    for name in ["location", "contacts"] {
        if kind == name {
            fields.push((name, content.to_string()));
        }
    }
    fields
}

/// A status of a message of the business; a failure is `0`.
pub(super) fn status(series: &StatusSeries, status: Status) -> Vec<Field> {
    let word = match status {
        Status::Failed if series.not_sent.is_some() => "not-sent",
        Status::Failed => "0",
        Status::Sent | Status::Delivered | Status::Read => status.as_str(),
    };
    let mobile = series.recipient_id.as_ref().unwrap_or(&series.recipient_user_id);
    vec![
        ("id", series.correlation.id.clone().unwrap_or_default()),
        ("status", word.to_owned()),
        ("mobile", mobile.clone()),
    ]
}

/// The URL for the statuses of this message, if its request named one. The callback data is in its query, so a status
/// without callback data loses the query.
pub(super) fn status_url(series: &StatusSeries, status: Status) -> Option<String> {
    let url = series.correlation.callback_url.as_deref()?;
    let without_query = || url.split_once('?').map_or(url, |(before, _)| before);
    let url = if series.omits_callback_data(status) { without_query() } else { url };
    Some(url.to_owned())
}

fn text(value: Option<&Value>) -> String {
    value.and_then(Value::as_str).unwrap_or_default().to_owned()
}
