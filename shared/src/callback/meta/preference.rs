//! One preference of a customer's (facts: meta.md 4.7).

use serde_json::Value;

use super::customer::Contacts;
use crate::{
    callback::lenient::{AHEAD, seconds, text},
    domain::{inbound::Preference, suppression::Marketing, time::Timestamp},
};

/// A wish about marketing; none for other categories, and for words not known to us.
pub(super) fn preference(entry: &Value, contacts: &Contacts<'_>, now: Timestamp) -> Option<Preference> {
    if text(entry, "category")? != "marketing_messages" {
        return None;
    }
    let marketing = match text(entry, "value")?.as_ref() {
        "stop" => Marketing::Stopped,
        "resume" => Marketing::Resumed,
        _ => return None,
    };
    Some(Preference {
        customer: contacts.customer(entry)?,
        marketing,
        at: seconds(entry, "timestamp").unwrap_or(now).min(now.plus(AHEAD)),
    })
}
