//! From one body to its items: every entry, every change, every message, status and error in it.
//!
//! Any JSON is accepted (facts: peers.md 2, what broke strict parsers). What cannot be told apart is
//! kept whole, so that the items together always say everything the body says. The raw text of an
//! item is a body of its own, with one item in it and what belongs to that: it can be taken in again.

use serde_json::{Map, Value, json};

use super::{
    Verified, coexistence, customer::Contacts, handover, message, preference, standby, status, template,
};
use crate::{
    callback::lenient::{list, parse, text},
    domain::{
        id::LineId,
        inbound::{Item, Says},
        time::Timestamp,
    },
};

/// What the entries of a list are.
#[derive(Clone, Copy)]
enum Holds {
    Messages,
    Echoes,
    Statuses,
    Preferences,
    Calls,
    Others,
}

/// The lists of a change's value whose entries are items of their own.
const LISTS: [(&str, Holds); 7] = [
    ("messages", Holds::Messages),
    ("message_echoes", Holds::Echoes),
    ("statuses", Holds::Statuses),
    ("user_preferences", Holds::Preferences),
    ("calls", Holds::Calls),
    ("errors", Holds::Others),
    ("user_actions", Holds::Others),
];

/// What of a change's value goes along with each of its items and is none itself.
const CONTEXT: [&str; 3] = ["messaging_product", "metadata", "contacts"];

/// One item of a change, before it is known what the change came in.
pub(in crate::callback) struct Part {
    /// Meta's id of the business number, where the change names one.
    pub(in crate::callback) number: Option<LineId>,
    /// What it seems to be, like `messages/messages/text`.
    pub(in crate::callback) kind: String,
    /// What it says.
    pub(in crate::callback) says: Says,
    /// A change with this one item in it.
    pub(in crate::callback) change: Value,
}

/// A change that is being taken apart.
struct Change<'a> {
    field: &'a str,
    value: &'a Value,
    number: Option<LineId>,
    now: Timestamp,
}

/// The items of a body. `now` is the time of arrival, for items that name no time.
#[must_use]
pub fn split(body: Verified<'_>, now: Timestamp) -> Vec<Item> {
    let Some(parsed) = parse(body.bytes()) else {
        // In JSON, so that it is one item again whatever it holds.
        let text = String::from_utf8_lossy(body.bytes());
        return vec![whole("unreadable", &json!({ "unreadable": text }))];
    };
    let entries = list(&parsed, "entry");
    if entries.is_empty() {
        return vec![whole("envelope", &parsed)];
    }
    entries.iter().flat_map(|entry| of_entry(entry, now)).collect()
}

fn of_entry(entry: &Value, now: Timestamp) -> Vec<Item> {
    let changes = list(entry, "changes");
    if changes.is_empty() {
        return vec![whole("entry", &json!({ "entry": [entry] }))];
    }
    let item = |part: Part| {
        let (field, value) = (text(&part.change, "field").unwrap_or_default(), part.change.get("value"));
        let news = template::news(entry, &field, value.unwrap_or(&Value::Null), now);
        let says = news.map_or(part.says, |news| Says::Template(Box::new(news)));
        let raw = body(entry, part.change);
        Item { line: part.number, business: None, kind: part.kind, says, raw }
    };
    changes.iter().flat_map(|change| of_change(change, now)).map(item).collect()
}

/// The items of one change: at least one.
pub(in crate::callback) fn of_change(change: &Value, now: Timestamp) -> Vec<Part> {
    match text(change, "field").as_deref() {
        Some("standby") => standby::parts(change, now).unwrap_or_else(|| of_flat_change(change, now)),
        Some("history") => coexistence::history(change, now),
        Some("smb_app_state_sync") => coexistence::state_sync(change, now),
        Some("messaging_handovers") => vec![handover::part(change, now)],
        _ => of_flat_change(change, now),
    }
}

/// The items of a change whose lists are in its value itself.
pub(super) fn of_flat_change(change: &Value, now: Timestamp) -> Vec<Part> {
    let field = text(change, "field").unwrap_or_default();
    let value = change.get("value").unwrap_or(&Value::Null);
    let number = line(value, "metadata");
    let told = Change { field: &field, value, number, now };
    let mut parts = Vec::new();
    for (name, holds) in LISTS {
        let entries = list(value, name);
        if !entries.is_empty() {
            let contacts = Contacts::beside(value, name);
            parts.extend(entries.iter().map(|item| told.part(name, holds, item, &contacts)));
        }
    }
    match told.remainder() {
        // A field without lists, or with something else where they should be: kept whole.
        _ if parts.is_empty() => vec![told.rest(change.clone())],
        Some(rest) => {
            parts.push(told.rest(rest));
            parts
        }
        None => parts,
    }
}

/// What leads to the channel, by the object of a value that names its number.
pub(super) fn line(value: &Value, object: &str) -> Option<LineId> {
    value
        .get(object)
        .and_then(|metadata| text(metadata, "phone_number_id"))
        .and_then(|id| LineId::try_from(id.into_owned()).ok())
}

impl Change<'_> {
    fn part(&self, name: &str, holds: Holds, item: &Value, contacts: &Contacts<'_>) -> Part {
        let says = match holds {
            Holds::Messages => message::inbound(item, contacts, self.now).map(|m| Says::Message(Box::new(m))),
            Holds::Echoes if self.field == "standby" => {
                standby::echo(item, contacts, self.now).map(|m| Says::Message(Box::new(m)))
            }
            Holds::Echoes => message::echo(item, contacts, self.now).map(|m| Says::Message(Box::new(m))),
            Holds::Statuses => status::report(item, self.now).map(|s| Says::Status(Box::new(s))),
            Holds::Preferences => {
                preference::preference(item, contacts, self.now).map(|p| Says::Preference(Box::new(p)))
            }
            Holds::Calls => message::call(item, contacts, self.now).map(|m| Says::Message(Box::new(m))),
            Holds::Others => None,
        };
        let kind = text(item, if matches!(holds, Holds::Statuses) { "status" } else { "type" });
        Part {
            number: self.number.clone(),
            kind: format!("{}/{name}/{}", self.field, kind.unwrap_or_default()),
            says: says.unwrap_or(Says::Other),
            change: self.alone(name, item, contacts),
        }
    }

    /// What is kept whole.
    fn rest(&self, change: Value) -> Part {
        Part { number: self.number.clone(), kind: self.field.to_owned(), says: Says::Other, change }
    }

    /// A change with this one item in it.
    fn alone(&self, name: &str, item: &Value, contacts: &Contacts<'_>) -> Value {
        let mut value = Map::new();
        if let Some(metadata) = self.value.get("metadata") {
            value.insert("metadata".to_owned(), metadata.clone());
        }
        if let Some(contact) = contacts.contact_of(item) {
            value.insert("contacts".to_owned(), json!([contact]));
        }
        value.insert(name.to_owned(), json!([item]));
        json!({ "field": self.field, "value": value })
    }

    /// What the value says besides the lists that were taken apart.
    fn remainder(&self) -> Option<Value> {
        let mut rest = self.value.as_object()?.clone();
        rest.retain(|name, held| {
            let taken = LISTS.iter().any(|(list, _)| list == name) && held.is_array();
            !taken && !CONTEXT.contains(&name.as_str())
        });
        if rest.is_empty() {
            return None;
        }
        rest.extend(self.value.get("metadata").map(|metadata| ("metadata".to_owned(), metadata.clone())));
        Some(json!({ "field": self.field, "value": rest }))
    }
}

/// A body with this one change of an entry in it.
fn body(entry: &Value, change: Value) -> String {
    let mut alone = Map::new();
    for name in ["id", "time"] {
        alone.extend(entry.get(name).map(|held| (name.to_owned(), held.clone())));
    }
    alone.insert("changes".to_owned(), Value::from(vec![change]));
    json!({ "entry": [alone] }).to_string()
}

fn whole(kind: &str, raw: &Value) -> Item {
    Item { line: None, business: None, kind: kind.to_owned(), says: Says::Other, raw: raw.to_string() }
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, Mac};
    use secrecy::SecretString;
    use sha2::Sha256;

    use super::*;
    use crate::{callback::meta::verify, domain::caller::hex};

    fn items(body: &Value) -> Vec<Item> {
        let body = body.to_string();
        let mut mac = Hmac::<Sha256>::new_from_slice(b"k").unwrap();
        mac.update(body.as_bytes());
        let header = format!("sha256={}", hex(&mac.finalize().into_bytes()));
        let verified = verify(body.as_bytes(), Some(&header), &[SecretString::from("k")]).unwrap();
        split(verified, Timestamp::from_millis(0))
    }

    fn full() -> Value {
        json!({ "object": "whatsapp_business_account", "entry": [{ "id": "2001", "time": 5, "changes": [{ "field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": { "phone_number_id": "1001" },
            "contacts": [{ "wa_id": "50212345678", "profile": { "name": "Ana" } }, { "wa_id": "50287654321" }],
            "messages": [{ "id": "wamid.1", "from": "50212345678", "type": "text", "text": { "body": "a" } }],
            "statuses": [{ "id": "wamid.2", "status": "sent" }],
            "errors": { "not": "a list" },
            "calls": [{ "event": "RINGING" }],
        } }] }] })
    }

    #[test]
    fn nothing_of_a_body_is_dropped() {
        let kinds: Vec<String> = items(&full()).into_iter().map(|item| item.kind).collect();
        assert_eq!(
            kinds,
            ["messages/messages/text", "messages/statuses/sent", "messages/calls/", "messages"]
        );
        assert!(items(&full())[2].raw.contains("RINGING"));
        let rest = &items(&full())[3].raw;
        assert!(rest.contains("not") && rest.contains("1001"), "{rest}");
    }

    #[test]
    fn an_items_raw_text_is_a_body_that_says_the_same() {
        for item in items(&full()) {
            let again = items(&serde_json::from_str(&item.raw).unwrap());
            assert_eq!(again.len(), 1, "{}", item.raw);
            assert!(again[0] == item, "{}", item.raw);
            assert!(!item.raw.contains("50287654321"), "somebody else's contact");
        }
    }
}
