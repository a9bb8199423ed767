//! The files below `tests/goldens/`: compared with the current responses, or rewritten.

use std::{collections::BTreeMap, fmt::Write, fs, path::PathBuf};

use serde_json::Value;

use crate::harness::root;

/// The variable that has the files written instead of compared.
const VARIABLE: &str = "VENTANILLA_GOLDENS";

/// Most differences that are shown; who broke one answer often broke many.
const MOST_SHOWN: usize = 60;

fn path(name: &str) -> PathBuf {
    root().join("tests/goldens").join(format!("{name}.json"))
}

/// What is kept of a contract: everything that was said, in the order of its scenes.
pub(super) fn kept(name: &str) -> Vec<Value> {
    let path = path(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("{}: {error}; {VARIABLE}=write writes it", path.display());
    });
    serde_json::from_str(&text).unwrap()
}

/// Whether the files are written instead of compared.
pub(super) fn writing() -> bool {
    std::env::var_os(VARIABLE).is_some_and(|value| value == "write")
}

/// Something that must be so when the files are written. When they are compared, the answer differs from what is kept
/// and the difference says more.
pub(super) fn expect(so: bool, what: &str) {
    assert!(so || !writing(), "{what}");
}

/// Compares the responses with the stored ones, or stores them.
pub(super) fn check(name: &str, heard: &[Value]) {
    let by_name = named(heard);
    if writing() {
        let text = serde_json::to_string_pretty(heard).unwrap() + "\n";
        fs::write(path(name), text).unwrap();
        return;
    }
    let all = kept(name);
    let found = differences(&named(&all), &by_name);
    assert!(
        found.is_empty(),
        "{} differences from tests/goldens/{name}.json:\n{}\nIf they are meant, run the test with {VARIABLE}=write and \
         commit what it writes.",
        found.len(),
        shown(&found)
    );
}

fn named(all: &[Value]) -> BTreeMap<&str, &Value> {
    let mut by_name = BTreeMap::new();
    for one in all {
        let name = one["name"].as_str().unwrap();
        assert!(by_name.insert(name, one).is_none(), "two calls are named {name:?}");
    }
    by_name
}

fn shown(found: &[String]) -> String {
    let mut text = found.iter().take(MOST_SHOWN).fold(String::new(), |mut text, line| {
        writeln!(text, "  {line}").unwrap();
        text
    });
    if let Some(more) = found.len().checked_sub(MOST_SHOWN).filter(|more| *more > 0) {
        writeln!(text, "  … and {more} more").unwrap();
    }
    text
}

fn differences(kept: &BTreeMap<&str, &Value>, heard: &BTreeMap<&str, &Value>) -> Vec<String> {
    let mut found = Vec::new();
    for (name, was) in kept {
        match heard.get(name) {
            Some(is) => compare(&format!("{name}: "), "", was, is, &mut found),
            None => found.push(format!("{name}: is kept, but not called any more")),
        }
    }
    let new = heard.keys().filter(|name| !kept.contains_key(*name));
    found.extend(new.map(|name| format!("{name}: is called, but not kept yet")));
    found
}

/// Every place where two values differ. The order of fields is compared as well: our own clients may show them so.
fn compare(name: &str, place: &str, was: &Value, is: &Value, found: &mut Vec<String>) {
    match (was, is) {
        (Value::Object(before), Value::Object(now)) => {
            for (field, was) in before {
                let place = below(place, field);
                match now.get(field) {
                    Some(is) => compare(name, &place, was, is, found),
                    None => found.push(format!("{name}{place} is missing; was {was}")),
                }
            }
            for (field, is) in now.iter().filter(|(field, _)| !before.contains_key(*field)) {
                found.push(format!("{name}{} is new: {is}", below(place, field)));
            }
            let order = || now.keys().filter(|field| before.contains_key(*field));
            if !before.keys().filter(|field| now.contains_key(*field)).eq(order()) {
                let order: Vec<&str> = order().map(String::as_str).collect();
                found.push(format!("{name}{place} has its fields in another order: {}", order.join(", ")));
            }
        }
        (Value::Array(before), Value::Array(now)) if before.len() == now.len() => {
            for (number, (was, is)) in before.iter().zip(now).enumerate() {
                compare(name, &below(place, &number.to_string()), was, is, found);
            }
        }
        _ if was == is => {}
        _ => found.push(format!("{name}{place} was {was}\n    and is {is}")),
    }
}

fn below(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_difference_names_its_call_and_its_place() {
        let kept = [
            json!({ "name": "a text", "body": { "a": 1, "b": [1, 2], "c": "x", "d": 1 } }),
            json!({ "name": "gone" }),
        ];
        let heard = [
            json!({ "name": "a text", "body": { "b": [1, "2"], "a": 1.0, "e": null, "d": 1 } }),
            json!({ "name": "new" }),
        ];
        let expected = [
            "a text: body.a was 1\n    and is 1.0",
            "a text: body.b.1 was 2\n    and is \"2\"",
            "a text: body.c is missing; was \"x\"",
            "a text: body.e is new: null",
            "a text: body has its fields in another order: b, a, d",
            "gone: is kept, but not called any more",
            "new: is called, but not kept yet",
        ];
        assert_eq!(differences(&named(&kept), &named(&heard)), expected);
        assert_eq!(differences(&named(&kept), &named(&kept)), Vec::<String>::new());
    }
}
