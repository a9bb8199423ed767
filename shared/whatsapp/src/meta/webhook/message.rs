//! One inbound message or echo (facts: meta.md 4.5 and 5).

use std::borrow::Cow;

use serde_json::Value;

use super::customer::{Contacts, addresses, moved};
use crate::lenient::{first_text, instant, text};
use ventanilla_core::domain::{
    contact::{Address, Identity},
    delivery::FactKind,
    file::InboundFile,
    id::Wamid,
    inbound::{InboundMessage, MessageOrigin, Says, Unreadable},
    message::Direction,
    parts::{Card, cards_of_meta},
    phone::Phone,
    time::Timestamp,
};

/// A customer's message. A message in a group is stored unparsed.
pub(super) fn inbound(entry: &Value, contacts: &Contacts<'_>, now: Timestamp) -> Says {
    read_of(entry, contacts.customer(entry), Direction::Inbound, now)
}

/// A message that the business wrote on its phone.
pub(super) fn echo(entry: &Value, contacts: &Contacts<'_>, now: Timestamp) -> Says {
    read_of(entry, contacts.customer(entry), Direction::Outbound, now)
}

/// A customer's call: each of its items has its own id. A call by the company itself is not the customer's,
/// and one without a customer is stored unparsed.
pub(super) fn call(entry: &Value, contacts: &Contacts<'_>, now: Timestamp) -> Says {
    let own = text(entry, "direction").is_some_and(|direction| direction == "BUSINESS_INITIATED");
    let mut item = entry.clone();
    let (false, Some(customer), Some(fields)) = (own, contacts.customer(entry), item.as_object_mut()) else {
        return Says::Other;
    };
    fields.insert("type".to_owned(), "call".into());
    read_of(&item, Some(customer), Direction::Inbound, now)
}

/// A message from before the company joined: the company's own where it is from its number, else of the
/// thread's customer.
pub(super) fn history_message(entry: &Value, thread: Option<&str>, metadata: &Value, now: Timestamp) -> Says {
    let number = |name: &str, of: &Value| text(of, name).and_then(|text| Phone::parse(&text).ok());
    let own = number("display_phone_number", metadata);
    // Only the company's own messages name a recipient.
    let ours = text(entry, "to").is_some() || number("from", entry).is_some_and(|from| own == Some(from));
    let (list, direction) =
        if ours { ("message_echoes", Direction::Outbound) } else { ("messages", Direction::Inbound) };
    let named = addresses(list, entry);
    let of_thread = || thread.and_then(|thread| Address::read(thread).ok()).map(Identity::of);
    let customer = if named.addresses().is_empty() { of_thread() } else { Some(named) };
    match read_of(entry, customer, direction, now) {
        Says::Message(message) => {
            let (origin, history_status) = (MessageOrigin::History, history_status(entry));
            Says::Message(Box::new(InboundMessage { origin, history_status, ..*message }))
        }
        says => says,
    }
}

/// The state of an old message by its `history_context`: `SENT`, `DELIVERED`, `READ`, `PLAYED`, `ERROR`, or
/// `PENDING`, which is no state yet.
fn history_status(entry: &Value) -> Option<FactKind> {
    match text(entry.get("history_context")?, "status")?.to_ascii_lowercase().as_str() {
        "error" => Some(FactKind::Failed),
        word => FactKind::from_word(word),
    }
}

fn read_of(entry: &Value, customer: Option<Identity>, direction: Direction, now: Timestamp) -> Says {
    if text(entry, "group_id").is_some() {
        return Says::Other;
    }
    let Some(customer) = customer else { return Says::Unreadable(Unreadable::NoCustomer) };
    let read = read(entry, customer, direction, now);
    read.map_or(Says::Unreadable(Unreadable::NoId), |message| Says::Message(Box::new(message)))
}

/// A message; `None` where it has no id.
fn read(entry: &Value, customer: Identity, direction: Direction, now: Timestamp) -> Option<InboundMessage> {
    let kind = text(entry, "type").map_or_else(|| "unsupported".to_owned(), Cow::into_owned);
    let content = entry.get(kind.as_str()).unwrap_or(&Value::Null);
    Some(InboundMessage {
        wamid: Wamid::try_from(text(entry, "id")?.into_owned()).ok()?,
        customer,
        direction,
        at: instant(entry, "timestamp", now),
        text: words(&kind, content),
        parts: Box::new(super::parts::parts(&kind, content, entry)),
        file: file(&kind, content).map(Box::new),
        refers_to: referred(&kind, content, entry),
        moved_to: (kind == "system").then(|| moved(content)),
        origin: MessageOrigin::Live,
        history_status: None,
        kind,
    })
}

/// The text or caption of a message, or the words of a pressed button.
pub(crate) fn words(kind: &str, content: &Value) -> Option<String> {
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
    found.map(Cow::into_owned).filter(|words| !words.is_empty())
}

/// The names and numbers on contact cards, a line for each card.
fn cards(content: &Value) -> Option<String> {
    let lines: Vec<String> = cards_of_meta(content.as_array()?).iter().filter_map(Card::line).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// The file of a message; of an edit, the new one.
fn file(kind: &str, content: &Value) -> Option<InboundFile> {
    if kind != "edit" {
        return super::file::read(kind, content);
    }
    let message = content.get("message")?;
    let inner = text(message, "type")?;
    super::file::read(&inner, message.get(inner.as_ref())?)
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
