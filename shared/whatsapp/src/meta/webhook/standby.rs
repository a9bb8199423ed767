//! Field `standby`: events while another app has the conversation, one level deeper than elsewhere (facts:
//! template-rules.md 5.3, onboarding.md 4).

use serde_json::{Map, Value};

use super::{
    customer::Contacts,
    message,
    split::{Part, of_flat_change},
};
use crate::lenient::text;
use ventanilla_core::domain::{
    inbound::{MessageOrigin, Says},
    time::Timestamp,
};

/// The fields beside the deeper level, which each item keeps.
const BESIDE: [&str; 2] = ["messaging_product", "metadata"];

/// The items of a change; `None` when it lacks the deeper level, or has nothing there that is not also
/// beside it.
pub(super) fn parts(change: &Value, now: Timestamp) -> Option<Vec<Part>> {
    let value = change.get("value")?.as_object()?;
    let mut flat = value.get("standby")?.as_object()?.clone();
    let twice = taken_twice(&mut flat, value);
    if flat.is_empty() && !twice.is_empty() {
        return None;
    }
    let mut rest = value.clone();
    rest.remove("standby");
    if !twice.is_empty() {
        rest.insert("standby".to_owned(), twice.into());
    }
    for name in BESIDE {
        flat.extend(value.get(name).map(|held| (name.to_owned(), held.clone())));
    }
    let mut parts: Vec<Part> =
        of_flat_change(&with_value(change, flat), now).into_iter().map(nested).collect();
    if rest.keys().any(|name| !BESIDE.contains(&name.as_str())) {
        parts.extend(of_flat_change(&with_value(change, rest), now));
    }
    Some(parts)
}

/// Removes from the deeper level the fields that are also beside it: they would be overwritten there, and so
/// be lost.
fn taken_twice(flat: &mut Map<String, Value>, value: &Map<String, Value>) -> Map<String, Value> {
    let both = BESIDE.into_iter().filter(|name| value.contains_key(*name));
    both.filter_map(|name| Some((name.to_owned(), flat.remove(name)?))).collect()
}

fn with_value(change: &Value, value: Map<String, Value>) -> Value {
    let mut change = change.clone();
    if let Some(fields) = change.as_object_mut() {
        fields.insert("value".to_owned(), value.into());
    }
    change
}

/// The part as it came: one level deeper.
fn nested(mut part: Part) -> Part {
    if let Says::Message(message) = &mut part.says {
        message.origin = MessageOrigin::Standby;
    }
    if let Some(Value::Object(flat)) = part.change.get_mut("value") {
        let mut value = Map::new();
        for name in BESIDE {
            value.extend(flat.remove(name).map(|held| (name.to_owned(), held)));
        }
        value.insert("standby".to_owned(), Value::Object(std::mem::take(flat)));
        *flat = value;
    }
    part
}

/// A message that Meta's agent sent: `message` is the body of its call, not a message as in webhooks.
pub(super) fn echo(entry: &Value, contacts: &Contacts<'_>, now: Timestamp) -> Says {
    let Some(sent) = entry.get("message").and_then(Value::as_object) else {
        return message::echo(entry, contacts, now);
    };
    let mut whole = sent.clone();
    for name in ["id", "timestamp"] {
        whole.extend(entry.get(name).map(|held| (name.to_owned(), held.clone())));
    }
    if let Some(user) = sent.get("recipient").filter(|user| user.is_string()) {
        whole.insert("to_user_id".to_owned(), user.clone());
    }
    // A body without a type is a text (facts: graph-clients.md 1).
    whole.entry("type").or_insert_with(|| "text".into());
    let whole = Value::Object(whole);
    let mut says = message::echo(&whole, contacts, now);
    if let Says::Message(read) = &mut says
        && read.text.is_none()
    {
        let body = whole.pointer("/interactive/body").and_then(|body| text(body, "text"));
        read.text = body.map(std::borrow::Cow::into_owned);
    }
    says
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::meta::webhook::of_change;
    use ventanilla_core::domain::message::Direction;

    #[test]
    fn both_sides_are_read_one_level_deeper_and_are_the_same_when_they_are_read_again() {
        let now = Timestamp::from_millis(1_772_533_800_000);
        let metadata = json!({ "phone_number_id": "1001" });
        let inbound = json!({ "field": "standby", "value": { "metadata": metadata, "standby": {
            "contacts": [{ "wa_id": "50212345678", "profile": { "name": "Ana" } }],
            "messages": [{ "id": "wamid.1", "from": "50212345678", "type": "text", "text": { "body": "hola" } }],
        } } });
        let echo = json!({ "field": "standby", "value": { "metadata": metadata, "standby": { "message_echoes": [
            { "id": "wamid.2", "timestamp": "1772533800", "message": {
                "messaging_product": "whatsapp", "to": "+50212345678", "type": "text", "text": { "body": "soy el agente" } } },
            { "id": "wamid.3", "timestamp": "1772533800", "message": {
                "recipient": "GT.1", "type": "interactive", "interactive": { "type": "button", "body": { "text": "¿Sí?" } } } },
        ] } } });
        let mut read = Vec::new();
        for change in [inbound, echo] {
            for part in of_change(&change, now) {
                let again = of_change(&part.change, now);
                assert!(again.len() == 1 && again[0].says == part.says, "{}", part.change);
                let Says::Message(message) = part.says else { panic!("{}", part.change) };
                assert_eq!(message.origin, MessageOrigin::Standby);
                read.push((message.direction, message.text.unwrap(), message.customer.bsuid.is_some()));
            }
        }
        let expected = [
            (Direction::Inbound, "hola".to_owned(), false),
            (Direction::Outbound, "soy el agente".to_owned(), false),
            (Direction::Outbound, "¿Sí?".to_owned(), true),
        ];
        assert_eq!(read, expected);
    }

    #[test]
    fn fields_on_both_levels_are_kept_on_both() {
        let now = Timestamp::from_millis(0);
        let messages =
            json!([{ "id": "wamid.1", "from": "50212345678", "type": "text", "text": { "body": "hola" } }]);
        let change = json!({ "field": "standby", "value": {
            "metadata": { "phone_number_id": "1001" },
            "standby": { "metadata": [[0]], "messages": messages },
        } });
        let parts = of_change(&change, now);
        let kept: Vec<_> = parts.iter().map(|part| part.change["value"]["standby"].clone()).collect();
        assert_eq!(kept, [json!({ "messages": messages }), json!({ "metadata": [[0]] })]);
        for part in parts {
            assert_eq!(part.change["value"]["metadata"], json!({ "phone_number_id": "1001" }));
            let again = of_change(&part.change, now);
            assert!(again.len() == 1 && again[0].change == part.change, "{}", part.change);
        }
    }
}
