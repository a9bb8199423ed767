//! Meta's message object, for the contracts that are based on it (facts: meta.md 2.2 to 2.5).

mod objects;

#[cfg(feature = "schema")]
pub(crate) use objects::schemas;

use serde_json::{Number, Value};

use self::objects::{
    ContactCards, InteractiveObject, LocationObject, ReactionObject, TemplateObject, TextObject, given,
};

use super::{
    Fields, InputError,
    components::components,
    json,
    json_limits::{CANNOT_BE_KEPT, can_be_kept, number_can_be_kept},
    near_miss::{DIRECT_SEND, NearMisses, RefusedNames, SCHEDULE, link_preview},
};
use ventanilla_core::domain::{
    contact::Address,
    content::{
        Content, LinkPreview, Location, Media, MediaKind, MediaLink, MediaSource, MessageText,
        TemplateContent,
    },
    id::Wamid,
    phone::Bsuid,
};

/// Most contact cards in one message (facts: meta.md 2.3).
const MOST_CONTACTS: usize = 257;

/// A message with its recipient.
#[derive(Debug)]
pub struct Addressed {
    /// The address of the recipient.
    pub to: Address,
    /// The content of the message.
    pub content: Content,
    /// The provider's id of the quoted message, for a reply.
    pub quotes: Option<Wamid>,
}

/// A message without a recipient.
#[derive(Debug)]
pub struct Unaddressed {
    /// The content of the message.
    pub content: Content,
    /// The provider's id of the quoted message, for a reply.
    pub quotes: Option<Wamid>,
}

/// Reads a message with its recipient.
///
/// # Errors
/// Names the field.
pub fn addressed(object: &Value) -> Result<Addressed, InputError> {
    of_whatsapp(object)?;
    let to = recipient(object)?;
    let Unaddressed { content, quotes } = unaddressed(object)?;
    Ok(Addressed { to, content, quotes })
}

/// Reads a message whose recipient, and product, are given elsewhere.
///
/// # Errors
/// Names the field.
pub fn unaddressed(object: &Value) -> Result<Unaddressed, InputError> {
    match object.get("recipient_type") {
        None | Some(Value::Null) => {}
        Some(kind) if kind == "individual" => {}
        Some(_) => return wrong("recipient_type", "must be individual"),
    }
    let quotes = match object.get("context") {
        None | Some(Value::Null) => None,
        Some(context) => Some(wamid(word(context, "message_id").map(str::to_owned), "context.message_id")?),
    };
    Ok(Unaddressed { content: content(object)?, quotes })
}

/// Reads a read receipt: the id of the message that was read.
///
/// # Errors
/// Names the field.
pub fn read_receipt(object: &Value) -> Result<Wamid, InputError> {
    of_whatsapp(object)?;
    if object.get("status").and_then(Value::as_str) != Some("read") {
        return wrong("status", "must be read");
    }
    wamid(word(object, "message_id").map(str::to_owned), "message_id")
}

fn of_whatsapp(object: &Value) -> Result<(), InputError> {
    match object.get("messaging_product").and_then(Value::as_str) {
        Some("whatsapp") => Ok(()),
        _ => wrong("messaging_product", "must be whatsapp"),
    }
}

/// The recipient: a number, else a business-scoped user id, as Meta prefers them. A user id is accepted in
/// `to` as well.
fn recipient(object: &Value) -> Result<Address, InputError> {
    match (word(object, "to"), word(object, "recipient")) {
        (Some(to), _) => Address::read(to).map_err(|error| InputError::field("to", error)),
        (None, Some(id)) => {
            Bsuid::parse(id).map(Address::of_user_id).map_err(|error| InputError::field("recipient", error))
        }
        (None, None) => wrong("to", "is missing"),
    }
}

/// The content. Without a type it is text (the vendor's documents).
fn content(object: &Value) -> Result<Content, InputError> {
    let kind = match object.get("type") {
        None | Some(Value::Null) => "text",
        Some(Value::String(kind)) => kind,
        Some(_) => return wrong("type", "must be text"),
    };
    let inner = object.get(kind).unwrap_or(&Value::Null);
    if kind != "text" && preview(object)? == LinkPreview::On {
        return wrong("preview_url", "is for texts only");
    }
    match (kind, MediaKind::from_word(kind)) {
        ("text", _) => text(object, inner),
        ("template", _) => template(inner),
        ("location", _) => location(inner),
        ("contacts", _) => contacts(inner),
        ("reaction", _) => reaction(inner),
        ("interactive", _) => interactive(inner),
        (_, Some(kind)) => file(kind, inner),
        (_, None) => wrong("type", "is not a kind of message that can be sent"),
    }
}

/// Whether a preview is requested; a value that is no object requests none.
fn preview(object: &Value) -> Result<LinkPreview, InputError> {
    let fields = object.as_object().into_iter().flatten();
    link_preview(fields.map(|(name, value)| (name.as_str(), value)))
}

fn text(object: &Value, inner: &Value) -> Result<Content, InputError> {
    let TextObject { body, rest } = objects::read(inner);
    let body = MessageText::try_from(given(body).unwrap_or_default())
        .map_err(|error| InputError::field("text.body", error))?;
    let within = preview(&Value::Object(rest)).map_err(|error| error.within("text"))?;
    let link_preview = if within == LinkPreview::Off { preview(object)? } else { within };
    Ok(Content::Text { body, link_preview })
}

fn file(kind: MediaKind, inner: &Value) -> Result<Content, InputError> {
    let media = |error| InputError::field(kind.as_str(), error);
    let source = match (word(inner, "link"), word(inner, "id")) {
        (Some(link), None) => MediaSource::Link(MediaLink::try_from(link.to_owned()).map_err(media)?),
        (None, Some(id)) => MediaSource::Id(id.to_owned()),
        _ => return wrong(kind.as_str(), "must have either link or id"),
    };
    let kind = match inner.get("voice") {
        Some(Value::Bool(true)) if kind == MediaKind::Audio => MediaKind::Voice,
        _ => kind,
    };
    let part = |name| word(inner, name).map(str::to_owned);
    Media::new(kind, source, part("caption"), part("filename")).map(Content::Media).map_err(media)
}

/// The near misses in a template's object: Direct Send, and what belongs into components.
const TEMPLATE: NearMisses = NearMisses {
    own: &["name", "language", "components", "namespace"],
    honoured: &[],
    refused: &[
        SCHEDULE,
        DIRECT_SEND,
        RefusedNames::new(
            &["parameters", "variables", "params", "languageCode", "templateName"],
            "a template has name, language and components",
        ),
    ],
};

fn template(inner: &Value) -> Result<Content, InputError> {
    if inner.is_object() {
        TEMPLATE.check(&Fields::of(inner)?).map_err(|error| error.within("template"))?;
    }
    let TemplateObject { name, language, components: filling } = objects::read(inner);
    let components = components(filling.as_ref())?;
    let code = given(language).and_then(|language| given(language.code)).unwrap_or_default();
    let template = TemplateContent::new(&given(name).unwrap_or_default(), &code, components);
    template.map(Content::Template).map_err(|error| InputError::field("template", error))
}

fn location(inner: &Value) -> Result<Content, InputError> {
    let LocationObject { latitude, longitude, name, address } = objects::read(inner);
    let degrees = [latitude.and_then(|it| it.0), longitude.and_then(|it| it.0)];
    place(degrees, given(name), given(address))
}

/// A location on the map, from latitude and longitude.
///
/// # Errors
/// Names the field of `location`.
pub fn place(
    [latitude, longitude]: [Option<Number>; 2],
    name: Option<String>,
    address: Option<String>,
) -> Result<Content, InputError> {
    let part = |text: Option<String>, field| match text {
        Some(text) if text.contains('\0') => wrong(field, "must not have the character U+0000"),
        text => Ok(text),
    };
    Ok(Content::Location(Location {
        latitude: degrees(latitude, "location.latitude", 90.0)?,
        longitude: degrees(longitude, "location.longitude", 180.0)?,
        name: part(name, "location.name")?,
        address: part(address, "location.address")?,
    }))
}

fn degrees(number: Option<Number>, field: &'static str, most: f64) -> Result<Number, InputError> {
    let within = |number: &Number| number.as_f64().is_some_and(|degrees| degrees.abs() <= most);
    number
        .filter(|number| within(number) && number_can_be_kept(number))
        .ok_or_else(|| InputError::field(field, format!("must be a number from -{most} to {most}")))
}

/// Contact cards as Meta defines them.
///
/// # Errors
/// Names `contacts`.
pub fn contacts(inner: &Value) -> Result<Content, InputError> {
    let cards = json::of_value(inner.clone()).map(|ContactCards(cards)| cards).unwrap_or_default();
    let are_named = !cards.iter().any(|card| card.name.formatted_name.contains('\0'));
    match inner {
        Value::Array(objects) if (1..=MOST_CONTACTS).contains(&cards.len()) && are_named => {
            keepable("contacts", inner)?;
            Ok(Content::Contacts { contacts: objects.clone() })
        }
        _ => wrong(
            "contacts",
            "must be a list of 1 to 257 objects with name.formatted_name, which must not have the character U+0000",
        ),
    }
}

fn reaction(inner: &Value) -> Result<Content, InputError> {
    let ReactionObject { message_id, emoji } = objects::read(inner);
    let to = wamid(given(message_id), "reaction.message_id")?;
    match given(emoji) {
        Some(emoji) if emoji.chars().count() <= 32 => Ok(Content::Reaction { to, emoji }),
        _ => wrong("reaction.emoji", "must be one emoji, or empty to take it back"),
    }
}

/// Buttons, lists and the like as Meta defines them.
///
/// # Errors
/// Names `interactive`.
pub fn interactive(inner: &Value) -> Result<Content, InputError> {
    let InteractiveObject { kind, action } = objects::read(inner);
    match (given(kind), given(action)) {
        (Some(_), Some(_)) => {
            keepable("interactive", inner)?;
            Ok(Content::Interactive { interactive: inner.clone() })
        }
        _ => wrong("interactive", "must be an object with type and action"),
    }
}

fn keepable(field: &'static str, inner: &Value) -> Result<(), InputError> {
    if can_be_kept(inner) { Ok(()) } else { wrong(field, CANNOT_BE_KEPT) }
}

fn wamid(id: Option<String>, field: &'static str) -> Result<Wamid, InputError> {
    let id = id.ok_or_else(|| InputError::field(field, "must be the id of a message"))?;
    Wamid::try_from(id).map_err(|error| InputError::field(field, error))
}

fn word<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name)?.as_str()
}

fn wrong<T>(field: &'static str, problem: &str) -> Result<T, InputError> {
    Err(InputError::field(field, problem))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(kind: &str, inner: &Value) -> Result<Content, InputError> {
        let object =
            json!({ "messaging_product": "whatsapp", "to": "+50212345678", "type": kind, kind: inner });
        addressed(&object).map(|read| read.content)
    }

    #[test]
    fn every_kind_is_read() {
        let template =
            json!({ "name": "visit", "language": { "code": "es" }, "components": [{ "type": "body" }] });
        for (kind, inner) in [
            ("text", json!({ "body": "hola", "preview_url": "true" })),
            ("image", json!({ "link": "https://a.example/b.jpg", "caption": "x" })),
            ("document", json!({ "id": "77", "filename": "bill.pdf" })),
            ("audio", json!({ "id": "77", "voice": true })),
            ("template", template),
            ("location", json!({ "latitude": "14.6", "longitude": -90.5, "name": "Sol" })),
            ("contacts", json!([{ "name": { "formatted_name": "Ana" } }])),
            ("reaction", json!({ "message_id": "wamid.A", "emoji": "👍" })),
            (
                "interactive",
                json!({ "type": "button", "body": { "text": "?" }, "action": { "buttons": [] } }),
            ),
        ] {
            assert_eq!(read(kind, &inner).unwrap().kind(), kind);
        }
        let Content::Media(voice) = read("audio", &json!({ "id": "77", "voice": true })).unwrap() else {
            panic!()
        };
        assert_eq!(voice.kind, MediaKind::Voice);
    }

    #[test]
    fn a_preview_is_requested_within_the_text_or_beside_it() {
        let preview = |object: Value| match unaddressed(&object).map(|read| read.content) {
            Ok(Content::Text { link_preview, .. }) => Ok(link_preview),
            Ok(_) => panic!("{object}"),
            Err(error) => Err(error.place().to_owned()),
        };
        for object in [
            json!({ "text": { "body": "x", "preview_url": true } }),
            json!({ "text": { "body": "x", "previewUrl": true } }),
            json!({ "text": { "body": "x" }, "preview_url": true }),
        ] {
            assert_eq!(preview(object.clone()), Ok(LinkPreview::On), "{object}");
        }
        assert_eq!(preview(json!({ "text": { "body": "x", "preview_url": false } })), Ok(LinkPreview::Off));
        let place =
            json!({ "type": "location", "preview_url": true, "location": { "latitude": 1, "longitude": 1 } });
        assert_eq!(preview(place), Err("preview_url".to_owned()));
    }

    #[test]
    fn every_mistake_names_its_field() {
        for (kind, inner, field) in [
            ("text", json!({}), "text.body"),
            ("text", json!({ "body": "x", "preview_url": 1 }), "text.preview_url"),
            ("image", json!({}), "image"),
            ("image", json!({ "id": "1", "link": "https://a.example" }), "image"),
            ("sticker", json!({ "id": "1", "caption": "x" }), "sticker"),
            ("template", json!({ "name": "visit" }), "template"),
            (
                "template",
                json!({ "name": "visit", "language": { "code": "es" }, "ttl_seconds": 60 }),
                "template.ttl_seconds",
            ),
            (
                "template",
                json!({ "name": "visit", "language": { "code": "es" }, "variables": ["x"] }),
                "template.variables",
            ),
            (
                "template",
                json!({ "name": "a", "language": { "code": "es" }, "components": {} }),
                "components",
            ),
            ("location", json!({ "latitude": 91, "longitude": 0 }), "location.latitude"),
            ("location", json!({ "latitude": 0, "longitude": "east" }), "location.longitude"),
            ("location", json!({ "latitude": 0, "longitude": 0, "name": "a\0b" }), "location.name"),
            ("location", json!({ "latitude": 0, "longitude": 0, "address": "a\0b" }), "location.address"),
            ("contacts", json!([{}]), "contacts"),
            ("contacts", json!([{ "name": { "formatted_name": "A\0" } }]), "contacts"),
            ("reaction", json!({ "message_id": "wamid.A" }), "reaction.emoji"),
            ("interactive", json!({ "type": "button" }), "interactive"),
            ("interactive", json!({ "type": "button", "action": { "": 1 } }), "interactive"),
            ("smoke", json!({}), "type"),
        ] {
            assert_eq!(read(kind, &inner).unwrap_err().place(), field, "{kind} {inner}");
        }
    }

    #[test]
    fn a_customer_without_a_number_has_a_field_of_their_own() {
        let of = |fields: Value| {
            let mut object = json!({ "messaging_product": "whatsapp", "text": { "body": "x" } });
            object.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            addressed(&object).map(|read| read.to)
        };
        let id = "US.13491208655302741918";
        assert!(matches!(of(json!({ "recipient": id })), Ok(Address::Bsuid(_))));
        assert!(matches!(of(json!({ "to": id })), Ok(Address::Bsuid(_))));
        assert!(matches!(of(json!({ "to": "50212345678", "recipient": id })), Ok(Address::Number(_))));
        assert!(matches!(of(json!({ "recipient": "US.ENT.7" })), Ok(Address::Parent(_))));
        assert_eq!(of(json!({ "to": "US." })).unwrap_err().place(), "to");
    }
}
