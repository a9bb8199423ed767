//! A restored table takes the place of the stack's own: all of it, or nothing.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::{Map, Value, json};

use super::{
    Assertion,
    view::{at, functions},
};

pub(crate) const ASSERTIONS: &[Assertion] = &[
    ("a restored table takes the place of our own wherever that is named", takes_its_place),
    ("functions work on our own table, or on the restored one", told_the_table),
    ("a table is restored only when both its names are given", both_or_none),
];

/// Which table the functions work on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chosen {
    Own,
    Restored,
}

/// A restored table, as policies name it.
const ARN: &str = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${RestoredTable}";

/// What follows in the name of its stream.
const STREAM: &str = "/stream/${RestoredStreamLabel}";

/// `value` with the condition decided.
fn decided(value: &Value, chosen: Chosen) -> Value {
    if at(value, "Fn::If/0") == "Restored" {
        let branch = if chosen == Chosen::Restored { "Fn::If/1" } else { "Fn::If/2" };
        return decided(at(value, branch), chosen);
    }
    each(value, |inner| decided(inner, chosen))
}

/// `value` with the restored table wherever our own is named.
fn replaced(value: &Value) -> Value {
    if value == &json!({ "Ref": "Table" }) {
        return json!({ "Ref": "RestoredTable" });
    }
    if value == &json!({ "Fn::GetAtt": ["Table", "Arn"] }) {
        return json!({ "Fn::Sub": ARN });
    }
    if value == &json!({ "Fn::GetAtt": ["Table", "StreamArn"] }) {
        return json!({ "Fn::Sub": format!("{ARN}{STREAM}") });
    }
    match value {
        Value::String(text) => {
            let text = text.replace("${Table.Arn}", ARN).replace("${Table}", "${RestoredTable}");
            json!(text.replace("${Table.StreamArn}", &format!("{ARN}{STREAM}")))
        }
        other => each(other, replaced),
    }
}

/// A list or an object with each of its values changed; anything else as it is.
fn each(value: &Value, change: impl Fn(&Value) -> Value) -> Value {
    match value {
        Value::Array(list) => Value::Array(list.iter().map(change).collect()),
        Value::Object(map) => Value::Object(
            map.iter().map(|(name, inner)| (name.clone(), change(inner))).collect::<Map<_, _>>(),
        ),
        other => other.clone(),
    }
}

/// Where two values differ.
fn different(path: &str, left: &Value, right: &Value, found: &mut BTreeSet<String>) {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) if left.keys().eq(right.keys()) => {
            for (name, inner) in left {
                different(&format!("{path}/{name}"), inner, &right[name], found);
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (place, (left, right)) in left.iter().zip(right).enumerate() {
                different(&format!("{path}/{place}"), left, right, found);
            }
        }
        (left, right) if left != right => {
            found.insert(path.to_owned());
        }
        _ => {}
    }
}

/// Parts of the template that name the table.
const PARTS: [&str; 3] = ["Globals", "Resources", "Outputs"];

/// With the condition, the template is what it is without, but for the table.
fn takes_its_place(template: &Value) -> Vec<String> {
    let mut named = BTreeSet::new();
    let mut missed = BTreeSet::new();
    for part in PARTS {
        let own = decided(at(template, part), Chosen::Own);
        let restored = decided(at(template, part), Chosen::Restored);
        let expected = replaced(&own);
        different(part, &own, &expected, &mut named);
        different(part, &restored, &expected, &mut missed);
    }
    if !PARTS.iter().all(|part| named.iter().any(|path| path.starts_with(part))) {
        return vec![format!("the table is named only at {named:?}")];
    }
    missed.into_iter().map(|path| format!("{path} does not follow the restored table")).collect()
}

fn told_the_table(template: &Value) -> Vec<String> {
    let tables = [(Chosen::Own, "Table"), (Chosen::Restored, "RestoredTable")];
    let told =
        |value: &Value| tables.iter().all(|(chosen, name)| at(&decided(value, *chosen), "Ref") == *name);
    let mut faults = Vec::new();
    for function in functions(template) {
        if !told(at(&function.properties, "Environment/Variables/VENTANILLA_TABLE")) {
            faults.push(format!("{} is told another table", function.name));
        }
    }
    if !told(at(template, "Outputs/TableName/Value")) {
        faults.push("the commands are told another table".to_owned());
    }
    faults
}

/// Whether a parameter takes a value.
fn takes(parameter: &Value, value: &str) -> bool {
    let pattern = at(parameter, "AllowedPattern").as_str().unwrap_or("$^");
    Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(value))
}

/// The stream of another table would be followed in vain.
fn both_or_none(template: &Value) -> Vec<String> {
    let arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/ventanilla-Table-1-r";
    let given =
        [("RestoredTable", "ventanilla-Table-1-r"), ("RestoredStreamLabel", "2026-11-30T16:25:01.123")];
    let mut faults = Vec::new();
    for (name, good) in given {
        let parameter = at(template, &format!("Parameters/{name}"));
        let fits = at(parameter, "Default") == "" && takes(parameter, "") && takes(parameter, good);
        if !fits || takes(parameter, arn) {
            faults.push(format!("{name} is given from the start, or takes what it should not"));
        }
    }
    let given = |name: &str| json!({ "Fn::Not": [{ "Fn::Equals": [{ "Ref": name }, ""] }] });
    let both = json!({ "Fn::And": [given("RestoredTable"), given("RestoredStreamLabel")] });
    let unequal = json!({ "Fn::Not": [{ "Fn::Equals": [{ "Ref": "RestoredTable" }, { "Ref": "RestoredStreamLabel" }] }] });
    let rule = at(template, "Rules/RestoresTable");
    if at(rule, "RuleCondition") != &unequal || at(rule, "Assertions/0/Assert") != &both {
        faults.push("one may be given without the other".to_owned());
    }
    if at(template, "Conditions/Restored") != &given("RestoredTable") {
        faults.push("the condition is another".to_owned());
    }
    faults
}
