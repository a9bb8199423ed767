//! The body of an upsert of a lead.

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

use crate::common::{Fields, InputError};
use ventanilla_core::domain::lead::{CustomFields, ExternalLeadId, LeadDetails, Particulars};

/// Longest text of a field without a documented limit, in characters.
const LONGEST: usize = 255;

/// Longest number, in characters.
const LONGEST_PHONE: usize = 50;

/// Most tags of a lead.
const MOST_TAGS: usize = 100;

/// What is told of a lead. `automations` and `user_assignments` have no counterpart here and are passed over, as unknown fields are.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "LeadTold"))]
pub(in super::super) struct LeadBody {
    /// The company's own id of the lead. A number is taken as its digits.
    #[cfg_attr(
        feature = "schema",
        schemars(
            with = "Option<Value>",
            extend("type" = ["string", "integer", "null"], "minLength" = 1, "maxLength" = 50)
        )
    )]
    id: Option<ExternalId>,
    #[cfg_attr(
        feature = "schema",
        schemars(
            required,
            length(min = 2, max = 100),
            extend("pattern" = r"^[^\u0000-\u001F\u007F-\u009F]+$")
        )
    )]
    name: Option<String>,
    email: Option<SingleLine<LONGEST>>,
    phone: Option<SingleLine<LONGEST_PHONE>>,
    naver_line_id: Option<SingleLine<LONGEST>>,
    source: Option<SingleLine<LONGEST>>,
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<String>>", length(max = MOST_TAGS), inner(length(max = LONGEST)))
    )]
    tags: Option<Tags>,
    timezone: Option<SingleLine<LONGEST>>,
    locale: Option<SingleLine<LONGEST>>,
    currency: Option<SingleLine<LONGEST>>,
    #[cfg_attr(feature = "schema", schemars(with = "Option<serde_json::Map<String, Value>>"))]
    custom_fields: Option<OwnFields>,
}

/// Reads a body.
///
/// # Errors
/// Names the field.
pub fn lead_details(body: &[u8]) -> Result<LeadDetails, InputError> {
    let body: LeadBody = Fields::read_to_send(body)?.typed()?;
    let name = body.name.ok_or_else(|| InputError::field("name", "is missing"))?;
    if !(2..=100).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        let problem = "must be 2 to 100 characters, none of them a control character";
        return Err(InputError::field("name", problem));
    }
    Ok(LeadDetails {
        external: body.id.map(|ExternalId(id)| id),
        name,
        particulars: Particulars {
            email: text(body.email),
            phone: text(body.phone),
            naver_line_id: text(body.naver_line_id),
            source: text(body.source),
            tags: body.tags.map(|Tags(tags)| tags),
            timezone: text(body.timezone),
            locale: text(body.locale),
            currency: text(body.currency),
            custom_fields: body.custom_fields.map(|OwnFields(own)| own),
        },
    })
}

fn text<const LONGEST: usize>(line: Option<SingleLine<LONGEST>>) -> Option<String> {
    line.map(|SingleLine(text)| text)
}

/// A text of at most `LONGEST` characters, none of them a control character.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct SingleLine<const LONGEST: usize>(String);

impl<const LONGEST: usize> TryFrom<String> for SingleLine<LONGEST> {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.chars().count() > LONGEST || text.chars().any(char::is_control) {
            return Err(format!("must be at most {LONGEST} characters, none of them a control character"));
        }
        Ok(Self(text))
    }
}

#[cfg(feature = "schema")]
impl<const LONGEST: usize> schemars::JsonSchema for SingleLine<LONGEST> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Line{LONGEST}").into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "maxLength": LONGEST })
    }
}

/// The company's own id of the lead, as text or as a number.
#[derive(Debug)]
struct ExternalId(ExternalLeadId);

impl<'de> Deserialize<'de> for ExternalId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Value::deserialize(deserializer)? {
            Value::Number(number) if !number.is_f64() => number.to_string(),
            Value::Number(_) => return Err(D::Error::custom("must be a whole number or a text")),
            Value::String(text) => text,
            _ => return Err(D::Error::custom("must be text")),
        };
        text.try_into().map(Self).map_err(D::Error::custom)
    }
}

/// The lead's tags, at most [`MOST_TAGS`].
#[derive(Debug)]
struct Tags(Vec<String>);

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fits = |tag: &&str| tag.chars().count() <= LONGEST;
        let tag = |value: &Value| value.as_str().filter(fits).map(str::to_owned);
        let tags = match Value::deserialize(deserializer)? {
            Value::Array(all) if all.len() <= MOST_TAGS => all.iter().map(tag).collect(),
            _ => None,
        };
        let problem =
            || format!("must be a list of at most {MOST_TAGS} texts of at most {LONGEST} characters");
        tags.map(Self).ok_or_else(|| D::Error::custom(problem()))
    }
}

/// The company's own fields.
#[derive(Debug)]
struct OwnFields(CustomFields);

impl<'de> Deserialize<'de> for OwnFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Object(own) => CustomFields::new(own).map(Self).map_err(D::Error::custom),
            _ => Err(D::Error::custom("must be a JSON object")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> Result<LeadDetails, InputError> {
        lead_details(body.to_string().as_bytes())
    }

    #[test]
    fn every_mistake_names_its_field() {
        for (field, value) in [
            ("name", json!(null)),
            ("name", json!("A")),
            ("name", json!("a".repeat(101))),
            ("name", json!("An\0a")),
            ("id", json!("")),
            ("id", json!("x".repeat(51))),
            ("id", json!(["7"])),
            ("phone", json!("1".repeat(51))),
            ("phone", json!(50_212_345_678_u64)),
            ("id", json!(7.5)),
            ("email", json!("a\n@b")),
            ("tags", json!("vip")),
            ("tags", json!([1])),
            ("tags", json!(vec!["x"; 101])),
            ("custom_fields", json!([])),
            ("custom_fields", json!({ "a": vec![1e15; 20_000] })),
        ] {
            let mut body = json!({ "name": "Ana" });
            body[field] = value.clone();
            assert_eq!(read(&body).unwrap_err().place(), field, "{value}");
        }
    }

    #[test]
    fn a_number_is_an_id_too_and_null_counts_as_absent() {
        let details = read(&json!({ "name": "Ana", "id": 7, "phone": null, "tags": null })).unwrap();
        assert_eq!(details.external.unwrap().as_str(), "7");
        assert_eq!(details.particulars, Particulars::default());
    }
}
