//! The kinds of content, each under the name of its kind.

use serde::Deserialize;
use serde_json::{Number, Value};

use super::{cards::NewCard, quote::NamedMessage};
use crate::common::{InputError, components::components_at, file::Places, meta_message};
use ventanilla_core::{
    domain::content::{Content, LinkPreview, MessageText, TemplateContent, TemplateError},
    usecases::files::FileAsked,
};

/// The content as far as the body gives it.
pub(super) enum Part {
    /// A content that needs no file.
    Content(Content),
    /// A file, which must be ingested first.
    File(Box<FileAsked>),
    /// A reaction to a message, whose provider id must be looked up.
    Reaction(NewReaction),
}

/// A template that the provider approved. It is checked against our copy of it before anything is sent.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "an object like {\"name\":\"hello_world\",\"language\":\"en_US\"}")]
pub(in crate::contracts::v1) struct NewTemplate {
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[a-z0-9_]{1,512}$")))]
    name: String,
    #[cfg_attr(feature = "schema", schemars(
        extend("pattern" = "^[A-Za-z0-9_-]{2,16}$", "examples" = ["es", "en_US"])
    ))]
    language: String,
    /// A value for each place of the template, as Meta defines it. At most 100,000 bytes in all. The `id` of a header's
    /// image, video or document may be that of a file of yours: `media_…`.
    #[cfg_attr(feature = "schema", schemars(with = "Option<super::schemas::Components>"))]
    components: Option<Value>,
}

/// A place on the map.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "an object like {\"latitude\":14.6,\"longitude\":-90.5}")]
pub(in crate::contracts::v1) struct NewLocation {
    /// Degrees north of the equator; negative to the south.
    #[cfg_attr(feature = "schema", schemars(with = "super::schemas::Latitude"))]
    latitude: Number,
    /// Degrees east of Greenwich; negative to the west.
    #[cfg_attr(feature = "schema", schemars(with = "super::schemas::Longitude"))]
    longitude: Number,
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = r"^[^\u0000]*$")))]
    name: Option<String>,
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = r"^[^\u0000]*$")))]
    address: Option<String>,
}

/// A reaction to a message of the same conversation; an empty emoji takes it back.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "an object like {\"message_id\":\"msg_1234\",\"emoji\":\"👍\"}")]
pub(super) struct NewReaction {
    pub(super) message_id: NamedMessage,
    #[cfg_attr(feature = "schema", schemars(length(max = 32)))]
    pub(super) emoji: String,
}

/// The kinds of content that the body gives completely.
pub(in crate::contracts::v1) struct Words {
    pub(in crate::contracts::v1) text: Option<MessageText>,
    pub(in crate::contracts::v1) preview_url: Option<bool>,
    pub(in crate::contracts::v1) template: Option<NewTemplate>,
    pub(in crate::contracts::v1) interactive: Option<Value>,
    pub(in crate::contracts::v1) location: Option<NewLocation>,
    pub(in crate::contracts::v1) contacts: Option<Vec<NewCard>>,
}

impl Words {
    /// The one content that is given.
    pub(in crate::contracts::v1) fn content(self) -> Result<Content, InputError> {
        if let Some(body) = self.text {
            let link_preview =
                if self.preview_url == Some(true) { LinkPreview::On } else { LinkPreview::Off };
            return Ok(Content::Text { body, link_preview });
        }
        match (self.template, self.location, self.contacts) {
            (Some(template), ..) => template.content(),
            (None, Some(location), _) => location.content(),
            (None, None, Some(cards)) => {
                meta_message::contacts(&cards.iter().map(NewCard::as_meta_has_it).collect())
            }
            (None, None, None) => meta_message::interactive(&self.interactive.unwrap_or_default()),
        }
    }
}

/// The only one of these fields that is given.
pub(in crate::contracts::v1) fn only(
    fields: &[(&'static str, bool)],
    known: &str,
) -> Result<&'static str, InputError> {
    let mut given = fields.iter().filter(|(_, is_given)| *is_given).map(|(name, _)| *name);
    match (given.next(), given.next()) {
        (Some(field), None) => Ok(field),
        (Some(first), Some(second)) => {
            let problem = format!("must not be given beside {first}: a message has one of {known}");
            Err(InputError::field(second, problem))
        }
        (None, _) => {
            let problem = format!("is missing, as is all else that can be sent: give one of {known}");
            Err(InputError::field("text", problem))
        }
    }
}

/// Rejects a link preview for a content other than text.
pub(in crate::contracts::v1) fn preview_fits(field: &str, given: Option<bool>) -> Result<(), InputError> {
    match given {
        Some(_) if field != "text" => Err(InputError::field("preview_url", "is possible with text only")),
        _ => Ok(()),
    }
}

impl NewTemplate {
    /// The template as it is sent.
    fn read(&self) -> Result<TemplateContent, InputError> {
        let components = components_at("template.components", self.components.as_ref())?;
        TemplateContent::new(&self.name, &self.language, components).map_err(|error| match error {
            TemplateError::Name => {
                InputError::field("template.name", "must be 1 to 512 characters of a-z, 0-9 and _")
            }
            TemplateError::Language => {
                InputError::field("template.language", "must be a code like en or en_US")
            }
            TemplateError::Components => {
                InputError::field("template.components", "must be objects, of at most 100000 bytes in all")
            }
        })
    }

    /// The same as a content.
    fn content(&self) -> Result<Content, InputError> {
        self.read().map(Content::Template)
    }
}

impl NewLocation {
    /// The location as it is sent.
    fn content(self) -> Result<Content, InputError> {
        meta_message::place([Some(self.latitude), Some(self.longitude)], self.name, self.address)
    }
}

/// The fields of a message's file and caption.
pub(super) fn places(field: &'static str) -> Places {
    let text = match field {
        "image" => "image.caption",
        "video" => "video.caption",
        "audio" => "audio.caption",
        "document" => "document.caption",
        "sticker" => "sticker.caption",
        other => other,
    };
    Places { file: field, text }
}
