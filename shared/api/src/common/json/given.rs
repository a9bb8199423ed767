//! A field whose null differs from an absent field.

use serde::{Deserialize, Deserializer};

use crate::common::InputError;

/// The state of such a field. It needs `#[serde(default)]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Given<T> {
    /// The field is absent.
    #[default]
    Nothing,
    /// The field has a value, or null.
    This(Option<T>),
}

impl<T> Given<T> {
    /// The value or null of a field that must not be left out by mistake.
    ///
    /// # Errors
    /// Names the field, and says what null would do.
    pub fn required(self, field: &'static str, null: &str) -> Result<Option<T>, InputError> {
        match self {
            Self::This(value) => Ok(value),
            Self::Nothing => Err(InputError::field(field, format!("is missing; {null}"))),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::This)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::json;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Body {
        #[serde(default)]
        name: Given<String>,
    }

    #[test]
    fn null_differs_from_absent() {
        let name = |body: &str| json::read::<Body>(body.as_bytes()).map(|body| body.name);
        assert_eq!(name("{}"), Ok(Given::Nothing));
        assert_eq!(name(r#"{"name":null}"#), Ok(Given::This(None)));
        assert_eq!(name(r#"{"name":"x"}"#), Ok(Given::This(Some("x".to_owned()))));
        assert_eq!(name(r#"{"name":7}"#).unwrap_err().to_string(), "name must be text");
        let missing = Given::<String>::Nothing.required("name", "null takes it away").unwrap_err();
        assert_eq!(missing.to_string(), "name is missing; null takes it away");
        assert_eq!(Given::This(Some(1)).required("name", ""), Ok(Some(1)));
    }
}
