//! JSON without duplicate fields.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value, error::Category};
use serde_path_to_error::Path;

use super::{super::body::without_mark, InputError, is_name, last_name, place};

/// Parses a body.
///
/// # Errors
/// When it is empty or invalid JSON, or has a duplicate field.
pub(super) fn value(body: &[u8]) -> Result<Value, InputError> {
    let body = without_mark(body);
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(InputError::field("body", "is missing: it must be a JSON object"));
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let Strict(value) = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        match error.inner().classify() {
            // The only fault that a value of any type can have.
            Category::Data => twice(error.path()),
            _ => no_json(error.inner()),
        }
    })?;
    reader.end().map_err(|error| no_json(&error))?;
    Ok(value)
}

fn twice(path: &Path) -> InputError {
    let named = is_name(last_name(path));
    let problem = if named { "is given twice" } else { "has a field that is given twice" };
    InputError::field(place(path), problem)
}

fn no_json(error: &serde_json::Error) -> InputError {
    let problem = format!("is not valid JSON (line {}, column {})", error.line(), error.column());
    InputError::field("body", problem)
}

/// A value whose objects have no duplicate fields.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any).map(Self)
    }
}

/// The second value of a duplicate field.
struct Again;

impl<'de> Deserialize<'de> for Again {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(D::Error::custom("is given twice"))
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, it: bool) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_i64<E>(self, it: i64) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_u64<E>(self, it: u64) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_f64<E>(self, it: f64) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_str<E>(self, it: &str) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_string<E>(self, it: String) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(Strict(it)) = list.next_element()? {
            all.push(it);
        }
        Ok(all.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            if all.contains_key(&name) {
                // An error of the value has the path of the field.
                fields.next_value::<Again>()?;
            }
            let Strict(it) = fields.next_value()?;
            all.insert(name, it);
        }
        Ok(all.into())
    }
}
