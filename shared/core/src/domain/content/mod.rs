//! The content of messages. Its limits are those of Meta (facts: meta.md 2.3), which other providers share.

mod fits;
mod media;
mod template;
mod text;

pub use fits::{BEGINNING, FitError};
pub use media::{Media, MediaError, MediaKind, MediaLink, MediaSource, SentFile};
pub use template::{HeaderFile, TemplateContent, TemplateError, header_parameter};
pub use text::{MessageText, TEXT_LIMIT, TextError};

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use super::{
    file::Attachment,
    id::Wamid,
    idempotency::Fingerprint,
    parts::{Emoji, Interactive, MessageParts, SharedLocation, cards_of_meta, render},
};

/// The content of an outgoing message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Content {
    /// Plain text, with or without a link preview.
    Text {
        /// The text as it is sent.
        body: MessageText,
        /// Whether the first link in it is shown with a preview.
        #[serde(default, skip_serializing_if = "LinkPreview::is_off")]
        link_preview: LinkPreview,
    },
    /// An image, video, sound, document or sticker.
    Media(Media),
    /// A template, the only kind that may be sent while the window is closed.
    Template(TemplateContent),
    /// A location on the map.
    Location(Location),
    /// One or more contact cards.
    Contacts {
        /// Each as Meta defines it (facts: meta.md 2.3).
        contacts: Vec<Value>,
    },
    /// A reaction to a message.
    Reaction {
        /// The provider's id of that message.
        to: Wamid,
        /// The emoji; empty takes an earlier one back.
        emoji: String,
    },
    /// Buttons, lists and the like.
    Interactive {
        /// As Meta defines it (facts: meta.md 2.3).
        interactive: Value,
    },
}

/// The kind only: what messages say does not belong into logs.
impl fmt::Debug for Content {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Content({})", self.kind())
    }
}

/// Whether the first link in a text is shown with a preview.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkPreview {
    /// No preview, which is the default.
    #[default]
    Off,
    /// The preview of the first link.
    On,
}

impl LinkPreview {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
    fn is_off(&self) -> bool {
        *self == Self::Off
    }
}

/// A location on the map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// Degrees north, -90 to 90.
    pub latitude: Number,
    /// Degrees east, -180 to 180.
    pub longitude: Number,
    /// The name of the location.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The postal address, as one text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl From<&Location> for SharedLocation {
    fn from(it: &Location) -> Self {
        Self {
            latitude: Some(it.latitude.clone()),
            longitude: Some(it.longitude.clone()),
            name: it.name.clone(),
            address: it.address.clone(),
            url: None,
        }
    }
}

/// Whether a content needs an open 24-hour window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NeedsWindow {
    /// The window must be open.
    Yes,
    /// The window may be closed.
    No,
}

impl Content {
    /// A text without a link preview.
    #[must_use]
    pub fn plain(body: MessageText) -> Self {
        Self::Text { body, link_preview: LinkPreview::Off }
    }

    /// The provider's word for this kind of content.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::Media(media) => media.kind.as_str(),
            Self::Template(_) => "template",
            Self::Location(_) => "location",
            Self::Contacts { .. } => "contacts",
            Self::Reaction { .. } => "reaction",
            Self::Interactive { .. } => "interactive",
        }
    }

    /// Its readable text: text, caption, the name of a location, an emoji.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text { body, .. } => Some(body.as_str()),
            Self::Media(media) => media.caption.as_deref(),
            Self::Location(place) => place.name.as_deref().or(place.address.as_deref()),
            Self::Reaction { emoji, .. } => Some(emoji.as_str()).filter(|emoji| !emoji.is_empty()),
            Self::Interactive { interactive } => interactive.pointer("/body/text")?.as_str(),
            Self::Template(_) | Self::Contacts { .. } => None,
        }
    }

    /// Its structured parts beside the text. For a template these are the sender's; what the customer sees
    /// follows from the template cache.
    #[must_use]
    pub fn parts(&self) -> MessageParts {
        let none = MessageParts::default;
        match self {
            Self::Text { .. } => none(),
            Self::Media(media) => {
                MessageParts { voice: (media.kind == MediaKind::Voice).then_some(true), ..none() }
            }
            Self::Template(template) => MessageParts { template: Some(render(template, None)), ..none() },
            Self::Location(place) => MessageParts { location: Some(place.into()), ..none() },
            Self::Contacts { contacts } => MessageParts { contacts: cards_of_meta(contacts), ..none() },
            Self::Reaction { emoji, .. } => {
                let emoji = Some(emoji.clone()).filter(|emoji| !emoji.is_empty());
                MessageParts { reaction: Some(Emoji { emoji }), ..none() }
            }
            Self::Interactive { interactive } => {
                MessageParts { interactive: Some(Interactive::Sent(interactive.clone())), ..none() }
            }
        }
    }

    /// The provider's id of the message that a reaction is about.
    #[must_use]
    pub fn about(&self) -> Option<&Wamid> {
        match self {
            Self::Reaction { to, .. } => Some(to),
            _ => None,
        }
    }

    /// The stored file that it sends.
    #[must_use]
    pub fn sent_file(&self) -> Option<&SentFile> {
        match self {
            Self::Media(Media { source: MediaSource::File(sent), .. }) => Some(sent),
            _ => None,
        }
    }

    /// The stored file that it sends, as its message shows it.
    #[must_use]
    pub fn attachment(&self) -> Option<&Attachment> {
        self.sent_file().map(|sent| &sent.attachment)
    }

    /// The content as the request gave it, to tell a repeated request from another one: a file that is
    /// uploaded again is stored elsewhere, and is the same.
    #[must_use]
    pub fn as_given(&self) -> Cow<'_, Self> {
        self.sent_file().map_or(Cow::Borrowed(self), |sent| Cow::Owned(Self::given(&sent.given)))
    }

    /// A placeholder for a file of which only the hash of the request is known.
    #[must_use]
    pub fn given(given: &Fingerprint) -> Self {
        let source = MediaSource::Id(format!("given {}", given.as_str()));
        Self::Media(Media { kind: MediaKind::Document, source, caption: None, file_name: None })
    }

    /// Whether its window must be open.
    #[must_use]
    pub fn needs_window(&self) -> NeedsWindow {
        match self {
            Self::Template(_) => NeedsWindow::No,
            _ => NeedsWindow::Yes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_its_stored_shape() {
        let text = Content::plain("hola".to_owned().try_into().unwrap());
        let kept = serde_json::to_value(&text).unwrap();
        assert_eq!(kept, serde_json::json!({ "type": "text", "body": "hola" }));
        assert_eq!(serde_json::from_value::<Content>(kept).unwrap(), text);
    }

    #[test]
    fn only_a_template_may_be_sent_while_the_window_is_closed() {
        let template = TemplateContent::new("hello_world", "en_US", Vec::new()).unwrap();
        assert_eq!(Content::Template(template).needs_window(), NeedsWindow::No);
        let text = Content::plain("hola".to_owned().try_into().unwrap());
        assert_eq!(text.needs_window(), NeedsWindow::Yes);
    }
}
