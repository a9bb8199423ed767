//! From one body to its items: every entry, every change, every message, status and error in it.
//!
//! Any JSON is accepted (facts: peers.md 2, what broke strict parsers). What cannot be told apart is
//! kept whole; the sum of the items is always the whole body.

use serde_json::Value;

use super::{
    Verified,
    lenient::{list, parse, text},
    message, status,
};
use crate::domain::{
    id::PhoneNumberId,
    inbound::{Item, Says},
    time::Timestamp,
};

/// What the list of one name holds, in fields `messages`, `standby` and their like.
#[derive(Clone, Copy)]
enum Holds {
    Messages,
    Echoes,
    Statuses,
    Others,
}

/// The lists of a change's value whose entries are items of their own.
const LISTS: [(&str, Holds); 5] = [
    ("messages", Holds::Messages),
    ("message_echoes", Holds::Echoes),
    ("statuses", Holds::Statuses),
    ("errors", Holds::Others),
    ("user_actions", Holds::Others),
];

/// The items of a body. `now` is the time of arrival, for items that name no time.
#[must_use]
pub fn split(body: Verified<'_>, now: Timestamp) -> Vec<Item> {
    let Some(parsed) = parse(body.bytes()) else {
        return vec![whole("unreadable", None, String::from_utf8_lossy(body.bytes()).into_owned())];
    };
    let entries = list(&parsed, "entry");
    if entries.is_empty() {
        return vec![whole("envelope", None, parsed.to_string())];
    }
    entries.iter().flat_map(|entry| of_entry(entry, now)).collect()
}

fn of_entry(entry: &Value, now: Timestamp) -> Vec<Item> {
    let changes = list(entry, "changes");
    if changes.is_empty() {
        return vec![whole("entry", None, entry.to_string())];
    }
    changes.iter().flat_map(|change| of_change(change, now)).collect()
}

fn of_change(change: &Value, now: Timestamp) -> Vec<Item> {
    let field = text(change, "field").unwrap_or_default().into_owned();
    let value = change.get("value").unwrap_or(&Value::Null);
    let number = value
        .get("metadata")
        .and_then(|metadata| text(metadata, "phone_number_id"))
        .and_then(|id| PhoneNumberId::try_from(id.into_owned()).ok());
    let mut items = Vec::new();
    for (name, holds) in LISTS {
        for entry in list(value, name) {
            items.push(item(&field, name, holds, entry, value, number.clone(), now));
        }
    }
    if items.is_empty() {
        // A field without lists, or with something else where they should be: kept whole.
        items.push(whole(&field, number, change.to_string()));
    }
    items
}

fn item(
    field: &str,
    name: &str,
    holds: Holds,
    entry: &Value,
    value: &Value,
    number: Option<PhoneNumberId>,
    now: Timestamp,
) -> Item {
    let contacts = list(value, "contacts");
    let says = match holds {
        Holds::Messages => message::inbound(entry, contacts, now).map(|m| Says::Message(Box::new(m))),
        Holds::Echoes => message::echo(entry, contacts, now).map(|m| Says::Message(Box::new(m))),
        Holds::Statuses => status::report(entry, now).map(|s| Says::Status(Box::new(s))),
        Holds::Others => None,
    };
    let kind = text(entry, if matches!(holds, Holds::Statuses) { "status" } else { "type" });
    Item {
        phone_number_id: number,
        kind: format!("{field}/{name}/{}", kind.unwrap_or_default()),
        says: says.unwrap_or(Says::Other),
        raw: entry.to_string(),
    }
}

fn whole(kind: &str, phone_number_id: Option<PhoneNumberId>, raw: String) -> Item {
    Item { phone_number_id, kind: kind.to_owned(), says: Says::Other, raw }
}
