//! Reading a JSON body field by field, so that every error names its field.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, MapAccess, Visitor},
};
use serde_json::Value;

use super::{InputError, body::without_mark, json, names::is_spelling_of, near_miss::link_preview};
use ventanilla_core::domain::{
    content::{Content, MessageText},
    phone::Phone,
};

/// The flag with which nothing is sent.
pub const DRY_RUN: &str = "dry_run";

/// Whether a name means a dry run, in any spelling: a client that misspells it would pay for the messages.
#[must_use]
pub fn is_dry_run(name: &str) -> bool {
    is_spelling_of(name, DRY_RUN)
}

/// The error for a dry run where there is none.
#[must_use]
pub fn no_dry_run() -> InputError {
    InputError::field(
        DRY_RUN,
        "is not known here: the request would be carried out; only a template to many has dry runs",
    )
}

/// The fields of a JSON object. Fields that no reader asks for are ignored, as the vendors of the compatible
/// contracts do; a duplicate field is rejected as ambiguous.
#[derive(Debug)]
pub struct Fields(BTreeMap<String, Value>);

impl Fields {
    /// Reads a body; a byte order mark at its start is ignored.
    ///
    /// # Errors
    /// Names `body` and what is wrong with it; never repeats its content.
    pub fn read(body: &[u8]) -> Result<Self, InputError> {
        let body = without_mark(body);
        if body.iter().all(u8::is_ascii_whitespace) {
            return Err(InputError::field("body", "is missing: it must be a JSON object"));
        }
        serde_json::from_slice::<Self>(body).map_err(|error| {
            let place = format!("(line {}, column {})", error.line(), error.column());
            let problem = match error.classify() {
                // Our own text, or serde's on the type: neither contains the content.
                serde_json::error::Category::Data if error.to_string().starts_with("given twice") => {
                    format!("has a field that is given twice {place}")
                }
                serde_json::error::Category::Data => "must be a JSON object".to_owned(),
                _ => format!("is not valid JSON {place}"),
            };
            InputError::field("body", problem)
        })
    }

    /// Reads the body of a request that has no dry run.
    ///
    /// # Errors
    /// Like [`Fields::read`]; names `dry_run` where one is requested.
    pub fn read_to_send(body: &[u8]) -> Result<Self, InputError> {
        let fields = Self::read(body)?;
        fields.no_dry_run()?;
        Ok(fields)
    }

    /// Whether a dry run is requested.
    ///
    /// # Errors
    /// Names `dry_run` when it is neither true nor false, or given in two spellings.
    pub fn dry_run(&self) -> Result<bool, InputError> {
        let mut given = self.0.iter().filter(|(name, _)| is_dry_run(name)).map(|(_, value)| value);
        match (given.next(), given.next()) {
            (None | Some(Value::Null), None) => Ok(false),
            (Some(Value::Bool(dry)), None) => Ok(*dry),
            (_, Some(_)) => Err(InputError::field(DRY_RUN, "is given twice")),
            (Some(_), None) => Err(InputError::field(DRY_RUN, "must be true or false")),
        }
    }

    /// Rejects a requested dry run.
    ///
    /// # Errors
    /// Names `dry_run`.
    pub fn no_dry_run(&self) -> Result<(), InputError> {
        if self.dry_run()? { Err(no_dry_run()) } else { Ok(()) }
    }

    /// The value of a field; `None` where it is absent.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A required text that can be sent, with a link preview where one is requested.
    ///
    /// # Errors
    /// Names the field.
    pub fn message_text(&self, name: &'static str) -> Result<Content, InputError> {
        let text = self.required_text(name)?.to_owned();
        let body = MessageText::try_from(text).map_err(|error| InputError::field(name, error))?;
        Ok(Content::Text { body, link_preview: link_preview(self.all())? })
    }

    /// A required phone number.
    ///
    /// # Errors
    /// Names the field.
    pub fn phone(&self, name: &'static str) -> Result<Phone, InputError> {
        Phone::parse(self.required_text(name)?).map_err(|error| InputError::field(name, error))
    }

    /// An optional text.
    ///
    /// # Errors
    /// Names the field.
    pub fn optional_text(&self, name: &'static str) -> Result<Option<&str>, InputError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(InputError::field(name, "must be text")),
        }
    }

    /// A required text.
    ///
    /// # Errors
    /// Names the field.
    pub fn required_text(&self, name: &'static str) -> Result<&str, InputError> {
        self.optional_text(name)?.ok_or_else(|| InputError::field(name, "is missing"))
    }

    /// All fields, by their names.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The fields as one object again.
    #[must_use]
    pub fn into_value(self) -> Value {
        Value::Object(self.0.into_iter().collect())
    }

    /// Decodes the fields of a type; others are ignored.
    ///
    /// # Errors
    /// Names the place.
    pub fn typed<T: DeserializeOwned>(&self) -> Result<T, InputError> {
        json::of_value(Value::Object(self.0.clone().into_iter().collect()))
    }

    /// The fields of an object within a body.
    ///
    /// # Errors
    /// When it is not an object.
    pub fn of(value: &Value) -> Result<Self, InputError> {
        let object = value.as_object().ok_or_else(|| InputError::field("body", "must be a JSON object"))?;
        Ok(Self(object.iter().map(|(name, value)| (name.clone(), value.clone())).collect()))
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Fields;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if fields.insert(name, value).is_some() {
                        return Err(A::Error::custom("given twice"));
                    }
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ventanilla_core::domain::content::LinkPreview;

    fn problem<T>(result: Result<T, InputError>) -> String {
        result.err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_body_that_is_no_object_says_so() {
        for (body, says) in [
            ("", "body is missing: it must be a JSON object"),
            ("  \n", "body is missing: it must be a JSON object"),
            ("[]", "body must be a JSON object"),
            ("\"x\"", "body must be a JSON object"),
            ("{\"a\":1,\"a\":2}", "body has a field that is given twice (line 1, column 13)"),
            ("{\"a\":", "body is not valid JSON (line 1, column 5)"),
            ("\u{feff}", "body is missing: it must be a JSON object"),
            ("\u{feff}\u{feff}{}", "body is not valid JSON (line 1, column 1)"),
            ("{}\u{feff}", "body is not valid JSON (line 1, column 3)"),
            ("{\"a\":\"\\ud800\"}", "body is not valid JSON (line 1, column 13)"),
        ] {
            assert_eq!(problem(Fields::read(body.as_bytes())), says, "{body}");
        }
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(500), "]".repeat(500));
        assert!(problem(Fields::read(deep.as_bytes())).starts_with("body is not valid JSON"));
    }

    #[test]
    fn a_leading_byte_order_mark_is_ignored() {
        let fields = Fields::read("\u{feff}{\"text\":\"\u{feff}a\"}".as_bytes()).unwrap();
        assert_eq!(fields.required_text("text"), Ok("\u{feff}a"));
    }

    #[test]
    fn a_dry_run_is_recognised_in_any_spelling_and_never_ignored() {
        let dry = |body: &str| Fields::read(body.as_bytes()).unwrap().dry_run();
        for name in ["dry_run", "dryRun", "dryrun", "dry-run", "Dry_Run", "DRY_RUN"] {
            assert_eq!(dry(&format!(r#"{{"{name}":true}}"#)), Ok(true), "{name}");
            assert_eq!(dry(&format!(r#"{{"{name}":false}}"#)), Ok(false), "{name}");
            let sent = Fields::read_to_send(format!(r#"{{"{name}":true}}"#).as_bytes());
            assert!(problem(sent).starts_with("dry_run is not known here"), "{name}");
        }
        assert_eq!(dry(r#"{"dry":true,"drying_run":true,"dry_run":null}"#), Ok(false));
        for body in [r#"{"dry_run":"true"}"#, r#"{"dry_run":1}"#, r#"{"dry_run":false,"dryRun":false}"#] {
            assert!(problem(dry(body)).starts_with("dry_run "), "{body}");
            assert!(Fields::read_to_send(body.as_bytes()).is_err(), "{body}");
        }
        assert!(Fields::read_to_send(br#"{"dry_run":false}"#).is_ok());
    }

    #[test]
    fn a_text_may_request_a_preview() {
        let text = Fields::read(br#"{"text":"x","previewUrl":true}"#).unwrap().message_text("text").unwrap();
        assert!(matches!(text, Content::Text { link_preview: LinkPreview::On, .. }));
    }

    #[test]
    fn every_error_names_its_field() {
        let fields =
            Fields::read(br#"{"n":5,"t":"","c":"a\u0000","p":"12","r":-1,"big":9007199254740992}"#).unwrap();
        assert_eq!(problem(fields.message_text("gone")), "gone is missing");
        assert_eq!(problem(fields.message_text("n")), "n must be text");
        assert_eq!(problem(fields.message_text("t")), "t must not be empty");
        assert!(problem(fields.message_text("c")).starts_with("c must not hold control"));
        assert!(problem(fields.phone("p")).starts_with("p must have 8 to 15 digits"));
    }
}
