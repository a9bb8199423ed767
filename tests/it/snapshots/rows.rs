//! A table as text: each row with its keys, and below it each attribute in the spelling of DynamoDB.
//!
//! Not as they are: the mark of the write in `writer` and the end of an event's name, which are random; the server's
//! port; the time at which a key was set up, which is the machine's; the hash of a ticket, which is made of random numbers;
//! and the order of the fields in a sent template's parameters, which the table gave back in any order before.

use std::{collections::BTreeMap, fmt::Write as _, sync::LazyLock};

use regex::Regex;
use serde_json::{Value, json};

/// The random end of an event's name, as the entropy of [`super::stage`] makes it.
static DRAWN: LazyLock<Regex> = LazyLock::new(|| Regex::new("feed[0-9a-f]{9}5a5").unwrap());

/// The rows in the order of their keys.
pub(super) fn shown(rows: &BTreeMap<String, Value>, words: &[(String, String)]) -> String {
    let mut text = String::new();
    for row in rows.values() {
        let kind = row["row"]["S"].as_str().unwrap();
        writeln!(
            text,
            "{kind} | {} | {}",
            row["pk"]["S"].as_str().unwrap(),
            row["sk"]["S"].as_str().unwrap()
        )
        .unwrap();
        let attributes: BTreeMap<&String, &Value> = row.as_object().unwrap().iter().collect();
        for (name, value) in attributes {
            match (kind, name.as_str()) {
                (_, "pk" | "sk" | "row") => {}
                (_, "writer") => writeln!(text, "  writer {{\"N\":\"<random>\"}}").unwrap(),
                ("api_key", "created_at") => writeln!(text, "  created_at {{\"N\":\"<now>\"}}").unwrap(),
                (_, "parts") => writeln!(text, "  parts {}", with_sorted_parameters(value)).unwrap(),
                _ => writeln!(text, "  {name} {}", sorted(value)).unwrap(),
            }
        }
    }
    steady(&text, words)
}

/// A text with words in the place of what is another in each run.
pub(super) fn steady(text: &str, words: &[(String, String)]) -> String {
    let text = words.iter().fold(text.to_owned(), |text, (random, word)| text.replace(random, word));
    DRAWN.replace_all(&text, "<random>").into_owned()
}

/// The parts of a message, which are a text of JSON; the fields of a template's parameters are in the order of their names.
fn with_sorted_parameters(value: &Value) -> Value {
    let text = value["S"].as_str().unwrap();
    let mut parts: Value = serde_json::from_str(text).unwrap();
    assert_eq!(parts.to_string(), text, "it is spelled as it is written here");
    if let Some(parameters) = parts.pointer_mut("/template/parameters") {
        *parameters = sorted(parameters);
    }
    json!({ "S": parts.to_string() })
}

/// A value with its fields in the order of their names: DynamoDB keeps none.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields: BTreeMap<&String, Value> =
                fields.iter().map(|(name, value)| (name, sorted(value))).collect();
            Value::Object(fields.into_iter().map(|(name, value)| (name.clone(), value)).collect())
        }
        Value::Array(list) => list.iter().map(sorted).collect(),
        other => other.clone(),
    }
}
