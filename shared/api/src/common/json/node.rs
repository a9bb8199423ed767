//! A JSON value as a serde deserializer, with typed errors that contain nothing of the value. Unlike
//! `serde_json`, it never accepts a list for an object.

use std::fmt;

use serde::{
    Deserializer,
    de::{
        self, Error as _, Expected, IntoDeserializer, Unexpected, Visitor,
        value::{MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::Value;

/// The value to decode.
pub(super) struct Node(pub(super) Value);

/// Why the value cannot be decoded.
#[derive(Debug)]
pub(super) enum Mistake {
    /// A required field is missing.
    Missing(&'static str),
    /// The field is unknown; with the known ones.
    Unknown(&'static [&'static str]),
    /// Anything else: the end of a sentence that begins with the place.
    Wrong(String),
}

impl fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => write!(formatter, "{name} is missing"),
            Self::Unknown(_) => formatter.write_str("is an unknown field"),
            Self::Wrong(problem) => formatter.write_str(problem),
        }
    }
}

impl std::error::Error for Mistake {}

impl de::Error for Mistake {
    fn custom<T: fmt::Display>(problem: T) -> Self {
        Self::Wrong(problem.to_string())
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::Wrong(format!("must be {}", in_our_words(&expected.to_string())))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self::Wrong(format!("must be {}", in_our_words(&expected.to_string())))
    }

    fn unknown_variant(_: &str, known: &'static [&'static str]) -> Self {
        Self::Wrong(format!("must be {}", one_of(known)))
    }

    fn unknown_field(_: &str, known: &'static [&'static str]) -> Self {
        Self::Unknown(known)
    }

    fn missing_field(name: &'static str) -> Self {
        Self::Missing(name)
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self::Wrong("is given twice".to_owned())
    }
}

/// A list as text: `a`, `a or b`, `a, b or c`.
fn one_of(known: &[&str]) -> String {
    match known.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => "something else".to_owned(),
    }
}

/// Serde's description of an expected type, in our own words.
fn in_our_words(expected: &str) -> &str {
    match expected {
        "a string" => "text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a JSON number" | "f64" | "f32" => "a number",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number from 0 on",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "a map" => "an object",
        other if other.starts_with("struct ") => "an object",
        other => other,
    }
}

impl IntoDeserializer<'_, Mistake> for Node {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Node {
    type Error = Mistake;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(it) => visitor.visit_bool(it),
            Value::Number(it) => match (it.as_u64(), it.as_i64(), it.as_f64()) {
                (Some(it), ..) => visitor.visit_u64(it),
                (None, Some(it), _) => visitor.visit_i64(it),
                (None, None, Some(it)) => visitor.visit_f64(it),
                (None, None, None) => Err(Mistake::custom("is a number out of reach")),
            },
            Value::String(it) => visitor.visit_string(it),
            Value::Array(list) => SeqDeserializer::new(list.into_iter().map(Node)).deserialize_any(visitor),
            Value::Object(fields) => {
                MapDeserializer::new(fields.into_iter().map(|(name, it)| (name, Node(it))))
                    .deserialize_any(visitor)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        if self.0.is_object() {
            return self.deserialize_any(visitor);
        }
        Err(Mistake::invalid_type(Unexpected::Other("no object"), &visitor))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        match self.0 {
            Value::String(word) => visitor.visit_enum(word.into_deserializer()),
            _ => Err(Mistake::unknown_variant("", known)),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct
        map identifier ignored_any
    }
}
