//! The message object: Meta's JSON for one message, which Kaleyra's API V2 accepts as well (facts: meta.md
//! 2.2 and 2.3, kaleyra.md 2.3).

use serde_json::{Map, Value, json};

use ventanilla_core::{
    domain::{
        channel::NumberSpelling,
        contact::Address,
        content::{Content, LinkPreview, Location, Media, MediaKind, MediaSource, TemplateContent},
        id::Wamid,
    },
    ports::provider::{Outgoing, ThreadAction, ThreadControl, Typing},
};

/// A message as an object, with its recipient.
pub(crate) fn message(outgoing: &Outgoing<'_>, spelling: NumberSpelling) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("messaging_product".to_owned(), "whatsapp".into());
    object.insert("recipient_type".to_owned(), "individual".into());
    if let Some(quoted) = outgoing.quotes {
        object.insert("context".to_owned(), json!({ "message_id": quoted.as_str() }));
    }
    // A business-scoped user id has a field of its own; with both, Meta would prefer `to`.
    let (field, address) = match outgoing.to {
        Address::Number(number) => ("to", spelling.of(number)),
        Address::Bsuid(id) | Address::Parent(id) => ("recipient", id.as_str().to_owned()),
    };
    object.insert(field.to_owned(), address.into());
    let kind = outgoing.content.kind();
    object.insert("type".to_owned(), kind.into());
    object.insert(kind.to_owned(), content(outgoing.content));
    object
}

/// Longest metadata for the next owner of a conversation, in characters (facts: onboarding.md 4).
const LONGEST_METADATA: usize = 2_000;

/// A request for thread control, as an object (facts: onboarding.md 4).
pub(crate) fn thread_control(asked: &ThreadControl<'_>) -> Value {
    let mut object = Map::new();
    object.insert("messaging_product".to_owned(), "whatsapp".into());
    let (field, address) = match asked.to {
        Address::Number(number) => ("to", NumberSpelling::E164.of(number)),
        Address::Bsuid(id) | Address::Parent(id) => ("recipient", id.as_str().to_owned()),
    };
    object.insert(field.to_owned(), address.into());
    let action = match asked.action {
        ThreadAction::Pass => {
            object.insert("control_pass".to_owned(), json!({ "target_role": "ai_agent" }));
            "pass"
        }
        ThreadAction::Release => "release",
        ThreadAction::Take => "take",
    };
    object.insert("action".to_owned(), action.into());
    if let Some(metadata) = asked.metadata {
        let metadata: String = metadata.chars().take(LONGEST_METADATA).collect();
        object.insert("metadata".to_owned(), metadata.into());
    }
    object.into()
}

/// A read receipt, as an object.
pub(crate) fn read_receipt(wamid: &Wamid, typing: Typing) -> Value {
    let receipt = json!({ "messaging_product": "whatsapp", "status": "read", "message_id": wamid.as_str() });
    match (typing, receipt) {
        (Typing::On, Value::Object(mut receipt)) => {
            receipt.insert("typing_indicator".to_owned(), json!({ "type": "text" }));
            receipt.into()
        }
        (_, receipt) => receipt,
    }
}

fn content(content: &Content) -> Value {
    match content {
        Content::Text { body, link_preview } => match link_preview {
            LinkPreview::Off => json!({ "body": body.as_str() }),
            LinkPreview::On => json!({ "body": body.as_str(), "preview_url": true }),
        },
        Content::Media(media) => file(media),
        Content::Template(template) => with_parameters(template),
        Content::Location(place) => point(place),
        Content::Contacts { contacts } => Value::from(contacts.clone()),
        Content::Reaction { to, emoji } => json!({ "message_id": to.as_str(), "emoji": emoji }),
        Content::Interactive { interactive } => interactive.clone(),
    }
}

fn file(media: &Media) -> Value {
    let mut object = Map::new();
    let source = match &media.source {
        MediaSource::Link(link) => Some(("link", link.as_str())),
        MediaSource::Id(id) => Some(("id", id.as_str())),
        // The core gives those a URL before a provider sees them.
        MediaSource::File(_) => None,
    };
    object.extend(source.map(|(field, source)| (field.to_owned(), source.into())));
    insert(&mut object, "caption", media.caption.as_deref());
    insert(&mut object, "filename", media.file_name.as_deref());
    if media.kind == MediaKind::Voice {
        object.insert("voice".to_owned(), true.into());
    }
    object.into()
}

fn with_parameters(template: &TemplateContent) -> Value {
    let mut object = Map::new();
    object.insert("name".to_owned(), template.name.as_str().into());
    object.insert("language".to_owned(), json!({ "code": template.language }));
    if !template.components.is_empty() {
        object.insert("components".to_owned(), Value::from(template.components.clone()));
    }
    object.into()
}

fn point(place: &Location) -> Value {
    let mut object = Map::new();
    object.insert("latitude".to_owned(), place.latitude.clone().into());
    object.insert("longitude".to_owned(), place.longitude.clone().into());
    insert(&mut object, "name", place.name.as_deref());
    insert(&mut object, "address", place.address.as_deref());
    object.into()
}

fn insert(object: &mut Map<String, Value>, field: &str, text: Option<&str>) {
    object.extend(text.map(|text| (field.to_owned(), text.into())));
}
