//! The structured part of a message beside its text, under the name of its type.

use serde::Serialize;

use super::message_type::{MessageType, message_type};
#[cfg(feature = "schema")]
use crate::common::schema;
use crate::common::{
    file::download_path,
    ids::{media_id, message_id},
};
use ventanilla_core::domain::{
    file::{Attachment, ContentHash, Presence},
    id::Wamid,
    message::Message,
    parts::{Call, Card, Interactive, Order, RenderedTemplate, SharedLocation, SystemNotice, Unsupported},
};

/// The part of a message. Text has none.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum PartView {
    Image(FileView),
    Video(FileView),
    Audio(AudioView),
    Document(FileView),
    Sticker(StickerView),
    Location(Option<SharedLocation>),
    Contacts(Vec<Card>),
    /// Inbound, what was tapped: `kind` (`button_reply`, `list_reply`, `quick_reply`, `flow_reply`,
    /// `call_permission_reply`, `other`), `id` (of the button or row; a template's quick reply has its payload here), `title`, `description` and
    /// `data` (a Flow's answers, as JSON where they are, else as text). Outbound, Meta's object as it was sent.
    Interactive(
        #[cfg_attr(
            feature = "schema",
            schemars(with = "Option<serde_json::Map<String, serde_json::Value>>")
        )]
        Option<Interactive>,
    ),
    Order(Option<Order>),
    /// The template as the customer sees it, frozen when it was sent. Without a copy of it, only name, language and
    /// parameters.
    Template(Option<RenderedTemplate>),
    /// The message reacted to, and the emoji; null when the reaction was taken back.
    Reaction(ReactionPart),
    /// The message that was edited, and what it holds now.
    Edit(EditPart),
    /// The message that its sender deleted.
    Revoke(AboutView),
    /// What WhatsApp tells of the customer - `kind`, `previous` and `current` number or user id, and `further`.
    System(Option<SystemNotice>),
    /// A customer's call: the latest `event` (connect, terminate), and of its end the `status` in WhatsApp's word and the
    /// `duration` in seconds. Its items as received are `raw` and `raw_statuses`.
    Call(Option<Call>),
    /// What it was, where WhatsApp tells, and why it could not be handed over.
    Unsupported(Option<Unsupported>),
    /// What the provider calls it.
    Unknown(UnknownPart),
}

/// The file of a message. It can be downloaded once its state is `ready`; `unavailable` is for good.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "MessageFile"))]
pub(super) struct FileView {
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::FileId>"))]
    media_id: Option<String>,
    mime_type: Option<String>,
    size: Option<u64>,
    sha256: Option<String>,
    file_name: Option<String>,
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["pending", "ready", "unavailable"])))]
    state: &'static str,
    /// Below this API's address.
    download_url: Option<String>,
    caption: Option<String>,
}

/// An audio file of a message.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "MessageAudio"))]
pub(super) struct AudioView {
    #[serde(flatten)]
    file: FileView,
    /// Whether it is a voice note.
    voice: bool,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "MessageSticker"))]
pub(super) struct StickerView {
    #[serde(flatten)]
    file: FileView,
    /// Whether it moves, where told.
    animated: Option<bool>,
}

/// A reaction to a message.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "MessageReaction"))]
pub(super) struct ReactionPart {
    emoji: Option<String>,
    #[serde(flatten)]
    about: AboutView,
}

/// An edit of a message.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "MessageEdit"))]
pub(super) struct EditPart {
    /// The provider's word for what it holds now.
    #[serde(rename = "type")]
    kind: Option<String>,
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    media: Option<FileView>,
    #[serde(flatten)]
    about: AboutView,
}

/// The message that another one is about.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "MessageAbout"))]
pub(super) struct AboutView {
    /// Null when it is none of ours.
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::MessageName>"))]
    message_id: Option<String>,
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    provider_message_id: Option<Wamid>,
}

/// A message whose type is not known here.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "MessageUnknown"))]
pub(super) struct UnknownPart {
    /// The provider's word for it.
    kind: String,
}

/// The structured part of a message.
pub(super) fn part(it: &Message) -> Option<PartView> {
    let parts = it.parts.as_ref();
    Some(match message_type(&it.kind) {
        MessageType::Text => return None,
        MessageType::Image => PartView::Image(file(it)),
        MessageType::Video => PartView::Video(file(it)),
        MessageType::Audio => {
            PartView::Audio(AudioView { file: file(it), voice: parts.voice.unwrap_or(false) })
        }
        MessageType::Document => PartView::Document(file(it)),
        MessageType::Sticker => PartView::Sticker(StickerView { file: file(it), animated: parts.animated }),
        MessageType::Location => PartView::Location(parts.location.clone()),
        MessageType::Contacts => PartView::Contacts(parts.contacts.clone()),
        MessageType::Interactive => PartView::Interactive(parts.interactive.clone()),
        MessageType::Order => PartView::Order(parts.order.clone()),
        MessageType::Template => PartView::Template(parts.template.clone()),
        MessageType::Reaction => {
            let emoji = it.reacts_with().map(str::to_owned);
            PartView::Reaction(ReactionPart { emoji, about: about(it) })
        }
        MessageType::Edit => PartView::Edit(edit(it)),
        MessageType::Revoke => PartView::Revoke(about(it)),
        MessageType::System => PartView::System(parts.system.clone()),
        MessageType::Call => PartView::Call(parts.call.clone()),
        MessageType::Unsupported => PartView::Unsupported(parts.unsupported.clone()),
        MessageType::Unknown => PartView::Unknown(UnknownPart { kind: it.kind.clone() }),
    })
}

/// The ids of the message that this one refers to.
fn about(it: &Message) -> AboutView {
    AboutView { message_id: it.refers_to_message.map(message_id), provider_message_id: it.refers_to.clone() }
}

fn edit(it: &Message) -> EditPart {
    let edited = it.parts.edit.as_ref();
    EditPart {
        kind: edited.map(|it| it.kind.clone()),
        text: edited.and_then(|it| it.text.clone()),
        media: it.media.as_ref().map(|_| file(it)),
        about: about(it),
    }
}

/// The file of a message. The caption is the message's text, too.
fn file(it: &Message) -> FileView {
    let caption = it.text.clone().filter(|_| it.kind != "edit");
    match it.media.as_deref() {
        Some(file) => FileView { caption, ..attachment(file) },
        None => FileView {
            media_id: None,
            mime_type: None,
            size: None,
            sha256: None,
            file_name: None,
            state: Presence::Lost.word(),
            download_url: None,
            caption,
        },
    }
}

/// A file as its message shows it. It can be downloaded once it is stored.
fn attachment(it: &Attachment) -> FileView {
    let id = media_id(it.file);
    FileView {
        download_url: (it.presence == Presence::Here).then(|| download_path(&id)),
        media_id: Some(id),
        mime_type: Some(it.mime.essence().to_owned()),
        size: it.size,
        sha256: it.sha256.as_ref().map(ContentHash::as_str).map(str::to_owned),
        file_name: it.name.clone(),
        state: it.presence.word(),
        caption: None,
    }
}
