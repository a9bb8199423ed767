//! The whole OpenAPI document.

use serde_json::{Map, Value, json};

use super::{DocumentError, Schemas, room::Words, schemas::insert};
use crate::{
    common::{access::RouteAccess, route::Route, schema},
    rooms,
};

/// The parts that belong to no contract: the description of the API, its security schemes, and shared
/// components.
const FRAME: &str = include_str!("openapi.yaml");

/// Builds the OpenAPI document of every contract.
///
/// # Errors
/// Says which parts do not fit together.
pub fn openapi() -> Result<Value, DocumentError> {
    let mut document: Map<String, Value> =
        yaml_serde::from_str(FRAME).map_err(|error| DocumentError::Yaml { room: "the frame", error })?;
    let mut components = take(&mut document, "components");
    let mut responses = take(&mut components, "responses");
    let mut schemas = take(&mut components, "schemas");
    let mut paths = Map::new();
    let mut types = Schemas::new();
    schema::all(&mut types);
    schema::beside::all(&mut types);
    schema::beside::sender(&mut types);
    for room in rooms() {
        let words = room.read()?;
        for route in room.routes {
            add(&mut paths, route, &words);
        }
        for (name, item) in words.paths {
            object(&mut paths, &name).extend(item.as_object().cloned().unwrap_or_default());
        }
        for (name, response) in words.responses {
            insert(&mut responses, name, response)?;
        }
        for (name, schema) in words.schemas {
            insert(&mut schemas, name, schema)?;
        }
        room.bodies.iter().for_each(|add| add(&mut types));
        (room.others)(&mut types);
    }
    for (name, schema) in types.take()? {
        insert(&mut schemas, name, schema)?;
    }
    schemas.sort_keys();
    components.insert("responses".to_owned(), Value::Object(responses));
    components.insert("schemas".to_owned(), Value::Object(schemas));
    document.insert("paths".to_owned(), Value::Object(paths));
    document.insert("components".to_owned(), Value::Object(components));
    Ok(Value::Object(document))
}

/// Removes and returns the object under a name; empty if there is none.
pub(super) fn take(map: &mut Map<String, Value>, name: &str) -> Map<String, Value> {
    match map.shift_remove(name) {
        Some(Value::Object(inner)) => inner,
        _ => Map::new(),
    }
}

/// The object under a name, which is created if there is none.
fn object<'a>(map: &'a mut Map<String, Value>, name: &str) -> &'a mut Map<String, Value> {
    let entry = map.entry(name.to_owned()).or_insert_with(|| json!({}));
    if !entry.is_object() {
        *entry = json!({});
    }
    entry.as_object_mut().unwrap_or_else(|| unreachable!("an object was put there"))
}

/// Adds the operation of a route. A route for any method is shown as a POST.
fn add(paths: &mut Map<String, Value>, route: &Route, words: &Words) {
    let said = words.operations.get(route.operation).and_then(Value::as_object);
    let mut operation = Map::new();
    operation.insert("tags".to_owned(), json!(words.tags));
    operation.insert("operationId".to_owned(), json!(route.operation));
    operation.insert("summary".to_owned(), json!(route.summary));
    operation.insert("security".to_owned(), security(route.access, &words.keys));
    operation.extend(said.cloned().unwrap_or_default());
    let method = if route.method == "any" { "post" } else { route.method };
    object(paths, route.path).insert(method.to_owned(), Value::Object(operation));
}

/// The security schemes of an operation, with the scope that it needs.
fn security(access: RouteAccess, keys: &[String]) -> Value {
    let scopes = match access {
        RouteAccess::Public => return json!([]),
        RouteAccess::AnyKey => json!([]),
        RouteAccess::Key(scope) => json!([scope]),
    };
    let one = |key: &String| match key.as_str() {
        "" => json!({}),
        name => json!({ name: scopes }),
    };
    keys.iter().map(one).collect()
}
