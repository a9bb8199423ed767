//! Reads a JSON body into a type: every error names its place, like `template.components[0].type`, and none
//! repeats the body's content.

mod given;
mod node;
mod strict;

pub use self::given::Given;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use self::node::{Mistake, Node};
use super::{DRY_RUN, InputError, is_dry_run, nearest::nearest, no_dry_run};

/// Longest field name that an error repeats, in bytes.
const LONGEST_NAME: usize = 64;

/// Most known fields that an error lists.
const MOST_LISTED: usize = 24;

/// Reads a body. A duplicate field is rejected, and so is an unknown one where the type has
/// `deny_unknown_fields`.
///
/// # Errors
/// Names the place and says what is wrong there.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, InputError> {
    of_value(strict::value(body)?)
}

/// Reads a value that was parsed already.
///
/// # Errors
/// Like [`read`].
pub fn of_value<T: DeserializeOwned>(value: Value) -> Result<T, InputError> {
    serde_path_to_error::deserialize(Node(value)).map_err(|error| {
        let path = error.path().clone();
        explained(&path, error.into_inner())
    })
}

fn explained(path: &Path, mistake: Mistake) -> InputError {
    match mistake {
        Mistake::Missing(name) => InputError::field(within(path, name), "is missing"),
        Mistake::Unknown(known) => unknown(path, known),
        Mistake::Wrong(problem) => InputError::field(place(path), problem),
    }
}

/// The error for an unknown field, with the known one that may have been meant.
fn unknown(path: &Path, known: &[&'static str]) -> InputError {
    let name = last_name(path);
    if is_dry_run(name) && !known.contains(&DRY_RUN) {
        return no_dry_run();
    }
    if !is_name(name) {
        return InputError::field(place(path), "has a field that is unknown");
    }
    match nearest(name, known) {
        Some(meant) => {
            InputError::field(place(path), format!("is an unknown field; did you mean `{meant}`?"))
        }
        None if known.len() <= MOST_LISTED => {
            InputError::field(place(path), format!("is an unknown field; known are {}", known.join(", ")))
        }
        None => InputError::field(place(path), "is an unknown field"),
    }
}

/// The name at the end of a path; empty where it ends with an index.
fn last_name(path: &Path) -> &str {
    match path.iter().next_back() {
        Some(Segment::Map { key }) => key,
        _ => "",
    }
}

/// A place in a body: `body` for all of it. It stops where the body's own keys are not plain names.
fn place(path: &Path) -> String {
    let mut place = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => {
                place.push('[');
                place.push_str(&index.to_string());
                place.push(']');
            }
            Segment::Map { key } if is_name(key) => {
                if !place.is_empty() {
                    place.push('.');
                }
                place.push_str(key);
            }
            Segment::Map { .. } | Segment::Enum { .. } | Segment::Unknown => break,
        }
    }
    if place.is_empty() { "body".to_owned() } else { place }
}

/// The path of a field in the object at a place.
fn within(path: &Path, name: &str) -> String {
    match path.iter().next() {
        None => name.to_owned(),
        Some(_) => format!("{}.{name}", place(path)),
    }
}

fn is_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(letter)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::Number;

    use super::*;
    use ventanilla_core::domain::phone::Phone;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        text: String,
        to: Option<Phone>,
        kind: Option<Kind>,
        #[serde(default)]
        parts: Vec<Part>,
        any: Option<Value>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Human,
        Bot,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields, expecting = "an object like {\"size\":1}")]
    struct Part {
        size: u64,
        degrees: Option<Number>,
        on: Option<bool>,
    }

    fn problem(body: &str) -> String {
        read::<Body>(body.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn a_body_is_read_whole() {
        let body = "\u{feff}{\"text\":\"x\",\"kind\":\"bot\",\"to\":null,\"parts\":[{\"size\":1,\"degrees\":-1.5,\"on\":true}],\
                    \"any\":{\"b\":[1],\"a\":null}}";
        let read: Body = read(body.as_bytes()).unwrap();
        assert_eq!((read.text.as_str(), &read.to, &read.kind), ("x", &None, &Some(Kind::Bot)));
        let part = &read.parts[0];
        assert_eq!(
            (part.size, part.degrees.as_ref().unwrap().as_f64(), part.on),
            (1, Some(-1.5), Some(true))
        );
        assert_eq!(read.any.unwrap().to_string(), r#"{"b":[1],"a":null}"#);
    }

    #[test]
    fn every_mistake_names_its_place() {
        for (body, says) in [
            ("", "body is missing: it must be a JSON object"),
            ("\u{feff} ", "body is missing: it must be a JSON object"),
            ("[]", "body must be an object"),
            ("[\"x\"]", "body must be an object"),
            ("{}", "text is missing"),
            (r#"{"text":7}"#, "text must be text"),
            (r#"{"text":null}"#, "text must be text"),
            (r#"{"text":"x"} x"#, "body is not valid JSON (line 1, column 14)"),
            (r#"{"text":"#, "body is not valid JSON (line 1, column 8)"),
            (r#"{"text":"x","to":"12"}"#, "to must have 8 to 15 digits with the country code"),
            (r#"{"text":"x","to":50212345678}"#, "to must be text"),
            (r#"{"text":"x","kind":"person"}"#, "kind must be human or bot"),
            (r#"{"text":"x","kind":1}"#, "kind must be human or bot"),
            (r#"{"text":"x","parts":{}}"#, "parts must be a list"),
            (
                r#"{"text":"x","parts":[{"size":1},{"size":-1}]}"#,
                "parts[1].size must be a whole number from 0 on",
            ),
            (r#"{"text":"x","parts":[{}]}"#, "parts[0].size is missing"),
            (r#"{"text":"x","parts":["y"]}"#, "parts[0] must be an object like {\"size\":1}"),
            // A list in the place of an object has no meaning.
            (r#"{"text":"x","parts":[[1]]}"#, "parts[0] must be an object like {\"size\":1}"),
            (r#"{"text":"x","parts":[{"size":1,"on":1}]}"#, "parts[0].on must be true or false"),
            (r#"{"text":"x","parts":[{"size":1,"degrees":"1"}]}"#, "parts[0].degrees must be a number"),
        ] {
            assert_eq!(problem(body), says, "{body}");
        }
    }

    #[test]
    fn a_duplicate_field_is_named_wherever_it_is() {
        for (body, says) in [
            (r#"{"text":"x","text":"y"}"#, "text is given twice"),
            (r#"{"text":"x","any":{"a":[{"b":1,"b":2}]}}"#, "any.a[0].b is given twice"),
            (r#"{"text":"x","any":{"a b":1,"a b":2}}"#, "any has a field that is given twice"),
        ] {
            assert_eq!(problem(body), says, "{body}");
        }
    }

    #[test]
    fn an_unknown_field_is_named_with_the_one_that_was_meant() {
        for (body, says) in [
            (r#"{"txt":"x"}"#, "txt is an unknown field; did you mean `text`?"),
            (
                r#"{"text":"x","parts":[{"Size":1}]}"#,
                "parts[0].Size is an unknown field; did you mean `size`?",
            ),
            (
                r#"{"text":"x","subject":1}"#,
                "subject is an unknown field; known are text, to, kind, parts, any",
            ),
            (
                r#"{"text":"x","dryRun":true}"#,
                "dry_run is not known here: the request would be carried out; only a template to many has dry runs",
            ),
        ] {
            assert_eq!(problem(body), says, "{body}");
        }
    }

    #[test]
    fn no_error_repeats_the_body() {
        for body in [
            r#"{"text":{"secret":1}}"#,
            r#"{"text":"x","kind":"secret, expected secret"}"#,
            r#"{"text":"x","to":"secret"}"#,
            r#"{"text":"x","my secret":1}"#,
            r#"{"text":"x","parts":"secret"}"#,
            r#"{"text":"x","any":{"my secret":1,"my secret":2}}"#,
        ] {
            assert!(!problem(body).contains("secret"), "{}", problem(body));
        }
    }
}
