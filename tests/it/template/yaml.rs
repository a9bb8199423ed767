//! Reads the template's YAML into JSON: `!Ref x` becomes `{"Ref": x}`, `!Sub x` becomes `{"Fn::Sub": x}`.

use serde_json::{Map, Value, json};

/// The JSON form of a template's text.
pub(crate) fn parse(text: &str) -> Result<Value, String> {
    let parsed = yaml_serde::from_str(text).map_err(|error| format!("template.yaml: {error}"))?;
    plain(parsed)
}

fn plain(value: yaml_serde::Value) -> Result<Value, String> {
    use yaml_serde::Value as Yaml;
    Ok(match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(flag) => Value::Bool(flag),
        Yaml::String(text) => Value::String(text),
        Yaml::Number(number) => serde_json::to_value(number).map_err(|error| error.to_string())?,
        Yaml::Sequence(items) => Value::Array(items.into_iter().map(plain).collect::<Result<_, _>>()?),
        Yaml::Mapping(entries) => Value::Object(
            entries
                .into_iter()
                .map(|(key, entry)| Ok((key_text(key)?, plain(entry)?)))
                .collect::<Result<Map<_, _>, String>>()?,
        ),
        Yaml::Tagged(tagged) => intrinsic(&tagged.tag.to_string(), plain(tagged.value)?),
    })
}

fn key_text(key: yaml_serde::Value) -> Result<String, String> {
    match key {
        yaml_serde::Value::String(text) => Ok(text),
        other => Err(format!("a key that is no text: {other:?}")),
    }
}

fn intrinsic(tag: &str, argument: Value) -> Value {
    match (tag.trim_start_matches('!'), argument) {
        (name @ ("Ref" | "Condition"), argument) => json!({ name: argument }),
        ("GetAtt", Value::String(path)) => {
            let (resource, attribute) = path.split_once('.').unwrap_or((&path, ""));
            json!({ "Fn::GetAtt": [resource, attribute] })
        }
        (name, argument) => json!({ format!("Fn::{name}"): argument }),
    }
}

#[test]
fn short_intrinsics_get_their_long_form() {
    let parsed = parse("a: !Ref T\nb: !GetAtt T.Arn\nc: !If [C, !Sub '${T}/x', 2]\n").expect("valid");
    let long = json!({
        "a": { "Ref": "T" },
        "b": { "Fn::GetAtt": ["T", "Arn"] },
        "c": { "Fn::If": ["C", { "Fn::Sub": "${T}/x" }, 2] },
    });
    assert_eq!(parsed, long);
}
