//! One component of a template message.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Wrong, is_name, kind_of, parameter::TemplateParameters, word};

/// Its `type` and `sub_type`, and the `type` of a parameter, are taken in any case, and so come out in lower case.
#[derive(Debug, Serialize)]
#[serde(untagged)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(crate) enum TemplateComponent<'a> {
    Filled(Filled<'a>),
    Button(Button<'a>),
    Open(Open),
}

/// What a header or a body is filled with.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(
        inline,
        title = "Text or a file",
        extend("required" = ["type"], "additionalProperties" = true)
    )
)]
pub(crate) struct Filled<'a> {
    #[serde(rename = "type")]
    kind: Place,
    parameters: TemplateParameters<'a>,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
enum Place {
    Header,
    Body,
}

/// What a button is filled with.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(
        inline,
        title = "A button",
        extend("required" = ["type", "sub_type", "index"], "additionalProperties" = true)
    )
)]
pub(crate) struct Button<'a> {
    #[serde(rename = "type")]
    #[cfg_attr(feature = "schema", schemars(extend("const" = "button")))]
    kind: &'static str,
    /// What kind of button it is, and so its parameter: `url` has the end of the link as `text`, `quick_reply` a
    /// `payload`, `copy_code` a `coupon_code`, the others an `action`. Quick replies, flows and catalogues may be left
    /// out.
    #[cfg_attr(
        feature = "schema",
        schemars(extend("enum" = ["url", "quick_reply", "copy_code", "flow", "catalog", "mpm"]))
    )]
    sub_type: String,
    #[cfg_attr(feature = "schema", schemars(schema_with = "index_schema"))]
    index: String,
    // A flow button without parameters that works at Meta has no list, not an empty one.
    #[serde(skip_serializing_if = "TemplateParameters::is_empty")]
    parameters: TemplateParameters<'a>,
}

#[cfg(feature = "schema")]
fn index_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({
        "description": "Which button of the template, from 0; may be a number.",
        "oneOf": [{ "type": "string", "pattern": "^[0-9]$" }, { "type": "integer", "minimum": 0, "maximum": 9 }],
    })
}

/// Goes out as it is; only the provider judges it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, title = "As Meta defines it"))]
pub(crate) struct Open {
    #[serde(rename = "type")]
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["carousel", "limited_time_offer"])))]
    kind: String,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl<'a> TemplateComponent<'a> {
    /// Reads a component; the error names the faulty field in it.
    pub(super) fn read(given: &'a Value) -> Result<Self, Wrong> {
        let parameters = || TemplateParameters::read(given.get("parameters"));
        let kind = kind_of(given)?;
        match kind.as_str() {
            "header" => Ok(Self::Filled(Filled { kind: Place::Header, parameters: parameters()? })),
            "body" => Ok(Self::Filled(Filled { kind: Place::Body, parameters: parameters()? })),
            "button" => {
                let (sub_type, index) = (sub_type(given)?, index(given)?);
                Ok(Self::Button(Button { kind: "button", sub_type, index, parameters: parameters()? }))
            }
            // Carousels, limited-time offers and future types are sent as they are.
            other if is_name(other) && other != "footer" && other != "buttons" => {
                let rest = given.as_object().into_iter().flatten().filter(|(name, _)| *name != "type");
                let rest = rest.map(|(name, value)| (name.clone(), value.clone())).collect();
                Ok(Self::Open(Open { kind, rest }))
            }
            _ => Err(Wrong::new("type", "is none of a component that can be filled")),
        }
    }
}

/// Future types are sent as they are.
fn sub_type(given: &Value) -> Result<String, Wrong> {
    let word =
        word(given, "sub_type").ok_or_else(|| Wrong::new("sub_type", "is missing: a button needs it"))?;
    let sub_type = word.to_ascii_lowercase();
    if is_name(&sub_type) { Ok(sub_type) } else { Err(Wrong::new("sub_type", "is none of a button")) }
}

/// The index of the button: `"0"` to `"9"`, also as a number.
fn index(given: &Value) -> Result<String, Wrong> {
    let digits = match given.get("index") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    match digits.as_bytes() {
        [digit] if digit.is_ascii_digit() => Ok(digits),
        _ => Err(Wrong::new("index", "must be 0 to 9: a button needs it")),
    }
}
