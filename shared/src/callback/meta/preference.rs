//! One preference of a customer's (facts: meta.md 4.7).

use serde_json::Value;

use super::message::identity;
use crate::{
    callback::lenient::{AHEAD, seconds, text},
    domain::{inbound::Preference, suppression::Marketing, time::Timestamp},
};

/// A wish about marketing; none for other categories, and for words not known to us.
pub(super) fn preference(entry: &Value, contacts: &[Value], now: Timestamp) -> Option<Preference> {
    if text(entry, "category")? != "marketing_messages" {
        return None;
    }
    let marketing = match text(entry, "value")?.as_ref() {
        "stop" => Marketing::Stopped,
        "resume" => Marketing::Resumed,
        _ => return None,
    };
    let (number, user) = (text(entry, "wa_id"), text(entry, "user_id"));
    Some(Preference {
        customer: identity(number.as_deref(), user.as_deref(), contacts)?,
        marketing,
        at: seconds(entry, "timestamp").unwrap_or(now).min(now.plus(AHEAD)),
    })
}
