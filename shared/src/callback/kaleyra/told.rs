//! What a callback tells, whatever it came in: one object of its query and its body.

use serde_json::{Map, Value, json};

use crate::callback::lenient::parse;

/// A callback's query and body in one.
#[derive(Debug, Clone, PartialEq)]
pub struct Told(pub(super) Value);

impl Told {
    /// Reads a callback. Nothing is refused: what cannot be read is kept as text.
    #[must_use]
    pub fn read(query: &str, body: &[u8]) -> Self {
        let mut told = of_body(body);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            add(&mut told, &name, value.into_owned());
        }
        Self(told.into())
    }
}

fn of_body(body: &[u8]) -> Map<String, Value> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Map::new();
    }
    match parse(body) {
        Some(Value::Object(object)) => return object,
        Some(other) => return Map::from_iter([("body".to_owned(), json!([other]))]),
        None => {}
    }
    // A form has names; anything else is kept as it is.
    let text = String::from_utf8_lossy(body);
    let named = |text: &str| {
        text.split('&').all(|pair| pair.split_once('=').is_some_and(|(name, _)| !name.is_empty()))
    };
    if !named(&text) || text.contains(['{', '\n']) {
        return Map::from_iter([("unreadable".to_owned(), text.into())]);
    }
    let mut told = Map::new();
    for (name, value) in form_urlencoded::parse(body) {
        add(&mut told, &name, value.into_owned());
    }
    told
}

/// Adds a field. One that is there already keeps its value; another value is kept beside it.
fn add(told: &mut Map<String, Value>, name: &str, value: String) {
    let mut free = name.to_owned();
    while let Some(known) = told.get(&free) {
        if known.as_str() == Some(value.as_str()) {
            return;
        }
        free.push('\'');
    }
    told.insert(free, value.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str, body: &str) -> Value {
        Told::read(query, body.as_bytes()).0
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
    fn nothing_that_is_told_is_dropped() {
        assert_eq!(read("a=1&a=2&a=1", ""), json!({ "a": "1", "a'": "2" }));
        assert_eq!(read("ref=q", r#"{"ref":"b"}"#), json!({ "ref": "b", "ref'": "q" }));
        assert_eq!(read("", "[1,2]"), json!({ "body": [[1, 2]] }));
        assert_eq!(read("", "<xml/>"), json!({ "unreadable": "<xml/>" }));
        assert_eq!(read("", "{\"a\":"), json!({ "unreadable": "{\"a\":" }));
        assert_eq!(read("x=1", ""), json!({ "x": "1" }));
        assert_eq!(read("", " "), json!({}));
    }
}
