//! The payload of a webhook in any format: one object of its query and its body.

use serde_json::{Map, Value, json};

use crate::lenient::parse;

/// Parses a webhook's query and body into one object. Nothing is rejected: what cannot be parsed is kept as
/// text.
pub(super) fn payload(query: &str, body: &[u8]) -> Value {
    let mut payload = Payload::of_body(body);
    payload.add_all(query.as_bytes());
    payload.into_value()
}

/// The fields of a webhook, and the values that could not become fields.
#[derive(Default)]
struct Payload {
    fields: Map<String, Value>,
    /// Further values of fields that are already set, with their names.
    repeated: Vec<Value>,
}

impl Payload {
    fn of_body(body: &[u8]) -> Self {
        let mut payload = Self::default();
        if body.iter().all(u8::is_ascii_whitespace) {
            return payload;
        }
        match parse(body) {
            Some(Value::Object(object)) => payload.fields = object,
            Some(other) => payload.insert_value("unreadable", other),
            None if is_form(body) => payload.add_all(body),
            None => payload.insert_value("unreadable", String::from_utf8_lossy(body).into()),
        }
        // Some senders put JSON into a field as text.
        for field in ["meta_object", "extra_info"] {
            let inner =
                payload.fields.get(field).and_then(Value::as_str).and_then(|text| parse(text.as_bytes()));
            if let Some(inner) = inner.filter(|inner| inner.is_object() || inner.is_array()) {
                payload.fields.insert(field.to_owned(), inner);
            }
        }
        payload
    }

    fn insert_value(&mut self, field: &str, value: Value) {
        self.fields.insert(field.to_owned(), value);
    }

    fn add_all(&mut self, pairs: &[u8]) {
        for (name, value) in form_urlencoded::parse(pairs) {
            self.add(&name, value.into_owned());
        }
    }

    /// Adds a field. The first non-empty value stays; another value is kept beside it.
    fn add(&mut self, name: &str, value: String) {
        match self.fields.get(name) {
            Some(known) if known.as_str() == Some(value.as_str()) => {}
            Some(known) if !known.is_null() && known.as_str() != Some("") => {
                if !value.is_empty() {
                    self.repeated.push(json!([name, value]));
                }
            }
            _ => self.insert_value(name, value.into()),
        }
    }

    fn into_value(mut self) -> Value {
        if !self.repeated.is_empty() {
            let mut all = self.repeated;
            all.extend(self.fields.remove("repeated"));
            self.fields.insert("repeated".to_owned(), all.into());
        }
        self.fields.into()
    }
}

/// Whether a text has at least one named value. Anything else is kept as it is.
fn is_form(body: &[u8]) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'[' | b']');
    let named = |pair: &[u8]| {
        let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
        pair.contains(&b'=') && (1..=64).contains(&name.len()) && name.iter().all(|byte| plain(*byte))
    };
    body.split(|byte| *byte == b'&').any(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str, body: &str) -> Value {
        payload(query, body.as_bytes())
    }

    #[test]
    fn query_form_and_json_say_the_same() {
        let expected = json!({ "from": "50212345678", "body": "¿sí & no?" });
        let form = "from=50212345678&body=%C2%BFs%C3%AD+%26+no%3F";
        assert_eq!(read(form, ""), expected);
        assert_eq!(read("", form), expected);
        assert_eq!(read("", &expected.to_string()), expected);
        assert_eq!(read("from=50212345678", r#"{"body":"¿sí & no?"}"#)["from"], "50212345678");
    }

    #[test]
    fn an_empty_field_does_not_hide_the_one_in_the_address() {
        assert_eq!(read("ref=q", r#"{"ref":""}"#), json!({ "ref": "q" }));
        assert_eq!(read("ref=q", r#"{"ref":null}"#), json!({ "ref": "q" }));
        assert_eq!(read("ref=", r#"{"ref":"b"}"#), json!({ "ref": "b" }));
    }

    #[test]
    fn a_form_need_not_be_perfect_and_json_may_be_text() {
        let expected = json!({ "from": "5021", "body": "a{b" });
        assert_eq!(read("", "from=5021&body=a{b&"), json!({ "from": "5021", "body": "a{b" }));
        assert_eq!(read("", "from=5021&body=a{b"), expected);
        assert_eq!(read("", "flag&from=5021"), json!({ "flag": "", "from": "5021" }));
        let text = read("", r#"{"meta_object":"{\"field\":\"messages\"}"}"#);
        assert_eq!(text["meta_object"], json!({ "field": "messages" }));
    }

    #[test]
    fn no_field_is_dropped() {
        assert_eq!(read("a=1&a=2&a=1", ""), json!({ "a": "1", "repeated": [["a", "2"]] }));
        assert_eq!(read("ref=q", r#"{"ref":"b"}"#), json!({ "ref": "b", "repeated": [["ref", "q"]] }));
        assert_eq!(read("", "[1,2]"), json!({ "unreadable": [1, 2] }));
        assert_eq!(read("", "<a b=\"1\"/>"), json!({ "unreadable": "<a b=\"1\"/>" }));
        assert_eq!(read("", "{\"a\":"), json!({ "unreadable": "{\"a\":" }));
        assert_eq!(read("x=1", ""), json!({ "x": "1" }));
        assert_eq!(read("", " "), json!({}));
    }
}
