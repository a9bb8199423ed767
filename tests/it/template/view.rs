//! Ways to look into a parsed template.

use serde_json::{Map, Value};

/// The value at `path` (names joined by `/`), or null.
pub(crate) fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    value.pointer(&format!("/{path}")).unwrap_or(&Value::Null)
}

/// The entries of an object, in order; nothing for any other value.
pub(crate) fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, entry)| (name.as_str(), entry))
}

/// The items of a list; a single value counts as a list of one, null as an empty one.
pub(crate) fn items(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(list) => list,
        single => std::slice::from_ref(single),
    }
}

/// The texts of a list, or the one text.
pub(crate) fn texts(value: &Value) -> Vec<&str> {
    items(value).iter().filter_map(Value::as_str).collect()
}

/// Name and body of every resource of a type.
pub(crate) fn resources<'a>(template: &'a Value, kind: &str) -> Vec<(&'a str, &'a Value)> {
    entries(at(template, "Resources")).filter(|(_, resource)| at(resource, "Type") == kind).collect()
}

/// One line for each item that fails `holds`, and one if there is no item at all: an assertion
/// about nothing proves nothing.
pub(crate) fn failing<'a>(
    found: &[(&'a str, &'a Value)],
    holds: impl Fn(&Value) -> bool,
    fault: &str,
) -> Vec<String> {
    if found.is_empty() {
        return vec![format!("nothing to look at ({fault})")];
    }
    found.iter().filter(|(_, item)| !holds(item)).map(|(name, _)| format!("{name} {fault}")).collect()
}

/// What a value is while no restored table takes the place of our own; what it is then, `restore` compares.
pub(crate) fn usual(value: &Value) -> &Value {
    if at(value, "Fn::If/0") == "Restored" { at(value, "Fn::If/2") } else { value }
}

/// The logical id or parameter a value usually points at: `Ref`, `GetAtt`, or the first name in a `Sub`.
pub(crate) fn target(value: &Value) -> Option<&str> {
    let value = usual(value);
    if let Some(name) = at(value, "Ref").as_str().or_else(|| at(value, "Fn::GetAtt/0").as_str()) {
        return Some(name);
    }
    let (_, rest) = at(value, "Fn::Sub").as_str()?.split_once("${")?;
    rest.split(['}', '.']).next()
}

/// A number, or the default of the parameter that it is given by.
pub(crate) fn number(template: &Value, value: &Value) -> Option<u64> {
    match at(value, "Ref").as_str() {
        Some(name) => at(template, &format!("Parameters/{name}/Default")).as_u64(),
        None => value.as_u64(),
    }
}

/// Seconds between two runs of a schedule: for each rate that it can have, where a parameter chooses from a
/// list. Nought for an unknown rate; nothing where the choice is free.
pub(crate) fn intervals(template: &Value, event: &Value) -> Vec<u64> {
    let given = at(event, "ScheduleExpression");
    let chosen = target(given).map(|name| at(template, &format!("Parameters/{name}/AllowedValues")));
    texts(chosen.unwrap_or(given)).into_iter().map(interval).collect()
}

fn interval(rate: &str) -> u64 {
    let inner = rate.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')'));
    let (count, unit) = inner.and_then(|inner| inner.split_once(' ')).unwrap_or_default();
    let seconds = match unit.trim_end_matches('s') {
        "minute" => 60,
        "hour" => 60 * 60,
        "day" => 24 * 60 * 60,
        _ => 0,
    };
    count.parse::<u64>().unwrap_or_default() * seconds
}

/// Visits a value and everything inside it.
pub(crate) fn walk<'a>(value: &'a Value, visit: &mut impl FnMut(&'a Value)) {
    visit(value);
    match value {
        Value::Array(list) => list.iter().for_each(|item| walk(item, visit)),
        Value::Object(map) => map.values().for_each(|item| walk(item, visit)),
        _ => {}
    }
}

/// A function as it is deployed: its own properties over the global ones.
pub(crate) struct Function<'a> {
    pub(crate) name: &'a str,
    pub(crate) resource: &'a Value,
    pub(crate) properties: Value,
}

impl<'a> Function<'a> {
    /// The events of one type.
    pub(crate) fn events(&self, kind: &str) -> Vec<(&str, &Value)> {
        entries(at(&self.properties, "Events"))
            .filter(|(_, event)| at(event, "Type") == kind)
            .map(|(name, event)| (name, at(event, "Properties")))
            .collect()
    }

    /// Every statement of the inline policies. Managed policies and SAM's policy templates have none.
    pub(crate) fn statements(&self) -> Vec<&'a Value> {
        items(at(self.resource, "Properties/Policies"))
            .iter()
            .flat_map(|policy| items(at(policy, "Statement")))
            .collect()
    }

    /// The crate the function is built from, such as `reply` for `functions/reply`.
    pub(crate) fn crate_name(&self) -> &str {
        at(&self.properties, "CodeUri").as_str().unwrap_or("").trim_start_matches("functions/")
    }
}

/// Every function of the template.
pub(crate) fn functions(template: &Value) -> Vec<Function<'_>> {
    let globals = at(template, "Globals/Function");
    resources(template, "AWS::Serverless::Function")
        .into_iter()
        .map(|(name, resource)| Function {
            name,
            resource,
            properties: merged(globals, at(resource, "Properties")),
        })
        .collect()
}

/// Whether a value is one that CloudFormation works out. SAM takes those as they are, and merges no two of them.
fn is_intrinsic(value: &Map<String, Value>) -> bool {
    value.len() == 1 && value.keys().all(|name| name == "Ref" || name.starts_with("Fn::"))
}

fn merged(below: &Value, above: &Value) -> Value {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) if !is_intrinsic(above) => {
            let mut both = below.clone();
            for (name, value) in above {
                let value = merged(both.get(name).unwrap_or(&Value::Null), value);
                both.insert(name.clone(), value);
            }
            Value::Object(both)
        }
        _ => above.clone(),
    }
}
