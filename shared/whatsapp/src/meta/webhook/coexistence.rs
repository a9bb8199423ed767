//! The phone's contact names, for a number that its owner still uses on a phone (facts: onboarding.md 5,
//! template-rules.md 5.2). The messages before that are in history.rs.

use serde_json::{Value, json};

use super::split::{Part, inbound_address, of_flat_change};
use crate::lenient::{list, text};
use ventanilla_core::domain::{
    contact::Identity,
    inbound::{NameReport, Says},
    phone::Phone,
    time::Timestamp,
};

/// The change with another list in its value.
fn with(change: &Value, name: &str, list: Value) -> Value {
    let mut change = change.clone();
    if let Some(value) = change.get_mut("value").and_then(Value::as_object_mut) {
        value.insert(name.to_owned(), list);
    }
    change
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
    Part { number: inbound_address(value, "metadata"), kind, says, change }
}

/// The names in the phone's address book. A removed entry says nothing.
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
    use crate::meta::webhook::of_change;
    use ventanilla_core::domain::{inbound::MessageOrigin, message::Direction};

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
    fn all_messages_of_a_thread_belong_to_its_customer() {
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
