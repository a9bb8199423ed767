//! Splits a body into its items: every entry, every change, every message, status and error in it.
//!
//! Any JSON is accepted (facts: peers.md 2, what broke strict parsers). What cannot be split is kept whole,
//! so that the items together always contain everything of the body. The raw text of an item is a body of
//! its own, with this one item and the fields that belong to it: it can be ingested again.

use serde_json::{Map, Value, json};

use super::{
    Verified, coexistence, customer::Contacts, handover, history, message, preference, standby, status,
    template,
};
use crate::lenient::{list, parse, text};
use ventanilla_core::domain::{
    id::InboundAddress,
    inbound::{Item, Says, Unreadable},
    time::Timestamp,
};

/// The meaning of a list's entries.
#[derive(Clone, Copy)]
enum Holds {
    Messages,
    Echoes,
    Statuses,
    Preferences,
    Calls,
    Others,
}

/// The lists of a change's value whose entries are separate items.
const LISTS: [(&str, Holds); 7] = [
    ("messages", Holds::Messages),
    ("message_echoes", Holds::Echoes),
    ("statuses", Holds::Statuses),
    ("user_preferences", Holds::Preferences),
    ("calls", Holds::Calls),
    ("errors", Holds::Others),
    ("user_actions", Holds::Others),
];

/// The fields of a change's value that each of its items keeps.
const CONTEXT: [&str; 2] = ["messaging_product", "metadata"];

/// The fields of an entry that each of its items keeps.
const OF_ENTRY: [&str; 2] = ["id", "time"];

/// One item of a change, before it is wrapped in the entry again.
pub(crate) struct Part {
    /// Meta's id of the business number, where the change names one.
    pub(crate) number: Option<InboundAddress>,
    /// Its probable kind, like `messages/messages/text`.
    pub(crate) kind: String,
    /// The parsed meaning of it.
    pub(crate) says: Says,
    /// A change with this one item in it.
    pub(crate) change: Value,
}

/// A change that is being split.
struct Change<'a> {
    field: &'a str,
    whole: &'a Value,
    value: &'a Value,
    number: Option<InboundAddress>,
    now: Timestamp,
}

/// The items of a body. `now` is the time of arrival, for items without a time.
#[must_use]
pub fn split(body: Verified<'_>, now: Timestamp) -> Vec<Item> {
    let Some(parsed) = parse(body.bytes()) else {
        // As JSON, so that it is one item again, with any content.
        let text = String::from_utf8_lossy(body.bytes());
        return vec![unreadable("unreadable", &json!({ "unreadable": text }))];
    };
    let Some(entries) = parsed.get("entry").and_then(Value::as_array) else {
        return vec![unreadable("envelope", &parsed)];
    };
    let object = parsed.get("object");
    let mut items: Vec<Item> = entries.iter().flat_map(|entry| of_entry(object, entry, now)).collect();
    if items.is_empty() {
        return vec![kept("envelope", &parsed)];
    }
    items.extend(besides(&parsed, "entry", &["object"]).map(|rest| kept("envelope", &rest)));
    items
}

/// The items of an entry: at least one.
fn of_entry(object: Option<&Value>, entry: &Value, now: Timestamp) -> Vec<Item> {
    let Some(changes) = entry.get("changes").and_then(Value::as_array) else {
        return vec![unreadable("entry", &enveloped(object, entry.clone()))];
    };
    let item = |part: Part| {
        let (field, value) = (text(&part.change, "field").unwrap_or_default(), part.change.get("value"));
        let update = template::template_update(entry, &field, value.unwrap_or(&Value::Null), now);
        let says = match update {
            Some(update) => Says::Template(Box::new(update)),
            None if part.number.is_none() && needs_number(&field, &part.says) => {
                Says::Unreadable(Unreadable::NoNumber)
            }
            None => part.says,
        };
        let mut alone = Map::new();
        for name in OF_ENTRY {
            alone.extend(entry.get(name).map(|held| (name.to_owned(), held.clone())));
        }
        alone.insert("changes".to_owned(), Value::from(vec![part.change]));
        let raw = enveloped(object, alone.into()).to_string();
        Item { inbound_address: part.number, business: None, kind: part.kind, says, raw }
    };
    let mut items: Vec<Item> = changes.iter().flat_map(|change| of_change(change, now)).map(item).collect();
    if items.is_empty() {
        return vec![kept("entry", &enveloped(object, entry.clone()))];
    }
    items.extend(besides(entry, "changes", &OF_ENTRY).map(|rest| kept("entry", &enveloped(object, rest))));
    items
}

/// Whether an item is useless without the number that it is about.
fn needs_number(field: &str, says: &Says) -> bool {
    field == "messages"
        || matches!(says, Says::Message(_) | Says::Status(_) | Says::Payment(_) | Says::Preference(_))
}

/// The items of one change: at least one.
pub(crate) fn of_change(change: &Value, now: Timestamp) -> Vec<Part> {
    match text(change, "field").as_deref() {
        Some("standby") => standby::parts(change, now).unwrap_or_else(|| of_flat_change(change, now)),
        Some("smb_app_state_sync") => coexistence::state_sync(change, now),
        Some("messaging_handovers") => vec![handover::part(change, now)],
        _ => of_flat_change(change, now),
    }
}

/// The items of a change with its lists directly in its value.
pub(super) fn of_flat_change(change: &Value, now: Timestamp) -> Vec<Part> {
    let field = text(change, "field").unwrap_or_default();
    let value = change.get("value").unwrap_or(&Value::Null);
    let number = inbound_address(value, "metadata");
    let parsed = Change { field: &field, whole: change, value, number, now };
    let mut parts = Vec::new();
    let mut claimed = Vec::new();
    for (name, holds) in LISTS {
        let entries = list(value, name);
        if !entries.is_empty() {
            let contacts = Contacts::beside(value, name);
            parts.extend(entries.iter().map(|item| parsed.part(name, holds, item, &contacts)));
            claimed.extend(entries.iter().filter_map(|item| contacts.contact_of(item)));
        }
    }
    if field == "history" {
        parts.extend(history::messages(value).into_iter().map(|past| parsed.past_part(past)));
    }
    match parsed.remainder(&claimed) {
        // A field without lists, or with something else in their place: kept whole.
        _ if parts.is_empty() => vec![parsed.rest(change.clone())],
        Some(rest) => {
            parts.push(parsed.rest(rest));
            parts
        }
        None => parts,
    }
}

/// The inbound address, from the object of a value that names its number.
pub(super) fn inbound_address(value: &Value, object: &str) -> Option<InboundAddress> {
    value
        .get(object)
        .and_then(|metadata| text(metadata, "phone_number_id"))
        .and_then(|id| InboundAddress::try_from(id.into_owned()).ok())
}

impl Change<'_> {
    fn part(&self, name: &str, holds: Holds, item: &Value, contacts: &Contacts<'_>) -> Part {
        let says = match holds {
            // Files of old messages come in webhooks of their own.
            Holds::Messages if self.field == "history" => self.past(item, None),
            Holds::Messages => message::inbound(item, contacts, self.now),
            Holds::Echoes if self.field == "standby" => standby::echo(item, contacts, self.now),
            Holds::Echoes => message::echo(item, contacts, self.now),
            Holds::Statuses => status::status(item, self.now),
            Holds::Preferences => preference::preference(item, contacts, self.now),
            Holds::Calls => message::call(item, contacts, self.now),
            Holds::Others => Says::Other,
        };
        let kind = text(item, if matches!(holds, Holds::Statuses) { "status" } else { "type" });
        Part {
            number: self.number.clone(),
            kind: format!("{}/{name}/{}", self.field, kind.unwrap_or_default()),
            says,
            change: self.alone(name, item, contacts),
        }
    }

    fn past(&self, message: &Value, thread: Option<&str>) -> Says {
        message::history_message(
            message,
            thread,
            self.value.get("metadata").unwrap_or(&Value::Null),
            self.now,
        )
    }

    /// A message from before, alone in its thread and chunk.
    fn past_part(&self, past: history::Past<'_>) -> Part {
        let mut value = self.context();
        value.insert("history".to_owned(), past.alone);
        Part {
            number: self.number.clone(),
            kind: format!("history/threads/{}", text(past.message, "type").unwrap_or_default()),
            says: self.past(past.message, past.thread.as_deref()),
            change: self.around(value),
        }
    }

    /// The item for a part that is kept whole.
    fn rest(&self, change: Value) -> Part {
        Part { number: self.number.clone(), kind: self.field.to_owned(), says: Says::Other, change }
    }

    /// A change with this one item in it, and its contacts.
    fn alone(&self, name: &str, item: &Value, contacts: &Contacts<'_>) -> Value {
        let mut value = self.context();
        if let Some(contact) = contacts.contact_of(item) {
            value.insert("contacts".to_owned(), json!([contact]));
        }
        value.insert(name.to_owned(), json!([item]));
        self.around(value)
    }

    /// The fields of the value that belong to each of its items.
    fn context(&self) -> Map<String, Value> {
        let held = |name: &&str| self.value.get(name).map(|held| ((*name).to_owned(), held.clone()));
        CONTEXT.iter().filter_map(held).collect()
    }

    /// A change of this field with another value.
    fn around(&self, value: Map<String, Value>) -> Value {
        let mut change = Map::new();
        change.extend(self.whole.get("field").map(|field| ("field".to_owned(), field.clone())));
        change.insert("value".to_owned(), value.into());
        change.into()
    }

    /// The rest of the change without the items that were split off: with customers that no item has, too.
    fn remainder(&self, claimed: &[&Value]) -> Option<Value> {
        let mut rest = self.value.as_object()?.clone();
        rest.retain(|name, held| {
            let taken = LISTS.iter().any(|(list, _)| list == name) && held.is_array();
            !taken && !CONTEXT.contains(&name.as_str())
        });
        if let Some(Value::Array(contacts)) = rest.get_mut("contacts") {
            contacts.retain(|contact| !claimed.contains(&contact));
            if contacts.is_empty() {
                rest.remove("contacts");
            }
        }
        if self.field == "history" && rest.get("history").is_some_and(Value::is_array) {
            let left = history::rest(self.value);
            rest.remove("history");
            rest.extend(left.map(|left| ("history".to_owned(), left)));
        }
        let beside = besides(self.whole, "value", &["field"]);
        if rest.is_empty() && beside.is_none() {
            return None;
        }
        rest.extend(self.context());
        let mut change = self.around(rest);
        if let (Some(Value::Object(beside)), Some(change)) = (beside, change.as_object_mut()) {
            change.extend(beside.into_iter().filter(|(name, _)| name != "value"));
        }
        Some(change)
    }
}

/// An object without the parts that were split off, which leave an empty list; `None` where only the shared
/// fields are left.
fn besides(object: &Value, taken: &str, along: &[&str]) -> Option<Value> {
    let mut rest = object.as_object()?.clone();
    rest.insert(taken.to_owned(), Value::Array(Vec::new()));
    let more = rest.keys().any(|name| name != taken && !along.contains(&name.as_str()));
    more.then(|| rest.into())
}

/// A body with this one entry in it.
fn enveloped(object: Option<&Value>, entry: Value) -> Value {
    let mut body = Map::new();
    body.extend(object.map(|object| ("object".to_owned(), object.clone())));
    body.insert("entry".to_owned(), Value::from(vec![entry]));
    body.into()
}

fn kept(kind: &str, raw: &Value) -> Item {
    Item {
        inbound_address: None,
        business: None,
        kind: kind.to_owned(),
        says: Says::Other,
        raw: raw.to_string(),
    }
}

fn unreadable(kind: &str, raw: &Value) -> Item {
    Item { says: Says::Unreadable(Unreadable::NoWebhook), ..kept(kind, raw) }
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, Mac};
    use secrecy::SecretString;
    use sha2::Sha256;

    use super::*;
    use crate::meta::webhook::verify;
    use ventanilla_core::domain::{caller::hex, inbound::MessageOrigin, message::Direction};

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
            let theirs = item.raw.contains("50287654321");
            assert_eq!(theirs, item.kind == "messages", "a contact without an item is in no item of others");
        }
    }

    #[test]
    fn fields_beside_entries_changes_and_values_are_kept() {
        let mut body = full();
        body["sent_by"] = json!("meta");
        body["entry"][0]["region"] = json!("na");
        body["entry"][0]["changes"][0]["version"] = json!(26);
        let items = items(&body);
        let kinds: Vec<&str> = items.iter().map(|item| item.kind.as_str()).collect();
        assert_eq!(kinds[3..], ["messages", "entry", "envelope"]);
        for (item, held) in
            items[3..].iter().zip(["\"version\":26", "\"region\":\"na\"", "\"sent_by\":\"meta\""])
        {
            assert!(item.raw.contains(held) && item.says == Says::Other, "{}", item.raw);
        }
    }

    #[test]
    fn messages_of_the_past_are_marked_and_have_their_sender() {
        let message = |id: &str, from: &str, more: Value| {
            let mut message = json!({ "id": id, "from": from, "timestamp": "1772533800", "type": "text", "text": { "body": id } });
            message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            message
        };
        let own = message(
            "wamid.1",
            "15550100001",
            json!({ "to": "50212345678", "history_context": { "status": "READ" } }),
        );
        let theirs = message("wamid.2", "50212345678", json!({}));
        let chunk = json!({ "metadata": { "phase": 1, "chunk_order": 2, "progress": 50 }, "threads": [
            { "id": "50212345678", "messages": [own, theirs] }, { "id": "50287654321", "messages": [], "muted": true },
        ] });
        let value = json!({
            "metadata": { "display_phone_number": "15550100001", "phone_number_id": "1001" },
            "history": [chunk, { "errors": [{ "code": 2_593_109 }] }],
            "messages": [message("wamid.3", "15550100001", json!({ "to": "50212345678" }))],
        });
        let body =
            json!({ "entry": [{ "id": "2001", "changes": [{ "field": "history", "value": value }] }] });
        let items = items(&body);
        let read: Vec<_> = items
            .iter()
            .map(|item| match &item.says {
                Says::Message(it) => {
                    assert_eq!(it.origin, MessageOrigin::History);
                    let number = it.customer.number.as_ref().map(|it| it.digits().to_owned());
                    Some((it.wamid.as_str().to_owned(), it.direction, number.unwrap()))
                }
                says => {
                    assert_eq!(*says, Says::Other);
                    None
                }
            })
            .collect();
        let (ana, ours, hers) = ("50212345678", Direction::Outbound, Direction::Inbound);
        let past = |id: &str, direction| Some((id.to_owned(), direction, ana.to_owned()));
        assert_eq!(read, [past("wamid.3", ours), past("wamid.1", ours), past("wamid.2", hers), None]);
        assert!(
            items[3].raw.contains("muted")
                && items[3].raw.contains("2593109")
                && !items[3].raw.contains("wamid")
        );
        for item in items {
            let again = self::items(&serde_json::from_str(&item.raw).unwrap());
            assert!(again.len() == 1 && again[0] == item, "{}", item.raw);
        }
    }

    #[test]
    fn unreadable_items_are_distinguished_from_those_kept_on_purpose() {
        let change = |field: &str, value: Value| json!({ "entry": [{ "id": "2001", "changes": [{ "field": field, "value": value }] }] });
        let of_ours =
            |name: &str, item: Value| json!({ "metadata": { "phone_number_id": "1001" }, name: [item] });
        let text = json!({ "id": "wamid.1", "from": "50212345678", "type": "text", "text": { "body": "a" } });
        let without = |name: &str| {
            let mut message = text.clone();
            message.as_object_mut().unwrap().remove(name);
            of_ours("messages", message)
        };
        for (body, why) in [
            (json!("no envelope"), Unreadable::NoWebhook),
            (json!({ "entry": "x" }), Unreadable::NoWebhook),
            (json!({ "entry": [{ "messaging": [] }] }), Unreadable::NoWebhook),
            (change("messages", json!({ "messages": [text] })), Unreadable::NoNumber),
            (change("messages", json!({})), Unreadable::NoNumber),
            (
                change("messages", json!({ "statuses": [{ "id": "wamid.2", "status": "sent" }] })),
                Unreadable::NoNumber,
            ),
            (change("messages", without("from")), Unreadable::NoCustomer),
            (change("messages", without("id")), Unreadable::NoId),
            (change("messages", of_ours("messages", json!("x"))), Unreadable::NoCustomer),
            (change("messages", of_ours("statuses", json!({ "status": "sent" }))), Unreadable::NoId),
            (change("messages", of_ours("statuses", json!({ "id": "wamid.2" }))), Unreadable::NoStatus),
            (
                change(
                    "user_preferences",
                    of_ours("user_preferences", json!({ "category": "marketing_messages", "value": "stop" })),
                ),
                Unreadable::NoCustomer,
            ),
        ] {
            let says: Vec<Says> = items(&body).into_iter().map(|item| item.says).collect();
            assert_eq!(says, [Says::Unreadable(why)], "{body}");
        }
        let mut of_group = text.clone();
        of_group["group_id"] = json!("g");
        for body in [
            json!({ "entry": [] }),
            json!({ "entry": [{ "id": "2001", "changes": [] }] }),
            change("account_update", json!({ "event": "x" })),
            change("calls", of_ours("calls", json!({ "id": "wacid.1", "event": "connect" }))),
            change("of a version to come", json!([1])),
            change("messages", of_ours("messages", of_group)),
            change("messages", of_ours("statuses", json!({ "id": "wamid.2", "status": "in_orbit" }))),
            change("messages", of_ours("errors", json!({ "code": 130_429 }))),
            change("messages", of_ours("user_actions", json!({ "type": "click" }))),
            change("history", of_ours("history", json!({ "errors": [{ "code": 2_593_109 }] }))),
            change("smb_app_state_sync", of_ours("state_sync", json!({ "type": "contact" }))),
        ] {
            let says: Vec<Says> = items(&body).into_iter().map(|item| item.says).collect();
            assert_eq!(says, [Says::Other], "{body}");
        }
    }
}
