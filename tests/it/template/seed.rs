//! Seeded defects: each breaks the template in one way and names the assertion that must notice.

use serde_json::{Value, json};

use super::{
    alarm_defects, file_defects, function_defects, job_defects, live_defects, operation_defects,
    request_defects, restore_defects,
};

/// The assertion that must fire, what is wrong, and how to make it so.
pub(crate) type Defect = (&'static str, &'static str, fn(&mut Value));

/// Every seeded defect of the template's tests.
pub(crate) fn defects() -> impl Iterator<Item = Defect> {
    [
        request_defects::DEFECTS,
        function_defects::DEFECTS,
        file_defects::DEFECTS,
        job_defects::DEFECTS,
        live_defects::DEFECTS,
        operation_defects::DEFECTS,
        alarm_defects::DEFECTS,
        restore_defects::DEFECTS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// Puts `value` at `path`; does nothing where the parent is missing, which the test then reports.
pub(crate) fn set(template: &mut Value, path: &str, value: &Value) {
    let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
    match template.pointer_mut(&format!("/{parent}")) {
        Some(Value::Object(map)) => {
            map.insert(name.to_owned(), value.clone());
        }
        Some(Value::Array(list)) => {
            let place = name.parse::<usize>().ok().and_then(|index| list.get_mut(index));
            if let Some(place) = place {
                *place = value.clone();
            }
        }
        _ => {}
    }
}

/// Takes `name` out of the object at `path`.
pub(crate) fn remove(template: &mut Value, path: &str, name: &str) {
    if let Some(Value::Object(map)) = template.pointer_mut(&format!("/{path}")) {
        map.remove(name);
    }
}

/// Where a statement of a function's is, by its `Sid`; nowhere if there is none.
pub(crate) fn statement(template: &Value, function: &str, sid: &str) -> String {
    let all = format!("Resources/{function}/Properties/Policies/0/Statement");
    let statements = template.pointer(&format!("/{all}")).and_then(Value::as_array);
    let place = statements.and_then(|all| all.iter().position(|statement| statement["Sid"] == sid));
    place.map_or_else(|| format!("no statement {sid}"), |place| format!("{all}/{place}"))
}

/// Changes a part of a statement, such as its `Action`.
pub(crate) fn regrant(template: &mut Value, function: &str, sid: &str, part: &str, value: &Value) {
    let path = format!("{}/{part}", statement(template, function, sid));
    set(template, &path, value);
}

/// Binds a statement to these prefixes.
pub(crate) fn leading(template: &mut Value, function: &str, sid: &str, prefixes: &[&str]) {
    let prefixes = json!({ "ForAllValues:StringLike": { "dynamodb:LeadingKeys": prefixes } });
    regrant(template, function, sid, "Condition", &prefixes);
}
