//! The objects within Meta's message, one for each kind (facts: meta.md 2.2 to 2.5). As at Meta, a value of
//! an undocumented type counts as absent.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Map, Number, Value};

use crate::common::json;
#[cfg(feature = "schema")]
use crate::{common::schema, document::Schemas};

/// Reads an object; a value that is no object counts as empty.
pub(super) fn read<T: DeserializeOwned + Default>(object: &Value) -> T {
    json::of_value(object.clone()).unwrap_or_default()
}

/// A value that counts as absent where it has another type.
#[derive(Debug)]
pub(super) struct Lenient<T>(Option<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(json::of_value(Value::deserialize(deserializer)?).ok()))
    }
}

#[cfg(feature = "schema")]
impl<T: schemars::JsonSchema> schemars::JsonSchema for Lenient<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
}

/// A field that may be absent or null; `Lenient` says whether its value has the right type.
pub(super) type Field<T> = Option<Lenient<T>>;

/// The value of a field; `None` where it is absent or null.
pub(super) fn given<T>(field: Field<T>) -> Option<T> {
    field.and_then(|it| it.0)
}

#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = with_preview))]
pub(super) struct TextObject {
    #[cfg_attr(feature = "schema", schemars(with = "schema::Text"))]
    pub(super) body: Field<String>,
    /// `preview_url`, in any spelling.
    #[serde(flatten)]
    pub(super) rest: Map<String, Value>,
}

/// A preview is asked for in any spelling; this is Meta's.
#[cfg(feature = "schema")]
fn with_preview(schema: &mut schemars::Schema) {
    let preview = serde_json::json!({
        "description": "Whether the first link is shown with a preview, which it is not if left out. The two words are taken as well.",
        "anyOf": [{ "type": ["boolean", "null"] }, { "type": "string", "enum": ["true", "false"] }],
    });
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert("preview_url".to_owned(), preview);
    }
}

/// A template that the provider approved; the only kind that may be sent while the window is closed.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct TemplateObject {
    #[cfg_attr(feature = "schema", schemars(required, extend("pattern" = "^[a-z0-9_]{1,512}$")))]
    pub(super) name: Field<String>,
    #[cfg_attr(feature = "schema", schemars(required))]
    pub(super) language: Field<Language>,
    /// What fills the template's places, as Meta defines it. At most 100,000 bytes in all.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Vec<Map<String, Value>>>"))]
    pub(super) components: Option<Value>,
}

/// The language of a template, by its code.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub(super) struct Language {
    #[cfg_attr(feature = "schema", schemars(required, extend("pattern" = "^[A-Za-z0-9_-]{2,16}$")))]
    #[cfg_attr(feature = "schema", schemars(extend("examples" = ["es", "en_US"])))]
    pub(super) code: Field<String>,
}

/// A place on the map.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct LocationObject {
    /// Degrees north; may be spelled as text.
    #[cfg_attr(feature = "schema", schemars(with = "Degrees<90>"))]
    pub(super) latitude: Option<Degrees<90>>,
    /// Degrees east; may be spelled as text.
    #[cfg_attr(feature = "schema", schemars(with = "Degrees<180>"))]
    pub(super) longitude: Option<Degrees<180>>,
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = WITHOUT_NUL)))]
    pub(super) name: Field<String>,
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = WITHOUT_NUL)))]
    pub(super) address: Field<String>,
}

/// Pattern of texts that the store can hold.
#[cfg(feature = "schema")]
const WITHOUT_NUL: &str = r"^[^\u0000]*$";

/// Degrees, up to `MOST` in either direction; numbers and texts are both seen (facts: meta.md 2.3).
#[derive(Debug)]
pub(super) struct Degrees<const MOST: u16>(pub(super) Option<Number>);

impl<'de, const MOST: u16> Deserialize<'de> for Degrees<MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Value::deserialize(deserializer)? {
            Value::Number(number) => Some(number),
            Value::String(text) => text.trim().parse().ok().and_then(Number::from_f64),
            _ => None,
        }))
    }
}

#[cfg(feature = "schema")]
impl<const MOST: u16> schemars::JsonSchema for Degrees<MOST> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Degrees{MOST}").into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let most = i32::from(MOST);
        schemars::json_schema!({
            "oneOf": [{ "type": "number", "minimum": -most, "maximum": most }, { "type": "string" }],
        })
    }
}

/// Business cards as Meta defines them.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("minItems" = 1, "maxItems" = 257)))]
pub(super) struct ContactCards(pub(super) Vec<ContactCard>);

/// A card, of which only the name must be there.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub(super) struct ContactCard {
    pub(super) name: CardName,
}

/// The name on a card.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub(super) struct CardName {
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = WITHOUT_NUL)))]
    pub(super) formatted_name: String,
}

/// A reaction to a message.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct ReactionObject {
    #[cfg_attr(feature = "schema", schemars(with = "schema::ProviderMessageId"))]
    pub(super) message_id: Field<String>,
    /// One emoji, or empty to take an earlier one back.
    #[cfg_attr(feature = "schema", schemars(required, extend("maxLength" = 32)))]
    pub(super) emoji: Field<String>,
}

/// Buttons, lists and the like as Meta defines them.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct InteractiveObject {
    #[serde(rename = "type")]
    #[cfg_attr(feature = "schema", schemars(required, extend("examples" = ["button", "list"])))]
    pub(super) kind: Field<String>,
    #[cfg_attr(feature = "schema", schemars(required))]
    pub(super) action: Field<Map<String, Value>>,
}

/// Adds all of them to the document: several contracts use them.
#[cfg(feature = "schema")]
pub(crate) fn schemas(all: &mut Schemas) {
    all.request::<TextObject>();
    all.request::<TemplateObject>();
    all.request::<LocationObject>();
    all.request::<ContactCards>();
    all.request::<ReactionObject>();
    all.request::<InteractiveObject>();
}
