//! What can be sent, each under the name of its kind.

use serde::Deserialize;
use serde_json::{Number, Value};

use super::quote::NamedMessage;
use crate::{
    api::common::{InputError, components::components_at, file::Places, meta_message},
    domain::content::{Content, Template, TemplateError},
    service::files::FileAsked,
};

/// What is to be sent, as far as its body tells.
pub(super) enum Part {
    /// This.
    Content(Content),
    /// A file, which must be taken in first.
    File(Box<FileAsked>),
    /// A reaction to a message, whose id at the provider must be looked up.
    Reaction(NewReaction),
}

/// A template, with a value for each of its places.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object like {\"name\":\"hello_world\",\"language\":\"en_US\"}")]
pub(in crate::api::contracts::v1) struct NewTemplate {
    name: String,
    language: String,
    components: Option<Value>,
}

/// A place on the map.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object like {\"latitude\":14.6,\"longitude\":-90.5}")]
pub(in crate::api::contracts::v1) struct NewLocation {
    latitude: Number,
    longitude: Number,
    name: Option<String>,
    address: Option<String>,
}

/// A reaction; an empty emoji takes it back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object like {\"message_id\":\"msg_1234\",\"emoji\":\"👍\"}")]
pub(super) struct NewReaction {
    pub(super) message_id: NamedMessage,
    pub(super) emoji: String,
}

impl NewTemplate {
    /// The template as it is sent.
    pub(in crate::api::contracts::v1) fn read(&self) -> Result<Template, InputError> {
        let components = components_at("template.components", self.components.as_ref())?;
        Template::new(&self.name, &self.language, components).map_err(|error| match error {
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
    pub(in crate::api::contracts::v1) fn content(&self) -> Result<Content, InputError> {
        self.read().map(Content::Template)
    }
}

impl NewLocation {
    /// The place as it is sent.
    pub(in crate::api::contracts::v1) fn content(self) -> Result<Content, InputError> {
        meta_message::place([Some(self.latitude), Some(self.longitude)], self.name, self.address)
    }
}

/// Where a message holds a file, and the text below it.
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
