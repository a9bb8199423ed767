//! The parts of a message besides its text (facts: meta.md 4.5, template-rules.md 5.1).

use serde_json::{Map, Number, Value};

use crate::lenient::{first_text, list, number, parse, text};
use ventanilla_core::domain::parts::{
    Call, EditedContent, Emoji, Forwarded, Interactive, InteractiveReply, MessageParts, Order, OrderItem,
    Referral, ReferredProduct, ReplyKind, SharedLocation, SystemNotice, Unsupported, cards_of_meta,
};

use super::error::errors;

/// The parts of a message of this kind: `content` is the value under the kind's own name, `entry` the
/// message.
pub(crate) fn parts(kind: &str, content: &Value, entry: &Value) -> MessageParts {
    let mut parts = MessageParts { errors: errors(entry), ..MessageParts::default() };
    match kind {
        "interactive" => parts.interactive = Some(Interactive::Reply(tapped(content))),
        "button" => parts.interactive = Some(Interactive::Reply(quick_reply(content))),
        "location" => parts.location = Some(place(content)),
        "contacts" => parts.contacts = cards_of_meta(content.as_array().map_or(&[], Vec::as_slice)),
        "order" => parts.order = Some(order(content)),
        "reaction" => parts.reaction = Some(Emoji { emoji: word(content, "emoji") }),
        "system" => parts.system = Some(notice(content, entry)),
        "unsupported" | "unknown" => {
            let errors = std::mem::take(&mut parts.errors);
            parts.unsupported = Some(Unsupported { kind: word(content, "type"), errors });
        }
        // The entry of a call has no object of its own.
        "call" => parts.call = Some(call(entry)),
        "edit" => parts.edit = edited(content),
        "audio" => parts.voice = content.get("voice").and_then(Value::as_bool),
        "voice" => parts.voice = Some(true),
        "sticker" => parts.animated = content.get("animated").and_then(Value::as_bool),
        _ => {}
    }
    parts.origin = word(entry, "origin");
    parts.referral = entry.get("referral").and_then(Value::as_object).map(referral);
    if let Some(context) = entry.get("context") {
        quoted(context, &mut parts);
    }
    parts
}

fn word(value: &Value, name: &str) -> Option<String> {
    text(value, name).map(std::borrow::Cow::into_owned).filter(|word| !word.is_empty())
}

/// A number, also one that is spelled as text.
fn amount(value: &Value, name: &str) -> Option<Number> {
    match value.get(name)? {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => serde_json::from_str(text.trim()).ok(),
        _ => None,
    }
}

fn tapped(content: &Value) -> InteractiveReply {
    let reply = |name: &str| content.get(name).filter(|reply| reply.is_object());
    let of = |kind, reply: &Value| InteractiveReply {
        kind,
        id: word(reply, "id"),
        title: word(reply, "title"),
        description: word(reply, "description"),
        data: None,
    };
    if let Some(button) = reply("button_reply") {
        return of(ReplyKind::ButtonReply, button);
    }
    if let Some(row) = reply("list_reply") {
        return of(ReplyKind::ListReply, row);
    }
    if let Some(flow) = reply("nfm_reply") {
        let title = word(flow, "name");
        return InteractiveReply { title, data: answers(flow), ..of(ReplyKind::FlowReply, flow) };
    }
    if let Some(permission) = reply("call_permission_reply") {
        let id = word(permission, "response");
        return InteractiveReply {
            id,
            data: Some(permission.clone()),
            ..of(ReplyKind::CallPermissionReply, permission)
        };
    }
    InteractiveReply { data: Some(content.clone()), ..of(ReplyKind::Other, content) }
}

/// A Flow's answers: JSON within a text, not necessarily an object; other text stays text.
fn answers(flow: &Value) -> Option<Value> {
    match flow.get("response_json")? {
        Value::String(text) => Some(parse(text.as_bytes()).unwrap_or_else(|| Value::String(text.clone()))),
        Value::Null => None,
        other => Some(other.clone()),
    }
}

fn quick_reply(content: &Value) -> InteractiveReply {
    InteractiveReply {
        kind: ReplyKind::QuickReply,
        id: word(content, "payload"),
        title: word(content, "text"),
        description: None,
        data: None,
    }
}

fn place(content: &Value) -> SharedLocation {
    SharedLocation {
        latitude: amount(content, "latitude"),
        longitude: amount(content, "longitude"),
        name: word(content, "name"),
        address: word(content, "address"),
        url: word(content, "url"),
    }
}

fn order(content: &Value) -> Order {
    let item = |item: &Value| OrderItem {
        product_id: word(item, "product_retailer_id"),
        quantity: amount(item, "quantity"),
        price: amount(item, "item_price"),
        currency: word(item, "currency"),
    };
    Order {
        catalog_id: word(content, "catalog_id"),
        text: word(content, "text"),
        items: list(content, "product_items").iter().map(item).collect(),
    }
}

/// The number or user id that changed: for a user id, the named previous one; for a number, the sender.
fn notice(content: &Value, entry: &Value) -> SystemNotice {
    let user = word(content, "user_id");
    let previous =
        word(content, "previous_user_id").or_else(|| if user.is_none() { word(entry, "from") } else { None });
    let number = first_text(content, &["wa_id", "new_wa_id"]).map(std::borrow::Cow::into_owned);
    let known = ["body", "type", "user_id", "previous_user_id", "wa_id", "new_wa_id"];
    let further =
        content.as_object().into_iter().flatten().filter(|(name, _)| !known.contains(&name.as_str()));
    SystemNotice {
        kind: word(content, "type"),
        previous,
        current: user.or(number),
        further: further.map(|(name, value)| (name.clone(), value.clone())).collect(),
    }
}

fn call(entry: &Value) -> Call {
    Call {
        event: word(entry, "event"),
        status: word(entry, "status"),
        direction: word(entry, "direction"),
        duration: number(entry, "duration"),
    }
}

fn edited(content: &Value) -> Option<EditedContent> {
    let message = content.get("message")?;
    let kind = word(message, "type")?;
    let text = super::message::words(&kind, message.get(kind.as_str())?);
    Some(EditedContent { kind, text })
}

fn referral(object: &Map<String, Value>) -> Referral {
    let mut further = object.clone();
    let mut take = |name: &str| match further.get(name) {
        Some(Value::String(_)) => further.remove(name).and_then(|text| text.as_str().map(str::to_owned)),
        _ => None,
    };
    Referral {
        source_type: take("source_type"),
        source_id: take("source_id"),
        source_url: take("source_url"),
        headline: take("headline"),
        body: take("body"),
        ctwa_clid: take("ctwa_clid"),
        further,
    }
}

/// Where it was forwarded from, and which product it asks about.
fn quoted(context: &Value, parts: &mut MessageParts) {
    let is = |name: &str| context.get(name).and_then(Value::as_bool) == Some(true);
    parts.forwarded = match (is("frequently_forwarded"), is("forwarded")) {
        (true, _) => Some(Forwarded::Frequently),
        (false, true) => Some(Forwarded::Forwarded),
        (false, false) => None,
    };
    parts.quoted_from = word(context, "from");
    parts.referred_product = context.get("referred_product").filter(|it| it.is_object()).map(|it| {
        ReferredProduct { catalog_id: word(it, "catalog_id"), product_id: word(it, "product_retailer_id") }
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reply(content: &Value) -> InteractiveReply {
        match parts("interactive", content, &Value::Null).interactive {
            Some(Interactive::Reply(reply)) => reply,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_tap_has_the_id_of_its_button_or_row() {
        let row = reply(
            &json!({ "type": "list_reply", "list_reply": { "id": "row_7", "title": "Plan B", "description": "d" } }),
        );
        assert_eq!(
            (row.kind, row.id.as_deref(), row.title.as_deref(), row.description.as_deref()),
            (ReplyKind::ListReply, Some("row_7"), Some("Plan B"), Some("d"))
        );
        let flow = |answers: &str| {
            reply(&json!({ "nfm_reply": { "name": "flow", "body": "Sent", "response_json": answers } })).data
        };
        assert_eq!(flow(r#"{"answer":"x"}"#), Some(json!({ "answer": "x" })));
        assert_eq!(flow("[1]"), Some(json!([1])));
        assert_eq!(flow("{no json"), Some(json!("{no json")));
        let other = reply(&json!({ "type": "new_reply", "new_reply": { "id": "1" } }));
        assert_eq!((other.kind, other.data.is_some()), (ReplyKind::Other, true));
    }

    #[test]
    fn an_order_has_its_items_and_numbers_may_be_text() {
        let content = json!({ "catalog_id": "C", "product_items": [
            { "product_retailer_id": "SKU", "quantity": "2", "item_price": 30.5, "currency": "GTQ" }] });
        let order = parts("order", &content, &Value::Null).order.unwrap();
        let item = &order.items[0];
        assert_eq!((order.catalog_id.as_deref(), item.product_id.as_deref()), (Some("C"), Some("SKU")));
        assert_eq!(json!([item.quantity, item.price]), json!([2, 30.5]));
    }

    #[test]
    fn the_parts_around_a_message_are_parsed() {
        let entry = json!({
            "referral": { "source_type": "ad", "source_id": "S", "headline": "Oferta", "ctwa_clid": "C", "media_type": "image" },
            "context": { "from": "15550100001", "frequently_forwarded": true,
                "referred_product": { "catalog_id": "C", "product_retailer_id": "SKU" } },
            "errors": [{ "code": 131_051, "title": "Unsupported" }, "odd"],
        });
        let read = parts("text", &json!({ "body": "x" }), &entry);
        let referral = read.referral.unwrap();
        assert_eq!(
            (referral.ctwa_clid.as_deref(), &referral.further["media_type"]),
            (Some("C"), &json!("image"))
        );
        assert_eq!(read.forwarded, Some(Forwarded::Frequently));
        assert_eq!(read.referred_product.unwrap().product_id.as_deref(), Some("SKU"));
        assert_eq!((read.errors.len(), read.errors[0].code.clone()), (2, Some(131_051.into())));
        assert_eq!(read.errors[1].message.as_deref(), Some("odd"));
    }

    #[test]
    fn a_notice_has_the_address_before_and_after() {
        let number = json!({ "type": "user_changed_number", "wa_id": "50299999999", "body": "…" });
        let notice = parts("system", &number, &json!({ "from": "50212345678" })).system.unwrap();
        assert_eq!(
            (notice.previous.as_deref(), notice.current.as_deref()),
            (Some("50212345678"), Some("50299999999"))
        );
        let user = json!({ "type": "user_changed_user_id", "previous_user_id": "GT.A", "user_id": "GT.B" });
        let notice = parts("system", &user, &Value::Null).system.unwrap();
        assert_eq!((notice.previous.as_deref(), notice.current.as_deref()), (Some("GT.A"), Some("GT.B")));
    }
}
