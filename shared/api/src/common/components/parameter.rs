//! The parameters of a component.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Wrong, is_name, kind_of, word};
use crate::common::json;
#[cfg(feature = "schema")]
use crate::common::schema;
use ventanilla_core::domain::content::MediaLink;

/// What goes into the places, in their order, or by their names where the template has named ones. Null and none are an
/// empty list.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(extend("type" = ["array", "null"]))
)]
pub(super) struct TemplateParameters<'a>(Vec<TemplateParameter<'a>>);

/// A value for a place of the template.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(
        extend("required" = ["type"], "additionalProperties" = true),
        transform = under_the_name_of_its_kind
    )
)]
struct TemplateParameter<'a> {
    /// The kind of value. It stands under the kind's own name.
    #[serde(rename = "type")]
    kind: Kind,
    /// The name of the place, in a template whose places have names; null counts as not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[a-z][a-z0-9_]{0,63}$")))]
    parameter_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "schema::TemplateText"))]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "schema::TemplateCurrency"))]
    currency: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "schema::TemplateDateTime"))]
    date_time: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "schema::TemplateFile"))]
    image: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "schema::TemplateFile"))]
    video: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "schema::TemplateFile"))]
    document: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "schema::TemplateFile"))]
    gif: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "schema::TemplateLocation"))]
    location: Option<&'a Value>,
    /// What a press on the quick reply gives back. A number is taken as its digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "schema::TemplateText"))]
    payload: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "schema::TemplateText"))]
    coupon_code: Option<String>,
    /// Of a flow or a catalogue, as Meta defines it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "serde_json::Map<String, Value>"))]
    action: Option<&'a Value>,
    /// As Meta defines it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "serde_json::Map<String, Value>"))]
    product: Option<&'a Value>,
}

/// The kind of a value.
#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
enum Kind {
    Text,
    Currency,
    DateTime,
    Image,
    Video,
    Document,
    Gif,
    Location,
    Payload,
    CouponCode,
    Action,
    Product,
}

#[cfg(feature = "schema")]
fn under_the_name_of_its_kind(schema: &mut schemars::Schema) {
    let Some(Value::Object(fields)) = schema.get("properties") else { return };
    let values = fields.keys().filter(|name| !matches!(name.as_str(), "type" | "parameter_name"));
    let rule = |name| {
        serde_json::json!({
            "if": { "properties": { "type": { "const": name } } },
            "then": { "required": [name] },
        })
    };
    let rules: Vec<Value> = values.map(rule).collect();
    schema.insert("allOf".to_owned(), rules.into());
}

impl<'a> TemplateParameters<'a> {
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads a list, which may be absent.
    pub(super) fn read(given: Option<&'a Value>) -> Result<Self, Wrong> {
        let list = match given {
            None | Some(Value::Null) => return Ok(Self(Vec::new())),
            Some(Value::Array(list)) => list,
            Some(_) => return Err(Wrong::new("parameters", "must be a list")),
        };
        let read = |(place, it)| {
            TemplateParameter::read(it).map_err(|wrong| Wrong { parameter: Some(place), ..wrong })
        };
        list.iter().enumerate().map(read).collect::<Result<_, _>>().map(Self)
    }
}

impl<'a> TemplateParameter<'a> {
    fn read(given: &'a Value) -> Result<Self, Wrong> {
        let word = kind_of(given)?;
        let parameter_name = parameter_name(given)?;
        let kind = json::of_value(word.as_str().into());
        let kind = kind.map_err(|_| Wrong::new("type", "is none of a parameter"))?;
        Self::without_value(kind, parameter_name).filled(&word, given.get(&word).unwrap_or(&Value::Null))
    }

    fn without_value(kind: Kind, parameter_name: Option<&'a str>) -> Self {
        Self {
            kind,
            parameter_name,
            text: None,
            currency: None,
            date_time: None,
            image: None,
            video: None,
            document: None,
            gif: None,
            location: None,
            payload: None,
            coupon_code: None,
            action: None,
            product: None,
        }
    }

    /// Sets the value under the name of its kind.
    fn filled(self, name: &str, inner: &'a Value) -> Result<Self, Wrong> {
        Ok(match self.kind {
            Kind::Text => Self { text: Some(text(name, inner)?), ..self },
            Kind::Currency => {
                Self { currency: Some(with(name, &["fallback_value", "code"], inner)?), ..self }
            }
            Kind::DateTime => Self { date_time: Some(with(name, &["fallback_value"], inner)?), ..self },
            Kind::Image => Self { image: Some(file(name, inner)?), ..self },
            Kind::Video => Self { video: Some(file(name, inner)?), ..self },
            Kind::Document => Self { document: Some(file(name, inner)?), ..self },
            Kind::Gif => Self { gif: Some(file(name, inner)?), ..self },
            Kind::Location => Self { location: Some(location(name, inner)?), ..self },
            Kind::Payload => Self { payload: Some(text(name, inner)?), ..self },
            Kind::CouponCode => Self { coupon_code: Some(text(name, inner)?), ..self },
            Kind::Action => Self { action: Some(object(name, inner)?), ..self },
            Kind::Product => Self { product: Some(object(name, inner)?), ..self },
        })
    }
}

fn parameter_name(given: &Value) -> Result<Option<&str>, Wrong> {
    let Some(name) = given.get("parameter_name").filter(|name| !name.is_null()) else { return Ok(None) };
    let wrong = || Wrong::new("parameter_name", "must be of a-z, 0-9 and _, a letter first");
    name.as_str().filter(|name| is_name(name)).map(Some).ok_or_else(wrong)
}

fn text(kind: &str, inner: &Value) -> Result<String, Wrong> {
    match inner {
        Value::String(text) if !text.is_empty() => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(Wrong::new(kind, "must be text, and not empty")),
    }
}

fn with<'a>(kind: &str, fields: &[&str], inner: &'a Value) -> Result<&'a Value, Wrong> {
    match fields.iter().find(|field| word(inner, field).is_none()) {
        Some(field) => Err(Wrong::new(kind, format!("must have {field}"))),
        None => Ok(inner),
    }
}

fn file<'a>(kind: &str, inner: &'a Value) -> Result<&'a Value, Wrong> {
    match (word(inner, "link"), word(inner, "id")) {
        (Some(link), None) if MediaLink::try_from(link.to_owned()).is_ok() => Ok(inner),
        (None, Some(id)) if !id.is_empty() => Ok(inner),
        _ => Err(Wrong::new(kind, "must have either a link (an http or https URL) or an id")),
    }
}

fn location<'a>(kind: &str, inner: &'a Value) -> Result<&'a Value, Wrong> {
    let is_place = inner.get("latitude").is_some() && inner.get("longitude").is_some();
    if is_place { Ok(inner) } else { Err(Wrong::new(kind, "must have latitude and longitude")) }
}

fn object<'a>(kind: &str, inner: &'a Value) -> Result<&'a Value, Wrong> {
    if inner.is_object() { Ok(inner) } else { Err(Wrong::new(kind, "must be an object")) }
}
