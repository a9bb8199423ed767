//! What comes of a number that its owner goes on using on the phone: its history, and how its phone calls people
//! (facts: onboarding.md 5, template-rules.md 5.2).

use serde_json::{Value, json};

use super::{
    customer::Contacts,
    message,
    split::{Part, line, of_flat_change},
};
use crate::{
    callback::lenient::{list, text},
    domain::{
        contact::Identity,
        inbound::{InboundMessage, MessageOrigin, NameReport, Says},
        phone::Phone,
        time::Timestamp,
    },
};

/// The items of a change of field `history`: one for each message, and what else it says.
pub(super) fn history(change: &Value, now: Timestamp) -> Vec<Part> {
    let value = change.get("value").unwrap_or(&Value::Null);
    let (mut parts, mut others) = (Vec::new(), Vec::new());
    for chunk in list(value, "history") {
        let before = parts.len();
        for thread in list(chunk, "threads") {
            let messages = list(thread, "messages").iter();
            parts.extend(messages.map(|told| of_thread(change, chunk, thread, told, now)));
        }
        if parts.len() == before {
            others.push(chunk.clone());
        }
    }
    if parts.is_empty() {
        // Files that follow, a refusal, or something else: the lists are in the value itself.
        return of_flat_change(change, now).into_iter().map(|part| of_history(value, part, now)).collect();
    }
    if !others.is_empty() {
        let change = with(change, "history", others.into());
        parts.push(Part {
            number: line(value, "metadata"),
            kind: "history".to_owned(),
            says: Says::Other,
            change,
        });
    }
    parts
}

/// The change with another list in its value.
fn with(change: &Value, name: &str, list: Value) -> Value {
    let mut change = change.clone();
    if let Some(value) = change.get_mut("value").and_then(Value::as_object_mut) {
        value.insert(name.to_owned(), list);
    }
    change
}

/// The object with another list in it.
fn holding(object: &Value, name: &str, list: Value) -> Value {
    let mut object = object.clone();
    if let Some(fields) = object.as_object_mut() {
        fields.insert(name.to_owned(), list);
    }
    object
}

/// A message of a thread, with all that it lies in.
fn of_thread(change: &Value, chunk: &Value, thread: &Value, told: &Value, now: Timestamp) -> Part {
    let value = change.get("value").unwrap_or(&Value::Null);
    let says = text(thread, "id").and_then(|user| said(&user, value, told, now));
    let thread = holding(thread, "messages", json!([told]));
    let chunk = holding(chunk, "threads", json!([thread]));
    Part {
        number: line(value, "metadata"),
        kind: format!("history/{}", text(told, "type").unwrap_or_default()),
        says: says.map_or(Says::Other, |read| Says::Message(Box::new(read))),
        change: with(change, "history", json!([chunk])),
    }
}

/// A message of the thread with a customer: ours unless the customer wrote it.
fn said(user: &str, value: &Value, told: &Value, now: Timestamp) -> Option<InboundMessage> {
    let ours = is_ours(value, told);
    let mut entry = told.clone();
    let fields = entry.as_object_mut()?;
    fields.insert(if ours { "to" } else { "from" }.to_owned(), user.into());
    let read = if ours { ours_of(&entry, now) } else { theirs_of(&entry, now) };
    read.map(|read| InboundMessage { origin: MessageOrigin::History, ..read })
}

fn ours_of(entry: &Value, now: Timestamp) -> Option<InboundMessage> {
    message::echo(entry, &Contacts::beside(&Value::Null, "message_echoes"), now)
}

fn theirs_of(entry: &Value, now: Timestamp) -> Option<InboundMessage> {
    message::inbound(entry, &Contacts::beside(&Value::Null, "messages"), now)
}

/// Whether a message was written by the business: it is from the business's own number.
fn is_ours(value: &Value, told: &Value) -> bool {
    let own = value.get("metadata").and_then(|metadata| text(metadata, "display_phone_number"));
    let same = |one: &str, other: &str| match (Phone::parse(one), Phone::parse(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    };
    match (own, text(told, "from")) {
        (Some(own), Some(from)) if same(&own, &from) => true,
        // Only the business's own messages name a recipient.
        _ => text(told, "to").is_some(),
    }
}

/// A message that lies in the value itself, as old as those of the threads.
fn of_history(value: &Value, part: Part, now: Timestamp) -> Part {
    let Says::Message(read) = part.says else { return part };
    let told = part.change.pointer("/value/messages/0").filter(|told| is_ours(value, told));
    let read = match told {
        // From the business's own number: to whom, only `to` says.
        Some(told) => ours_of(told, now),
        None => Some(*read),
    };
    let says = read.map_or(Says::Other, |read| {
        Says::Message(Box::new(InboundMessage { origin: MessageOrigin::History, ..read }))
    });
    Part { says, ..part }
}

/// The items of a change of field `smb_app_state_sync`: one for each entry.
pub(super) fn state_sync(change: &Value, now: Timestamp) -> Vec<Part> {
    let value = change.get("value").unwrap_or(&Value::Null);
    let entries = list(value, "state_sync");
    if entries.is_empty() {
        return of_flat_change(change, now);
    }
    entries.iter().map(|entry| named(change, value, entry)).collect()
}

fn named(change: &Value, value: &Value, entry: &Value) -> Part {
    let says = name(entry).map_or(Says::Other, |report| Says::Name(Box::new(report)));
    let kind = format!("smb_app_state_sync/{}", text(entry, "action").unwrap_or_default());
    let change = with(change, "state_sync", json!([entry]));
    Part { number: line(value, "metadata"), kind, says, change }
}

/// Whom the phone's address book calls what. One that was taken out of it says nothing.
fn name(entry: &Value) -> Option<NameReport> {
    let contact =
        entry.get("contact").filter(|_| text(entry, "action").is_some_and(|action| action == "add"))?;
    let number = Phone::parse(&text(contact, "phone_number")?).ok()?;
    let name = ["full_name", "first_name"].iter().find_map(|field| {
        text(contact, field)
            .filter(|name| !name.trim().is_empty())
            .map(|name| name.chars().take(256).collect())
    })?;
    Some(NameReport { customer: Identity { name: Some(name), ..Identity::of_number(number) } })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{callback::meta::of_change, domain::message::Direction};

    fn read(change: &Value) -> Vec<(Direction, String, String)> {
        let now = Timestamp::from_millis(1_772_533_800_000);
        let mut read = Vec::new();
        for part in of_change(change, now) {
            let again = of_change(&part.change, now);
            assert!(again.len() == 1 && again[0].says == part.says, "{}", part.change);
            if let Says::Message(message) = part.says {
                assert_eq!(message.origin, MessageOrigin::History);
                let number = message.customer.number.map(String::from).unwrap_or_default();
                read.push((message.direction, number, message.text.unwrap_or_default()));
            }
        }
        read
    }

    #[test]
    fn a_thread_s_messages_are_of_its_customer_whoever_wrote_them() {
        let text = |id: &str, from: &str, body: &str| {
            json!({ "id": id, "from": from, "timestamp": "1772400000", "type": "text", "text": { "body": body },
                "history_context": { "status": "READ" } })
        };
        let mut ours = text("wamid.2", "15550100001", "Diga");
        ours["to"] = json!("50212345678");
        let change = json!({ "field": "history", "value": {
            "metadata": { "display_phone_number": "+1 555-010-0001", "phone_number_id": "1001" },
            "history": [{ "metadata": { "phase": 0, "chunk_order": 1, "progress": 100 }, "threads": [
                { "id": "50212345678", "messages": [text("wamid.1", "50212345678", "Hola"), ours, text("wamid.3", "15550100001", "¿Sigue ahí?")] },
                { "id": "50287654321", "messages": [text("wamid.4", "50287654321", "Baja")] },
            ] }],
        } });
        let (ana, bob) = ("50212345678".to_owned(), "50287654321".to_owned());
        let expected = [
            (Direction::Inbound, ana.clone(), "Hola".to_owned()),
            (Direction::Outbound, ana.clone(), "Diga".to_owned()),
            (Direction::Outbound, ana.clone(), "¿Sigue ahí?".to_owned()),
            (Direction::Inbound, bob, "Baja".to_owned()),
        ];
        assert_eq!(read(&change), expected);
        // Files follow in lists of their own.
        let own = json!({ "id": "wamid.5", "from": "15550100001", "to": "50212345678", "timestamp": "1772400000",
            "type": "image", "image": { "id": "7", "caption": "baja" } });
        let files = json!({ "field": "history", "value": {
            "metadata": { "display_phone_number": "15550100001", "phone_number_id": "1001" }, "messages": [own],
        } });
        assert_eq!(read(&files), [(Direction::Outbound, ana, "baja".to_owned())]);
    }

    #[test]
    fn the_phone_s_address_book_names_people() {
        let entry =
            |action: &str, contact: Value| json!({ "type": "contact", "action": action, "contact": contact });
        let ana = json!({ "full_name": "Ana Ruiz", "first_name": "Ana", "phone_number": "50212345678" });
        let change = json!({ "field": "smb_app_state_sync", "value": {
            "metadata": { "phone_number_id": "1001" },
            "state_sync": [entry("add", ana.clone()), entry("remove", ana), entry("add", json!({ "phone_number": "x" }))],
        } });
        let parts = of_change(&change, Timestamp::from_millis(0));
        let names: Vec<_> = parts
            .iter()
            .map(|part| match &part.says {
                Says::Name(report) => report.customer.name.clone(),
                _ => None,
            })
            .collect();
        assert_eq!(names, [Some("Ana Ruiz".to_owned()), None, None]);
    }
}
