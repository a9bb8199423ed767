//! One preference of a customer's (facts: meta.md 4.7).

use serde_json::Value;

use super::customer::Contacts;
use crate::lenient::{instant, text};
use ventanilla_core::domain::{
    inbound::{Preference, Says, Unreadable},
    opt_out::Marketing,
    time::Timestamp,
};

/// A marketing preference; other categories and unknown words are stored unparsed.
pub(super) fn preference(entry: &Value, contacts: &Contacts<'_>, now: Timestamp) -> Says {
    if text(entry, "category").is_none_or(|category| category != "marketing_messages") {
        return Says::Other;
    }
    let marketing = match text(entry, "value").as_deref() {
        Some("stop") => Marketing::Stopped,
        Some("resume") => Marketing::Resumed,
        _ => return Says::Other,
    };
    let Some(customer) = contacts.customer(entry) else {
        return Says::Unreadable(Unreadable::NoCustomer);
    };
    Says::Preference(Box::new(Preference { customer, marketing, at: instant(entry, "timestamp", now) }))
}
