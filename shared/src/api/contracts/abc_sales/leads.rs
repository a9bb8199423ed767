//! `POST /v1/webhooks/leads`: what a company's own system tells of a lead (facts: seed-apis.md 4.2).

use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use super::enveloped;
use crate::{
    api::common::{Encoded, Fields, InputError},
    domain::{
        lead::{CustomFields, ExternalLeadId, Lead, LeadTold, Particulars},
        phone::Phone,
    },
    service::leads::Upserted,
};

/// Longest text of a field of which nothing is documented, in characters.
const LONGEST: usize = 255;

/// Most labels of a lead.
const MOST_TAGS: usize = 100;

/// Marks a lead whose number cannot be read.
const INVALID_PHONE: &str = "invalid_phone";

/// Reads a body. `automations` and `user_assignments` have no counterpart here and are passed over, as unknown
/// fields are.
///
/// # Errors
/// Names the field.
pub fn lead_told(body: &[u8]) -> Result<LeadTold, InputError> {
    let fields = Fields::read_to_send(body)?;
    let name = fields.required_text("name")?;
    if !(2..=100).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        return Err(InputError::field(
            "name",
            "must be 2 to 100 characters, none of them a control character",
        ));
    }
    let text = |field: &'static str, longest: usize| -> Result<Option<String>, InputError> {
        let Some(text) = fields.optional_text(field)? else { return Ok(None) };
        if text.chars().count() > longest || text.chars().any(char::is_control) {
            let problem = format!("must be at most {longest} characters, none of them a control character");
            return Err(InputError::field(field, problem));
        }
        Ok(Some(text.to_owned()))
    };
    Ok(LeadTold {
        external: external(&fields)?,
        particulars: Particulars {
            email: text("email", LONGEST)?,
            phone: text("phone", 50)?,
            naver_line_id: text("naver_line_id", LONGEST)?,
            source: text("source", LONGEST)?,
            tags: tags(&fields)?,
            timezone: text("timezone", LONGEST)?,
            locale: text("locale", LONGEST)?,
            currency: text("currency", LONGEST)?,
            custom_fields: custom_fields(&fields)?,
        },
        name: name.to_owned(),
    })
}

/// The company's own id, which a number may be as well.
fn external(fields: &Fields) -> Result<Option<ExternalLeadId>, InputError> {
    let text = match fields.value("id") {
        Some(Value::Number(number)) if !number.is_f64() => Some(number.to_string()),
        Some(Value::Number(_)) => return Err(InputError::field("id", "must be a whole number or a text")),
        _ => fields.optional_text("id")?.map(str::to_owned),
    };
    text.map(|text| text.try_into().map_err(|error| InputError::field("id", error))).transpose()
}

fn tags(fields: &Fields) -> Result<Option<Vec<String>>, InputError> {
    let wrong = || {
        let problem = format!("must be a list of at most {MOST_TAGS} texts of at most {LONGEST} characters");
        InputError::field("tags", problem)
    };
    match fields.value("tags") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(all)) if all.len() <= MOST_TAGS => {
            let fits = |tag: &&str| tag.chars().count() <= LONGEST;
            let tag = |value: &Value| value.as_str().filter(fits).map(str::to_owned);
            all.iter().map(tag).collect::<Option<_>>().map(Some).ok_or_else(wrong)
        }
        Some(_) => Err(wrong()),
    }
}

fn custom_fields(fields: &Fields) -> Result<Option<CustomFields>, InputError> {
    match fields.value("custom_fields") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(own)) => {
            let own = CustomFields::new(own.clone());
            own.map(Some).map_err(|error| InputError::field("custom_fields", error))
        }
        Some(_) => Err(InputError::field("custom_fields", "must be a JSON object")),
    }
}

/// A lead as it is kept now.
#[must_use]
pub fn kept(upserted: Upserted, lead: &Lead) -> Encoded {
    let status = match upserted {
        Upserted::Created => StatusCode::CREATED,
        Upserted::Updated => StatusCode::OK,
    };
    let body = enveloped(&json!({ "lead": shape(lead) }), None);
    Encoded { status, headers: HeaderMap::new(), body }
}

fn shape(it: &Lead) -> Value {
    let more = &it.particulars;
    let number = it.number();
    let mut tags = more.tags.clone().unwrap_or_default();
    if more.phone.is_some() && number.is_none() {
        tags.push(INVALID_PHONE.to_owned());
    }
    json!({
        "id": it.id,
        "external_id": it.external,
        "name": it.name,
        "email": more.email,
        "phone": number.as_ref().map(Phone::e164).or_else(|| more.phone.clone()),
        "naver_line_id": more.naver_line_id,
        "source": more.source,
        "tags": tags,
        "timezone": more.timezone,
        "locale": more.locale,
        "currency": more.currency,
        "custom_fields": more.custom_fields.as_ref().map_or_else(Map::new, |own| own.as_map().clone()),
        "created_at": it.created_at.iso_millis(),
        "updated_at": it.updated_at.iso_millis(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    fn read(body: &Value) -> Result<LeadTold, InputError> {
        lead_told(body.to_string().as_bytes())
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
    fn a_number_is_an_id_too_and_what_is_null_is_not_told() {
        let told = read(&json!({ "name": "Ana", "id": 7, "phone": null, "tags": null })).unwrap();
        assert_eq!(told.external.unwrap().as_str(), "7");
        assert_eq!(told.particulars, Particulars::default());
    }

    #[test]
    fn a_number_that_cannot_be_read_is_shown_as_told_and_marked() {
        let told = read(&json!({ "name": "Ana", "phone": "ask Bob", "tags": ["vip"] })).unwrap();
        let lead = Lead::new("3".parse().unwrap(), "acme".parse().unwrap(), told, Timestamp::from_millis(0));
        let shown = shape(&lead);
        assert_eq!((&shown["phone"], &shown["tags"]), (&json!("ask Bob"), &json!(["vip", "invalid_phone"])));
    }
}
