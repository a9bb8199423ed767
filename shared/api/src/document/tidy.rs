//! Tidies derived schemas for readers and client generators.

use serde_json::{Map, Value, json};

/// Marks a property of a response that may be absent and may be null.
pub(crate) const KEEPS_NULL: &str = "x-keeps-null";

/// The schema of a request, with its name.
pub(super) fn request((name, mut schema): (String, Value)) -> (String, Value) {
    each(&mut schema, &mut |map| {
        plain_integers(map);
        one_enum(map);
        without_sources(map);
    });
    (name, schema)
}

/// The schema of a response, with its name.
pub(super) fn answer((name, mut schema): (String, Value)) -> (String, Value) {
    each(&mut schema, &mut |map| {
        plain_integers(map);
        one_enum(map);
        without_sources(map);
        without_default(map);
        skipped_is_not_null(map);
    });
    (name, schema)
}

/// Applies a change to every object of a schema, the inner ones first.
fn each(schema: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>)) {
    match schema {
        Value::Array(all) => all.iter_mut().for_each(|it| each(it, change)),
        Value::Object(map) => {
            map.values_mut().for_each(|it| each(it, change));
            change(map);
        }
        _ => {}
    }
}

/// Removes the formats of Rust's unsigned integers, which JSON Schema does not have; `minimum` says what
/// readers need.
fn plain_integers(map: &mut Map<String, Value>) {
    if map.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("uint")) {
        map.shift_remove("format");
    }
}

/// Turns an enum with documented variants, which comes as alternatives, into one `enum`: client generators
/// handle that better. The texts go into the description.
fn one_enum(map: &mut Map<String, Value>) {
    let Some(alternatives) = map.get("oneOf").and_then(Value::as_array) else { return };
    let mut names = Vec::new();
    let mut lines = Vec::new();
    for alternative in alternatives {
        if alternative.get("type") != Some(&json!("string")) {
            return;
        }
        if let Some(all) = alternative.get("enum").and_then(Value::as_array) {
            names.extend(all.iter().cloned());
        } else if let Some(name) = alternative.get("const") {
            let words = alternative.get("description").and_then(Value::as_str).unwrap_or_default();
            lines.push(format!("- `{}`: {words}", name.as_str().unwrap_or_default()));
            names.push(name.clone());
        } else {
            return;
        }
    }
    let own = map.get("description").and_then(Value::as_str).unwrap_or_default();
    let description = format!("{own}\n\n{}", lines.join("\n")).trim().to_owned();
    map.shift_remove("oneOf");
    map.insert("type".to_owned(), json!("string"));
    map.insert("enum".to_owned(), Value::Array(names));
    map.insert("description".to_owned(), Value::String(description));
}

/// A field that is skipped when empty is never `null`.
fn skipped_is_not_null(map: &mut Map<String, Value>) {
    let required: Vec<Value> = map.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let Some(properties) = map.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for (name, property) in properties.iter_mut() {
        let marked = property.as_object_mut().and_then(|property| property.shift_remove(KEEPS_NULL));
        if marked.is_none() && !required.contains(&json!(name)) {
            without_null(property);
        }
    }
}

/// Removes defaults: every field of a response is present, and what an old row without it means is our own
/// matter.
fn without_default(map: &mut Map<String, Value>) {
    // A property with this name has an object as its schema.
    if map.get("default").is_some_and(|default| !default.is_object()) {
        map.shift_remove("default");
    }
}

/// Removes the sources of facts, `(facts: meta.md 4.5)`, from texts.
fn without_sources(map: &mut Map<String, Value>) {
    let Some(Value::String(words)) = map.get_mut("description") else { return };
    while let Some((before, rest)) = words.split_once(" (facts: ") {
        let Some((_, after)) = rest.split_once(')') else { return };
        *words = format!("{before}{after}");
    }
}

fn without_null(property: &mut Value) {
    let Some(map) = property.as_object_mut() else { return };
    if let Some(kinds) = map.get_mut("type").and_then(Value::as_array_mut) {
        kinds.retain(|kind| kind != "null");
        if let [only] = kinds.as_slice() {
            let only = only.clone();
            map.insert("type".to_owned(), only);
        }
    }
    let Some(any) = map.get_mut("anyOf").and_then(Value::as_array_mut) else { return };
    any.retain(|it| it.get("type") != Some(&json!("null")));
    if let [Value::Object(only)] = any.as_slice() {
        let only = only.clone();
        map.shift_remove("anyOf");
        map.extend(only);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_variants_become_one_enum() {
        let schema = json!({
            "oneOf": [
                { "type": "string", "enum": ["two"] },
                { "type": "string", "const": "one", "description": "The first." },
            ],
            "description": "A count.",
        });
        let expected = json!({
            "type": "string", "enum": ["two", "one"], "description": "A count.\n\n- `one`: The first.",
        });
        assert_eq!(request(("Count".to_owned(), schema)).1, expected);
    }

    #[test]
    fn alternatives_that_are_no_names_stay() {
        let schema = json!({ "oneOf": [{ "type": "string" }, { "type": "integer" }] });
        assert_eq!(request(("Either".to_owned(), schema.clone())).1, schema);
    }

    #[test]
    fn a_skipped_field_is_never_null_and_a_required_one_may_be() {
        let nullable = json!({ "anyOf": [{ "$ref": "#/components/schemas/A" }, { "type": "null" }] });
        let schema = json!({
            "type": "object",
            "properties": {
                "always": { "type": ["string", "null"] },
                "at_times": { "type": ["string", "null"] },
                "other": nullable,
                "marked": { "type": ["string", "null"], KEEPS_NULL: true },
            },
            "required": ["always"],
        });
        let properties = answer(("It".to_owned(), schema.clone())).1["properties"].clone();
        let expected = json!({
            "always": { "type": ["string", "null"] },
            "at_times": { "type": "string" },
            "other": { "$ref": "#/components/schemas/A" },
            "marked": { "type": ["string", "null"] },
        });
        assert_eq!(properties, expected);
        assert_eq!(request(("It".to_owned(), schema.clone())).1, schema);
    }

    #[test]
    fn an_answer_has_no_defaults_and_a_property_of_that_name_stays() {
        let schema = json!({
            "properties": { "default": { "type": "boolean", "default": false }, "more": { "default": null } },
            "required": ["default", "more"],
        });
        let properties = answer(("It".to_owned(), schema.clone())).1["properties"].clone();
        assert_eq!(properties, json!({ "default": { "type": "boolean" }, "more": {} }));
        assert_eq!(request(("It".to_owned(), schema.clone())).1, schema);
    }

    #[test]
    fn descriptions_name_no_source_of_a_fact() {
        let said =
            |words: &str| answer(("It".to_owned(), json!({ "description": words }))).1["description"].clone();
        assert_eq!(said("A card (facts: meta.md 4.5). A vCard (facts: b.md 1)."), json!("A card. A vCard."));
        assert_eq!(said("A card (see there)."), json!("A card (see there)."));
    }

    #[test]
    fn an_integer_has_no_width() {
        let schema = json!({ "type": "integer", "format": "uint64", "minimum": 0 });
        assert_eq!(answer(("N".to_owned(), schema)).1, json!({ "type": "integer", "minimum": 0 }));
        let date = json!({ "type": "string", "format": "date-time" });
        assert_eq!(answer(("T".to_owned(), date.clone())).1, date);
    }
}
