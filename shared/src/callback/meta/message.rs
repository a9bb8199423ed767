//! One inbound message or echo (facts: meta.md 4.5 and 5).

use serde_json::Value;

use crate::callback::lenient::{AHEAD, first_text, seconds, text};
use crate::domain::{
    contact::Identity,
    file::ToldFile,
    id::Wamid,
    inbound::InboundMessage,
    message::Direction,
    parts::{Card, cards_of_meta},
    phone::{Bsuid, Phone},
    time::Timestamp,
};

/// A customer's message; `None` when it names no customer, or is one of many in a group.
pub(super) fn inbound(entry: &Value, contacts: &[Value], now: Timestamp) -> Option<InboundMessage> {
    let from = text(entry, "from");
    let user = text(entry, "from_user_id");
    let customer = identity(from.as_deref(), user.as_deref(), contacts)?;
    read(entry, customer, Direction::Inbound, now)
}

/// A message that the business wrote on its phone.
pub(super) fn echo(entry: &Value, contacts: &[Value], now: Timestamp) -> Option<InboundMessage> {
    let to = text(entry, "to");
    let user = text(entry, "to_user_id");
    let customer = identity(to.as_deref(), user.as_deref(), contacts)?;
    read(entry, customer, Direction::Outbound, now)
}

fn read(entry: &Value, customer: Identity, direction: Direction, now: Timestamp) -> Option<InboundMessage> {
    if text(entry, "group_id").is_some() {
        return None;
    }
    let kind = text(entry, "type").map_or_else(|| "unsupported".to_owned(), std::borrow::Cow::into_owned);
    let content = entry.get(kind.as_str()).unwrap_or(&Value::Null);
    Some(InboundMessage {
        wamid: Wamid::try_from(text(entry, "id")?.into_owned()).ok()?,
        customer,
        direction,
        at: seconds(entry, "timestamp").unwrap_or(now).min(now.plus(AHEAD)),
        text: words(&kind, content),
        parts: Box::new(super::parts::parts(&kind, content, entry)),
        file: file(&kind, content).map(Box::new),
        refers_to: referred(&kind, content, entry),
        moved_to: (kind == "system").then(|| moved(content)),
        kind,
    })
}

/// The text or caption of a message, or the words of a pressed button.
pub(in crate::callback) fn words(kind: &str, content: &Value) -> Option<String> {
    let found = match kind {
        "text" | "system" => text(content, "body"),
        "button" | "order" => text(content, "text"),
        "reaction" => text(content, "emoji"),
        "interactive" => ["button_reply", "list_reply"]
            .iter()
            .find_map(|reply| content.get(reply).and_then(|reply| text(reply, "title")))
            .or_else(|| content.get("nfm_reply").and_then(|reply| text(reply, "body"))),
        "location" => first_text(content, &["name", "address"]),
        "contacts" => return cards(content),
        "edit" => {
            let message = content.get("message")?;
            let inner = text(message, "type")?.into_owned();
            return words(&inner, message.get(inner.as_str())?);
        }
        _ => text(content, "caption"),
    };
    found.map(std::borrow::Cow::into_owned).filter(|words| !words.is_empty())
}

/// The names and numbers on contact cards, a line for each card.
fn cards(content: &Value) -> Option<String> {
    let lines: Vec<String> = cards_of_meta(content.as_array()?).iter().filter_map(Card::line).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// The file of a message; of an edit, the one that is there from then on.
fn file(kind: &str, content: &Value) -> Option<ToldFile> {
    if kind != "edit" {
        return super::file::told(kind, content);
    }
    let message = content.get("message")?;
    let inner = text(message, "type")?;
    super::file::told(&inner, message.get(inner.as_ref())?)
}

/// The message that this one is about.
fn referred(kind: &str, content: &Value, entry: &Value) -> Option<Wamid> {
    let id = match kind {
        "reaction" => text(content, "message_id"),
        "edit" | "revoke" => text(content, "original_message_id"),
        _ => entry.get("context").and_then(|context| text(context, "id")),
    };
    id.and_then(|id| Wamid::try_from(id.into_owned()).ok())
}

/// The addresses that a customer has from now on, told by a system message.
fn moved(content: &Value) -> (Option<Phone>, Option<Bsuid>) {
    let number = first_text(content, &["wa_id", "new_wa_id"]).and_then(|text| Phone::parse(&text).ok());
    let user = text(content, "user_id").and_then(|text| Bsuid::parse(&text).ok());
    (number, user)
}

/// Those of `contacts` that are about the customer of an entry of this list.
pub(super) fn contacts_of(list: &str, entry: &Value, contacts: &[Value]) -> Vec<Value> {
    let (number, user) = match list {
        "message_echoes" => ("to", "to_user_id"),
        "statuses" => ("recipient_id", "recipient_user_id"),
        "user_preferences" => ("wa_id", "user_id"),
        _ => ("from", "from_user_id"),
    };
    let (number, user) = (text(entry, number), text(entry, user));
    contact_of(number.as_deref(), user.as_deref(), contacts).cloned().into_iter().collect()
}

/// The entry about a customer; the only one there is when the message names nobody.
fn contact_of<'a>(number: Option<&str>, user: Option<&str>, contacts: &'a [Value]) -> Option<&'a Value> {
    let about = |contact: &&Value| {
        let same = |name, value: Option<&str>| value.is_some() && text(contact, name).as_deref() == value;
        same("wa_id", number) || same("user_id", user)
    };
    contacts.iter().find(about).or(match contacts {
        [only] if number.is_none() && user.is_none() => Some(only),
        _ => None,
    })
}

/// Who a message is from, with what `contacts` adds. `contacts` may have one entry for several
/// messages, an entry per message, or none.
pub(super) fn identity(number: Option<&str>, user: Option<&str>, contacts: &[Value]) -> Option<Identity> {
    let entry = contact_of(number, user, contacts);
    let of_entry = |name| entry.and_then(|contact| text(contact, name));
    let number = number.map(str::to_owned).or_else(|| of_entry("wa_id").map(std::borrow::Cow::into_owned));
    let user = user.map(str::to_owned).or_else(|| of_entry("user_id").map(std::borrow::Cow::into_owned));
    let profile = entry.and_then(|contact| contact.get("profile"));
    let who = Identity {
        number: number.and_then(|text| Phone::parse(&text).ok()),
        bsuid: user.and_then(|text| Bsuid::parse(&text).ok()),
        name: profile
            .and_then(|profile| first_text(profile, &["name", "username"]))
            .map(|name| name.chars().take(256).collect()),
    };
    (who.number.is_some() || who.bsuid.is_some()).then_some(who)
}
